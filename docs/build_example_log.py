"""Write the log of the voice assistant of the example organisation: simulated, so nobody ever said any of it.

    python docs/build_example_log.py

The same seed and the same simulator give the same bytes. The policy of rewrites that acts in it was
made by hand, and its rewrite is wrong on purpose; half of the users are held out of it.
"""

import gzip
import json
from pathlib import Path

from probatum.dialogue.artefacts.importers.turns import as_record
from probatum.synth.dialogue.online import Table
from probatum.synth.dialogue.parameters import Parameters, Traps
from probatum.synth.dialogue.simulation import Simulation

LOG = Path(__file__).resolve().parent.parent / "examples" / "fulfilment" / "assistant" / "break-rooms.jsonl.gz"
PARAMETERS = Parameters(
    seed=7,
    users=1000,
    days=1,
    sessions=1.6,
    habits=3,
    favour=0.1,
    entities=0,
    phrasings=0,
    cannot=0.15,
    traps=Traps(canaries=8, bursts=0, adverts=0),
)
REWRITES = Table(version="by-hand-1", everyone={"what is the weather": "what time is it"}, held_out=0.5)
_LEFT_OUT = ("hypotheses", "slots", "context", "device", "policy")  # large, and not needed here


def main() -> None:
    """Write the log."""
    lines = []
    for turn, _ in Simulation(PARAMETERS).run(rewriting=REWRITES):
        record = {name: value for name, value in as_record(turn).items() if name not in _LEFT_OUT}
        record["stages"] = [
            {name: value for name, value in stage.items() if name != "output"} for stage in record.get("stages", [])
        ]
        lines.append(json.dumps(record, separators=(",", ":"), ensure_ascii=False) + "\n")
    LOG.parent.mkdir(parents=True, exist_ok=True)
    raw = gzip.compress("".join(lines).encode(), mtime=0)
    LOG.write_bytes(raw)
    print(f"{LOG.name}: {len(lines):,} turns, {len(raw):,} bytes")


if __name__ == "__main__":
    main()
