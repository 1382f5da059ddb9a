"""Ground certificates for what was proved of Python functions, on request (`--certify`).

A certificate names the instances of quantified facts that a proof needs, so that
both solvers confirm it without search (`probatum.solve.ground`). Finding one takes
longer than the proof, so that is done only if somebody asks, and what was found
is kept like the proofs. What has none is repeated by a second solver, and says so.
"""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Sequence
from dataclasses import replace

from probatum.code.model.deciding import Decided
from probatum.code.model.functions import Claimed, FunctionResult
from probatum.evidence import Proof
from probatum.source import digest_of
from probatum.tools import Tools

_SECONDS = 5.0  # for one; nine of ten take less than a tenth of one
_RESERVE_S = 5.0  # of the deadline: no search is begun with less


def certified(results: Sequence[FunctionResult], tools: Tools, used: dict[str, str]) -> list[FunctionResult]:
    """Return the results with a certificate for every proved obligation for which one is found in time.

    Parameters
    ----------
    results : sequence of FunctionResult
    tools : Tools
        `kept` has what earlier checks found.
    used : dict of str to str
        Takes what is to be kept.
    """
    found: dict[str, str] = {}
    return [_certified(result, found, tools, used) for result in results]


def _certified(result: FunctionResult, found: dict[str, str], tools: Tools, used: dict[str, str]) -> FunctionResult:
    claims: list[Claimed] = []
    missing = wanted = 0
    for claim in result.claims:
        parts = []
        for part in claim.parts:
            if claim.proved and part.proved and part.obligation:
                part = replace(part, ground=_ground(part.obligation, found, tools, used))  # noqa: PLW2901 - the same with its certificate
                wanted += 1
                missing += not part.ground
            parts.append(part)
        claims.append(replace(claim, parts=tuple(parts)))
    if not missing:
        return replace(result, claims=tuple(claims))
    said = f"{missing} of {wanted} proofs have no ground certificate: a second solver has to repeat them"
    return replace(result, claims=tuple(claims), assumptions=(*result.assumptions, said))


def _ground(obligation: str, found: dict[str, str], tools: Tools, used: dict[str, str]) -> str:
    """Return the certificate of an obligation as JSON; "" if none is found."""
    from probatum.solve.certify import NotFound, find

    key = f"ground {digest_of([obligation, tools.seed])}"
    if key not in found:
        known = _unpacked(tools.kept.get(key))
        if not known and tools.deadline.remaining() > _RESERVE_S:
            limit = min(_SECONDS, tools.deadline.remaining() - _RESERVE_S)
            certificate = find(obligation, timeout_s=limit, seed=tools.seed)
            known = "" if isinstance(certificate, NotFound) else json.dumps(certificate.to_json(), separators=(",", ":"))
        found[key] = known
    if found[key]:
        used[key] = base64.b85encode(zlib.compress(found[key].encode(), 6)).decode("ascii")
    return found[key]


def _unpacked(text: object) -> str:
    if not isinstance(text, str):
        return ""
    try:
        return zlib.decompress(base64.b85decode(text)).decode()
    except (ValueError, zlib.error):
        return ""  # damaged: found anew


def proof_of(part: Decided, claim: str) -> Proof:
    """Return the evidence for one obligation: its certificate, or what a second solver can repeat."""
    from probatum.solve.repeatable import METHOD

    if part.ground:
        from probatum.solve import certificate

        own = certificate.Certificate.from_json(json.loads(part.ground))
        return certificate.proof(own, part.obligation, claim)
    return Proof(method=METHOD, claim=claim, certificate={"smtlib": part.obligation, "expected": "unsat", "solver": part.solver})
