"""What the values of a column are: moments, numbers or texts; and which rows a slice by one of them means."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum
from typing import Any

from probatum.fairness.semantics.relation import Relation, quoted

# How dates are written where it is not ISO 8601; the first that reads every value is meant.
_FORMATS = ("%d.%m.%Y", "%m/%d/%Y", "%d/%m/%Y", "%Y/%m/%d", "%m/%d/%Y %H:%M", "%d.%m.%Y %H:%M", "%Y%m%d %H:%M:%S")
_MISSING = "('', 'na', 'nan', 'null', 'none', 'n/a')"
_NUMERIC = ("INT", "DOUBLE", "FLOAT", "DECIMAL", "REAL")


class Sort(str, Enum):
    """What the values of a column are."""

    TIME = "time"
    NUMBER = "number"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """A column as it is read.

    Attributes
    ----------
    value : str
        SQL: seconds since 1970 of a moment, a number, or a text; null where it is missing.
    """

    name: str
    sort: Sort
    value: str

    def shown(self, value: float | str) -> str:
        """Return a value as people write it."""
        if self.sort is not Sort.TIME or isinstance(value, str):
            return f"{value:.12g}" if isinstance(value, float | int) else value
        try:
            moment = datetime.fromtimestamp(float(value), UTC)
        except (OverflowError, ValueError, OSError):
            return f"{value:.12g}"
        return moment.strftime("%Y-%m-%d" if value % 86400 == 0 else "%Y-%m-%d %H:%M:%S")


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """Rows by the value of one column: between two ends (both included), of one text, or without a value."""

    column: str
    low: float | None = None
    high: float | None = None
    text: str | None = None

    @property
    def missing(self) -> bool:
        """Whether it is the rows without a value."""
        return self.low is None and self.text is None

    def condition(self, column: Column) -> tuple[str, dict[str, Any]]:
        """Return it as SQL, and the values of its parameters."""
        if self.missing:
            return f"({column.value}) is null", {}
        if self.text is not None:
            return f"coalesce(({column.value}) = $slice_text, false)", {"slice_text": self.text}
        inside = f"({column.value}) between $slice_low and $slice_high"
        return f"coalesce({inside}, false)", {"slice_low": self.low, "slice_high": self.high}

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"column": self.column, "low": self.low, "high": self.high, "text": self.text}

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> Slice:
        """Rebuild it from its JSON."""
        return Slice(column=value["column"], low=value["low"], high=value["high"], text=value["text"])


def columns(relation: Relation, *, without: Iterable[str] = ()) -> dict[str, Column]:
    """Say what each column holds; what is neither moments, numbers nor texts is left out.

    Text is a moment, or a number, if every value that is there can be read as one.
    """
    left_out = set(without)
    found: dict[str, Column] = {}
    texts: list[str] = []
    for name, kind in relation.columns.items():
        own = quoted(name)
        if name in left_out:
            continue
        if kind == "VARCHAR" or kind.startswith("ENUM"):
            texts.append(name)
        elif kind.startswith(("DATE", "TIMESTAMP")):
            found[name] = Column(name, Sort.TIME, f"epoch(cast({own} as timestamp))")
        elif kind == "BOOLEAN":
            found[name] = Column(name, Sort.TEXT, f"cast({own} as varchar)")
        elif any(part in kind for part in _NUMERIC) and "[" not in kind and "(" not in kind.replace("DECIMAL(", ""):
            found[name] = Column(name, Sort.NUMBER, f"nullif(cast({own} as double), 'nan'::double)")
    for name, (sort, value) in _read_as(relation, texts).items():
        found[name] = Column(name, sort, value)
    return {name: found[name] for name in relation.columns if name in found}


def _read_as(relation: Relation, texts: Sequence[str]) -> dict[str, tuple[Sort, str]]:
    """Return for each column of texts the first reading that reads every value, as SQL."""
    if not texts:
        return {}
    ends = ", ".join(f"count({t}) as n{n}, min({t}) as a{n}, max({t}) as z{n}" for n, t in enumerate(map(_text, texts)))
    [counted] = relation.sql(f"select {ends} from {{table}}")  # noqa: S608 - names are quoted
    some = [n for n in range(len(texts)) if counted[f"n{n}"]]
    # What does not read the first and the last value does not read all: reading dates in each of many ways takes longest.
    possible: dict[int, list[int]] = {}
    if some:
        each = ", ".join(f"count({reading}) as r{at}" for at, (_, reading) in enumerate(_readings("t")))
        for row in relation.sql(
            f"select i, {each} from (select unnest($columns) as i, unnest($values) as t) group by i",  # noqa: S608 - of our own
            columns=[n for n in some for _ in "az"],
            values=[counted[f"{end}{n}"] for n in some for end in "az"],
        ):
            possible[row["i"]] = [at for at in range(len(_readings(""))) if row[f"r{at}"] == 2]
    readings = [_readings(_text(name)) for name in texts]
    asked = ", ".join(f"count({readings[n][at][1]}) as r{n}_{at}" for n, own in possible.items() for at in own)
    [fits] = relation.sql(f"select {asked} from {{table}}") if asked else [{}]  # noqa: S608 - names are quoted
    found: dict[str, tuple[Sort, str]] = {}
    for n, name in enumerate(texts):
        whole = (readings[n][at] for at in possible.get(n, ()) if fits[f"r{n}_{at}"] == counted[f"n{n}"])
        found[name] = next(whole, (Sort.TEXT, _text(name)))
    return found


def _text(name: str) -> str:
    text = f"trim(cast({quoted(name)} as varchar))"
    return f"case when lower({text}) in {_MISSING} then null else {text} end"


def _readings(text: str) -> list[tuple[Sort, str]]:
    number = f"try_cast({text} as double)"
    moments = [f"epoch(try_cast({text} as timestamp))", *(f"epoch(try_strptime({text}, '{form}'))" for form in _FORMATS)]
    finite = f"case when isfinite({number}) then {number} end"
    return [(Sort.NUMBER, finite), *((Sort.TIME, moment) for moment in moments)]
