"""`probatum fairness certify`: how much a model tells twins apart, proved for everyone in a domain."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked
from probatum.cli.fairness_boxes import boxes_of, tell
from probatum.cli.fairness_share import share_answered, tell_share

if TYPE_CHECKING:
    from probatum.fairness.artefacts.twins import Range, Values
    from probatum.fairness.model.certify.answer import Answer, Question

_SHOWN = 12  # features of a pair that a line of text names


@click.command("certify")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="POLICY|MODEL")
@click.option("--vary", multiple=True, metavar="FEATURE", help="Twins may differ in this in any way.")
@click.option("--tolerance", multiple=True, metavar="FEATURE=K", help="Twins may differ in this by at most K.")
@click.option("--increasing", multiple=True, metavar="FEATURE", help="More of this must not lower the score.")
@click.option("--decreasing", multiple=True, metavar="FEATURE", help="More of this must not raise the score.")
@click.option(
    "--domain",
    multiple=True,
    metavar="FEATURE=A..B",
    help="Ends of a feature's range, or `FEATURE=1,2,3`; else those of the table or the model.",
)
@click.option(
    "--table", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="Whose columns say what features can be."
)
@click.option("--output", type=click.Choice(["score", "raw", "decision"]), default="score", help="What must not differ.")
@click.option("--threshold", type=float, default=0.5, help="From which score on the decision is positive.")
@click.option(
    "--share",
    type=click.Choice(["uniform", "table"]),
    help="Bound the share of the domain in which decisions differ: each feature evenly over its range, or as the table has it.",
)
@click.option("--at-most", type=float, metavar="GAP", help="How much may differ; exit status 1 if more does, 3 if that is open.")
@click.option(
    "--time-limit",
    type=float,
    default=60.0,
    show_default=True,
    metavar="SECONDS",
    help="After which bounds are shown as they are.",
)
@click.option(
    "--certificate", type=click.Path(path_type=Path, dir_okay=False), help="Write what proves the upper bounds here, as JSON."
)
@asked.format_option("text", "json")
def command(
    *,
    file: Path,
    vary: tuple[str, ...],
    tolerance: tuple[str, ...],
    increasing: tuple[str, ...],
    decreasing: tuple[str, ...],
    domain: tuple[str, ...],
    table: Path | None,
    output: str,
    threshold: float,
    share: str | None,
    at_most: float | None,
    time_limit: float,
    certificate: Path | None,
    format: str,
) -> int:
    """Prove by how much a model's output can differ between two people who are alike in everything but what is named.

    POLICY is a fairness policy, each of whose requirements of `kind: individual` is answered,
    and whose requirements of `kind: ranges` have their boxes of inputs shown; MODEL is a file of LightGBM,
    XGBoost or `probatum fairness convert`, of which the options say what to ask. Both ends of every answer are checked
    again before they are shown: the pair is scored again, and the cover is walked with exact arithmetic.
    """
    asked_of: list[tuple[str, Question, float | None]]
    shares: list[tuple[str, dict[str, Any]]] = []
    boxes: list[dict[str, Any]] = []
    if file.suffix.lower() in (".yaml", ".yml"):
        boxes = boxes_of(file)
        asked_of, shares = _of_policy(file, time_limit, required=not boxes)
    else:
        more = {**dict.fromkeys(increasing, 1), **dict.fromkeys(decreasing, -1)}
        named = _of_model(file, vary, tolerance, more, domain, table, "decision" if share else output, threshold, at_most)
        asked_of = [] if share else [named]
        shares = [_share_of_model(named, share, table, at_most, time_limit)] if share else []
    results = [*(_answered(name, question, bound, time_limit) for name, question, bound in asked_of), *shares]
    if certificate is not None:
        certificate.write_text(
            json.dumps({name: found["certificate"] for name, found in results}, indent=1) + "\n", encoding="utf-8"
        )
    if format == "json":
        shown = [{"id": name} | {key: value for key, value in found.items() if key != "certificate"} for name, found in results]
        click.echo(json.dumps([*boxes, *shown], indent=2, allow_nan=False))
    else:
        for name, found in results:
            (tell_share if "share_of" in found else _tell)(name, found)
        for one in boxes:
            tell(one)
    verdicts = {found["verdict"] for _, found in results} | {one["verdict"] for one in boxes}
    return 1 if "violated" in verdicts else 3 if "open" in verdicts else 0


def _of_policy(
    file: Path, time_limit: float, *, required: bool
) -> tuple[list[tuple[str, Question, float | None]], list[tuple[str, dict[str, Any]]]]:
    from probatum.cli.fairness_files import data_at, policy_at
    from probatum.errors import UsageError
    from probatum.fairness.artefacts import beside
    from probatum.fairness.artefacts.requirements.individual import IndividualRequirement
    from probatum.fairness.rules.unfair_over_range import question_of
    from probatum.source import DATA, Source

    policy = policy_at(file)
    wanted = policy.of_kind(IndividualRequirement)
    if not wanted and required:
        raise UsageError(
            f"`{file.name}` has no requirement of `kind: individual` or `kind: ranges`", help="add one, or name a model"
        )
    inputs: dict[str, Source] = {}
    for name in (policy.decision.table, *(requirement.model for requirement in wanted)):
        place = beside(policy.location.path, name)
        if place is not None and (file.parent / name).is_file():
            inputs[DATA + place] = data_at(file.parent / name, shown=name)
    gaps: list[tuple[str, Question, float | None]] = [
        (one.id, question_of(policy, one, inputs), one.bound) for one in wanted if one.share is None
    ]
    table = inputs.get(DATA + (beside(policy.location.path, policy.decision.table) or ""))
    shares = [
        (one.id, share_answered(question_of(policy, one, inputs), one.over, table, one.share, time_limit))
        for one in wanted
        if one.share is not None
    ]
    return gaps, shares


def _share_of_model(
    named: tuple[str, Question, float | None], over: str, table: Path | None, at_most: float | None, time_limit: float
) -> tuple[str, dict[str, Any]]:
    from probatum.cli.fairness_files import data_at
    from probatum.fairness.artefacts.requirements.individual import Over

    name, question, _ = named
    return name, share_answered(question, Over(over), None if table is None else data_at(table), at_most, time_limit)


def _of_model(  # noqa: PLR0917 - the options, in their order
    file: Path,
    vary: tuple[str, ...],
    tolerance: tuple[str, ...],
    more: Mapping[str, int],
    domain: tuple[str, ...],
    table: Path | None,
    output: str,
    threshold: float,
    at_most: float | None,
) -> tuple[str, Question, float | None]:
    from probatum.cli.fairness_files import data_at
    from probatum.errors import UsageError
    from probatum.fairness.artefacts.models import read_model
    from probatum.fairness.artefacts.twins import Output, Twins
    from probatum.fairness.model.certify.answer import Question
    from probatum.fairness.semantics.people import domain_of
    from probatum.fairness.semantics.relation import opened
    from probatum.source import Location, Source

    widths = {name: _number("--tolerance", value) for name, value in (_pair("--tolerance", one) for one in tolerance)}
    twins = Twins(vary=vary, tolerance=widths, more=more)
    if not twins.differing():
        raise UsageError(
            "nothing says what twins differ in", help="add `--vary FEATURE`, `--tolerance FEATURE=K` or `--increasing FEATURE`"
        )
    said = {name: _domain(name, value) for name, value in (_pair("--domain", one) for one in domain)}
    source = Source(file.name, file.read_bytes())
    model = read_model(source)
    where = Location(file.name)
    if table is None:
        known = domain_of(model, said, {}, lambda: None, where)
    else:
        with opened(data_at(table)) as relation:
            known = domain_of(model, said, {}, lambda: relation, where)
    question = Question(model=model, digest=source.digest, domain=known, twins=twins, output=Output(output), threshold=threshold)
    bound = 0.0 if question.output is Output.DECISION else at_most
    return file.name, question, bound


def _pair(option: str, text: str) -> tuple[str, str]:
    from probatum.errors import UsageError

    name, equals, value = text.partition("=")
    if not equals or not name:
        raise UsageError(f"`{option} {text}` has no `=`", help=f"write `{option} FEATURE=...`")
    return name, value


def _number(option: str, text: str) -> float:
    from probatum.errors import UsageError

    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise UsageError(f"`{text}` of `{option}` is no number", help="write one, such as `1` or `0.5`")
    return value


def _domain(name: str, text: str) -> Range | Values:
    from probatum.errors import UsageError
    from probatum.fairness.artefacts.twins import Range, Values

    low, dots, high = text.partition("..")
    if not dots:
        return Values(tuple(sorted({_number("--domain", part) for part in text.split(",")})))
    ends = _number("--domain", low), _number("--domain", high)
    if ends[1] < ends[0]:
        raise UsageError(f"the domain of `{name}` is empty", help="write the lowest value first")
    return Range(*ends)


def _answered(name: str, question: Question, bound: float | None, time_limit: float) -> tuple[str, dict[str, Any]]:
    import time

    from probatum.fairness.artefacts.twins import Output
    from probatum.fairness.model.certify.answer import answer

    end = time.monotonic() + time_limit
    began = time.process_time()
    decides = question.output is Output.DECISION

    def enough(low: float, high: float) -> bool:
        return time.monotonic() > end or (decides and (low >= 0 or high < 0))

    found = answer(question, enough=enough, most_parts=10**9)
    spent = time.process_time() - began
    _check(question, found)
    one, two = found.outputs
    if decides:
        apart = one >= question.threshold > two
        verdict = "violated" if apart else "satisfied" if found.upper < 0 else "open"
    elif bound is None:
        verdict = "answered" if found.exact else "open"
    else:
        verdict = "violated" if found.lower > bound else "satisfied" if found.upper <= bound else "open"
    pair = None
    if found.pair is not None:
        pair = [{key: None if math.isnan(value) else value for key, value in person.items()} for person in found.pair]
    return name, {
        "verdict": verdict,
        "output": question.output.value,
        "differing": list(question.twins.differing()),
        "at_most": bound,
        "lower": None if math.isinf(found.lower) else found.lower,
        "upper": None if math.isinf(found.upper) else found.upper,
        "exact": found.exact,
        "pair": pair,
        "outputs": [one, two] if pair is not None else None,
        "parts": found.parts,
        "cpu_s": round(spent, 3),
        "certificate": found.certificate,
    }


def _check(question: Question, found: Answer) -> None:
    """Walk the cover by other code than made it, and complain of ourselves if it does not hold."""
    from probatum.errors import EvidenceError
    from probatum.fairness.artefacts.twins import Output
    from probatum.fairness.recheck.twins import walk

    if question.output is Output.DECISION and not found.upper < 0:
        return
    said = walk(question.model, found.certificate, found.upper)
    if said.status != "confirmed":
        raise EvidenceError(
            f"the bound did not survive its own check ({said.reason})", help="report this as a defect of probatum"
        )


def _tell(name: str, found: Mapping[str, Any]) -> None:
    who = ", ".join(f"`{one}`" for one in found["differing"])
    cost = f"{found['parts']:,} parts, {found['cpu_s']:.2f} s of processor time"
    if found["output"] == "decision":
        words = {
            "violated": f"people who differ only in {who} are decided on differently",
            "satisfied": f"nobody in the domain is decided on differently for {who} (proved)",
            "open": f"whether anybody is decided on differently for {who} is not known",
        }
        click.echo(f"{name}: {words[found['verdict']]} ({cost})")
    else:
        low, high = (f"{found[key]:.6g}" if found[key] is not None else "nothing" for key in ("lower", "upper"))
        click.echo(f"{name}: people who differ only in {who} can be {low} apart, and at most {high} (proved; {cost})")
        if found["at_most"] is not None:
            click.echo(f"  {found['at_most']:g} is allowed: {found['verdict']}")
    if found["pair"] is not None:
        first, second = found["pair"]
        own = {key for key in first if first[key] != second[key]}
        alike = [f"{key} {_value(value)}" for key, value in first.items() if key not in own]
        both = ", ".join(alike[:_SHOWN]) + (f" and {len(alike) - _SHOWN} more" if len(alike) > _SHOWN else "")
        for person, score in zip((first, second), found["outputs"], strict=True):
            click.echo(
                f"  {score:.6g} with {', '.join(f'{key} {_value(person[key])}' for key in first if key in own) or 'nothing else'}"
            )
        click.echo(f"  and {both}")


def _value(value: float | None) -> str:
    return "missing" if value is None else f"{value:g}"
