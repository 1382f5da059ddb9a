"""Check a ground certificate: the method `solve/ground/1`. Short on purpose: this is trusted.

An obligation is read into terms in which every *closed* quantified formula (one
without free variables) is one node. To solvers such a formula is a Boolean
constant about which nothing is known; all that they learn about it are the
lemmas that the steps of a certificate name (see `certificate`), and each lemma
is valid, whatever the terms:

========  =====================  =====================
formula   instance, terms t      witness, constants c
========  =====================  =====================
forall    formula => body(t)     body(c) => formula
exists    body(t) => formula     formula => body(c)
========  =====================  =====================

And of arrays: if they hold the same at a new constant, they are equal, since
that constant stands for a place where they differ, if there is one.

So if the chosen assertions and the lemmas cannot hold together, which solvers
decide without any quantifier left, then neither can the assertions.

What makes this sound, and where it is done:

- A variable is replaced by a term that contains no variable and no quantifier,
  and every binder has names of its own, so nothing is captured (`Terms.close`,
  `Terms.replace`).
- Constants of a witness are new: named by us, after the formula was complete,
  with a prefix that no obligation may contain (`OURS`).
- A term has the sort of its variable: solvers are made to check it, by a
  definition of that sort (`Ground.declarations`).
- Nothing that is not understood passes (`Reader`).

This module does not look at how certificates are found, and must not.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence

from probatum.errors import EvidenceError
from probatum.evidence import CONFIRMED, Evidence, Proof, Recheck
from probatum.solve import by_cvc5, by_z3
from probatum.solve.answers import Answer, Sat, Unknown, Unsat, milliseconds
from probatum.solve.certificate import METHOD, Certificate, digest_of_text
from probatum.solve.ground.obligation import read_obligation
from probatum.solve.ground.problem import Ground
from probatum.solve.ground.terms import Rejected
from probatum.solve.text import Script


def build(text: str, certificate: Certificate) -> Script:
    """Return the ground problem that a certificate makes of an obligation.

    Raises
    ------
    Rejected
        If the certificate is for another obligation, or a step is not valid.
    """
    if digest_of_text(text) != certificate.obligation:
        raise Rejected("the certificate is for another obligation")
    if list(certificate.assertions) != sorted(set(certificate.assertions)):
        raise Rejected("assertions are not in order, or named twice")
    ground = Ground(read_obligation(text))
    for number in certificate.assertions:
        ground.assume(number)
    for step in certificate.steps:
        ground.apply(step)
    return ground.script()


def check(text: str, certificate: Certificate, *, timeout_s: float = 60.0, solvers: Sequence[str] = ("z3", "cvc5")) -> Recheck:
    """Check that a certificate proves an obligation unsatisfiable.

    Parameters
    ----------
    text : str
        The obligation, as SMT-LIB.
    certificate : Certificate
        Why.
    timeout_s : float
        Limit for each solver, in seconds of wall-clock time.
    solvers : sequence of str
        All of them have to agree.

    Returns
    -------
    Recheck
        Confirmed if every solver finds the ground problem unsatisfiable.
        Refuted if a step is not valid or a solver finds it satisfiable.
        `cannot` if a solver does not decide.
    """
    try:
        script = build(text, certificate)
    except Rejected as problem:
        return Recheck("refuted", str(problem))
    for solver in solvers:
        match _asks[solver](script, timeout_s):
            case Sat():
                return Recheck("refuted", f"the certificate is not enough: {solver} finds what is left satisfiable")
            case Unknown(reason=reason) if "cannot read the question" in reason:
                return Recheck("refuted", f"a term does not have the sort of its variable, or is not one: {reason}")
            case Unknown(reason=reason):
                return Recheck("cannot", reason)
    return CONFIRMED


def _by_z3(script: Script, timeout_s: float) -> Answer:
    """Ask z3: first its core alone, without the preprocessing that pays for hard questions only."""
    try:
        import z3
    except ImportError:
        return by_z3.ask(script, (), timeout_s=timeout_s, effort=None, seed=0)  # which says so
    context = z3.Context()
    solver = z3.SimpleSolver(ctx=context)
    solver.set("timeout", milliseconds(timeout_s / 4))
    started = time.monotonic()
    try:
        for formula in z3.parse_smt2_string(script.text, ctx=context):
            solver.add(formula)
        if solver.check() == z3.unsat:
            return Unsat(script.text, f"z3 {z3.get_version_string()}", time.monotonic() - started)
    except z3.Z3Exception as problem:
        return Unknown(f"z3 cannot read the question: {' '.join(str(problem).split())[:200]}", "z3")
    return by_z3.ask(script, (), timeout_s=timeout_s * 3 / 4, effort=None, seed=0)


def _by_cvc5(script: Script, timeout_s: float) -> Answer:
    # Ground questions about datatypes that contain themselves inside an array or a sequence are no difficulty.
    return by_cvc5.ask(script, (), timeout_s=timeout_s, effort=None, seed=0, dt_nested_rec="true")


_asks: Mapping[str, Callable[[Script, float], Answer]] = {"z3": _by_z3, "cvc5": _by_cvc5}


def recheck(evidence: Evidence, *, timeout_s: float = 60.0) -> Recheck:
    """Check stored evidence: an obligation and its certificate.

    Raises
    ------
    EvidenceError
        If the evidence is not that.
    """
    if evidence.method != METHOD or not isinstance(evidence, Proof):
        raise EvidenceError(f"evidence by `{METHOD}` must be a proof")
    stored = evidence.certificate
    if set(stored) != {"smtlib", "ground"} or not isinstance(stored["smtlib"], str):
        raise EvidenceError("a stored proof lacks its obligation or its certificate", help="run the proof again to make it anew")
    return check(stored["smtlib"], Certificate.from_json(stored["ground"]), timeout_s=timeout_s)
