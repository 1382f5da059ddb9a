"""All ordered pairs of a collection, in parallel; what `probatum access matrix` does."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from probatum.cli.access_files import Collection, Document
from probatum.errors import EvidenceError, UsageError
from probatum.report.quoting import plain
from probatum.report.words import count
from probatum.runner import Done, Failed, Result, Runner, TimedOut, runner_for

if TYPE_CHECKING:
    from probatum.access.semantics import Settings

_memory_bytes = 2 * 2**30
_at_once = 64  # pairs in one task

# What is known of a pair, in a byte.
_SELF, _NO, _YES_ACTIONS, _YES_PATTERNS, _NO_SEARCH, _YES_SEARCH, _UNKNOWN, _APART = range(8)
_meanings: Mapping[int, tuple[bool | None, str]] = {
    _NO: (False, "actions"),
    _YES_ACTIONS: (True, "actions"),
    _YES_PATTERNS: (True, "patterns"),
    _NO_SEARCH: (False, "search"),
    _YES_SEARCH: (True, "search"),
    _UNKNOWN: (None, "search"),
}
_contained = bytes(n in (_YES_ACTIONS, _YES_PATTERNS, _YES_SEARCH) for n in range(256))


class Progress(Protocol):
    """Someone who wants to know how far it is."""

    def start(self, total: int) -> None:
        """So many pairs are to be decided."""

    def advance(self, done: int, label: str) -> None:
        """So many more are."""

    def finish(self) -> None:
        """All are."""


@dataclass(slots=True)
class Table:
    """What is known of every ordered pair.

    Attributes
    ----------
    names : list of str
        Of the policies, n of them.
    codes : bytearray of length n * n
        ``codes[a * n + b]``: whether A is contained in B, and which stage said so.
    reasons : dict of (int, int) to str
        Why a pair is unknown.
    apart : list of str
        Policies that cannot be compared with most others, because only these, or
        only the others, say who is allowed.
    """

    names: list[str]
    codes: bytearray
    reasons: dict[tuple[int, int], str] = field(default_factory=dict)
    apart: list[str] = field(default_factory=list)

    def pairs(self) -> Iterator[tuple[int, int, bool | None, str]]:
        """All pairs that can be compared: two policies, whether the first is contained in the second, and the stage."""
        n = len(self.names)
        for place, code in enumerate(self.codes):
            if code in _meanings:
                yield (*divmod(place, n), *_meanings[code])


def decide_all(
    documents: Sequence[Document],
    settings: Settings,
    *,
    axioms_hold: bool = True,
    timeout_s: float,
    jobs: int | None = None,
    progress: Progress | None = None,
) -> Table:
    """Decide all ordered pairs.

    What the actions decide is decided here; the rest goes to children in
    portions. A portion that does not come back is searched again pair by pair,
    so one hard pair costs no other its answer.

    Parameters
    ----------
    timeout_s : float
        Limit of one pair that has to be searched.
    jobs : int, optional
        How many children; default: one for each processor.
    """
    n = len(documents)
    table = Table([d.name for d in documents], bytearray(n * n))
    groups = [[i for i, d in enumerate(documents) if d.policy.kind.names_principals is sign] for sign in (False, True)]
    fewer, more = sorted(groups, key=len)
    if fewer:
        table.apart = [documents[i].name for i in fewer]
        for a in fewer:
            for b in more:
                table.codes[a * n + b] = table.codes[b * n + a] = _APART
    if progress:
        progress.start(sum(len(g) * (len(g) - 1) for g in groups))
    work = {
        "documents": [d.to_json() for d in documents],
        "arn_mode": settings.arn_mode,
        "multivalue": settings.multivalue,
        "axioms": axioms_hold,
    }
    asking = _Asking(table, work, timeout_s, progress)
    with runner_for("local", jobs) as runner:
        left = asking.search(
            runner, asking.portions(documents, groups, settings, axioms_hold=axioms_hold), hard_s=2.2 * timeout_s + 1
        )
        asking.search(runner, iter([[pair] for pair in left]), hard_s=1.1 * timeout_s + 1, last=True)
    if progress:
        progress.finish()
    return table


class _Asking:
    def __init__(self, table: Table, work: Mapping[str, Any], timeout_s: float, progress: Progress | None) -> None:
        self.table = table
        self.work = work
        self.timeout_s = timeout_s
        self.progress = progress

    def portions(
        self, documents: Sequence[Document], groups: Sequence[Sequence[int]], settings: Settings, *, axioms_hold: bool
    ) -> Iterator[list[tuple[int, int]]]:
        """Decide what the actions decide, and give the other pairs in portions."""
        from probatum.access.model.matrix import ACTIONS, Matrix

        n = len(documents)
        portion: list[tuple[int, int]] = []
        for group in groups:
            decided = 0
            if len(group) < 2:
                continue
            for e in Matrix([documents[i].policy for i in group], settings, axioms_hold=axioms_hold).entries():
                a, b = group[e.a], group[e.b]
                if e.contained is None:
                    portion.append((a, b))
                    if len(portion) >= _at_once:
                        yield portion
                        portion = []
                    continue
                self.table.codes[a * n + b] = (_YES_ACTIONS if e.stage == ACTIONS else _YES_PATTERNS) if e.contained else _NO
                decided += 1
                if decided == 10_000:
                    self.tell(decided)
                    decided = 0
            self.tell(decided)
        if portion:
            yield portion

    def tell(self, decided: int) -> None:
        if self.progress:
            self.progress.advance(decided, "pairs")

    def search(
        self, runner: Runner, portions: Iterator[list[tuple[int, int]]], *, hard_s: float, last: bool = False
    ) -> list[tuple[int, int]]:
        """Search portions and note the answers; return the pairs that got none, or say why of each if this was the last time."""
        under_way: dict[int, list[tuple[int, int]]] = {}
        left: list[tuple[int, int]] = []

        def items() -> Iterator[dict[str, Any]]:
            for number, portion in enumerate(portions):
                under_way[number] = portion
                yield {"pairs": portion, "timeout_s": self.timeout_s}

        results = runner.map(
            "probatum.cli.access_work:search_pairs",
            items(),
            timeout_s=hard_s,
            memory_bytes=_memory_bytes,
            setup="probatum.cli.access_work:prepare_collection",
            setup_argument=self.work,
        )
        n = len(self.table.names)
        for result in results:
            portion = under_way.pop(result.index)
            answers = result.value["answers"] if isinstance(result, Done) else []
            if isinstance(result, Failed) and result.error.endswith("DoesNotReplay"):
                raise EvidenceError(
                    f"a request that was found does not replay: {result.message}",
                    help="this is a defect of probatum; please report the policies",
                )
            if not answers and last:
                answers = [_why(result, self.timeout_s)] * len(portion)
            for (a, b), answer in zip(portion, answers, strict=False):
                if isinstance(answer, str):
                    self.table.reasons[a, b] = answer
                self.table.codes[a * n + b] = {True: _YES_SEARCH, False: _NO_SEARCH}.get(answer, _UNKNOWN)
            left += portion[len(answers) :]
            self.tell(len(answers))
        return left


def _why(result: Result, timeout_s: float) -> str:
    match result:
        case TimedOut():
            return f"no answer within {timeout_s:g} s"
        case Failed(_, error, message, _):
            return f"a defect of probatum: {error}: {message}"
        case _:
            return "the process ended without an answer, or ran out of memory"


def write(table: Table, path: Path, *, every: bool) -> None:
    """Write pairs as JSON lines, completely or not at all: those contained or unknown, or all.

    Raises
    ------
    UsageError
        If the file cannot be written.
    """
    target = path.resolve()
    try:
        if target.exists() and not target.is_file():
            with target.open("w", encoding="utf-8") as special:
                special.writelines(_rows(table, every=every))
            return
        with tempfile.NamedTemporaryFile(
            "w", encoding="utf-8", dir=target.parent, prefix=f".{target.name[:100]}.", delete=False
        ) as file:
            try:
                file.writelines(_rows(table, every=every))
                file.close()
                Path(file.name).chmod(0o644)
                Path(file.name).replace(target)
            except BaseException:
                with suppress(OSError):
                    Path(file.name).unlink()
                raise
    except OSError as error:
        raise UsageError(
            f"cannot write `{path}`: {(error.strerror or str(error)).lower()}",
            help="name a file in a directory that exists and may be written",
        ) from None


def _rows(table: Table, *, every: bool) -> Iterator[str]:
    for a, b, contained, stage in table.pairs():
        if every or contained is not False:
            row: dict[str, Any] = {"a": table.names[a], "b": table.names[b], "contained": contained, "stage": stage}
            if (a, b) in table.reasons:
                row["reason"] = table.reasons[a, b]
            yield json.dumps(row) + "\n"


def summary(table: Table, collection: Collection) -> dict[str, Any]:
    """Return the table in numbers, with groups of equivalent policies and the widest policies."""
    n = len(table.names)
    codes = {code: table.codes.count(code) for code in _meanings}
    inside = bytes(table.codes).translate(_contained)  # 1 where A is contained in B
    groups = _equivalent(inside, n)
    aliases = {i: group[0] for group in groups for i in group}
    holds = sorted(((inside[b::n].count(1), b) for b in range(n) if aliases.get(b, b) == b), key=lambda x: (-x[0], x[1]))
    unknown = sorted(table.reasons)
    return {
        "policies": n,
        "pairs": sum(codes.values()),
        "contained": sum(codes[c] for c in codes if _meanings[c][0]),
        "not_contained": sum(codes[c] for c in codes if _meanings[c][0] is False),
        "unknown": codes[_UNKNOWN],
        "by_stage": {
            stage: sum(codes[c] for c, (answer, s) in _meanings.items() if s == stage and answer is not None)
            for stage in ("actions", "patterns", "search")
        },
        "equivalent": [[table.names[i] for i in group] for group in groups],
        "widest": [{"policy": table.names[b], "contains": held} for held, b in holds[:10] if held],
        "unknown_pairs": [{"a": table.names[a], "b": table.names[b], "reason": table.reasons[a, b]} for a, b in unknown],
        "not_comparable": {"pairs": table.codes.count(_APART), "policies": table.apart},
        "unreadable": [p.to_json() for p in collection.problems],
        "notes": collection.notes,
    }


def _equivalent(inside: bytes, n: int) -> list[list[int]]:
    """Groups of at least two policies of which each is contained in each."""
    groups: list[list[int]] = []
    seen: set[int] = set()
    for a in range(n):
        if a in seen:
            continue
        both = int.from_bytes(inside[a * n : (a + 1) * n], "big") & int.from_bytes(inside[a::n], "big")
        if both:
            group = [a, *(b for b, bit in enumerate(both.to_bytes(n, "big")) if bit)]
            seen.update(group)
            groups.append(sorted(group))
    return groups


def lines_of(told: Mapping[str, Any]) -> Iterator[str]:
    """Tell the summary to a person."""
    yield f"{count(told['policies'], 'policy', 'policies')}, {count(told['pairs'], 'ordered pair')}"
    yield f"  {told['contained']:,} contained, {told['not_contained']:,} not contained, {told['unknown']:,} unknown"
    stages = told["by_stage"]
    yield f"  decided by actions {stages['actions']:,}, by patterns {stages['patterns']:,}, by search {stages['search']:,}"
    yield from _section("policies that allow the same", [", ".join(f"`{plain(x)}`" for x in g) for g in told["equivalent"]])
    yield from _section(
        "the widest policies", [f"`{plain(w['policy'])}` contains {count(w['contains'], 'other')}" for w in told["widest"][:5]]
    )
    yield from _section(
        "not known", [f"`{plain(u['a'])}` in `{plain(u['b'])}`: {plain(u['reason'])}" for u in told["unknown_pairs"]]
    )
    apart = told["not_comparable"]
    if apart["pairs"]:
        yield ""
        yield f"{count(apart['pairs'], 'pair')} cannot be compared, because only one of the two says who is allowed:"
        yield f"  {_some(apart['policies'])} with all others"
    yield from _section(
        "not read", [plain(p["message"]) + (f" ({plain(p['help'])})" if p["help"] else "") for p in told["unreadable"]]
    )
    yield from (f"note: {plain(note)}" for note in told["notes"])


def _section(title: str, lines: Sequence[str], most: int = 20) -> Iterator[str]:
    if lines:
        yield ""
        yield title
        yield from (f"  {line}" for line in lines[:most])
        if len(lines) > most:
            yield f"  and {len(lines) - most:,} more; all with `--format json`"


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(f"`{plain(n)}`" for n in names[:5])
    return shown + (f" and {len(names) - 5:,} more" if len(names) > 5 else "")
