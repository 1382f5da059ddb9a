"""How well the shipped detectors find rephrases in simulated logs, whose truth is known: neither was made with the other in view.

Corpus: logs of the simulator (`probatum.synth.dialogue`), each of another seed; they are imported, put into sessions and read as any
log. A later turn is a rephrase if it is a further attempt at the same wish, in other words. The shipped heads never saw a
simulated log. The baselines, and one head, are fitted to the logs of two other seeds, which favours them.

    OMP_NUM_THREADS=1 python bench/dialogue/rephrase_simulated.py [--seeds 10] [--users 12]

Rivals and intervals as in `rephrase.py`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from rephrase import BASELINES, baselines, blind, gold, interval, measures
from rephrase_corpus import Example

from probatum.dialogue.artefacts.importers.formats import IMPORTERS
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.store import import_logs
from probatum.dialogue.fit.rephrase_head import fit
from probatum.dialogue.semantics.conversations import stored
from probatum.dialogue.semantics.rephrase_features import features
from probatum.dialogue.semantics.rephrased import windows_of
from probatum.dialogue.semantics.rephrases import detector
from probatum.dialogue.semantics.similar import similar
from probatum.synth.dialogue.parameters import Parameters
from probatum.synth.dialogue.simulation import Simulation
from probatum.synth.dialogue.writing import write


def simulated(seed: int, users: int) -> list[Example]:
    """Return the windows of one simulated log, with the truth about each later turn."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        log, truth = folder / "log" / "log.jsonl", folder / "truth.jsonl"
        log.parent.mkdir()
        parameters = Parameters(seed=seed, users=users, days=14)
        simulation = Simulation(parameters)
        write(simulation.run(), log, truth, parameters=parameters, planted=simulation.secrets)
        true = [json.loads(line) for line in truth.read_text().splitlines()][1:]
        logged = [json.loads(line) for line in log.read_text().splitlines()]
        assert [one["conversation"] for one in true] == [one["conversation"] for one in logged]  # noqa: S101 - lines of both belong together
        import_logs([LogFile("log.jsonl", log)], folder / "tables", IMPORTERS, key=bytes(32))
        found = []
        with stored(folder / "tables") as conversations:
            lines = {row["turn_id"]: row["line"] - 1 for row in conversations.sql("select turn_id, line from {turns}")}
            for turn, later, window in windows_of(conversations, 300.0, 45.0, "letters"):
                first = true[lines[turn]]
                others = [true[lines[one]] for one in later]
                again = tuple(
                    one["goal"] == first["goal"] and one["outcome"] != "aside" and one.get("wish") == first.get("wish")
                    for one in others
                )
                kinds = tuple(f"after {first['outcome']}: {'again' if one else 'else'}" for one in again)
                found.append(Example(window, kinds, again, "simulated"))
    return found


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--seeds", type=int, default=10)
    options.add_argument("--users", type=int, default=12)
    chosen = options.parse_args()
    train = [one for seed in (1000, 1001) for one in simulated(seed, chosen.users)]
    used = {name: detector(name) for name in ("minilm", "letters")}
    seen = {name: features([one.window for one in train], one.vectors) for name, one in used.items()}
    own = fit(seen["minilm"], gold(train), vectors="here", seed=1, dense=True)
    found: list[dict[str, dict[str, float]]] = []
    for seed in range(chosen.seeds):
        report = simulated(seed, chosen.users)
        out: dict[str, dict[str, float]] = {}
        for name, one in used.items():
            now = features([example.window for example in report], one.vectors)
            if name == "minilm":
                for rival, (scores, threshold) in baselines(train, report, (seen[name], now)).items():
                    out[rival] = measures(scores, threshold, report)
                out["turn head, MiniLM, fitted to simulated logs"] = measures(own.probabilities(now), own.threshold, report)
            out[f"turn head, {name}, as shipped"] = measures(one.head.probabilities(now), one.head.threshold, report)
            out[f"turn head, {name}, as shipped, without times and signs"] = measures(
                one.head.probabilities(blind(now)), one.head.blind_threshold, report
            )
        plain = np.array([similar(one.window.text, later.text) for one in report for later in one.window.later], dtype=float)
        out["shared words and letters"] = measures(plain, 0.5, report)
        found.append(out)
        print(f"seed {seed}: {len(report)} windows, {gold(report).mean():.1%} of later turns are rephrases", flush=True)
    for name in found[0]:
        print(
            f"{name:60} F1 {interval([one[name]['F1'] for one in found])}, precision {interval([one[name]['precision'] for one in found])}"
        )
    strongest = max(BASELINES, key=lambda name: float(np.mean([one[name]["F1"] for one in found])))
    for name in (one for one in found[0] if one.startswith("turn head")):
        print(f"{name}: relative F1 to {strongest} {interval([one[name]['F1'] / one[strongest]['F1'] - 1 for one in found])}")


if __name__ == "__main__":
    main()
