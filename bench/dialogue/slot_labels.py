"""Whether labels of slots are right as often as is promised: what reads slots by words alone, on logs of the simulator.

Corpus: logs of the simulator with the assistant that classifies (`probatum.synth.dialogue`), each of another seed. Half of the users are
fitted to, by what the log tells of itself; requests of the others get labels of `slots`. As many of these as --checked, drawn at random, are
looked at by somebody who knows what was wanted (the truth), and thresholds rest on those; on the truth of all is reported. A label is
right if its slots are those of the wish, all of them and no others; or those that were executed, where that was right.

    OMP_NUM_THREADS=1 python bench/dialogue/slot_labels.py [--seeds 10] [--users 300] [--days 4] [--checked 300]

Intervals are Student's over seeds.
"""

from __future__ import annotations

import argparse
import json
import math
import random
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from labels import PRECISIONS, interval, right

from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.importers.turns import as_record
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.store import import_logs
from probatum.dialogue.artefacts.turn import Turn
from probatum.dialogue.model.labels import Label
from probatum.dialogue.model.release import Checked, release
from probatum.dialogue.semantics.conversations import stored
from probatum.dialogue.semantics.letter_vectors import LetterVectors
from probatum.dialogue.service.labelling import fit, label
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.people import User
from probatum.synth.dialogue.phrasing import KINDS
from probatum.synth.dialogue.simulation import Simulation
from probatum.synth.dialogue.truth import GOOD, Truth


def slots_right(one: Label, turn: Turn, truth: Truth, user: User | None) -> bool:
    """Whether slots are those that were wanted, all of them and no others."""
    own = sorted((slot.name, slot.value.casefold()) for slot in one.slots)
    if truth.outcome == GOOD and own == sorted((name, value.casefold()) for name, value in turn.slots if value):
        return True
    if not truth.wish or truth.wish[0] not in KINDS:
        return False
    kind, thing, _, value = KINDS[truth.wish[0]], *truth.wish[1:]
    # That it is a film is often told by a screen: both are right.
    said = value != "0" or (bool(kind.value) and kind.name != "film") or (kind.name == "film" and ("value", kind.value) in own)
    names = [name for name, there in (("name", bool(thing or kind.area)), ("value", said)) if there]
    return [name for name, _ in own] == names and right(replace(one, value=kind.intent), turn, truth, user)


def one(seed: int, chosen: argparse.Namespace) -> dict[str, float]:
    """Run one seed."""
    simulation = Simulation(Parameters(seed=seed, users=chosen.users, days=chosen.days, understanding="classifier"))
    users = {user.name: user for user in simulation.users}
    made = list(simulation.run(0, chosen.days))
    out: dict[str, float] = {"turns": len(made)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "log.jsonl").write_text("".join(json.dumps(as_record(turn)) + "\n" for turn, _ in made), encoding="utf-8")
        import_logs([LogFile("log.jsonl", folder / "log.jsonl")], folder / "tables", IMPORTERS, key=bytes(32))
        with stored(folder / "tables") as conversations:
            lines = {row["turn_id"]: row["line"] - 1 for row in conversations.sql("select turn_id, line from {turns}")}
            began = time.process_time()
            model = fit(conversations, vectors=LetterVectors(), network=False, seed=seed)
            out["CPU-s to fit, all tasks"] = time.process_time() - began
            every = label(conversations, model, {})
    slots = [one for one in every.labels if one.task == "slots"]
    known = {one.turn: slots_right(one, *made[lines[one.turn]], users.get(made[lines[one.turn]][0].user)) for one in slots}
    failed = [known[one.turn] for one in slots if made[lines[one.turn]][1].outcome != GOOD]
    meant = {one.turn for one in every.labels if one.task == "meaning"}
    out["labels of 1,000 judged turns"] = 1000 * len(slots) / every.judged
    out["labels right"] = sum(known.values()) / len(known)
    out["labels right, of turns that did not go well"] = sum(failed) / len(failed)
    out["AUROC of p"] = auroc([(one.p, known[one.turn]) for one in slots])
    drawn = random.Random(seed).sample(slots, min(chosen.checked, len(slots)))
    out["users checked"] = len({one.user for one in drawn})
    for precision in PRECISIONS:
        done = release([Checked(one.user, one.turn, one.p, known[one.turn]) for one in drawn], precision=precision)
        released = [one for one in slots if done.threshold is not None and one.p >= done.threshold]
        out[f"{precision:g}: released of 1,000"] = 1000 * len(released) / every.judged
        out[f"{precision:g}: right"] = sum(known[one.turn] for one in released) / len(released) if released else math.nan
        out[f"{precision:g}: of these without any label of meaning"] = sum(one.turn not in meant for one in released)
    return out


def auroc(scored: list[tuple[float, bool]]) -> float:
    """Return how often a right label has more than a wrong one."""
    from sklearn.metrics import roc_auc_score

    return float(roc_auc_score([right for _, right in scored], [p for p, _ in scored]))


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--first", type=int, default=0)
    options.add_argument("--users", type=int, default=300)
    options.add_argument("--days", type=int, default=4)
    options.add_argument("--checked", type=int, default=300)
    chosen = options.parse_args()
    found = []
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        found.append(one(seed, chosen))
        print(json.dumps({"seed": seed, **found[-1]}), flush=True)
    for name in found[0]:
        print(f"{name:58} {interval([row[name] for row in found])}")


if __name__ == "__main__":
    main()
