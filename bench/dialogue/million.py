"""How long `probatum check`, and learning rewrites, take on a folder of imported conversations of a million turns, and how much memory.

Corpus: the tables of `sessions.py`, of as many turns as asked for, in a folder as `probatum dialogue import` writes it, and a
policy that requires what can be required of a log without rewrites. Each is a process of its own, with one job: CPU seconds of user and system of it and its
children, and the largest resident memory of one of them. No rival: nothing public makes the same findings.

    python bench/dialogue/million.py [--folder SCRATCH] [TURNS ...]
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from sessions import GAP_S, make

from probatum.dialogue.artefacts.intake import Intake, Read
from probatum.dialogue.artefacts.store import Stored, key_check, write_manifest
from probatum.dialogue.artefacts.tables import QUARANTINE, UNKNOWN
from probatum.runner.tables import Tables

POLICY = f"""schema: probatum-dialogue-policy/1
name: a million turns
logs: [conversations]
sessions: {{gap: {GAP_S:g}}}
privacy: {{users: 20, households: 5}}
require:
- {{id: requests-work, kind: request-fails, at_most: 0.1, min_users: 40}}
- {{id: stages-work, kind: stage-fails, at_most: 0.15}}
"""
LEARN = """
import sys
from pathlib import Path
from probatum.dialogue.artefacts.policy import Privacy, SessionRule
from probatum.dialogue.model.guards import Asked
from probatum.dialogue.model.learning import learn
from probatum.dialogue.semantics.conversations import stored
with stored(Path(sys.argv[1])) as conversations:
    found = learn(conversations, sessions=SessionRule(gap_s=float(sys.argv[2])), privacy=Privacy(), asked=Asked())
print(f"{len(found.candidates)} candidates, {found.users:,} users")
"""


def imported(folder: Path, turns: int) -> None:
    """Write a folder of imported conversations."""
    tables = folder / "tables-made"
    tables.mkdir(parents=True)
    make(tables, turns)
    with Tables(tables) as database:
        for name, columns in (("unknown", UNKNOWN), ("quarantine", QUARANTINE)):
            listed = ", ".join(f"null::{kind} as {column}" for column, kind in columns.items())
            database.write(tables / f"{name}.parquet", f"select {listed} where false")
    read = Read("log.jsonl", "turns", records=turns, events=turns)
    taken = Intake([read], Counter(turns=turns, conversations=turns))
    write_manifest(folder, Stored(folder=tables, intake=taken, digests={"made": "log.jsonl"}, key_check=key_check(b"k" * 32)))


def measured(name: str, turns: int, command: list[str]) -> None:
    """Run a command, and print what it took."""
    wall = time.perf_counter()
    with tempfile.TemporaryFile() as said, tempfile.TemporaryFile() as other:
        process = subprocess.Popen(command, stdout=said, stderr=other)
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        for stream in (said, other):
            stream.seek(0)
        lines = [line for line in (said.read() + other.read()).decode().splitlines() if line.strip()] or [""]
    cpu, wall = used.ru_utime + used.ru_stime, time.perf_counter() - wall
    print(
        f"{name:6} {turns:,} turns: {cpu:.1f} CPU-s, {wall:.0f} s, {used.ru_maxrss / 1024:,.0f} MiB at most; {lines[-1].rpartition(chr(13))[2].strip()}",
        flush=True,
    )


def main() -> None:
    """Make folders, and measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("turns", nargs="*", type=int, default=[100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--only", choices=("check", "learn"), help="one of the two")
    asked = parser.parse_args()
    for turns in asked.turns:
        with tempfile.TemporaryDirectory(dir=asked.folder) as name:
            project = Path(name)
            imported(project / "conversations", turns)
            (project / "talk.dialogue.yaml").write_text(POLICY, encoding="utf-8")
            if asked.only != "learn":
                command = ["-m", "probatum", "check", "--no-cache", "--jobs", "1", "--timeout", "360", "--memory", "0", name]
                measured("check", turns, [sys.executable, *command])
            if asked.only != "check":
                measured("learn", turns, [sys.executable, "-c", LEARN, str(project / "conversations"), str(GAP_S)])


if __name__ == "__main__":
    main()
