"""What children do for the commands about access: JSON in, JSON out."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from probatum.access.artefacts import Policy
from probatum.access.model.atoms import Vocabulary
from probatum.access.model.containment import Contained, Difference, Sides, difference
from probatum.access.model.relation import Comparison, compare
from probatum.access.model.witness import DoesNotReplay
from probatum.access.recheck import Invalid, verify
from probatum.access.semantics import Settings
from probatum.cli.access_files import document_from, explained, members_of, one_of_kinds, plain_value, read_one, text_of
from probatum.errors import ProbatumError, UnreadableArtefact
from probatum.source import Location, Source
from probatum.tools import Deadline, OutOfTime

_nothing: Mapping[str, Any] = {"a_not_b": None, "b_not_a": None, "assumptions": [], "statements": {"a_not_b": [], "b_not_a": []}}


def compare_documents(item: Mapping[str, Any]) -> dict[str, Any]:
    """Compare two documents; see `_answer` for what comes back."""
    return _answer(document_from(item["a"]).policy, document_from(item["b"]).policy, item)


def verify_proofs(item: Mapping[str, Any]) -> str:
    """Verify certificates; return what is wrong with them, or nothing."""
    return _fault(document_from(item["a"]).policy, document_from(item["b"]).policy, item["proofs"])


def compare_line(item: Mapping[str, Any]) -> dict[str, Any] | None:
    """Compare the documents in a line, or rest (`nap`), so that whoever gives out lines comes to take results."""
    if "nap" in item:
        time.sleep(item["nap"])
        return None
    own: dict[str, Any] = {}
    try:
        members = members_of(item["line"], "")
        if "id" in members:
            own["id"] = plain_value(members["id"])
        for name in ("a", "b"):
            if name not in members:
                raise UnreadableArtefact(
                    f"the line has no `{name}`", help="write one object a line, with the documents as `a` and `b`"
                )
        a, b = (_policy(members, name, item) for name in ("a", "b"))
        answer = _answer(a, b, item)
        if item["verify"] and not answer.get("defect") and (fault := _fault(a, b, answer["proofs"])):
            answer = {"result": _failed(f"a proof does not verify: {fault}", "report this pair"), "defect": True}
    except ProbatumError as error:
        problem = explained(error)
        answer = {"result": _failed(f"line {item['number']}: {problem.message}", problem.help)}
    answer.pop("proofs", None)
    return {**answer, "result": own | answer["result"]}


def failed(message: str, advice: str) -> dict[str, Any]:
    """Return the result of a pair that could not be compared."""
    return _failed(message, advice)


def _failed(message: str, advice: str) -> dict[str, Any]:
    return {"relation": "unknown", **_nothing, "error": {"message": message, "help": advice}}


def _policy(members: Mapping[str, Any], name: str, item: Mapping[str, Any]) -> Policy:
    asked = members.get(f"kind_{name}")
    if asked is not None and type(asked.value) is not str and asked.value is not None:
        raise UnreadableArtefact(
            f"`kind_{name}` should be a string", help="name a kind, such as `identity`", location=Location(name)
        )
    kind = one_of_kinds(asked.value if asked is not None else None) or item[f"kind_{name}"]
    node = members[name]
    if type(node.value) is not str and not isinstance(node.value, dict):
        raise UnreadableArtefact(
            f"`{name}` should be a policy", help="write an object, or a string that contains one", location=Location(name)
        )
    return read_one(Source(name, text_of(node).encode("utf-8", "surrogatepass")), kind).policy


def _answer(a: Policy, b: Policy, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return `result` (as `Comparison.to_json`), `proofs`, what is known each way, and whether we are wrong somewhere."""
    settings = Settings(item["arn_mode"], item["multivalue"])
    try:
        found: Comparison = compare(a, b, settings, deadline=Deadline.after(item["timeout_s"]), axioms_hold=item["axioms"])
    except DoesNotReplay as problem:
        request = problem.args[0].to_json()
        return {"result": _failed(f"a request that was found does not replay: {request}", "report this pair"), "defect": True}
    return {
        "result": found.to_json(),
        "proofs": dict(found.proofs),
        "a_in_b": found.a_in_b,
        "b_in_a": found.b_in_a,
    }


def _fault(a: Policy, b: Policy, proofs: Mapping[str, Any]) -> str:
    try:
        for name, proof in proofs.items():
            verify(proof, *((a, b) if name == "a_in_b" else (b, a)))
    except Invalid as problem:
        return str(problem)
    return ""


# A collection that a child reads once, and then answers questions about.


class _Shared:
    policies: tuple[Policy, ...] = ()
    settings = Settings()
    vocabulary = Vocabulary()
    axioms_hold = True


def prepare_collection(given: Mapping[str, Any]) -> None:
    """Read the policies whose pairs will be asked about."""
    _Shared.policies = tuple(document_from(d).policy for d in given["documents"])
    _Shared.settings = Settings(given["arn_mode"], given["multivalue"])
    _Shared.vocabulary = Vocabulary()
    _Shared.axioms_hold = given["axioms"]


def search_pairs(item: Mapping[str, Any]) -> dict[str, Any]:
    """Search pairs one after the other: `answers` in order, as far as the time of one pair reaches.

    An answer is true (contained), false, or the reason why it is not known.
    """
    until = Deadline.after(item["timeout_s"])
    answers: list[bool | str] = []
    for a, b in item["pairs"]:
        if answers and not until.remaining():
            break
        sides = Sides(
            _Shared.policies[a],
            _Shared.policies[b],
            _Shared.settings,
            vocabulary=_Shared.vocabulary,
            axioms_hold=_Shared.axioms_hold,
        )
        try:
            found = difference(sides, deadline=Deadline.after(item["timeout_s"]))
        except OutOfTime:
            answers.append(f"no answer within {item['timeout_s']:g} s")
        else:
            answers.append(isinstance(found, Contained) if isinstance(found, Contained | Difference) else found.reason)
    return {"answers": answers}
