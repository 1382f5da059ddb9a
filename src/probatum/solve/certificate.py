"""What a ground certificate is: which assertions, and which consequences of quantified formulas, suffice.

A certificate proves that an obligation (assertions that cannot hold together)
is unsatisfiable without asking anybody to find instances of quantified formulas
again. It names assertions of the obligation and a list of steps. Most steps are
about a quantified formula without free variables, called by the digest of what
it says. There are three:

instance
    The formula for given terms. What holds for all holds for them; what holds
    for them holds for some. A term that is None is a constant about which
    nothing else is said: any value will do.
witness
    New constants that decide the formula: if it does not hold for all, it does
    not hold for them; if it holds for some, it holds for them.
difference
    A new constant where two arrays differ, if they do.

`ground` says precisely what follows from a step, and is all that has to be
trusted besides two solvers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from probatum.errors import EvidenceError
from probatum.evidence import Proof
from probatum.records import dataclass

METHOD = "solve/ground/1"


@dataclass(frozen=True, slots=True)
class Step:
    """One consequence of a quantified formula.

    Attributes
    ----------
    formula : str
        Digest of the formula, see `ground.digest`.
    terms : tuple of (str or None), or None
        For an instance, one term for each variable: SMT-LIB text, or None if
        any value will do. None if the step is a witness.
    """

    formula: str
    terms: tuple[str | None, ...] | None

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON."""
        if self.terms is None:
            return {"rule": "witness", "formula": self.formula}
        return {"rule": "instance", "formula": self.formula, "terms": list(self.terms)}


@dataclass(frozen=True, slots=True)
class Difference:
    """Where two arrays differ, if they do.

    Attributes
    ----------
    arrays : (str, str)
        SMT-LIB text of two terms.
    sort : str
        Of both: `(Array ...)`.
    """

    arrays: tuple[str, str]
    sort: str

    def to_json(self) -> dict[str, Any]:
        """Return the step as JSON."""
        return {"rule": "difference", "arrays": list(self.arrays), "sort": self.sort}


@dataclass(frozen=True, slots=True)
class Certificate:
    """Why an obligation is unsatisfiable.

    Attributes
    ----------
    obligation : str
        Digest of the text of the obligation, see `digest_of_text`.
    assertions : tuple of int
        Which of its assertions are used, counted from 0, ascending.
    steps : tuple of Step or Difference
        Their consequences, in an order in which each speaks of formulas and
        constants that occur before it.
    """

    obligation: str
    assertions: tuple[int, ...]
    steps: tuple[Step | Difference, ...]

    @property
    def seal(self) -> str:
        """Digest of everything else: damage is seen even where what is left would still prove the obligation."""
        content = json.dumps(self._content(), sort_keys=True, separators=(",", ":"))
        return sha256(content.encode()).hexdigest()

    def to_json(self) -> dict[str, Any]:
        """Return the certificate as JSON, sealed."""
        return self._content() | {"seal": self.seal}

    def _content(self) -> dict[str, Any]:
        steps = [step.to_json() for step in self.steps]
        return {"obligation": self.obligation, "assertions": list(self.assertions), "steps": steps}

    @classmethod
    def from_json(cls, value: object) -> Certificate:
        """Read a certificate; what is not exactly one is refused.

        Raises
        ------
        EvidenceError
            If something is missing, unknown, of the wrong type, or was changed after sealing.
        """
        own = _fields(value, {"obligation", "assertions", "steps", "seal"})
        assertions, steps = own["assertions"], own["steps"]
        if not isinstance(assertions, list) or not isinstance(steps, list):
            raise _malformed("`assertions` and `steps` are lists")
        if any(type(number) is not int for number in assertions):
            raise _malformed("`assertions` are numbers")
        certificate = cls(_text(own["obligation"]), tuple(assertions), tuple(_step(step) for step in steps))
        if own["seal"] != certificate.seal:
            raise _malformed("its seal is not the digest of its content")
        return certificate


def digest_of_text(text: str) -> str:
    """Return the digest by which a certificate names an obligation: SHA-256 of its text in UTF-8."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def proof(certificate: Certificate, text: str, claim: str) -> Proof:
    """Return the evidence that an obligation is unsatisfiable, with the obligation itself."""
    return Proof(method=METHOD, claim=claim, certificate={"smtlib": text, "ground": certificate.to_json()})


def _step(value: object) -> Step | Difference:
    rule = value.get("rule") if isinstance(value, Mapping) else None
    if rule == "difference":
        own = _fields(value, {"rule", "arrays", "sort"})
        match own["arrays"]:
            case [str(one), str(other)]:
                return Difference((one, other), _text(own["sort"]))
        raise _malformed("`arrays` are two terms")
    if rule == "witness":
        return Step(_text(_fields(value, {"rule", "formula"})["formula"]), None)
    if rule != "instance":
        raise _malformed("a step is an `instance`, a `witness` or a `difference`")
    own = _fields(value, {"rule", "formula", "terms"})
    terms = own["terms"]
    if not isinstance(terms, list):
        raise _malformed("`terms` is a list")
    return Step(_text(own["formula"]), tuple(None if term is None else _text(term) for term in terms))


def _fields(value: object, names: set[str]) -> Mapping[str, Any]:
    if not isinstance(value, Mapping) or set(value) != names:
        raise _malformed(f"expected exactly {', '.join(f'`{name}`' for name in sorted(names))}")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _malformed(f"expected text, found `{str(value)[:40]}`")
    return value


def _malformed(why: str) -> EvidenceError:
    return EvidenceError(f"a stored certificate is malformed: {why}", help="run the proof again to make it anew")
