"""`probatum fairness repair`: other ways to decide, tested on people they were not fitted to, and what they cost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked

if TYPE_CHECKING:
    from probatum.fairness.model.repairs.safety import Tested
    from probatum.fairness.model.repairs.search import Candidate, Repairs


@click.command("repair")
@click.argument("policy", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--require", "wanted", metavar="ID", default="", help="One requirement of the policy; default: all about groups.")
@click.option("--retrain", is_flag=True, help="Train models anew, from the other columns of the table; needs scikit-learn.")
@click.option(
    "--increasing",
    metavar="COLUMN",
    multiple=True,
    help="With `--retrain`: more of this never makes a positive decision less likely.",
)
@click.option(
    "--decreasing",
    metavar="COLUMN",
    multiple=True,
    help="With `--retrain`: more of this never makes a positive decision more likely.",
)
@click.option("--seed", default=0, show_default=True, help="Of the division into a half to fit and a half to test.")
@asked.format_option("text", "json")
def command(
    *, policy: Path, wanted: str, retrain: bool, increasing: tuple[str, ...], decreasing: tuple[str, ...], seed: int, format: str
) -> int:
    """Find ways to decide with which groups differ as little as POLICY requires.

    A way is shown as a solution only if, on the half of the people it was not
    fitted to, the upper bound of every gap is within the policy. Each has its
    price: accuracy, selection, and how many of each group lose and gain. Then
    what nearness costs by thresholds, step by step: the settings that no other
    one of their kind beats in both gap and price.
    """
    from probatum.cli.fairness_files import policy_at, table_of
    from probatum.errors import UsageError
    from probatum.fairness.artefacts.requirements.group import GroupRequirement
    from probatum.fairness.model.repairs.search import search
    from probatum.fairness.semantics.relation import opened

    read = policy_at(policy)
    chosen = [r for r in read.of_kind(GroupRequirement) if wanted in ("", r.id)]
    if not chosen:
        raise UsageError(
            f"`{policy.name}` has no requirement about groups" + (f" called `{wanted}`" if wanted else ""),
            help="requirements about groups have a `metric`",
        )
    told = []
    with opened(table_of(read, policy)) as relation:
        for required in chosen:
            for over in required.over:
                found = search(
                    read, required, over, relation, seed=seed, retrain=retrain, increasing=increasing, decreasing=decreasing
                )
                told.append({"requirement": required.id, "over": list(over), "bound": required.bound} | _told(found, read.alpha))
    if format == "json":
        click.echo(json.dumps(told, indent=2))
    else:
        for one in told:
            _write(one)
    return 0 if all(one["solved"] for one in told) else 3


def _told(found: Repairs, alpha: float) -> dict[str, Any]:
    return {
        "confidence": 1 - alpha,
        "solved": any(one.passed for one in found.candidates),
        "fitted_rows": found.fitted,
        "safety_rows": found.safety,
        "now": [_test(one) for one in found.now],
        "candidates": [_candidate(one) for one in found.candidates],
        "front": [_candidate(one) for one in found.front],
        "weights": [{"group": group, "label": y, "weight": w} for (group, y), w in found.weights.items()],
        "notes": list(found.notes),
    }


def _test(one: Tested) -> dict[str, Any]:
    gap = one.gap
    return {"metric": one.metric, "passed": one.passed, "left_out": list(one.left_out)} | (
        {} if gap is None else {"gap": gap.value, "low": gap.low, "high": gap.high, "needed": gap.needed}
    )


def _candidate(one: Candidate) -> dict[str, Any]:
    return {
        "name": one.name,
        "text": one.text,
        "passed": one.passed,
        "needs_group": one.needs_group,
        "setting": dict(one.setting),
        "tests": [_test(test) for test in one.tests],
        "accuracy_before": one.price.accuracy_before,
        "accuracy_after": one.price.accuracy_after,
        "groups": [{name: getattr(change, name) for name in change.__slots__} for change in one.price.changes],
    }


def _write(told: dict[str, Any]) -> None:
    click.echo(
        f"{told['requirement']} by {' and '.join(told['over'])}: "
        f"{'solution found' if told['solved'] else 'no solution found'} "
        f"(fitted on {told['fitted_rows']:,} rows, tested on {told['safety_rows']:,} others, {told['confidence']:.0%})"
    )
    for one in told["now"]:
        click.echo(f"   now: {_gap(one)}")
    for one in told["candidates"]:
        click.echo(f" {'*' if one['passed'] else ' '} {one['name']}: {one['text']}")
        for name, value in one["setting"].items():
            click.echo(f"      {name}: {_setting(value)}")
        for test in one["tests"]:
            click.echo(f"      {_gap(test)}")
        before, after = one["accuracy_before"], one["accuracy_after"]
        if after is not None:
            was = f", was {before[0]:.1%}" if before is not None else ""
            click.echo(f"      accuracy {after[0]:.1%} [{after[1]:.1%}, {after[2]:.1%}]{was}")
        for group in one["groups"]:
            lost, gained = group["lost"], group["gained"]
            left = f", {group['left']:.1%} left to people" if group["left"] else ""
            click.echo(
                f"      {group['group']} ({group['rows']:,}): selected {group['before']:.1%} -> {group['after']:.1%}{left}; "
                f"lose {lost[0]:.1%} [{lost[1]:.1%}, {lost[2]:.1%}], gain {gained[0]:.1%} [{gained[1]:.1%}, {gained[2]:.1%}]"
            )
    _write_front(told["front"])
    if told["weights"]:
        shown = ", ".join(f"{w['group']} with {w['label']}: {w['weight']:.3f}" for w in told["weights"][:8])
        click.echo(
            f"   weights for training anew (of which nothing is claimed): {shown}{', ...' if len(told['weights']) > 8 else ''}"
        )
    for note in told["notes"]:
        click.echo(f"   {note}")


def _write_front(front: list[dict[str, Any]]) -> None:
    """Write what nearness costs: of each kind of thresholds, from the cheapest setting to the one with the least gap."""
    if not front:
        return
    click.echo("   what nearness costs, measured on the others; the bounds of these lines hold together:")
    for one in front:
        gaps = "; ".join(_gap(test) for test in one["tests"])
        after = one["accuracy_after"]
        price = f"accuracy {after[0]:.1%} [{after[1]:.1%}, {after[2]:.1%}]" if after is not None else "no truth is known"
        losing = [g for g in one["groups"] if g["lost"][0] > 0]
        worse = ", ".join(f"{g['group']} {g['lost'][0]:.1%} [{g['lost'][1]:.1%}, {g['lost'][2]:.1%}]" for g in losing)
        setting = "; ".join(_setting(value) for value in one["setting"].values())
        click.echo(f" {'*' if one['passed'] else ' '}   {one['name']} {setting}")
        click.echo(f"        {gaps}; {price}; lose: {worse or 'nobody'}")


def _gap(test: dict[str, Any]) -> str:
    if "gap" not in test:
        return f"{test['metric']}: fewer than two groups are large enough"
    small = f"; too small to compare: {', '.join(test['left_out'][:5])}" if test["left_out"] else ""
    return f"{test['metric']}: gap {test['gap']:.4g}, between {test['low']:.4g} and {test['high']:.4g}{small}"


def _setting(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {_setting(part)}" for name, part in value.items())
    if isinstance(value, list):
        return " or ".join(f"{t:.6g} ({p:.1%})" for t, p in value)
    return f"{value:.6g}"
