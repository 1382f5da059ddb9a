"""What rewriting does to simulated traffic, from logs alone: users who taught nothing to the global layer are reported on.

Corpus: made by the simulator, whose parameters' digest is in the report; four fifths of the users (by a hash of their names) are learnt
from, and the others reported on. Four weeks run without rewrites. From then on, every two weeks, what the log shows of rewrites
that are on record is acted on, pairs are proposed from all that was logged, and a policy is made and served in the weeks that follow;
a pair counts only by what is logged after it was proposed. The last two of fourteen weeks are compared with the same days of the same
users without rewrites. Truth is read only to report: the learner sees the log.

Reported: wins and losses of turns that were rewritten (what would have come of them otherwise is run as well), with a lower bound of
their ratio, also where a wrong action in place of a refusal counts as a loss; the relative reduction of bad turns by the global layer, and by both layers; what an oracle could reach that knows
the words which work for every wish; rewrites of requests that were fine, as a share of all that were fine; words of planted secrets in anything
for all users. Intervals over seeds are of Student's t.

    python bench/dialogue/deployment.py [--seeds 10] [--first 0] [--users 1500] [--assistant grammar|classifier] [--half 0|1] [--memory FILE]

With --half, users know that half of the phrasings, and homes and catalogues have that half of the entities.
With a file as memory, what the assistant made of a text is not worked out again: the numbers are the same.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import resource
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from scipy.stats import t as student

from probatum.cli.dialogue_rehearsal import Served
from probatum.cli.dialogue_rehearsal import served as rewriter_of
from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.importers.turns import as_record
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.policy import Privacy, SessionRule
from probatum.dialogue.artefacts.store import import_logs
from probatum.dialogue.artefacts.turn import Turn
from probatum.dialogue.model.guards import Asked
from probatum.dialogue.model.learning import Learnt, judged_goals, learn
from probatum.dialogue.semantics.conversations import stored
from probatum.dialogue.semantics.exposures import exposures
from probatum.dialogue.service.compiling import policy_of
from probatum.dialogue.service.monitoring import looked_for, monitor, steps
from probatum.dialogue.service.recoveries import enter, recoveries
from probatum.dialogue.service.registry import RECOVERY, NotAllowed, Passed, Registry, Rewrite
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policy_file import serve
from probatum.stats.win_loss import win_loss
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.pipelines.grammar import Grammar
from probatum.synth.dialogue.pipelines.remembered import Remembered
from probatum.synth.dialogue.simulation import Simulation
from probatum.synth.dialogue.truth import BAD, GOOD, Truth

KEY = bytes(range(32))
DAY = 86_400.0
FIRST, STEP, SHIPPED, END = 28, 14, 84, 98  # days


def learnt_from(user: str) -> bool:
    """Whether a user is learnt from, and not reported on."""
    return hashlib.sha256(user.encode()).digest()[0] % 5 != 0


def add(made: Iterable[tuple[Turn, Truth]], folder: Path, number: int) -> list[tuple[Turn, Truth]]:
    """Import turns into two folders, of users who are learnt from and of others; return them."""
    kept = list(made)
    for name, which in (("learn", True), ("report", False)):
        log = folder / f"{name}-{number}.jsonl"
        with log.open("w", encoding="utf-8") as file:
            for turn, _ in kept:
                if learnt_from(turn.user) == which:
                    file.write(json.dumps(as_record(turn)) + "\n")
        import_logs([LogFile(log.name, log, None)], folder / name, IMPORTERS, key=KEY)
    return kept


def known(folder: Path, until: str) -> Learnt:
    """Learn from a folder."""
    with stored(folder) as conversations:
        return learn(conversations, sessions=SessionRule(), privacy=Privacy(), asked=Asked(), until=until)


def stepped(folder: Path, registry: Registry, at: float) -> Counter[str]:
    """Take the steps that the log supports; return how many of each."""
    rewrites = list(registry.rewrites().values())
    with stored(folder) as conversations:
        table, _ = judged_goals(conversations)
        seen = monitor(rewrites, exposures(conversations, table, looked_for(rewrites)))
        seen |= recoveries(conversations, table, folder.parent / "policies", registry)
    return Counter(step.to for step in steps(registry, seen, at=at, take=True))


def one(parameters: Parameters, folder: Path, memory: Path | None) -> dict[str, object]:
    """Run one seed."""
    simulation = Simulation(parameters, remembered(parameters, memory))
    begins = parameters.begins
    secret_texts = tuple(simulation.secrets)
    registry = Registry(folder / "registry.jsonl")
    people = Personal(folder / "people.db")
    turns = len(add(simulation.run(0, FIRST), folder, 0))
    taken: Counter[str] = Counter()
    both = None
    for number, day in enumerate(range(FIRST, SHIPPED + 1, STEP), start=1):
        at = begins + day * DAY
        taken += stepped(folder / "learn", registry, at)
        found = known(folder / "learn", date(at))
        taken["proposed"] += proposed(registry, found, at)
        both = served(folder, registry, people, found)
        if day < SHIPPED:
            turns += len(add(simulation.run(day, day + STEP, both), folder, number))
    # What happens to a user depends on nobody else: only who is reported on goes on.
    simulation.users = tuple(user for user in simulation.users if not learnt_from(user.name))
    outcome = {
        "plain": reported(simulation.run(SHIPPED, END)),
        "both": reported(simulation.run(SHIPPED, END, both)),
    }
    both.rewriter.personal = None
    outcome["global"] = reported(simulation.run(SHIPPED, END, both))
    people.close()
    secrets = {word for secret in secret_texts for word in secret.split()}
    leaked = sorted(secrets & words(folder, both.version))
    return {
        "seed": parameters.seed,
        "turns": turns,
        "refused": dict(found.refused),
        "steps": dict(taken),
        "states": dict(Counter(rewrite.state for rewrite in registry.rewrites().values())),
        "margin": found.margin.least,
        "refused_requests": told(found, registry),
        "leaks": leaked,
        **summary(outcome["plain"], outcome["global"], "global"),
        **summary(outcome["plain"], outcome["both"], "both"),
        "defect_rate": bad(outcome["plain"]),
        "oracle": oracle(outcome["plain"]),
    }


def remembered(parameters: Parameters, memory: Path | None) -> Remembered | None:
    """Return the grammar with a memory; None where it is not wanted, or not needed: the classifier is quick."""
    if memory is None or parameters.understanding != "grammar":
        return None
    return Remembered(Grammar(), memory, Grammar().version)


def proposed(registry: Registry, found: Learnt, at: float) -> int:
    """Enter what is proposed, to be tried without effect first; return how many."""
    entered = 0
    for proposal in found.candidates:
        name = Rewrite(source=proposal.pair.source, target=proposal.pair.target).identifier
        try:
            registry.propose(proposal.pair.source, proposal.pair.target, at=at)
            registry.move(name, "shadow", at=at, evidence=Passed(proposal.pair.users))
            entered += 1
        except NotAllowed:
            continue
    return entered + enter(registry, found.recovery, at=at)


def served(folder: Path, registry: Registry, people: Personal, found: Learnt) -> Served:
    """Compile a policy of what is known, and serve it: the global layer of learners, habits of all."""
    digest, _ = policy_of(found, registry, folder / "policies")
    habits = {**found.habits, **known(folder / "report", found.until).habits}
    people.put_habits(habits.items())
    serve(folder / "policies", digest)
    return rewriter_of(folder / "policies", KEY, people)


def reported(made: Iterable[tuple[Turn, Truth]]) -> list[tuple[Turn, Truth]]:
    """Return the turns of users who are reported on."""
    return [(turn, truth) for turn, truth in made if not learnt_from(turn.user)]


def bad(made: list[tuple[Turn, Truth]]) -> float:
    """Return the share of requests that failed, of those that the assistant is made for."""
    counts = Counter(truth.outcome for _, truth in made)
    return counts[BAD] / (counts[BAD] + counts[GOOD])


def oracle(made: list[tuple[Turn, Truth]]) -> float:
    """Return the share of failures that words would have repaired which work for that wish."""
    failed = [truth for _, truth in made if truth.outcome == BAD]
    return sum(bool(truth.best) for truth in failed) / len(failed)


def summary(plain: list[tuple[Turn, Truth]], rewritten: list[tuple[Turn, Truth]], name: str) -> dict[str, float]:
    """Return what a layer does."""
    done = [truth for turn, truth in rewritten if turn.rewritten]
    wins = sum(truth.outcome == GOOD and truth.without == BAD for truth in done)
    losses = sum(truth.outcome == BAD and truth.without == GOOD for truth in done)
    # Refused as it was said, and something else was done than what was wanted: worse than being refused.
    wrong = sum(GOOD not in (truth.outcome, truth.without) and acted(turn) for turn, truth in rewritten if turn.rewritten)
    fine = sum((truth.without or truth.outcome) == GOOD for _, truth in rewritten)
    changed = sum(truth.without == GOOD for truth in done)
    return {
        f"{name}_reduction": 1 - bad(rewritten) / bad(plain),
        f"{name}_rewritten": len(done),
        f"{name}_wins": wins,
        f"{name}_losses": losses,
        f"{name}_wrong": wrong,
        f"{name}_harmed": losses / fine,
        f"{name}_changed_fine": changed / fine,
    }


def told(found: Learnt, registry: Registry) -> dict[str, object]:
    """Return what is known of requests that the assistant refused."""
    one = found.recovery
    state = registry.rewrites()[RECOVERY.identifier].state if RECOVERY.identifier in registry.rewrites() else ""
    if one is None:
        return {"state": state}
    return {"state": state, "goals": one.goals, "least": one.least, "wins": one.wins, "losses": one.losses, "low": one.low}


def acted(turn: Turn) -> bool:
    """Whether something was done: no stage failed, and there was something to do."""
    return bool(turn.intent) and all(stage.ok is not False for stage in turn.stages)


def words(folder: Path, digest: str) -> set[str]:
    """Return all words of what is for all users: the policy, and the registry."""
    import re

    files = [folder / "policies" / f"{digest}.policy", folder / "registry.jsonl"]
    raw = b"\n".join(path.read_bytes() for path in files if path.is_file())
    return set(re.findall(r"[a-z0-9']+", raw.decode("utf-8", "replace").lower()))


def date(at: float) -> str:
    """Return ISO 8601, UTC."""
    from datetime import UTC, datetime

    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None).isoformat()


def interval(values: list[float]) -> str:
    """Return the mean with its 95 % interval over seeds."""
    n = len(values)
    mean = sum(values) / n
    if n < 2:
        return f"{mean:.3f}"
    half = student.ppf(0.975, n - 1) * math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1) / n)
    return f"{mean:.3f} [{mean - half:.3f}, {mean + half:.3f}]"


def runs(arguments: argparse.Namespace) -> Iterator[dict[str, object]]:
    """Yield what each seed gave."""
    for seed in range(arguments.first, arguments.first + arguments.seeds):
        parameters = Parameters(seed=seed, users=arguments.users, days=END, understanding=arguments.assistant)
        parameters = replace(parameters, phrasings=arguments.half, entities=arguments.half)
        with tempfile.TemporaryDirectory() as name:
            found = one(parameters, Path(name), arguments.memory)
        print(json.dumps({**found, "parameters": parameters.digest}), flush=True)
        yield found


def main() -> None:
    """Run all seeds, and print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--users", type=int, default=1500)
    parser.add_argument("--memory", type=Path)
    parser.add_argument("--assistant", choices=["grammar", "classifier"], default="grammar")
    parser.add_argument("--half", type=int, choices=[0, 1])
    found = list(runs(parser.parse_args()))
    for one in found:
        for layer in ("global", "both"):
            one[f"{layer}_of_oracle"] = float(str(one[f"{layer}_reduction"])) / float(str(one["oracle"]))
    for name in (
        "defect_rate",
        "oracle",
        "global_reduction",
        "both_reduction",
        "global_of_oracle",
        "both_of_oracle",
        "global_harmed",
        "both_harmed",
        "global_changed_fine",
        "both_changed_fine",
    ):
        print(f"{name:20} {interval([float(str(one[name])) for one in found])}")
    for layer in ("global", "both"):
        wins, losses = (sum(int(str(one[f"{layer}_{what}"])) for one in found) for what in ("wins", "losses"))
        low = (win_loss(wins, losses).low or 0.0) if wins + losses else 0.0
        print(f"{layer}: {wins} wins, {losses} losses, at least {low / (1 - low):.1f} to 1")
        wrong = sum(int(str(one[f"{layer}_wrong"])) for one in found)
        if wins + losses + wrong:
            low = win_loss(wins, losses + wrong).low or 0.0
            print(
                f"{layer}, with wrong things done instead of a refusal as losses: {wrong} more, at least {low / (1 - low):.1f} to 1"
            )
    print("leaks", sum(bool(one["leaks"]) for one in found), "of", len(found))
    usage = resource.getrusage(resource.RUSAGE_SELF)
    print(f"{usage.ru_utime + usage.ru_stime:.0f} CPU-s, {usage.ru_maxrss // 1024} MiB")


if __name__ == "__main__":
    main()
