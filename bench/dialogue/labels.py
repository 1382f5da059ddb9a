"""Whether labels that nobody wrote make an assistant better: its understanding trained again on them, on users who were not seen.

Corpus: logs of the simulator with the assistant that classifies (`probatum.synth.dialogue`), each of another seed. A third of the users is held
out: their turns are not learnt from. Of the others, half are fitted to, and the turns of the other half are labelled. As many turns as
--checked, drawn at random from those, are looked at by somebody who knows what was wanted (the truth): that is what thresholds rest
on. The classifier is trained again on what is released, and the days that follow are simulated twice, with it and without, for the same
users, who say what they came to say while the old one served them. What a household says with one meaning is one example.

Rivals: no training; training on all turns that were understood, as logs have them; on what was released at each precision; on all labels
of meaning, released or not; as the most that labels could give, on the truth, of turns that were labelled and of all; and on nothing,
which tells what the way of training alone does.

    OMP_NUM_THREADS=1 python bench/dialogue/labels.py [--seeds 10] [--users 300] [--days 4] [--after 8] [--checked 300] [--network]

Intervals are Student's over seeds.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import math
import random
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from scipy.stats import t as student

from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.importers.turns import as_record
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.store import import_logs
from probatum.dialogue.artefacts.turn import Turn
from probatum.dialogue.model.labels import Label
from probatum.dialogue.model.projection import Slot, projected
from probatum.dialogue.model.release import Checked, release
from probatum.dialogue.semantics.conversations import stored
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.service.labelling import fit, label
from probatum.synth.dialogue.frames import Frame, Understanding
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.people import User
from probatum.synth.dialogue.phrasing import KINDS
from probatum.synth.dialogue.pipelines.lessons import Example
from probatum.synth.dialogue.pipelines.retrained import Retrained
from probatum.synth.dialogue.simulation import Simulation
from probatum.synth.dialogue.truth import ASIDE, BAD, GOOD, STAGES, Truth

PRECISIONS = (0.8, 0.9, 0.95)


def held_out(user: str) -> bool:
    """Whether a user is reported on, and not learnt from."""
    return hashlib.sha256(user.encode()).digest()[0] % 3 == 0


def right(one: Label, turn: Turn, truth: Truth, user: User | None) -> bool:
    """Whether a label says what was wanted: or, where the assistant did that, what it did."""
    if truth.outcome == GOOD and one.source == "understood":
        return True
    if truth.outcome == ASIDE or not truth.wish or truth.wish[0] not in KINDS:
        return truth.outcome == ASIDE and one.source == "understood" and bool(turn.intent)
    kind, thing, area, value = KINDS[truth.wish[0]], *truth.wish[1:]
    slots = {slot.name: slot.value for slot in one.slots}
    name = slots.get("name", "")
    number = "" if value == "0" else str(int(value) * 60) if kind.name == "timer" else value
    called = name in {thing, user.nicknames.get(thing) if user is not None else thing} or bool(
        kind.area and name.split("/")[0] in (area, "@here")
    )
    said = kind.name == "film" or slots.get("value", "") == (number or kind.value)
    return one.value == kind.intent and said and (called or not (thing or kind.area))


@dataclass(frozen=True)
class Lesson:
    """A text that somebody of a household said, and what it is said to mean."""

    household: str
    text: str
    intent: str
    slots: tuple[tuple[str, str], ...]


def trained(lessons: Iterable[Lesson]) -> Retrained:
    """Train the classifier again."""
    examples = []
    for one in dict.fromkeys(lessons):
        own = dict(one.slots)
        # Of `kitchen/light`, the name is that of the room; nobody says `@here`.
        room = own.get("name", "").split("/")[0]
        [place] = projected((("name", "" if room == "@here" else room),), one.text)
        examples.append(Example(one.text, Frame(one.intent, own.get("name", ""), own.get("value", "")), place.begin, place.end))
    return Retrained(examples)


def truly(turn: Turn, text: str, truth: Truth) -> Lesson | None:
    """Return what was meant by a turn; None if it is nothing that the assistant is made for."""
    if not text or not truth.wish or truth.wish[0] not in KINDS:
        return None
    kind, thing, area, value = KINDS[truth.wish[0]], *truth.wish[1:]
    name = thing
    if kind.area:
        name = f"{area if projected((('name', area),), text)[0].begin >= 0 else '@here'}/{kind.area}"
    number = "" if value == "0" else str(int(value) * 60) if kind.name == "timer" else value
    # That it is a film is often told by a screen, and not by words.
    meant = number or (kind.value if kind.name != "film" or {"movie", "watch"} & set(text.split()) else "")
    slots = (("name", name), ("value", meant))
    return Lesson(turn.household, text, kind.intent, tuple(slot for slot in slots if slot[1]))


def one(seed: int, chosen: argparse.Namespace) -> dict[str, float]:
    """Run one seed."""
    parameters = Parameters(seed=seed, users=chosen.users, days=chosen.days + chosen.after, understanding="classifier")
    simulation = Simulation(parameters)
    users = {user.name: user for user in simulation.users}
    made = [(turn, truth) for turn, truth in simulation.run(0, chosen.days) if not held_out(turn.user)]
    out: dict[str, float] = {"turns": len(made)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "log.jsonl").write_text("".join(json.dumps(as_record(turn)) + "\n" for turn, _ in made), encoding="utf-8")
        import_logs([LogFile("log.jsonl", folder / "log.jsonl")], folder / "tables", IMPORTERS, key=bytes(32))
        with stored(folder / "tables") as conversations:
            rows = conversations.sql("select t.turn_id, t.line, x.normalised from {turns} t left join {texts} x using (text_id)")
            lines = {row["turn_id"]: row["line"] - 1 for row in rows}
            texts = {row["turn_id"]: row["normalised"] or "" for row in rows}
            began = time.process_time()
            model = fit(conversations, vectors=LetterVectors(), network=chosen.network, seed=seed)
            out["CPU-s to fit"] = time.process_time() - began
            every = label(conversations, model, {})
            meant = [one for one in every.labels if one.task == "meaning"]
            known = {one.turn: right(one, *made[lines[one.turn]], users.get(made[lines[one.turn]][0].user)) for one in meant}
            drawn = random.Random(seed).sample(meant, min(chosen.checked, len(meant)))
    found = {
        precision: release([Checked(one.user, one.turn, one.p, known[one.turn]) for one in drawn], precision=precision)
        for precision in PRECISIONS
    }
    out["labels right"] = sum(known.values()) / len(known)
    training = {"all labels": meant}
    for precision, done in found.items():
        released = [one for one in meant if done.threshold is not None and one.p >= done.threshold]
        out[f"{precision:g}: released of 1,000"] = 1000 * len(released) / every.judged
        out[f"{precision:g}: right"] = sum(known[one.turn] for one in released) / len(released) if released else math.nan
        training[f"released at {precision:g}"] = released
    training["released at 0.8, rephrases"] = [one for one in training["released at 0.8"] if one.source == "rephrase"]
    out["users checked"] = found[PRECISIONS[0]].checked
    others = tuple(user for user in simulation.users if held_out(user.name))
    before = reported(parameters, others, chosen)
    failed = Counter(truth.least_repair for truth in before if truth.outcome == BAD)
    out |= {f"failed: {stage}": failed[stage] / failed.total() for stage in STAGES}
    taught = {
        way: [Lesson(made[lines[one.turn]][0].household, texts[one.turn], one.value, _plain(one.slots)) for one in labels]
        for way, labels in training.items()
    }
    logged = [(turn, texts[name]) for name, at in lines.items() if (turn := made[at][0]).intent]
    taught["all that was understood"] = [Lesson(turn.household, text, turn.intent, tuple(turn.slots)) for turn, text in logged]
    true = {name: truly(made[at][0], texts[name], made[at][1]) for name, at in lines.items()}
    taught["truth of labelled turns"] = [one for label in meant if (one := true[label.turn]) is not None]
    taught["truth of all turns"] = [one for one in true.values() if one is not None]
    taught["nothing"] = []
    base = out["defects before"] = defects(before)
    for way, lessons in taught.items():
        if way.startswith("released") and not lessons:
            out[f"{way}: reduction"] = 0.0  # what releases nothing changes nothing
            continue
        out[f"{way}: reduction"] = 1 - defects(reported(parameters, others, chosen, trained(lessons))) / base
    for way in ("all labels", "released at 0.8"):
        out[f"{way}: reduction, less that of all understood"] = (
            out[f"{way}: reduction"] - out["all that was understood: reduction"]
        )
    return out


def _plain(slots: Sequence[Slot]) -> tuple[tuple[str, str], ...]:
    return tuple((slot.name, slot.value) for slot in slots)


def reported(
    parameters: Parameters, users: tuple[User, ...], chosen: argparse.Namespace, understanding: Understanding | None = None
) -> list[Truth]:
    """Return the truth about the days that follow, of users who were drawn with the old assistant."""
    simulation = Simulation(parameters, understanding)
    simulation.users = users
    return [truth for turn, truth in simulation.run(chosen.days, chosen.days + chosen.after) if held_out(turn.user)]


def defects(of: Iterable[Truth]) -> float:
    """Return the share of requests that fail, of those that the assistant is made for."""
    outcomes = Counter(truth.outcome for truth in of)
    return outcomes[BAD] / (outcomes[BAD] + outcomes[GOOD])


def interval(values: Sequence[float]) -> str:
    """Return the mean with its 95 % interval over seeds."""
    own = [value for value in values if not math.isnan(value)]
    n = len(own)
    if n < 2:
        return f"{own[0]:.3f}" if own else "none"
    mean = sum(own) / n
    half = student.ppf(0.975, n - 1) * math.sqrt(sum((v - mean) ** 2 for v in own) / (n - 1) / n)
    return f"{mean:.3f} [{mean - half:.3f}, {mean + half:.3f}]" + (f" ({n} seeds)" if n < len(values) else "")


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--users", type=int, default=300)
    options.add_argument("--days", type=int, default=4)
    options.add_argument("--after", type=int, default=8, help="days that follow, on which is reported")
    options.add_argument("--checked", type=int, default=300)
    options.add_argument("--network", action="store_true", help="fit a network, with torch; otherwise logistic regressions")
    chosen = options.parse_args()
    found = []
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        found.append(one(seed, chosen))
        print(json.dumps({"seed": seed, **found[-1]}), flush=True)
    for name in found[0]:
        print(f"{name:58} {interval([row[name] for row in found])}")


if __name__ == "__main__":
    main()
