"""How long it takes to put turns into sessions, see their signals, infer which failed, and count what people say next: 10 million turns.

Corpus: turns drawn here by DuckDB from hashes of their numbers: sessions of three requests of a fiftieth as many users as turns, in a
month; 200,000 texts whose popularity falls as one over their rank; of later requests in a session one in seven says the one before
again, one in seven says it in similar words, and the others are drawn anew; one answer in ten is a refusal; 50 intents. Written as the
tables of `probatum.dialogue.artefacts.tables`. No rival: nothing public makes the same tables.

    python bench/dialogue/sessions.py [--turns 10000000] [--learn] [--folder SCRATCH]

CPU seconds of user and system, and wall seconds, of each part; the peak of resident memory after it. With `--learn`, `model.learning.learn`
on the same tables, in place of its parts one by one.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from probatum.dialogue.artefacts.intake import Intake
from probatum.dialogue.artefacts.policy import Privacy, SessionRule
from probatum.dialogue.artefacts.tables import TURNS
from probatum.dialogue.model.chain import build, solve
from probatum.dialogue.model.guards import Asked
from probatum.dialogue.model.learning import learn
from probatum.dialogue.model.outcome import Outcome, fit
from probatum.dialogue.model.requests import window
from probatum.dialogue.semantics.conversations import Conversations
from probatum.dialogue.semantics.edges import Counted, count
from probatum.dialogue.semantics.goals import goals, walks
from probatum.dialogue.semantics.judged import joined, judged, patterns
from probatum.runner.tables import Tables

TEXTS = 200_000
GAP_S = 300.0
MEMORY = 1_500_000_000  # bytes for the database: as many as the product lets it have
UNTIL = "2026-02-01"
_drawn = {
    "turn_id": "printf('%016x', i)",
    "conversation_id": "printf('%032x', i)",
    "position": "0",
    "user_id": "printf('%032x', person)",
    "household_id": "printf('%032x', person // 3)",
    "device_id": "printf('%032x', person)",
    "asked_at": "timestamp '2026-01-01' + interval (begins + 15 * (i % 3) + hash(i * 17) % 40) second",
    "text_id": "text",
    "response_id": "case when hash(i * 5) % 10 = 0 then {texts} else {texts} + 1 + hash(i * 5) % 999 end",
    "intent": "'intent ' || (text // 2 % 50)",
    "locale": "'en'",
    "channel": "'voice'",
    "source": "'log.jsonl'",
    "line": "i + 1",
}
# A text is two words, or the same two with a third, so that the two are similar and others as a rule are not.
_words = "['{}']".format("', '".join(f"{a}{b}{c}" for a in ("ka", "lo", "mi", "ren", "sor", "ta", "vel", "ju") for b in ("bri", "dan", "fo", "gri", "hel", "pon", "qui", "zam") for c in ("wes", "nor", "lim", "tro", "dak", "set", "ul")))  # fmt: skip  # 448 of them


def make(folder: Path, turns: int) -> None:
    """Write the tables."""
    columns = []
    for name, kind in TURNS.items():
        value = _drawn.get(name, "[]" if kind.endswith("[]") else "null").format(texts=TEXTS)
        columns.append(f"cast({value} as {kind}) as {name}")
    rank = f"least({TEXTS // 2} - 1, exp(hash({{}} * 3) / 18446744073709551616::double * ln({TEXTS // 2}))::ubigint)"
    # Which request of the session gives the words: itself, or the one before.
    own = f"2 * {rank.format('(i - again)')}"
    with Tables(folder) as tables:
        drawn = f"""
            select {", ".join(columns)} from (
                select *, {own} + varied as text from (
                    select i, hash(i // 3) % $users as person, hash(i // 3 * 7) % 2592000 as begins,
                        (i % 3 > 0 and hash(i * 13) % 7 < 2)::integer as again, (i % 3 > 0 and hash(i * 13) % 7 = 1)::integer as varied
                    from range($n) t(i)
                )
            )"""  # noqa: S608 - names of our own
        tables.write(folder / "turns.parquet", drawn, n=turns, users=max(1, turns // 50))
        texts = f"""
            select i::ubigint as text_id, w[1 + m % 448] || ' ' || w[1 + m // 448] || case when i % 2 = 1 then ' please' else '' end as normalised
            from (select i, i // 2 as m, {_words} as w from range({TEXTS}) t(i))
            union all select {TEXTS}, 'sorry i didn''t understand that'
            union all select {TEXTS} + i, 'this is answer ' || i from range(1, 1000) t(i)"""  # noqa: S608 - names of our own
        tables.write(folder / "texts.parquet", texts)


class Parts:
    """The parts of the way from turns to a chain, one after the other."""

    def __init__(self, conversations: Conversations) -> None:
        self.conversations = conversations
        self.window_s = 0.0
        self.signals = self.goals = ""
        self.failed: Mapping[int, float] = {}
        self.counted: Counted | None = None

    def steps(self) -> Mapping[str, Callable[[], None]]:
        """Return them by name."""
        return {
            "sessions": self._sessions,
            "window": self._window,
            "signals": self._signals,
            "outcome": self._outcome,
            "goals": self._goals,
            "counts": self._counts,
            "chain": self._chain,
        }

    def _sessions(self) -> None:
        joined(self.conversations, gap_s=GAP_S)

    def _window(self) -> None:
        self.window_s = window(self.conversations, SessionRule(gap_s=GAP_S))

    def _signals(self) -> None:
        self.signals = judged(self.conversations, gap_s=GAP_S, window_s=self.window_s)

    def _outcome(self) -> None:
        seen = patterns(self.conversations, self.signals)
        model: Outcome = fit(list(seen), list(seen.values()))
        self.failed = {pattern: model.probability(pattern) for pattern in seen}

    def _goals(self) -> None:
        self.goals = goals(self.conversations, self.failed, gap_s=GAP_S, window_s=self.window_s)

    def _counts(self) -> None:
        self.counted = count(self.conversations, f"({walks(self.goals)})", until=UNTIL)

    def _chain(self) -> None:
        assert self.counted is not None  # noqa: S101 - counted before
        chain = build(self.counted.states, self.counted.steps)
        print(f"{len(chain):,} states, {len(self.counted.steps.users):,} steps, {chain.following.nnz:,} in the chain")
        solve(chain)


def measured(name: str, part: Callable[[], object]) -> None:
    """Run one part, and print what it took."""
    cpu, wall = time.process_time(), time.perf_counter()
    part()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{name:10} {cpu:7.2f} CPU-s {wall:7.2f} s, at most {peak:,.0f} MiB so far", flush=True)


def main() -> None:
    """Measure."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--turns", type=int, default=10_000_000)
    options.add_argument("--learn", action="store_true")
    options.add_argument("--folder", type=Path, help="where the tables are, or are written and stay")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as name:
        spill = Path(name)
        folder = chosen.folder or spill
        folder.mkdir(exist_ok=True)
        if not (folder / "turns.parquet").exists():
            make(folder, chosen.turns)
        with Tables(folder, memory_bytes=MEMORY, spill=spill) as tables:
            conversations = Conversations(Intake(), folder, tables)
            begin = time.process_time(), time.perf_counter()
            if chosen.learn:
                rule = SessionRule(gap_s=GAP_S)
                measured("learn", lambda: learn(conversations, sessions=rule, privacy=Privacy(), asked=Asked()))
            else:
                for part, run in Parts(conversations).steps().items():
                    measured(part, run)
            took = time.process_time() - begin[0], time.perf_counter() - begin[1]
            print(f"{'together':10} {took[0]:7.2f} CPU-s {took[1]:7.2f} s, {chosen.turns:,} turns")


if __name__ == "__main__":
    main()
