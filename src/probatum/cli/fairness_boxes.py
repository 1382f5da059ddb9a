"""The boxes of a policy's requirements of `kind: ranges`, for `probatum fairness certify`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from probatum.fairness.artefacts.models import Model
    from probatum.fairness.artefacts.policy import Policy


def boxes_of(file: Path) -> list[dict[str, Any]]:
    """Return each requirement's supported domain and boxes, as JSON; none if the policy asks for no ranges."""
    from probatum.cli.fairness_files import policy_at, table_of
    from probatum.fairness.artefacts.requirements.ranges import RangesRequirement

    policy = policy_at(file)
    wanted = policy.of_kind(RangesRequirement)
    if not wanted:
        return []
    from probatum.fairness.model.ranges import ranges_of, rows_of
    from probatum.fairness.semantics.ranges import said
    from probatum.fairness.semantics.relation import opened
    from probatum.fairness.service.certified import proved_gap

    found = []
    models = _models(policy, file)
    with opened(table_of(policy, file)) as relation:
        for required in wanted:
            own = ranges_of(policy, required, relation)
            verdicts = {box.verdict for box in own.boxes}
            found.append(
                {
                    "id": required.id,
                    "verdict": "violated" if "violated" in verdicts else "satisfied" if verdicts == {"certified"} else "open",
                    "confidence": 1 - own.alpha,
                    "supported": {"said": said(own.domain), "sides": list(own.domain), "rows": own.rows, "outside": own.outside},
                    "boxes": [
                        {
                            "verdict": box.verdict,
                            "said": said(box.sides),
                            "sides": list(box.sides),
                            "rows": rows_of(box.counts),
                            "error": list(box.error) if required.error_at_most is not None else None,
                            "gaps": {claim.removeprefix("gap:"): list(ends) for claim, ends in box.gaps.items()},
                            "broken": [claim for claim, _ in box.broken],
                            "needed": box.needed or None,
                            "twins": [
                                {"model": name} | gap
                                for name, model, digest in models
                                if (gap := proved_gap(policy, relation, model, digest, box.sides)) is not None
                            ],
                        }
                        for box in own.boxes
                    ],
                }
            )
    return found


def _models(policy: Policy, file: Path) -> list[tuple[str, Model, str]]:
    """Return the models that the policy's requirements about individuals name, each once."""
    from probatum.cli.fairness_files import data_at
    from probatum.fairness.artefacts.models import content_of, read_model
    from probatum.fairness.artefacts.requirements.individual import IndividualRequirement

    found = []
    for name in dict.fromkeys(one.model for one in policy.of_kind(IndividualRequirement)):
        content = content_of(data_at(file.parent / name, shown=name))
        found.append((name, read_model(content), content.digest))
    return found


def tell(found: dict[str, Any]) -> None:
    """Write one requirement's boxes as text."""
    supported = found["supported"]
    click.echo(f"{found['id']}: {found['verdict']} ({found['confidence']:.4g} for all boxes; {supported['rows']:,} rows)")
    click.echo(f"  supported where {supported['said']}; {supported['outside']:,} rows are outside, of which nothing is said")
    for box in found["boxes"]:
        ends = [f"error {box['error'][0]:.1%} to {box['error'][1]:.1%}"] if box["error"] else []
        ends += [f"gap by {name} {low:.1%} to {high:.1%}" for name, (low, high) in box["gaps"].items()]
        need = f"; about {box['needed']:,} rows would decide" if box["needed"] else ""
        click.echo(f"  {box['verdict']:9}  {box['said']}: {', '.join(ends)} ({box['rows']:,} rows{need})")
        for twins in box.get("twins", ()):
            who = ", ".join(f"`{one}`" for one in twins["differing"])
            click.echo(
                f"             `{twins['model']}` scores whoever differ only in {who} at most {twins['upper']:.4g} apart there (proved)"
            )
