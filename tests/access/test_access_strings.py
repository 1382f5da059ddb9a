"""The search and the solvers for strings share only the meaning of policies; where both answer, they agree."""

from __future__ import annotations

import random
import sys

import policy_strategies as some
import pytest

from probatum.access.artefacts import Policy
from probatum.access.model import words_equations
from probatum.access.model.containment import Contained, Difference, Open, Sides
from probatum.access.model.containment import difference as searched
from probatum.access.model.strings import Proved, Unsettled, Witness
from probatum.access.model.strings import difference as asked
from probatum.access.model.words_equations import ContainedByStrings
from probatum.access.semantics import Settings, document_allows
from probatum.evidence import CONFIRMED
from probatum.findings import Why
from probatum.solve import replay
from probatum.tools import Deadline

pytest.importorskip("cvc5")

BUCKET = "arn:aws:s3:::"


def allow(resource: object = "*", action: object = "s3:GetObject", version: str = "2012-10-17", **condition: object) -> Policy:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    if condition:
        statement["Condition"] = {name.replace("__", ":"): keys for name, keys in condition.items()}
    return some.policy({"Version": version, "Statement": [statement]})


def pair(seed: int) -> tuple[Policy, Policy, Settings]:
    """Two random policies, more often than not a policy and a small change of it, and a reading of what is disputed."""
    chance = random.Random(seed)
    principals = chance.random() < 0.4
    one = some.document(chance, principals=principals)
    other = (
        some.mutated(chance, one, principals=principals)
        if chance.random() < 0.6
        else some.document(chance, principals=principals)
    )
    if chance.random() < 0.5:
        one, other = other, one
    settings = Settings(chance.choice(["segments", "segments", "flat"]), chance.choice(["never", "any"]))
    return some.policy(one), some.policy(other), settings


# Limits of the solvers' own count of their work, so that a busy machine does not change what is decided.
LITTLE, MUCH = 2_000, 20_000


def compare(seed: int, effort: int) -> bool:
    """Assert that both engines agree on a pair, and say whether both decided."""
    a, b, settings = pair(seed)
    one = searched(Sides(a, b, settings))
    other = asked(a, b, settings, timeout_s=600, effort=effort)
    if isinstance(other, Witness):
        assert document_allows(a, other.request, settings)
        assert not document_allows(b, other.request, settings)
        assert not isinstance(one, Contained | ContainedByStrings), (seed, other.request)
    if isinstance(other, Proved):
        assert not isinstance(one, Difference), (seed, one)
    assert getattr(other, "why", None) is not Why.CRASHED, (seed, other)
    return isinstance(one, Contained | Difference) and not isinstance(other, Unsettled)


@pytest.mark.parametrize("seed", [0, 4, 5, 8, 11, 14, 17, 19, 23, 25, 26, 31])
def test_search_and_solver_agree(seed: int) -> None:
    assert compare(seed, MUCH)


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("start", range(1000, 1400, 20))
def test_search_and_solver_agree_on_hundreds_of_pairs(start: int) -> None:
    """Twenty pairs each; the solver may give up on a few, but not on more."""
    decided = [compare(seed, LITTLE) for seed in range(start, start + 20)]

    assert sum(decided) >= 17


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("start", range(0, 40, 10))
def test_other_solver_agrees_too(start: int) -> None:
    pytest.importorskip("z3")
    for seed in range(start, start + 10):
        a, b, settings = pair(seed)
        one, other = (asked(a, b, settings, solver=name, timeout_s=600, effort=LITTLE) for name in ("cvc5", "z3"))

        assert isinstance(one, Unsettled) or isinstance(other, Unsettled) or type(one) is type(other), seed


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ({"StringEquals": {"app:k": "a"}}, {"StringLike": {"app:k": "?"}}),
        ({"StringEqualsIgnoreCase": {"app:k": "Abc"}}, {"StringLike": {"app:k": "???"}}),
        ({"StringLike": {"app:k": "a*b"}}, {"StringLike": {"app:k": "a*"}}),
        ({"StringNotLike": {"app:k": "a*"}}, {"StringNotEquals": {"app:k": "ab"}}),
        ({"NumericLessThan": {"app:n": "5"}}, {"NumericLessThanEquals": {"app:n": "5.0"}}),
        ({"DateLessThan": {"app:d": "2026-01-01"}}, {"DateLessThan": {"app:d": "1767225601"}}),
        ({"IpAddress": {"app:ip": "10.1.0.0/16"}}, {"IpAddress": {"app:ip": "10.0.0.0/8"}}),
        ({"ArnLike": {"app:arn": "arn:aws:s3:::b"}}, {"ArnLike": {"app:arn": "arn:*:s3:::*"}}),
        ({"Bool": {"app:flag": "true"}}, {"Null": {"app:flag": "false"}}),
        ({"BinaryEquals": {"app:raw": "YWI="}}, {"BinaryEquals": {"app:raw": ["YWJ=", "YWM="]}}),
        ({"ForAnyValue:StringEquals": {"app:tags": "a"}}, {"ForAnyValue:StringLike": {"app:tags": "a*"}}),
        ({"ForAllValues:StringEquals": {"app:tags": "a"}}, {"ForAllValues:StringEquals": {"app:tags": ["a", "b"]}}),
        ({"StringEquals": {"app:k": "a"}}, {"StringEqualsIfExists": {"app:k": "a"}}),
        ({"Null": {"app:k": "true"}}, {"StringNotEquals": {"app:k": "a"}}),
        ({"Null": {"app:k": "true"}}, {"StringEqualsIfExists": {"app:k": "a"}}),
        ({"Null": {"app:tags": "true"}}, {"ForAllValues:StringEquals": {"app:tags": "a"}}),
        ({"StringEquals": {"app:k": "ABC"}}, {"StringEqualsIgnoreCase": {"app:k": "abc"}}),
        ({"ArnLike": {"app:arn": "arn:*:s3:::b"}}, {"StringNotLike": {"app:arn": "arn:*:*:s3:::b"}}),
    ],
)
def test_every_operator_orders_policies(narrow: dict[str, object], wide: dict[str, object]) -> None:
    a, b = allow(**narrow), allow(**wide)

    assert isinstance(asked(a, b, Settings()), Proved)
    assert isinstance(asked(b, a, Settings()), Witness)


def test_several_values_are_not_one() -> None:
    """Every value is allowed, and yet there are tags of which one is not: that takes two."""
    a = allow(**{"ForAnyValue:StringEquals": {"aws:TagKeys": "a"}})
    b = allow(**{"ForAllValues:StringEquals": {"aws:TagKeys": "a"}})

    answer = asked(a, b, Settings())

    assert isinstance(answer, Witness)
    assert len(answer.request.context["aws:tagkeys"]) >= 2


def test_each_demand_has_a_value_of_its_own() -> None:
    three = {
        "ForAnyValue:StringEquals": {"app:tags": "a"},
        "ForAnyValue:StringLike": {"app:tags": "b*"},
        "ForAnyValue:StringEqualsIgnoreCase": {"app:tags": "c"},
    }

    answer = asked(allow(**three), allow(action="s3:PutObject"), Settings())

    assert isinstance(answer, Witness)
    assert len(answer.request.context["app:tags"]) == 3


@pytest.mark.parametrize("multivalue", ["never", "any"])
def test_variable_with_several_values_matches_nothing(multivalue: str) -> None:
    both = {"ForAnyValue:StringEquals": {"app:tags": "a"}, "ForAnyValue:StringLike": {"app:tags": "b"}}
    a = allow(BUCKET + "${app:tags}", **both)

    assert isinstance(asked(a, allow(action="s3:PutObject"), Settings(multivalue=multivalue)), Proved)


def test_value_of_a_variable_occurs_twice_without_overlap() -> None:
    a = allow(BUCKET + "${aws:username}*${aws:username}", StringEquals={"aws:username": "aa"})
    b = allow(BUCKET + "aa*aa", StringEquals={"aws:username": "aa"})

    assert isinstance(asked(a, b, Settings()), Proved)
    assert isinstance(asked(b, a, Settings()), Proved)


def test_only_a_star_covers_actions_without_resource() -> None:
    answer = asked(allow("*"), allow("arn:*"), Settings())

    assert isinstance(answer, Witness)
    assert answer.request.resource == "*"


def test_a_range_of_numbers_has_room_for_two() -> None:
    """With `ForAllValues`, two different numbers above five are as possible as one."""
    a = allow(**{"ForAllValues:NumericGreaterThan": {"app:n": "5"}, "Null": {"app:n": "false"}})
    b = allow(NumericGreaterThan={"app:n": "5"})

    answer = asked(a, b, Settings())

    assert isinstance(answer, Witness)
    assert len(answer.request.context["app:n"]) == 2


@pytest.mark.parametrize(
    ("narrow", "wide"),
    [
        ("x${aws:username}y", "??*"),
        ("${aws:username}/${aws:username}", "*/*"),
        ("a/${aws:username}?/b", "a/*/b"),
        ("${aws:username}", "*${aws:username}"),
        ("a${aws:username}b*c", "a*b*c"),
        ("${aws:username, 'x'}1", "?*"),
    ],
)
def test_word_equations_are_decided(narrow: str, wide: str) -> None:
    a, b = allow(BUCKET + narrow), allow(BUCKET + wide)

    assert isinstance(asked(a, b, Settings()), Proved)
    assert isinstance(searched(Sides(a, b, Settings())), Contained | ContainedByStrings)
    assert isinstance(asked(b, a, Settings()), Witness)


@pytest.mark.parametrize("mode", ["segments", "flat"])
def test_value_of_a_variable_is_text(mode: str) -> None:
    """A star inside the value of a variable matches a star, and nothing else."""
    a, b = allow(BUCKET + "b/*"), allow([BUCKET + "b/${aws:username}", BUCKET + "b/${aws:username}?*"])

    answer = asked(a, b, Settings(mode))

    assert isinstance(answer, Witness)


def test_before_2012_a_variable_is_text() -> None:
    a = allow(BUCKET + "b/${aws:username}", version="2008-10-17")
    b = allow(BUCKET + "b/?{aws:username}", version="2008-10-17")

    assert isinstance(asked(a, b, Settings()), Proved)


def test_what_is_left_open_by_the_search_becomes_an_obligation() -> None:
    """Another solver, which shares no code with the first, confirms it."""
    pytest.importorskip("z3")
    a, b = allow(BUCKET + "x${aws:username}y"), allow(BUCKET + "??*")

    answer = searched(Sides(a, b, Settings()))

    assert isinstance(answer, ContainedByStrings)
    assert "${aws:username}" in answer.reason
    assert replay.recheck(answer.evidence("nothing more is allowed")) == CONFIRMED


def test_request_from_word_equations_is_replayed() -> None:
    """None of the values that the search tries is empty and followed by what follows here."""
    a = allow(BUCKET + "b/${aws:username}${aws:userid}")
    b = allow([BUCKET + "b/${aws:username}q*", BUCKET + "b/?", BUCKET + "b/[!q]*", BUCKET + "b/v*"])

    answer = searched(Sides(a, b, Settings()))

    assert isinstance(answer, Difference)
    assert document_allows(a, answer.request, Settings())
    assert not document_allows(b, answer.request, Settings())


def test_without_solver_the_question_stays_open_and_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cvc5", None)

    answer = searched(Sides(allow(BUCKET + "x${aws:username}y"), allow(BUCKET + "??*"), Settings()))

    assert type(answer) is Open
    assert answer.why is Why.MISSING_EXTRA
    assert "pip install 'probatum[access]'" in answer.reason


def test_a_deadline_that_has_passed_leaves_the_question_open() -> None:
    a, b = allow(BUCKET + "x${aws:username}y"), allow(BUCKET + "??*")
    sides = Sides(a, b, Settings())

    answer = words_equations.settle(sides, a, b, doubt="it depends", axioms=(), deadline=Deadline.after(0))

    assert type(answer) is Open
    assert answer.reason.startswith("it depends")
    assert answer.why is Why.TIME_LIMIT


@pytest.mark.parametrize(
    ("a", "b", "what"),
    [
        (
            allow(StringEqualsIgnoreCase={"app:k": "${aws:username}"}),
            allow(StringEqualsIgnoreCase={"app:k": "${aws:username}"}, Null={"app:k": "false"}, StringNotEquals={"app:k": "A"}),
            "case is ignored",
        ),
        (allow(BUCKET + "*${aws:username}?b*"), allow(BUCKET + "*?b*", Null={"aws:username": "false"}), "between wildcards"),
        (
            allow(NumericLessThan={"app:k": "5"}, StringLike={"app:k": "*1"}),
            allow(NumericLessThan={"app:k": "9"}, StringLike={"app:k": "?*"}, StringNotEquals={"app:k": "11"}),
            "both as text",
        ),
    ],
)
def test_what_strings_cannot_express_never_becomes_a_wrong_answer(a: Policy, b: Policy, what: str) -> None:
    """Either a request that replays, or a proof from the loose reading, or an answer that names what is missing."""
    for one, other in ((a, b), (b, a)):
        answer = asked(one, other, Settings())
        if isinstance(answer, Unsettled):
            assert what in answer.reason
        elif isinstance(answer, Proved):
            assert not isinstance(searched(Sides(one, other, Settings())), Difference)
        else:
            assert not document_allows(other, answer.request, Settings())


def test_unsupported_is_never_asked() -> None:
    a = some.policy({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    text = "\U00030000"  # beyond what SMT-LIB strings contain

    answer = asked(a, allow(BUCKET + text), Settings())

    assert isinstance(answer, Unsettled)
    assert answer.why is Why.UNSUPPORTED
