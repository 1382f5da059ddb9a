"""`probatum fairness causal`: a disparity by what it goes through, with intervals and with what would explain it away."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked

if TYPE_CHECKING:
    from probatum.fairness.artefacts import Policy
    from probatum.fairness.artefacts.requirements.causal import CausalRequirement
    from probatum.fairness.model.causal.division import Division
    from probatum.fairness.model.causal.estimates import Influenced
    from probatum.fairness.semantics.causal_rows import CausalRows


@click.command("causal")
@click.argument("policy", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--id", "ids", metavar="ID", multiple=True, help="Only these requirements; default: all causal ones.")
@asked.format_option("text", "json")
def command(*, policy: Path, ids: tuple[str, ...], format: str) -> int:
    """Show every part of the disparities that a policy's causal requirements name.

    POLICY is a fairness policy with a causal graph; whether what it requires is kept is not
    asked here, see `probatum check`.
    """
    from probatum.cli.fairness_files import policy_at, table_of
    from probatum.errors import UsageError
    from probatum.fairness.artefacts.requirements.causal import CausalRequirement
    from probatum.fairness.artefacts.requirements.treatment import TreatmentRequirement
    from probatum.fairness.rules.disparity_by_treatment import described
    from probatum.fairness.semantics.relation import opened

    read = policy_at(policy)
    wanted = [r for r in read.of_kind(CausalRequirement) if not ids or r.id in ids]
    treated = [r for r in read.of_kind(TreatmentRequirement) if not ids or r.id in ids]
    if missing := sorted(set(ids) - {r.id for r in wanted} - {r.id for r in treated}):
        raise UsageError(
            f"the policy has no causal requirement `{missing[0]}`", help="name one with `kind: causal` or `kind: treatment`"
        )
    if not wanted and not treated:
        raise UsageError(
            "the policy has no causal requirement", help="add one with `kind: causal` or `kind: treatment`, and a causal graph"
        )
    with opened(table_of(read, policy)) as relation:
        shown = [_shown(read, required, relation) for required in wanted]
        shown += [described(read, required, relation) for required in treated]
    if format == "json":
        click.echo(json.dumps({"confidence": 1 - read.alpha, "requirements": shown}, indent=2))
    else:
        for one in shown:
            _print(one, 1 - read.alpha)
    return 3 if any(one["problem"] for one in shown) else 0


def _shown(policy: Policy, required: CausalRequirement, relation: Any) -> dict[str, Any]:
    from probatum.fairness.model.causal.division import divide, sets_of, unusable
    from probatum.fairness.rules.disparity_by_path import conditioned, notes_of
    from probatum.fairness.semantics.causal_rows import rows_of

    found: dict[str, Any] = {"id": required.id, "of": required.of, "against": required.against, "through": list(required.through)}
    sets = sets_of(required, conditioned(policy, required))
    problem = next((adjusted.problem for adjusted in sets.values() if adjusted.problem), "")
    if problem:
        return found | {"problem": problem}
    names = {name for adjusted in sets.values() for one in adjusted.sets for name in one}
    rows = rows_of(policy, required, sorted(names), relation)
    ones = int(rows.group.sum())
    found |= {"rows": {required.of: ones, required.against: len(rows.group) - ones}}
    found |= {"assumptions": list(notes_of(policy, required, sets, rows.incomplete, rows.unsupported))}
    if min(ones, len(rows.group) - ones) < policy.min_cell:
        return found | {"problem": f"one of the groups has fewer than {policy.min_cell} complete rows"}
    division = divide(required, rows, sets, seed=0, confidence=1 - policy.alpha)
    return found | _numbers(division, rows, 1 - policy.alpha) | {"problem": unusable(division, rows)}


def _numbers(division: Division, rows: CausalRows, confidence: float) -> dict[str, Any]:
    def one(estimate: Influenced) -> dict[str, float]:
        low, high = estimate.interval(confidence)
        return {"value": estimate.value, "error": estimate.error, "low": low, "high": high}

    parts = division.parts
    found: dict[str, Any] = {
        "parts": {
            "crude": one(parts.crude),
            "initial": one(parts.initial),
            "reduction": one(parts.reduction),
            "remaining": one(parts.remaining),
        },
        "overlap": {
            "largest weight": parts.overlap.largest,
            "effective rows": parts.overlap.effective,
            "trimmed share": parts.overlap.trimmed,
            "rows left out without counterpart": sum(rows.unsupported),
        },
        "e-values": {name: None if e is None else {"point": e.point, "limit": e.limit} for name, e in division.e_values.items()},
    }
    if division.robustness is not None:
        robust = division.robustness
        found["linear"] = {"reduction": robust.estimate, "robustness value": robust.value()}
        found["contour"] = {f"{share:g}": robust.contour(share) for share in (0.01, 0.05, 0.1, 0.2, 0.5)}
    if division.shares is not None:
        found["average over orders"] = {name: one(part) for name, part in division.shares.average.items()}
        found["orders"] = [
            {name: one(part) for name, part in zip(order, parts_, strict=True)}
            for order, parts_ in division.shares.orders.items()
        ]
    return found


def _print(shown: dict[str, Any], confidence: float) -> None:
    click.echo(f"{shown['id']}: `{shown['of']}` less `{shown['against']}`, through {', '.join(shown['through'])}")
    if "parts" not in shown:
        click.echo(f"  no claim: {shown['problem']}\n")
        return
    click.echo(
        f"  rows: {', '.join(f'{name} {count:,}' for name, count in shown['rows'].items())}; intervals at {confidence:.0%}"
    )
    if shown["problem"]:
        click.echo(f"  not to be relied on: {shown['problem']}")

    if "treated" in shown:
        _print_treated(shown)
        return
    for name, words in (
        ("crude", "difference, nothing accounted for"),
        ("initial", "disparity given baseline"),
        ("reduction", "of which it would take away"),
        ("remaining", "and leave"),
    ):
        strength = shown["e-values"].get(name)
        more = f"   E-value {strength['point']:.2f} (interval {strength['limit']:.2f})" if strength else ""
        click.echo(_line(words, shown["parts"][name]) + more)
    for name, part in shown.get("average over orders", {}).items():
        click.echo(_line(f"`{name}`, mean over orders", part))
    for order in shown.get("orders", []):
        click.echo("  in order: " + ", ".join(f"{name} {part['value']:.5f}" for name, part in order.items()))
    if "linear" in shown:
        robust = shown["linear"]
        click.echo(
            f"  linear models say {robust['reduction']:.5f}; a cause nobody measured must explain "
            f"{robust['robustness value']:.1%} of what is left of both to make it 0"
        )
    overlap = shown["overlap"]
    click.echo(
        f"  overlap: largest weight {overlap['largest weight']:.1f}, effective rows {overlap['effective rows']:,.0f}, "
        f"trimmed {overlap['trimmed share']:.2%}, left out {overlap['rows left out without counterpart']:,}"
    )
    _print_notes(shown)


def _print_treated(shown: dict[str, Any]) -> None:
    click.echo(f"  treated: {', '.join(f'{name} {count:,}' for name, count in shown['treated'].items())}")
    by = f", given {', '.join(shown['given'])}" if shown["given"] else ""
    for name, words in (
        ("total", "difference, nothing accounted for"),
        ("baseline", "if nobody were treated"),
        ("prevalence", f"who is treated{by}"),
        ("effect", f"what treatment does{by}"),
        ("selection", f"whom it goes to{by}"),
        ("distribution", "what justifies treatment"),
    ):
        if name in shown["parts"]:
            click.echo(_line(words, shown["parts"][name]))
    if "reduction" in shown["parts"]:
        click.echo(_line("would go if treated alike" + by, shown["parts"]["reduction"]))
    _print_notes(shown)


def _line(name: str, part: dict[str, float]) -> str:
    return f"  {name:34} {part['value']:10.5f}  [{part['low']:.5f}, {part['high']:.5f}]"


def _print_notes(shown: dict[str, Any]) -> None:
    for note in shown["assumptions"]:
        click.echo(f"  assuming {note}")
    click.echo("")
