"""`probatum fairness allocate`: share out what is scarce as well as can be, with a proof."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked

if TYPE_CHECKING:
    from probatum.fairness.artefacts.requirements.allocation import Demands, Reading
    from probatum.fairness.model.allocation.answer import Answer
    from probatum.fairness.model.allocation.lottery import Lottery


class _Number(click.ParamType[Fraction]):
    """A number as it is written: `0.1` is a tenth."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Fraction:
        from probatum.fairness.artefacts.requirements.allocation import exact

        try:
            number = exact(value)
        except (ValueError, ZeroDivisionError):
            self.fail(f"`{value}` is no number", param, ctx)
        if number < 0:
            self.fail(f"`{value}` is negative", param, ctx)
        return number


class _Pair(click.ParamType[tuple[str, str]]):
    """`name=value`."""

    name = "name=value"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, str]:
        if isinstance(value, tuple):
            return value
        key, equals, rest = str(value).rpartition("=")
        if not equals or not key or not rest:
            self.fail(f"`{value}` is not `name=value`", param, ctx)
        return key, rest


@click.command("allocate")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--welfare",
    type=click.Choice(["leximin", "utilitarian", "nash", "alpha"]),
    help="What makes an allocation better than another; default: what FILE says, or `leximin`.",
)
@click.option("--alpha", type=_Number(), help="Of `--welfare alpha`: 0 is utilitarian, 1 is Nash, more is more equal.")
@click.option("--floor", type=_Number(), help="Smallest utility of anyone.")
@click.option(
    "--floor-of", type=_Pair(), multiple=True, metavar="NAME=NUMBER", help="Smallest utility of an agent, or rate of a group."
)
@click.option("--group-gap", type=_Number(), help="Largest difference between the service rates of two groups.")
@click.option(
    "--envy",
    type=click.Choice(["free", "ef1"]),
    help="Nobody would rather have what another has, even beyond their need; or not after one thing.",
)
@click.option("--proportional", type=click.Choice(["prop1"]), help="Everyone has their share, or would with one thing more.")
@click.option("--mms", is_flag=True, help="Everyone has their maximin share.")
@click.option("--priority", is_flag=True, help="Whoever has a higher priority is served at least as well.")
@click.option("--max-distance", type=_Number(), help="Nobody is served from farther away.")
@click.option("--price-cap", type=_Number(), help="Largest share of the total utility that fairness may cost.")
@click.option("--chance", type=_Number(), help="Needs are uncertain: each is exceeded with at most this probability.")
@click.option("--supply", type=_Number(), help="Of a table: how much there is to allocate.")
@click.option("--supply-share", type=_Number(), help="Of a table: the same, as a share of all needs.")
@click.option(
    "--column", type=_Pair(), multiple=True, metavar="FIELD=COLUMN", help="Of a table: which column, or product of columns."
)
@click.option(
    "--lottery", metavar="SEED", help="Draw whole allocations whose expectation is the best divided one, by a public seed."
)
@click.option("--timeout", type=click.FloatRange(min=0.1), default=60.0, show_default=True, help="Seconds.")
@asked.format_option("text", "json")
def command(*, file: Path, lottery: str | None, timeout: float, format: str, **given: Any) -> int:
    """Share out what is scarce, as well as can be.

    FILE says who needs what and what there is of it: YAML, JSON or a table (CSV) with a row for each agent. The answer is
    the best allocation that keeps all demands, or a smallest set of demands that contradict each other; with a certificate
    in exact numbers (`--format json`), which has been checked before it is shown.
    """
    from probatum.errors import ProbatumError, UsageError
    from probatum.fairness.artefacts.allocation import read_problem
    from probatum.fairness.model.allocation.answer import allocate
    from probatum.fairness.model.allocation.linear import Unsolved
    from probatum.fairness.model.allocation.lottery import draw
    from probatum.fairness.recheck.allocation import Refuted, verify, verify_lottery
    from probatum.source import Source
    from probatum.tools import Deadline, OutOfTime

    source = Source(file.name, file.read_bytes())
    problem = read_problem(source, _reading(given))
    demands = _demands(source, given)
    if lottery is not None and demands.welfare == "leximin" and demands.envy == "ef1":
        raise UsageError(
            "`ef1` is about whole things, and a lottery is about shares", help="ask for `--envy free`, or draw no lots"
        )
    drawn: Lottery | None = None
    try:
        if lottery is not None:
            drawn = draw(problem, demands, lottery, Deadline.after(timeout))
            answer = drawn.answer
        else:
            answer = allocate(problem, demands, Deadline.after(timeout))
    except OutOfTime:
        click.echo(f"not known: {timeout:g} seconds were not enough; give it more, or divide the problem", err=True)
        return 3
    except Unsolved as problem_left:
        click.echo(f"not known: {problem_left}", err=True)
        return 3
    verdict = "conflict" if answer.conflict is not None else "below" if answer.words else "attainable"
    body = {"verdict": verdict, **answer.certificate}
    try:
        verify(drawn.divided if drawn is not None else problem, demands, body)
        if drawn is not None and drawn.parts:
            verify_lottery(problem, drawn.to_json(), answer.shares)
    except Refuted as wrong:
        raise ProbatumError(f"the certificate does not hold: {wrong}", help="this is a defect of probatum; report it") from None
    click.echo(
        json.dumps(_json(answer, body, drawn), indent=2, ensure_ascii=False)
        if format == "json"
        else _text(answer, demands, drawn)
    )
    return 1 if answer.conflict is not None else 3 if answer.words else 0


def _demands(source: Any, given: dict[str, Any]) -> Demands:
    from dataclasses import replace

    from probatum.errors import UsageError
    from probatum.fairness.artefacts.allocation import own_demands
    from probatum.fairness.artefacts.requirements.allocation import Demands, exact

    found = own_demands(source) or Demands()
    welfare = given["welfare"] or found.welfare
    if (given["alpha"] is not None) != (given["welfare"] == "alpha"):
        raise UsageError("`--alpha` goes with `--welfare alpha`", help="give both, or neither")
    alpha = {"utilitarian": Fraction(0), "nash": Fraction(1)}.get(
        welfare, given["alpha"] if given["alpha"] is not None else found.alpha
    )
    changed: dict[str, Any] = {"welfare": welfare, "alpha": alpha}
    for name in ("floor", "group_gap", "envy", "proportional", "max_distance", "price_cap", "chance"):
        if given[name] is not None:
            changed[name] = given[name]
    for name in ("mms", "priority"):
        if given[name]:
            changed[name] = True
    floors = {}
    for name, number in given["floor_of"]:
        try:
            floors[name] = exact(number)
        except ValueError:
            raise UsageError(f"`{number}` is no number", help="write `--floor-of NAME=0.5`") from None
    return replace(found, **changed, floors={**found.floors, **floors})


def _reading(given: dict[str, Any]) -> Reading:
    from probatum.fairness.artefacts.requirements.allocation import Reading

    columns: dict[str, tuple[str, ...]] = {}
    for name, column in given["column"]:
        columns[name] = (*columns.get(name, ()), column)
    return Reading(columns=columns, supply=given["supply"], supply_share=given["supply_share"])


def _json(answer: Answer, body: dict[str, Any], drawn: Lottery | None) -> dict[str, Any]:
    found: dict[str, Any] = {"schema": "probatum-allocation/1", "verdict": body["verdict"], "not_proved": list(answer.words)}
    if answer.conflict is not None:
        found["conflict"] = [{"demand": row.name, "policy": row.policy} for row in answer.conflict.rows]
    else:
        point = {n: Fraction(value) for n, value in body["point"]}
        found["utilities"] = {
            name: {"exact": str(u), "value": float(u)}
            for name, u in zip(answer.program.names, answer.program.utility(point), strict=True)
        }
        found["allocation"] = [
            {"agent": agent, "resource": resource, "exact": str(much), "amount": float(much)}
            for (agent, resource), much in answer.shares.items()
        ]
        found["demands"] = [
            {"demand": row.name, "policy": row.policy, "slack": str(row.bound - _sum(row.terms, point))}
            for row in answer.program.rows
        ]
    if drawn is not None:
        found["lottery"] = drawn.to_json()
    return {**found, "certificate": body}


def _sum(terms: Any, point: dict[int, Fraction]) -> Fraction:
    return sum((c * point[n] for n, c in terms.items() if n in point), Fraction(0))


def _text(answer: Answer, demands: Demands, drawn: Lottery | None) -> str:
    lines = []
    if answer.conflict is not None:
        lines.append(
            "no allocation keeps all demands; these contradict each other, and without any one of them the rest can be kept:"
        )
        lines += [f"  {row.name}   ({row.policy})" for row in answer.conflict.rows]
        lines.append("proved by multipliers in exact numbers (checked again)")
        return "\n".join(lines)
    width = max(len(name) for name in answer.program.names)
    by: dict[str, list[str]] = {name: [] for name in answer.program.names}
    for (agent, resource), much in answer.shares.items():
        by[agent].append(resource if much == 1 and answer.program.whole[0] else f"{float(much):.6g} {resource}")
    x = {n: answer.shares[pair] for n, pair in enumerate(answer.program.pairs) if pair in answer.shares}
    for name, utility in zip(answer.program.names, answer.program.utility(x), strict=True):
        lines.append(f"{name:{width}}  {float(utility):10.6g}  {', '.join(by[name])}")
    tight = [
        row for row in answer.program.rows if row.policy not in ("need", "quota", "conflict") and _sum(row.terms, x) == row.bound
    ]
    lines += ["", f"best by {demands.welfare}; tight: {'; '.join(row.name for row in tight[:6]) or 'nothing'}"]
    if len(tight) > 6:
        lines[-1] += f" and {len(tight) - 6} more"
    if answer.words:
        lines.append(f"not proved, the solver's word: {'; '.join(answer.words)}")
    else:
        gap = Fraction(answer.certificate["proof"].get("gap", 0))
        said = f"proved: no allocation gains more than {float(gap):.2g} of it" if gap else "proved to be the best"
        lines.append(f"{said}, in exact numbers (checked again)")
    if drawn is not None:
        lines += ["", *drawn.lines()]
    return "\n".join(lines)
