"""How long it takes to put turns into sessions, see their signals, and infer which failed: 10 million turns.

Corpus: turns drawn here by DuckDB from hashes of their numbers: a fifth as many users, 200,000 texts, 50 intents, a month,
written as the tables of `probatum.dialogue.artefacts.tables`.

    python bench/dialogue/sessions.py [--turns 10000000]

CPU seconds of user and system, and wall seconds, of each part; the peak of resident memory at the end.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from probatum.dialogue.artefacts.intake import Intake
from probatum.dialogue.artefacts.tables import TURNS
from probatum.dialogue.model.outcome import fit
from probatum.dialogue.semantics.conversations import Conversations
from probatum.dialogue.semantics.judged import joined, judged, patterns
from probatum.runner.tables import Tables

_drawn = {
    "turn_id": "printf('%016x', i)",
    "conversation_id": "printf('%032x', i)",
    "position": "0",
    "user_id": "printf('%032x', hash(i) % {users})",
    "device_id": "printf('%032x', hash(i) % {users})",
    "asked_at": "timestamp '2026-01-01' + interval (cast(hash(i * 7) % 2592000 as integer)) second",
    "text_id": "hash(i * 3) % 200000",
    "response_id": "hash(i * 5) % 1000",
    "intent": "'intent ' || (hash(i * 11) % 50)",
    "locale": "'en'",
    "channel": "'voice'",
    "source": "'log.jsonl'",
    "line": "i + 1",
}


def make(folder: Path, turns: int) -> None:
    """Write the tables."""
    columns = []
    for name, kind in TURNS.items():
        value = _drawn.get(name, "[]" if kind.endswith("[]") else "null").format(users=max(1, turns // 5))
        columns.append(f"cast({value} as {kind}) as {name}")
    with Tables(folder) as tables:
        drawn = f"select {', '.join(columns)} from range($n) t(i)"  # noqa: S608 - names of our own
        tables.write(folder / "turns.parquet", drawn, n=turns)
        texts = (
            "select i::ubigint as text_id, 'text number ' || i as text, 'text number ' || i as normalised from range(200000) t(i)"
        )
        tables.write(folder / "texts.parquet", texts)


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--turns", type=int, default=10_000_000)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make(folder, chosen.turns)
        begin = (time.process_time(), time.perf_counter())
        with Tables(folder, memory_bytes=1_300_000_000, spill=folder) as tables:
            conversations = Conversations(Intake(), folder, tables)
            for what in ("sessions", "signals", "outcome"):
                cpu, wall = time.process_time(), time.perf_counter()
                if what == "sessions":
                    joined(conversations, gap_s=300.0)
                elif what == "signals":
                    table = judged(conversations, gap_s=300.0, window_s=45.0)
                else:
                    counts = patterns(conversations, table)
                    fit(list(counts), list(counts.values()))
                print(f"{what:10} {time.process_time() - cpu:7.2f} CPU-s {time.perf_counter() - wall:7.2f} s")
        whole = time.process_time() - begin[0], time.perf_counter() - begin[1]
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{'together':10} {whole[0]:7.2f} CPU-s {whole[1]:7.2f} s, at most {peak:,.0f} MiB, {chosen.turns:,} turns")


if __name__ == "__main__":
    main()
