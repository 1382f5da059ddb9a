"""How long it takes to read a log into tables, and how much memory.

Corpus: chat conversations of 1 to 8 turns of random words (3,000 of them, so nearly every
text is new), as JSON lines, of 20,000 users; as many megabytes as asked for. Seed: 1.
Each size is read by a process of its own, whose CPU seconds and largest resident memory
are reported. No rival: none of the tools that read these logs makes the same tables.

    python bench/dialogue/ingest.py --folder SCRATCH 24 1000
"""

from __future__ import annotations

import argparse
import json
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def generate(path: Path, megabytes: int) -> None:
    """Write a log."""
    chance = random.Random(1)
    words = [f"w{n}" for n in range(3000)]
    at, number = 1.7e9, 0
    with path.open("w", encoding="ascii") as file:
        while file.tell() < megabytes * 1_000_000:
            for _ in range(1000):
                at += chance.random() * 50
                now, messages = at, []
                for _ in range(chance.randint(1, 8)):
                    now += chance.random() * 20
                    for role, longest in (("user", 9), ("assistant", 20)):
                        text = " ".join(chance.choices(words, k=chance.randint(2, longest)))
                        messages.append({"role": role, "content": text, "created_at": round(now, 3)})
                        now += 2
                number += 1
                record = {"conversation_id": f"c{number}", "user": f"u{chance.randint(1, 20000)}", "messages": messages}
                file.write(json.dumps(record) + "\n")


def read(path: Path, folder: Path) -> None:
    """Read it, and print what that took."""
    from probatum.dialogue.artefacts.importers.formats import IMPORTERS
    from probatum.dialogue.artefacts.intake import LogFile, intake

    began, wall = time.process_time(), time.perf_counter()
    with tempfile.TemporaryDirectory(dir=folder) as name:
        found = intake([LogFile(path.name, path)], Path(name), IMPORTERS, key=b"k" * 32)
    cpu, wall = time.process_time() - began, time.perf_counter() - wall
    size, memory = path.stat().st_size / 1e6, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    turns = found.counts["turns"]
    print(
        f"{size:,.0f} MB, {turns:,} turns: {cpu:.1f} CPU-s, {size / cpu:.1f} MB a CPU-second, "
        f"{1e6 * cpu / turns:.0f} us a turn, {wall:.0f} s wall, {memory:,.0f} MiB at most"
    )


def main() -> None:
    """Generate and read logs of each size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("megabytes", nargs="*", type=int, default=[24])
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()))
    parser.add_argument("--read", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.read:
        read(asked.read, asked.folder)
        return
    for megabytes in asked.megabytes:
        path = asked.folder / f"ingest-{megabytes}.jsonl"
        generate(path, megabytes)
        subprocess.run([sys.executable, __file__, "--folder", asked.folder, "--read", path], check=True)
        path.unlink()


if __name__ == "__main__":
    main()
