"""The sheet that people fill in: it does not say which answer is whose. Rows that cannot be used are told with their lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from probatum.dialogue.service.auditing.plan import Asked, Plan

Verdict = Literal["win", "loss", "tie"]

TO_FILL = ("a_ok", "b_ok", "better", "annotator")
COLUMNS = ("row", "request", "answer_a", "answer_b", *TO_FILL)
OK = ("yes", "no", "cannot", "unclear")  # cannot: what the assistant is not made for
BETTER = ("a", "b", "same")
NOTHING = "(no answer)"


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as people see it: its number, what was asked, and one answer or two."""

    row: str
    request: str
    answer_a: str
    answer_b: str = ""


def written(rows: Iterable[Shown]) -> str:
    """Return the sheet to fill in, as CSV."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows([one.row, _cell(one.request), _cell(one.answer_a), _cell(one.answer_b), "", "", "", ""] for one in rows)
    return out.getvalue()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What somebody said of a row: of the answer that the user got, and of the other one."""

    row: str
    annotator: str
    got: str
    other: str = ""
    verdict: Verdict | Literal[""] = ""


def read_sheet(text: str, plan: Plan, *, named: str) -> tuple[list[Judgement], list[str]]:
    """Read a sheet that was filled in; return the judgements, and what is wrong with other rows, with their lines.

    Parameters
    ----------
    text : str
    plan : Plan
    named : str
        Who filled it in, where a row does not say.
    """
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    known = {one.row: one for one in plan.rows}
    found: dict[tuple[str, str], Judgement] = {}
    wrong: list[str] = []
    rows = csv.DictReader(io.StringIO(text), delimiter=delimiter)
    missing = [name for name in ("row", "a_ok") if name not in (rows.fieldnames or ())]
    if missing:
        return [], [f"line 1: there is no column `{missing[0]}`"]
    for row in rows:
        cells = {name: (row.get(name) or "").strip().casefold() for name in (*TO_FILL, "row")}
        if not any(cells[name] for name in ("a_ok", "b_ok", "better")):
            continue  # not filled in
        asked = known.get(cells["row"])
        who = (row.get("annotator") or "").strip() or named
        why = _wrong(cells, asked) or ("it is judged twice by one person" if (cells["row"], who) in found else "")
        if why or asked is None:
            wrong.append(f"line {rows.line_num}: {why}")
            continue
        found[cells["row"], who] = Judgement(
            row=asked.row,
            annotator=who,
            got=cells[f"{asked.got}_ok"],
            other=cells[f"{asked.other}_ok"] if asked.other else "",
            verdict=_verdict(cells, asked),
        )
    return list(found.values()), wrong


def _wrong(cells: Mapping[str, str], asked: Asked | None) -> str:
    if asked is None:
        return f"there is no row `{cells['row']}` in the plan"
    for name, allowed in (("a_ok", OK), ("b_ok", OK), ("better", BETTER)):
        needed = name == "a_ok" or (name == "b_ok" and asked.other)
        if cells[name] and cells[name] not in allowed:
            return f"`{name}` is `{cells[name][:40]}`; write {', '.join(allowed)}"
        if needed and not cells[name]:
            return f"`{name}` is empty; write {', '.join(allowed)}"
        if cells[name] and name != "a_ok" and not asked.other:
            return f"`{name}` is filled in, and there is one answer"
    worse = {"a": "b", "b": "a"}.get(cells["better"], "")
    if worse and cells[f"{worse}_ok"] == "yes" and cells[f"{cells['better']}_ok"] == "no":
        return f"`{cells['better']}` cannot be better: it is not what was asked for, and `{worse}` is"
    return ""


def _verdict(cells: Mapping[str, str], asked: Asked) -> Verdict | Literal[""]:
    """Return whether the rewrite's answer is better."""
    if not asked.other:
        return ""
    column = asked.got if asked.rewritten else asked.other
    plain = "b" if column == "a" else "a"
    if (cells[f"{column}_ok"], cells[f"{plain}_ok"]) in (("yes", "no"), ("no", "yes")):
        return "win" if cells[f"{column}_ok"] == "yes" else "loss"
    return "tie" if cells["better"] not in ("a", "b") else "win" if cells["better"] == column else "loss"


def _cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
