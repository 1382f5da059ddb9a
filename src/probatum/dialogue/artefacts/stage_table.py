"""The table of stages: for each request that failed, the stage it failed at, by both definitions, and the runs that show it.

JSON lines, of which the first says what they are about. Turns are named by their numbers; outputs may hold words of requests, so the
table is as private as the log.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.source import Location, canonical_json

SCHEMA = "probatum-dialogue-stages/1"
LONGEST = 10_000_000  # bytes of a line


@dataclass(frozen=True, slots=True, kw_only=True)
class Isolated:
    """A request and its stage.

    Attributes
    ----------
    turn, right_turn : str
        Numbers of the request, and of the one that did what was wanted; "" if there is none.
    stage, least : str
        By definitions A and B; see `semantics.stages`.
    by : str
        `replay`, `log` (the assistant said so itself) or `model`.
    p : float
        Probability, as the model says; 1 for a replay.
    said : str
        What was taken for what was said: what was `heard`, the `right` words, or `other` ways to hear it; "" if there was no replay.
    wrong : tuple of str
        Stages whose outputs were not right.
    heard, right : list of outputs, or None
        Runs on what was heard and on the right words: `[[stage, output, ok, mentions or null], ...]`.
    why : str
        Where it is unknown.
    """

    turn: str
    right_turn: str = ""
    stage: str
    least: str
    by: str
    p: float = 1.0
    said: str = ""
    wrong: tuple[str, ...] = ()
    heard: tuple[tuple[Any, ...], ...] | None = None
    right: tuple[tuple[Any, ...], ...] | None = None
    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StageTable:
    """Requests that failed, and how they were isolated.

    Attributes
    ----------
    stages : tuple of str
        Of the assistant, in their order.
    told : tuple of str
        Names that the pipeline has for those between input and result.
    pipeline, digest : str
        Its kind, and the digest of all that decides its answers; "" where that is elsewhere.
    turns : int
        Of the log, failed or not.
    rows : tuple of Isolated
    names : mapping of str to sequence of str
        Names from the log that the pipeline was given.
    """

    stages: tuple[str, ...]
    told: tuple[str, ...]
    pipeline: str
    digest: str
    turns: int
    rows: tuple[Isolated, ...]
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def lines(self) -> Iterable[str]:
        """Yield the lines of the file."""
        yield canonical_json(
            {
                "schema": SCHEMA,
                "stages": list(self.stages),
                "told": list(self.told),
                "pipeline": self.pipeline,
                "digest": self.digest,
                "turns": self.turns,
                "names": {name: list(values) for name, values in self.names.items()},
            }
        )
        for row in self.rows:
            yield canonical_json({name: getattr(row, name) for name in Isolated.__slots__})


def read_stages(path: str, lines: Iterable[bytes]) -> StageTable:
    """Read a table of stages.

    Raises
    ------
    UnreadableArtefact
        If it is none, or is not as it was written.
    """
    number = 0
    try:
        every = iter(lines)
        number = 1
        head = json.loads(next(every))
        _demand(head["schema"] == SCHEMA)
        rows = []
        for number, line in enumerate(every, start=2):  # noqa: B007 - for the message
            if line.strip():
                rows.append(_row(json.loads(line)))
        _demand(len({row.turn for row in rows}) == len(rows))
        return StageTable(
            stages=tuple(map(str, head["stages"])),
            told=tuple(map(str, head["told"])),
            pipeline=str(head["pipeline"]),
            digest=str(head["digest"]),
            turns=int(head["turns"]),
            names={str(name): [str(value) for value in values] for name, values in head["names"].items()},
            rows=tuple(rows),
        )
    except (StopIteration, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise UnreadableArtefact(
            f"`{path}` is no table of stages, or is damaged at line {number}",
            help="write it again with `probatum dialogue isolate`",
            location=Location(path, number or None),
        ) from None


def _demand(holds: bool) -> None:
    if not holds:
        raise ValueError


def _row(said: Mapping[str, Any]) -> Isolated:
    p = float(said["p"])
    _demand(0 <= p <= 1)
    return Isolated(
        turn=str(said["turn"]),
        right_turn=str(said["right_turn"]),
        stage=str(said["stage"]),
        least=str(said["least"]),
        by=str(said["by"]),
        p=p,
        said=str(said["said"]),
        wrong=tuple(map(str, said["wrong"])),
        heard=_outputs(said["heard"]),
        right=_outputs(said["right"]),
        why=str(said["why"]),
    )


def _outputs(said: Any) -> tuple[tuple[Any, ...], ...] | None:
    if said is None:
        return None
    return tuple(
        (str(stage), str(value), bool(ok), None if mentions is None else tuple(map(str, mentions)))
        for stage, value, ok, mentions in said
    )
