"""Of which share of a domain a model's decisions depend on what must not matter: asked, checked again, and told."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from probatum.fairness.artefacts.requirements.individual import Over
    from probatum.fairness.model.certify.answer import Question
    from probatum.source import Source

_EACH = {"uniform": "each feature drawn evenly from its range", "table": "each feature drawn from the table"}


def share_answered(
    question: Question, over: Over, table: Source | None, bound: float | None, time_limit: float
) -> dict[str, Any]:
    """Return bounds of the share as JSON, with what proves them.

    Raises
    ------
    UsageError
        If no share is known of such a model, or the table says nothing of a feature.
    EvidenceError
        If the bounds do not survive their own check.
    """
    from probatum.errors import EvidenceError
    from probatum.fairness.model.certify.share import share
    from probatum.fairness.recheck.share import walk
    from probatum.fairness.semantics.relation import opened

    end, began = time.monotonic() + time_limit, time.process_time()

    def enough(low: float, high: float) -> bool:
        return time.monotonic() > end or (bound is not None and (low > bound or high <= bound))

    with nullcontext() if table is None else opened(table) as relation:
        found = share(question, over, relation, enough=enough, most_parts=10**9)
        spent = time.process_time() - began
        said = walk(question.model, found.certificate, relation)
    if said.status != "confirmed":
        raise EvidenceError(
            f"the bound did not survive its own check ({said.reason})", help="report this as a defect of probatum"
        )
    verdict = "answered" if bound is None else "open"
    if bound is not None:
        verdict = "violated" if found.lower > bound else "satisfied" if found.upper <= bound else "open"
    return {
        "verdict": verdict,
        "output": "decision",
        "share_of": over.value,
        "differing": list(question.twins.differing()),
        "at_most": bound,
        "lower": found.lower,
        "upper": found.upper,
        "exact": found.lower == found.upper,
        "parts": found.parts,
        "cpu_s": round(spent, 3),
        "certificate": found.certificate,
    }


def tell_share(name: str, found: Mapping[str, Any]) -> None:
    """Write the bounds in words."""
    who = ", ".join(f"`{one}`" for one in found["differing"])
    much = f"{found['lower']:.4%}" if found["exact"] else f"between {found['lower']:.4%} and {found['upper']:.4%}"
    click.echo(
        f"{name}: on {much} of the domain, {_EACH[found['share_of']]}, people who differ only in {who} are decided on differently "
        f"(proved; {found['parts']:,} parts, {found['cpu_s']:.2f} s of processor time)"
    )
    if found["at_most"] is not None:
        click.echo(f"  {found['at_most']:.4%} is allowed: {found['verdict']}")
