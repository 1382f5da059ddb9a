"""`probatum fairness neutralise`: the model of a requirement without what it must not look at, with a proof."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked

if TYPE_CHECKING:
    from collections.abc import Mapping

    from probatum.fairness.artefacts.models import Model
    from probatum.fairness.artefacts.policy import Policy
    from probatum.fairness.artefacts.requirements.individual import IndividualRequirement
    from probatum.fairness.semantics.relation import Relation
    from probatum.source import Source

_MOST_VALUES = 1_000  # of what is averaged over
_MOST_ROWS = 50_000  # different rows, of which decisions are compared


@click.command("neutralise")
@click.argument("policy", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--require", "wanted", metavar="ID", default="", help="Which requirement of `kind: individual`; default: the only one."
)
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="The model that is written, beside POLICY.",
)
@asked.format_option("text", "json")
def command(*, policy: Path, wanted: str, target: Path, format: str) -> int:
    """Write the model of a requirement of POLICY with its `vary` averaged out.

    What the new model says of anybody is the mean of what the old one says of them
    for each value of the attribute, as often as the table has it. That nobody's
    score depends on the attribute any more is proved, and the proof is checked.
    """
    from dataclasses import replace

    from probatum.errors import UsageError
    from probatum.fairness.artefacts.models.own import written
    from probatum.fairness.artefacts.requirements.individual import IndividualRequirement
    from probatum.fairness.model.repairs.neutralised import neutralised
    from probatum.fairness.rules.unfair_over_range import question_of
    from probatum.fairness.semantics.relation import opened
    from probatum.project.document import suggestion
    from probatum.source import DATA

    read, inputs = _inputs(policy)
    known = read.of_kind(IndividualRequirement)
    chosen = [one for one in known if wanted in ("", one.id)]
    if len(chosen) != 1:
        names = [one.id for one in known]
        raise UsageError(
            f"`{policy.name}` has {'several requirements' if chosen else 'no such requirement'} of `kind: individual`",
            help=f"name one: `--require {names[0]}`" if chosen else suggestion(wanted, names) if names else "add one",
        )
    [requirement] = chosen
    try:
        name = target.resolve().relative_to(policy.resolve().parent).as_posix()
    except ValueError:
        raise UsageError(
            f"`{target}` is not beside `{policy.name}`", help="write the model where the policy can name it"
        ) from None
    question = question_of(read, requirement, inputs)
    features = tuple(column for one in requirement.twins.vary for column in requirement.one_hot.get(one, (one,)))
    if not features:
        raise UsageError(f"`{requirement.id}` names nothing in `vary`", help="say what must not count: `vary: sex`")
    table = inputs.get(DATA + read.decision.table)
    if table is None:
        raise UsageError("the policy's table is not there", help="how often people have each value is counted in it")
    with opened(table) as relation:
        shares = _shares(read, relation, features)
        model = neutralised(question.model, features, shares)
        target.write_text(json.dumps(written(model)) + "\n")
        told = _proved(policy, replace(requirement, domain=question.domain.features), name) | {
            "model": name,
            "features": list(features),
            "values": len(shares),
        }
        told |= _price(read, relation, (question.model, model), threshold=question.threshold, features=features)
    if format == "json":
        click.echo(json.dumps(told, indent=2))
    else:
        _write(told, requirement)
    return 0 if told["proved"] else 3


def _inputs(policy: Path) -> tuple[Policy, dict[str, Source]]:
    from probatum.cli.fairness_files import data_at, policy_at
    from probatum.fairness.artefacts.requirements.individual import IndividualRequirement
    from probatum.source import DATA

    read = policy_at(policy)
    names = [read.decision.table, *(one.model for one in read.of_kind(IndividualRequirement))]
    return read, {
        DATA + name: data_at(policy.parent / name, shown=name) for name in names if name and (policy.parent / name).is_file()
    }


def _shares(policy: Policy, relation: Relation, features: tuple[str, ...]) -> dict[tuple[float, ...], float]:
    from probatum.errors import UsageError
    from probatum.fairness.semantics.decisions import number_of

    columns = [number_of(name, relation, policy.decision.location, "a number") for name in features]
    named = ", ".join(f"{column} as v{at}" for at, column in enumerate(columns))
    present = " and ".join(f"v{at} is not null" for at in range(len(columns)))
    rows = relation.sql(
        f"select *, count(*) as n from (select {named} from {{table}}) where {present} group by all order by all limit {_MOST_VALUES + 1}"  # noqa: S608 - quoted
    )
    if not rows or len(rows) > _MOST_VALUES:
        raise UsageError(
            f"{' and '.join(f'`{name}`' for name in features)} {'have more than 1,000' if rows else 'have no'} values in the table",
            help="average over an attribute with few values, such as bands",
        )
    return {tuple(float(row[f"v{at}"]) for at in range(len(columns))): row["n"] for row in rows}


def _proved(policy: Path, requirement: IndividualRequirement, name: str) -> dict[str, Any]:
    """Prove that twins who differ in these features have the same score, by the rule and its own check."""
    from dataclasses import replace

    from probatum.cli.fairness_files import data_at
    from probatum.fairness.artefacts.twins import Output, Twins
    from probatum.fairness.recheck import recheck
    from probatum.fairness.rules import unfair_over_range
    from probatum.findings import Cleared
    from probatum.source import DATA
    from probatum.tools import Tools

    read, inputs = _inputs(policy)
    inputs[DATA + name] = data_at(policy.parent / name, shown=name)
    asked_ = replace(
        requirement, model=name, bound=0.0, share=None, output=Output.SCORE, twins=Twins(vary=requirement.twins.vary)
    )
    changed = replace(read, requirements=(asked_,))
    [outcome] = unfair_over_range.check(changed, Tools(inputs=inputs))
    if not isinstance(outcome, Cleared) or outcome.evidence is None:
        return {"proved": False, "reason": getattr(outcome, "message", "") or getattr(outcome, "reason", "")}
    answer = recheck(changed, outcome.evidence, inputs)
    return {"proved": answer.status == "confirmed", "reason": outcome.message, "recheck": answer.status}


def _price(
    policy: Policy, relation: Relation, models: tuple[Model, Model], *, threshold: float, features: tuple[str, ...]
) -> dict[str, Any]:
    """Count whose decisions change, by what is averaged out."""
    from probatum.fairness.semantics.decisions import number_of
    from probatum.fairness.semantics.scoring import MissingValue, linked, raw_score
    from probatum.stats.bounds import clopper_pearson

    before = models[0]
    lacking = [name for name in before.features if name not in relation.columns]
    if lacking:
        return {"groups": [], "note": f"the table has no column `{lacking[0]}`, so nobody's decision was compared"}
    columns = [number_of(name, relation, policy.decision.location, "a number") for name in before.features]
    named = ", ".join(f"{column} as v{at}" for at, column in enumerate(columns))
    query = f"select *, count(*) as n from (select {named} from {{table}}) group by all order by all limit {_MOST_ROWS + 1}"  # noqa: S608 - quoted
    rows = relation.sql(query)
    if len(rows) > _MOST_ROWS:
        return {"groups": [], "note": f"the table has more than {_MOST_ROWS:,} different rows, so nobody's decision was compared"}
    places = [before.features.index(name) for name in features]
    counts: dict[tuple[float, ...], list[int]] = {}
    unread = 0
    for row in rows:
        values = tuple(float("nan") if row[f"v{at}"] is None else float(row[f"v{at}"]) for at in range(len(columns)))
        try:
            was, now = (linked(model.link, raw_score(model, values)) >= threshold for model in models)
        except MissingValue:
            unread += row["n"]
            continue
        own = counts.setdefault(tuple(values[place] for place in places), [0, 0, 0])
        own[0] += row["n"]
        own[1] += row["n"] * (was and not now)
        own[2] += row["n"] * (now and not was)
    found = []
    for values, (n, lost, gained) in sorted(counts.items(), key=lambda item: str(item[0])):
        ends = [clopper_pearson(k, n, family=2 * len(counts)) for k in (lost, gained)]
        found.append(
            {
                "group": ", ".join(f"{name} {value:g}" for name, value in zip(features, values, strict=True)),
                "rows": n,
                "lost": [ends[0].value, ends[0].low, ends[0].high],
                "gained": [ends[1].value, ends[1].low, ends[1].high],
            }
        )
    note = f"{unread:,} rows lack a value that the model needs, and were not compared" if unread else ""
    return {"groups": found, "note": note}


def _write(told: Mapping[str, Any], requirement: IndividualRequirement) -> None:
    names = " and ".join(f"`{name}`" for name in told["features"])
    if told["proved"]:
        click.echo(f"`{told['model']}`: nobody's score depends on {names}; proved, and the proof was checked again")
    else:
        click.echo(f"`{told['model']}`: it is not proved that no score depends on {names} ({told['reason']})")
    for group in told["groups"]:
        (lost, low, high), (gained, least, most) = group["lost"], group["gained"]
        click.echo(
            f"   {group['group']} ({group['rows']:,} rows): lose {lost:.1%} [{low:.1%}, {high:.1%}], gain {gained:.1%} [{least:.1%}, {most:.1%}]"
        )
    if told["note"]:
        click.echo(f"   {told['note']}")
    vary = ", ".join(requirement.twins.vary)
    click.echo(f"keep it so: - {{id: {requirement.id}, kind: individual, model: {told['model']}, vary: [{vary}], at_most: 0}}")
