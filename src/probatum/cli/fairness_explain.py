"""`probatum fairness explain`: one decision's whole story."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked

if TYPE_CHECKING:
    from probatum.fairness.artefacts.models import Model
    from probatum.source import Source


@click.command("explain")
@click.argument("policy", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("identifier", metavar="ID")
@click.option("--by", metavar="COLUMN", default="", help="The column that names rows; default: `unit` of the policy, or `id`.")
@click.option(
    "--model", metavar="FILE", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="The model that made the score."
)
@click.option(
    "--record", metavar="FILE", type=click.Path(path_type=Path, exists=True), help="The record of the run; default: the policy's."
)
@click.option("--features", metavar="COLUMNS", default="", help="What the decision was made from, separated by commas.")
@click.option("--mutable", metavar="COLUMNS", default="", help="What a person could change; default: all but protected columns.")
@asked.format_option("text", "json")
def command(
    *,
    policy: Path,
    identifier: str,
    by: str,
    model: Path | None,
    record: Path | None,
    features: str,
    mutable: str,
    format: str,
) -> int:
    """Tell the story of the decision whose row is named ID.

    What was not recorded, or cannot be computed exactly, is said to be unknown.
    """
    from probatum.cli.fairness_files import data_at, policy_at, table_of
    from probatum.fairness.artefacts.record import read_record
    from probatum.fairness.semantics.relation import opened
    from probatum.fairness.service.profile import file_digest
    from probatum.fairness.service.scored import scored
    from probatum.fairness.service.story import story

    read = policy_at(policy)
    if record is None and read.preparation is not None and read.preparation.record:
        beside = policy.parent / read.preparation.record
        record = beside if beside.is_file() else None
    table = table_of(read, policy)
    with opened(table) as relation:
        told = story(
            read,
            relation,
            identifier,
            by=by or read.decision.unit or "id",
            features=_listed(features),
            mutable=_listed(mutable),
            model=scored(data_at(model)) if model is not None else None,
            exact=_exact(data_at(model)) if model is not None else None,
            record=read_record(record.read_bytes(), record.name) if record is not None else None,
            table_digest=file_digest(Path(table.place)),
        )
    if format == "json":
        click.echo(json.dumps(told, indent=2, default=str))
        return 0
    for line in _lines(told):
        click.echo(line)
    return 0


def _exact(source: Source) -> tuple[Model, str]:
    from probatum.fairness.artefacts.models import content_of, read_model

    content = content_of(source)
    return read_model(content), content.digest


def _listed(text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _lines(told: dict[str, Any]) -> list[str]:
    lines = [f"{told['id']}  {told['table']}"]
    groups = ", ".join(f"{name} {value if value is not None else '(missing)'}" for name, value in told["groups"].items())
    lines.append(f"  groups    {groups}")
    decision = {1: "positive", 0: "negative", None: "unknown"}
    lines.append(f"  decision  {decision[told['decision']]}; what turned out to be true: {decision[told['outcome']]}")
    if told["score"] is not None:
        margin = f", {told['margin']:+.4g} from the threshold {told['threshold']:g}" if "margin" in told else ""
        lines.append(f"  score     {told['score']:.6g}{margin}")
    if told.get("model_score") is not None:
        agrees = told.get("model_agrees")
        said = {True: "the model gives the same", False: "THE MODEL GIVES ANOTHER", None: "the model gives"}[agrees]
        lines.append(f"            {said}: {told['model_score']:.6g}")
    if told["missing"]:
        lines.append(f"  missing   {', '.join(told['missing'])}")
    lines += [
        "",
        *_inputs(told),
        "",
        "steps",
        *_steps(told["steps"]),
        "",
        "what added to the score",
        *_attribution(told["attribution"]),
    ]
    lines += ["", "what would have changed the decision", *_counterfactual(told["counterfactual"])]
    lines += ["", "error rates of people like this", *_people(told["people_like_this"]), "", "how many were like this"]
    near = told["neighbours"]
    if near is None:
        lines.append("  unknown: no features are named")
    else:
        few = "" if near["supported"] else ": too few to rest a decision on"
        lines.append(f"  {near['rows']:,} {near['of']} within {near['within']}{few}")
    return [*lines, "", "certified ranges", *_certified(told["certified"])]


def _inputs(told: dict[str, Any]) -> list[str]:
    """Say what the decision was made from, or all that the row holds where nobody says which columns those are."""
    named = [name for name in told["features"] if name in told["inputs"]]
    values = {name: told["inputs"][name] for name in named or told["inputs"]}
    listed = ", ".join(f"{name} {value if value is not None else '(missing)'}" for name, value in values.items())
    title = "inputs" if named else "inputs (all columns: no features are named)"
    return [title, *textwrap.wrap(listed, 110, initial_indent="  ", subsequent_indent="  ", break_long_words=False)]


def _certified(boxes: list[dict[str, Any]]) -> list[str]:
    """Say which box of inputs the decision is in, and what holds there."""
    if not boxes:
        return ["  none is known: the policy has no requirement of `kind: ranges`"]
    lines = []
    for box in boxes:
        if "said" not in box:
            where = box.get("why") or f"outside the range of the data ({box['supported']}), where nothing is said"
            lines.append(f"  {box['id']}: {where}")
            continue
        ends = [f"error {box['error'][0]:.1%} to {box['error'][1]:.1%}"] if box["error"] else []
        ends += [f"gap by {name} {low:.1%} to {high:.1%}" for name, (low, high) in box["gaps"].items()]
        lines.append(f"  {box['id']}: {box['verdict']} where {box['said']}")
        lines.append(f"    {', '.join(ends)} ({box['rows']:,} rows; {box['confidence']:.4g} for all boxes together)")
        twins = box.get("twins")
        if twins is not None:
            who = ", ".join(f"`{one}`" for one in twins["differing"])
            lines.append(
                f"    whoever differ only in {who} are scored at most {twins['upper']:.4g} apart there (proved; {twins['lower']:.4g} occurs)"
            )
    return lines


def _steps(steps: dict[str, Any] | None) -> list[str]:
    if steps is None:
        return ["  not recorded"]
    lines = [f"  record {steps['root'][:12]}, whose digests {'fit' if steps['holds'] else 'DO NOT FIT'}"]
    if steps["table"] is None:
        lines.append("  the record does not name this table as it is now")
    lines += [
        f"  {own['name']}  code {own['code'][:12] or 'unknown'}  {json.dumps(own['parameters'])[:80]}" for own in steps["path"]
    ]
    if not steps["path"] and steps["all"]:
        lines.append(
            f"  no recorded step made this table; the run has the steps {', '.join(f'`{name}`' for name in steps['all'])}"
        )
    if "objective" in steps:
        lines.append(f"  objective {steps['objective']['loss']}")
    if "threshold" in steps:
        own = steps["threshold"]
        lines.append(f"  threshold {own['value']:g}, chosen by {own['by'] or 'unknown'}{', ' + own['how'] if own['how'] else ''}")
    if "model" in steps:
        lines.append(f"  model {steps['model']['name']}  {steps['model']['sha256'][:12]}")
    return lines


def _attribution(own: dict[str, Any] | None) -> list[str]:
    if own is None:
        return ["  unknown: no model is named, or its features are too many to be taken apart exactly"]
    lines = [f"  {own['start']:+.6g}  {own['compared_with']}, on average"]
    lines += [f"  {value:+.6g}  {name}" for name, value in own["adds"].items()]
    return [*lines, f"  {own['raw']:+.6g}  in all"]


def _counterfactual(own: dict[str, Any] | None) -> list[str]:
    if own is None:
        return ["  unknown: no model, or no threshold, is named"]
    if not own["changes"]:
        tried = f"{own['tried']:,} combinations of values that occur, of {', '.join(own['over']) or 'no feature'}"
        return [f"  nothing: none of {tried}" if own["nearest"] else f"  not found among the nearest {tried}"]
    changes = ", ".join(f"{name} {before:g} -> {after:g}" for name, (before, after) in own["changes"].items())
    return [f"  {changes} (score {own['score']:.6g}); no nearer values that occur would"]


def _people(rates: list[dict[str, Any]]) -> list[str]:
    if not rates:
        return ["  unknown: the table has no outcome, or no decision"]
    return [
        f"  {own['rate']:4} {own['value']:6.1%} [{own['low']:.1%}, {own['high']:.1%}] of {own['trials']:,}  {own['people']}"
        if own["trials"]
        else f"  {own['rate']:4} nobody to tell from  {own['people']}"
        for own in rates
    ]
