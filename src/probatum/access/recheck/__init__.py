"""Verify evidence about access policies, without search, solver or anything that found it.

A request is replayed by the concrete semantics. A containment, "everything that
A allows, B allows too", comes as closed trees: `trees` follows them, and
`values` decides at each leaf whether assumptions about one dimension leave a
value. Those two files are the checker of proofs; all they rest on is what a
policy means (`semantics`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from probatum.access.artefacts import Policy
from probatum.access.recheck.trees import Invalid, verify
from probatum.access.semantics import Request, Settings, document_allows
from probatum.access.semantics.public import public_by_s3
from probatum.access.semantics.references import pair_of
from probatum.errors import ProbatumError
from probatum.evidence import CONFIRMED, Counterexample, Evidence, Proof, Recheck
from probatum.source import Source

__all__ = ["Invalid", "recheck", "verify"]


def recheck(artefact: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute evidence about a policy; see `probatum.evidence.Recheck`."""
    try:
        if isinstance(evidence, Counterexample) and evidence.method == "access/request/1":
            return _replay(evidence.given, artefact, inputs)
        if isinstance(evidence, Counterexample) and evidence.method == "access/requests/1":
            answers = [_replay(case, artefact, inputs) for case in evidence.given["cases"]]
            return next(
                (a for a in answers if a != CONFIRMED), CONFIRMED if answers else Recheck("refuted", "there is no request")
            )
        if isinstance(evidence, Proof) and evidence.method == "access/containment/1":
            claim = evidence.certificate["claim"]
            if claim.get("s3_definition") and not public_by_s3(artefact):
                return Recheck("refuted", "S3's definition does not cover the policy")
            verify(evidence.certificate, *pair_of(claim, artefact, inputs))
            return CONFIRMED
    except Invalid as problem:
        return Recheck("refuted", str(problem))
    except LookupError as problem:
        return Recheck("cannot", f"the evidence needs {problem}, which is not there")
    except (TypeError, ValueError, AttributeError, ProbatumError) as problem:
        return Recheck("refuted", f"the evidence is malformed ({problem})")
    return Recheck("cannot", f"`{evidence.method}` is not a method that this version can check")


def _replay(given: Mapping[str, Any], artefact: Policy, inputs: Mapping[str, Source]) -> Recheck:
    settings = Settings(given["arn_mode"], given["multivalue"])
    a, b = pair_of(given["claim"], artefact, inputs)
    request = Request.from_json(given["request"])
    if not document_allows(a, request, settings):
        return Recheck("refuted", "the request is not allowed")
    return Recheck("refuted", "the request is within the limit") if document_allows(b, request, settings) else CONFIRMED
