"""What a claim about a policy compares: the policy itself or a part of it, and a limit.

Every claim has one form: *everything that A allows, B allows too*. "Nobody
outside may read" is that claim with a B that allows only insiders; "this deny
matches nothing" is the claim that the deny, turned into an allow, is within
nothing. A claim names how A and B come about, so that whoever checks it can make
them again from the policy that was checked.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probatum.access.artefacts import Policy
from probatum.source import Source


def pair_of(claim: Mapping[str, Any], policy: Policy, inputs: Mapping[str, Source]) -> tuple[Policy, Policy]:
    """Return the two policies that a claim is about."""
    raise LookupError(claim)
