"""Find a ground certificate for an obligation that is known to be unsatisfiable.

A solver is asked once more, and made to say which instances of quantified
formulas it uses. So that what it says can be understood, it gets the obligation
in a form that leaves it nothing to rearrange (`Encoding`): every quantified
formula below another, or whose truth is not known, becomes a predicate `P` of
its free variables, with axioms that say what an instance of it implies and that
name its witnesses. These are the two rules of a certificate, so every instance
of these axioms that the solver reports is a step. Then all steps are put
together, and a solver says which of them are needed.

Nothing here has to be right: what is found is checked by `ground`, and given
out only if both solvers accept it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from probatum.solve import ground
from probatum.solve.certificate import Certificate, digest_of_text
from probatum.solve.certify.cores import Cores, needed
from probatum.solve.certify.encoding import Encoding
from probatum.solve.certify.instances import Instance, instances_by_cvc5, instances_by_z3
from probatum.solve.certify.steps import Steps, Unmapped
from probatum.solve.ground.obligation import read_obligation
from probatum.solve.ground.terms import Rejected

# Settings for the search, the quickest first. E-matching alone decides most; the second also matches
# terms that do not matter for the candidate at hand, the third looks for models and what contradicts them.
SETTINGS: tuple[Mapping[str, Any], ...] = (
    {"auto_config": False, "mbqi": False, "qi.eager_threshold": 100.0},
    {"relevancy": 0},
    {},
)


@dataclass(frozen=True, slots=True)
class NotFound:
    """There is no certificate, for a reason in one line."""

    reason: str


def find(text: str, *, timeout_s: float, seed: int = 0) -> Certificate | NotFound:
    """Find a certificate that both solvers accept.

    Parameters
    ----------
    text : str
        The obligation: SMT-LIB declarations and assertions that some solver found unsatisfiable.
    timeout_s : float
        Limit in seconds of wall-clock time, looked at now and then.
    seed : int
        Of the solvers' own choices.

    Returns
    -------
    Certificate or NotFound
        The certificate is minimal as far as there was time: without any of its steps z3 does not confirm it.
    """
    ends = time.monotonic() + timeout_s
    try:
        obligation = read_obligation(text, keep_patterns=True)
        encoding = Encoding(obligation)
        encoded = encoding.text()
    except Rejected as problem:
        return NotFound(f"the obligation is not understood: {problem}")
    said: list[str] = []
    tries: Sequence[Mapping[str, Any] | None] = (*SETTINGS, None) if encoding.named else SETTINGS[:1]
    for position, settings in enumerate(tries):
        left = ends - time.monotonic()
        if left <= 0:
            said.append("there was no time left")
            break
        found: list[Instance] | str = []
        if encoding.named:
            share = left / (len(tries) - position) / 2
            if settings is None:
                found = instances_by_cvc5(encoded, timeout_s=share, seed=seed)
            else:
                found = instances_by_z3(encoded, settings, timeout_s=share, seed=seed)
        if isinstance(found, str):
            said.append(found)
            continue
        # What is left is shared with the settings to come: these instances may not be enough.
        limit_s = max(0.1, (ends - time.monotonic()) / (len(tries) - position))
        result = _assembled(text, encoding, found, limit_s=limit_s, ends=ends, seed=seed)
        if isinstance(result, Certificate):
            return result
        said.append(result)
    return NotFound("; ".join(dict.fromkeys(said)))


def _assembled(
    text: str, encoding: Encoding, instances: Sequence[Instance], *, limit_s: float, ends: float, seed: int
) -> Certificate | str:
    """Make a certificate of instances, or say why it cannot be made of them."""
    steps = Steps(text, encoding)
    steps.start()
    unmapped: list[str] = []
    for instance in instances:
        try:
            steps.take(instance)
        except (Unmapped, Rejected) as problem:
            unmapped.append(str(problem))
    try:
        facts = needed(steps, Cores(steps.ground, seed=seed), limit_s=limit_s, ends=ends)
    except Rejected as problem:
        return f"an instance is not a term: {problem}"
    if isinstance(facts, str):
        return f"{facts}, and {len(unmapped)} instances were not understood ({unmapped[0]})" if unmapped else facts
    sources = [steps.sources[fact] for fact in facts]
    certificate = Certificate(
        digest_of_text(text),
        tuple(sorted(source for source in sources if isinstance(source, int))),
        tuple(source for source in sources if not isinstance(source, int)),
    )
    answer = ground.check(text, certificate, timeout_s=max(0.1, ends - time.monotonic()))
    return certificate if answer.status == "confirmed" else answer.reason


def certify_task(item: Mapping[str, Any]) -> dict[str, Any]:
    """Find a certificate, in a guarded child: JSON in, JSON out.

    Parameters
    ----------
    item : mapping
        ``smtlib``: the obligation; ``timeout_s``; optionally ``seed``.

    Returns
    -------
    dict
        ``{"certificate": ...}`` or ``{"reason": ...}``.
    """
    found = find(item["smtlib"], timeout_s=item["timeout_s"], seed=item.get("seed", 0))
    return {"reason": found.reason} if isinstance(found, NotFound) else {"certificate": found.to_json()}
