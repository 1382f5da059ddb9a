"""Whether labels that nobody wrote make an assistant better: its understanding trained again on them, on users who were not seen.

Corpus: logs of the simulator with the assistant that classifies (`probatum.synth.dialogue`), each of another seed. A third of the users is held
out: their turns are not learnt from. Of the others, half are fitted to, and the turns of the other half are labelled. As many turns as
--checked, drawn at random from those, are looked at by somebody who knows what was wanted (the truth): that is what thresholds rest
on. The classifier is trained again on what is released, and the days that follow are simulated twice, with it and without.

Rivals: no training; training on all turns that were understood, as logs have them; on what was released at each precision; and on all labels
of meaning, released or not.

    OMP_NUM_THREADS=1 python bench/dialogue/labels.py [--seeds 5] [--users 300] [--days 3] [--checked 300] [--network]

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
from collections.abc import Sequence
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
from probatum.synth.dialogue.frames import Frame
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.people import User
from probatum.synth.dialogue.phrasing import KINDS
from probatum.synth.dialogue.pipelines.classifier import Classifier, Example
from probatum.synth.dialogue.simulation import Simulation
from probatum.synth.dialogue.truth import ASIDE, BAD, GOOD, Truth

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
    return one.value == kind.intent and said and (called or not thing)


def trained(labels: Sequence[tuple[str, str, tuple[Slot, ...]]]) -> Classifier:
    """Train the classifier on texts with their intents and slots."""
    examples = []
    for text, intent, slots in labels:
        own = {slot.name: slot for slot in slots}
        name = own.get("name", Slot("name", ""))
        frame = Frame(intent, name.value, own.get("value", Slot("value", "")).value)
        examples.append(Example(text, frame, name.begin, name.end))
    return Classifier(examples)


def one(seed: int, chosen: argparse.Namespace) -> dict[str, float]:
    """Run one seed."""
    parameters = Parameters(seed=seed, users=chosen.users, days=2 * chosen.days, understanding="classifier")
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
    base = defects(Simulation(parameters), chosen.days)
    out["defects before"] = base
    logged = [
        (texts[name], made[at][0].intent, projected(made[at][0].slots, texts[name]))
        for name, at in lines.items()
        if made[at][0].intent
    ]
    ways = {"all that was understood": logged}
    ways |= {way: [(texts[one.turn], one.value, one.slots) for one in labels] for way, labels in training.items()}
    for way, examples in ways.items():
        if examples:
            out[f"{way}: reduction"] = 1 - defects(Simulation(parameters, trained(examples)), chosen.days) / base
        else:
            out[f"{way}: reduction"] = 0.0
    return out


def defects(simulation: Simulation, days: int) -> float:
    """Return the share of requests that fail, of held-out users in the days that follow, of those that the assistant is made for."""
    outcomes = [truth.outcome for turn, truth in simulation.run(days, 2 * days) if held_out(turn.user)]
    bad = outcomes.count(BAD)
    return bad / (bad + outcomes.count(GOOD))


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
    options.add_argument("--seeds", type=int, default=5)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--users", type=int, default=300)
    options.add_argument("--days", type=int, default=3)
    options.add_argument("--checked", type=int, default=300)
    options.add_argument("--network", action="store_true", help="fit a network, with torch; otherwise logistic regressions")
    chosen = options.parse_args()
    found = []
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        found.append(one(seed, chosen))
        print(json.dumps({"seed": seed, **found[-1]}), flush=True)
    for name in found[0]:
        print(f"{name:40} {interval([row[name] for row in found])}")


if __name__ == "__main__":
    main()
