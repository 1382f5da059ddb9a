"""The same question in the words of solvers for strings: a second opinion, and the way to word equations.

"Is some request allowed by A and not by B?" becomes one SMT-LIB question about
strings: the parts of the action and of the resource, and for each condition key
whether it is present, whether it has several values, and which. It shares nothing
with the search of `containment` but the meaning of policies, so that each can
check the other; and a policy variable is just the string that its key has.

What the theory of strings cannot say without quantifiers is not guessed at. Such
a part has two readings: a *loose* one, which allows more requests than there are,
so that its "no" is a proof; and a *tight* one, whose requests are tried. Every
request is replayed by the concrete semantics before it is an answer.
"""

from __future__ import annotations

from dataclasses import dataclass

from probatum.access.artefacts import Policy
from probatum.access.model.strings.encoding import Encoding, Inexpressible
from probatum.access.semantics import Request, Settings
from probatum.findings import Why
from probatum.solve import MalformedQuestion, Sat, Unknown, Unsat, ask


@dataclass(frozen=True, slots=True)
class Witness:
    """A request that A allows and B does not; replayed."""

    request: Request
    solver: str


@dataclass(frozen=True, slots=True)
class Proved:
    """There is none: the solver refuted `answer.smtlib`."""

    answer: Unsat


@dataclass(frozen=True, slots=True)
class Unsettled:
    """Neither, and why."""

    reason: str
    why: Why


Answer = Witness | Proved | Unsettled


def difference(
    a: Policy,
    b: Policy,
    settings: Settings,
    *,
    solver: str = "cvc5",
    timeout_s: float = 10.0,
    effort: int | None = None,
    axioms_hold: bool = True,
    seed: int = 0,
) -> Answer:
    """Ask a solver for a request that A allows and B does not.

    Parameters
    ----------
    solver : str
        ``cvc5`` or ``z3``.
    timeout_s : float
        For everything together, in seconds.
    effort : int, optional
        Limit that does not depend on the machine, for each of at most two questions; see `probatum.solve.ask`.
    axioms_hold : bool
        Whether facts about all requests restrict which are looked for.
    """
    found = next((u for p in (a, b) for u in p.unsupported), None)
    if found is not None:
        return Unsettled(f"{found.what} ({found.location}) has no defined meaning", Why.UNSUPPORTED)
    try:
        encoding = Encoding(a, b, settings, axioms_hold=axioms_hold)
        share = timeout_s / 2 if encoding.inexact else timeout_s
        loose = ask(encoding.question(), solvers=(solver,), timeout_s=share, effort=effort, seed=seed)
        if isinstance(loose, Unsat):
            return Proved(loose)
        if isinstance(loose, Sat) and (request := encoding.replayed(loose)) is not None:
            return Witness(request, loose.solver)
        if not encoding.inexact:
            if isinstance(loose, Unknown):
                return Unsettled(loose.reason, loose.why)
            return Unsettled("the request that was found does not replay", Why.CRASHED)
        tight = ask(encoding.question(tight=True), solvers=(solver,), timeout_s=share, effort=effort, seed=seed)
    except (MalformedQuestion, Inexpressible) as problem:
        return Unsettled(str(problem), Why.UNSUPPORTED)
    if isinstance(tight, Sat) and (request := encoding.replayed(tight)) is not None:
        return Witness(request, tight.solver)
    if isinstance(loose, Unknown):
        return Unsettled(loose.reason, loose.why)
    return Unsettled(f"strings cannot express {encoding.inexact[0]}", Why.UNSUPPORTED)
