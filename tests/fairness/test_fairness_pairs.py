"""Specification by pairs: what patterns mean, that search misses no pair, and that bounds hold."""

import itertools
import random
from dataclasses import replace

import pytest
from held_tables import policy_of

from probatum.errors import UnreadableArtefact
from probatum.evidence import Counterexample, Estimate
from probatum.fairness.artefacts import imports
from probatum.fairness.artefacts.requirements.pairs import Must, PairsRequirement
from probatum.fairness.model.pairs import search
from probatum.fairness.recheck import recheck
from probatum.fairness.rules import pairs_violated
from probatum.fairness.semantics.memory import Held
from probatum.fairness.semantics.pairs import kept, meant, rows_of
from probatum.fairness.semantics.relation import opened
from probatum.findings import Cleared, Finding, Undecided
from probatum.source import Source
from probatum.tools import Deadline, Tools


def policy(requirement: str):
    return policy_of(
        f"""\
        decision: {{table: t.csv, score: p}}
        protected: {{g: g}}
        require: [{{id: r, kind: pairs, {requirement}}}]
        """
    )


def check(requirement: str, frame: dict, **files: str):
    read = policy(requirement)
    inputs = {"data:t.csv": Held("t.csv", b"", frame)} | {
        f"data:{name}.csv": Source(f"{name}.csv", text.encode()) for name, text in files.items()
    }
    [outcome] = pairs_violated.check(read, Tools(inputs=inputs))
    if getattr(outcome, "evidence", None) is not None:
        assert recheck(read, outcome.evidence, inputs).status == "confirmed"
    return outcome, read, inputs


TWINS = 'pattern: "same except {g} => |f(x)-f(x\')| <= 0.1"'


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("same except {g}", "must follow"),
        ("like {g} => f(x)=f(x')", "begins with"),
        ("same, |a-b'| <= 2 => f(x)=f(x')", "compares `a` with `b`"),
        ("same, |a-a'| <= -2 => f(x)=f(x')", "no two rows"),
        ("same, a ~ a' => f(x)=f(x')", "no condition"),
        ("same => f(x) < f(x')", "nothing that can follow"),
        ("same, a >= a => f(x)=f(x')", "no condition"),
        ("same, a' >= a' => f(x)=f(x')", "no condition"),
        ("same, a >= b' => f(x)=f(x')", "compares `a` with `b`"),
        ("same => |f(x)-f(x')| <= -1", "nothing that can follow"),
        ("same => |f(x)-f(x)| <= 1", "nothing that can follow"),
        ("same, |a-a| <= 2 => f(x)=f(x')", "no condition"),
    ],
)
def test_a_pattern_that_cannot_be_understood_is_said_at_its_place(text: str, said: str):
    with pytest.raises(UnreadableArtefact) as caught:
        policy(f'pattern: "{text}"')

    assert said in caught.value.message
    assert caught.value.location.line == 3


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("same => f(x')=f(x)", "same => f(x)=f(x')"),
        ("same => |f(x') - f(x)| <= 0.1", "same => |f(x)-f(x')| <= 0.1"),
        ("same, |a'-a| <= 2 => f(x)=f(x')", "same, |a-a'| <= 2 => f(x)=f(x')"),
        ("same except {g}, |a − a′| ≤ 2 ⇒ f(x) ≥ f(x′)", "same except {g}, |a-a'| <= 2 => f(x) >= f(x')"),
    ],
)
def test_a_pattern_may_be_said_from_either_side(one: str, other: str):
    [first], [second] = (policy(f'pattern: "{text}"').of_kind(PairsRequirement) for text in (one, other))

    assert first.pattern.text == one
    assert replace(first.pattern, text="") == replace(second.pattern, text="")


def test_a_pattern_is_read_as_it_is_written():
    [required] = policy("pattern: \"same except {g, h}, |age-age'|<=2, x >= x' => |f(x)-f(x')|<=.05\"").of_kind(PairsRequirement)

    assert required.pattern.apart == ("g", "h")
    assert [(c.column, c.limit) for c in required.pattern.conditions] == [("age", 2.0), ("x", None)]
    assert (required.pattern.must, required.pattern.value) == (Must.WITHIN, 0.05)


@pytest.mark.parametrize(
    ("one", "same_as"),
    [
        ("x' <= x => f(x) >= f(x')", "x >= x' => f(x) >= f(x')"),
        ("x <= x' => f(x) <= f(x')", "x >= x' => f(x) >= f(x')"),
        ("x >= x' => f(x') >= f(x)", "x <= x' => f(x) >= f(x')"),
        ("x <= x' => f(x') <= f(x)", "x' >= x => f(x) >= f(x')"),
    ],
)
def test_an_order_can_be_written_from_either_side(one: str, same_as: str):
    read = [policy(f'pattern: "same, {text}"').of_kind(PairsRequirement)[0].pattern for text in (one, same_as)]

    assert [(p.conditions, p.must) for p in read[:1]] == [(p.conditions, p.must) for p in read[1:]]


def test_more_of_a_column_can_be_required_to_be_no_better():
    rising = {"x": [1, 2], "p": [0.1, 0.5]}

    less, _, _ = check("pattern: \"same, x >= x' => f(x) <= f(x')\"", rising)
    more, _, _ = check("pattern: \"same, x >= x' => f(x) >= f(x')\"", rising)

    assert isinstance(less, Finding)
    assert less.evidence.given["left"]["x"] == 1  # of the two, the one that must have at least the other's output
    assert isinstance(more, Cleared)


@pytest.mark.parametrize("seed", range(20))
def test_search_sees_exactly_the_pairs_that_the_pattern_means(seed: int):
    rng = random.Random(seed)
    n = 25
    frame = {
        "g": [rng.choice("ab") for _ in range(n)],
        "h": [rng.choice(["u", "v", None]) for _ in range(n)],
        "age": [rng.choice([1.0, 2.0, 5.0, None]) for _ in range(n)],
        "p": [rng.choice([0.1, 0.2, 0.5, None]) for _ in range(n)],
    }
    must = rng.choice(["f(x)=f(x')", "f(x)>=f(x')", "|f(x)-f(x')| <= 0.1"])
    extra = rng.choice(["", ", |age-age'| <= 1", ", age >= age'"])
    read = policy(f'pattern: "same except {{g}}{extra} => {must}", features: [h]')
    [required] = read.of_kind(PairsRequirement)
    with opened(Held("t.csv", b"", frame)) as relation:
        rows = rows_of(read, required, relation)

    seen = search(required.pattern, rows, rng=random.Random(seed), deadline=Deadline.never())

    ordered = ">=" in f"{extra}{must}"
    every = itertools.permutations(range(n), 2) if ordered else itertools.combinations(range(n), 2)
    pairs = [
        (i, j)
        for i, j in every
        if rows.rows[i].output is not None
        and rows.rows[j].output is not None
        and meant(required.pattern, rows, rows.rows[i], rows.rows[j])
    ]
    broken = [
        (i, j)
        for i, j in pairs
        if not kept(required.pattern.must, required.pattern.value, rows.rows[i].output, rows.rows[j].output)
    ]
    assert (seen.pairs, seen.broken) == (len(pairs), len(broken))
    assert (seen.worst is None) == (not broken)
    used = [number for pair in seen.chosen for number in pair]
    assert len(set(used)) == len(used)


def test_one_broken_pair_is_a_counterexample_that_is_confirmed_and_an_altered_one_is_not():
    frame = {"g": ["a", "b", "b"], "x": [1, 1, 2], "p": [0.1, 0.5, 0.1]}

    finding, read, inputs = check(TWINS, frame)

    assert isinstance(finding, Finding)
    assert isinstance(finding.evidence, Counterexample)
    altered = Counterexample(
        method=finding.evidence.method,
        given={**finding.evidence.given, "claim": {"requirement": "r", "rows": [1, 2]}},
        observed="",
        expected="",
    )
    assert recheck(read, altered, inputs).status == "refuted"


@pytest.mark.parametrize(
    ("frame", "kind"),
    [
        ({"g": ["a", "b"], "x": [1, 1], "p": [0.1, 0.15]}, Cleared),
        ({"g": ["a", "a"], "x": [1, 1], "p": [0.1, 0.9]}, Undecided),  # race is the same
        ({"g": ["a", "b"], "x": [1, 1], "p": [0.1, float("nan")]}, Undecided),
        ({"g": [None, None], "x": [1, 1], "p": [0.1, 0.9]}, Undecided),
        ({"g": ["a", None], "x": [None, None], "p": [0.1, 0.9]}, Finding),
        ({"g": ["a"], "x": [1], "p": [0.1]}, Undecided),
    ],
)
def test_missing_values_are_no_pairs_and_no_crash(frame: dict, kind: type):
    outcome, _, _ = check(TWINS, frame)

    assert isinstance(outcome, kind)


@pytest.mark.parametrize(("share", "kind"), [(0.0, Cleared), (0.1, Undecided), (0.5, Finding)])
def test_a_share_of_broken_pairs_has_three_verdicts(share: float, kind: type):
    rng = random.Random(1)
    n = 300
    frame = {"g": ["a", "b"] * n, "x": [i // 2 for i in range(2 * n)], "p": []}
    for _ in range(n):
        frame["p"] += [0.1, 0.9 if rng.random() < share else 0.1]

    outcome, _, _ = check(TWINS + ", at_most: 0.1", frame)

    assert isinstance(outcome, kind)
    if isinstance(outcome, Finding):
        assert isinstance(outcome.evidence, Estimate)
        assert outcome.evidence.low > 0.1


def test_a_share_whose_counts_were_altered_is_refuted():
    frame = {"g": ["a", "b"] * 50, "x": [i // 2 for i in range(100)], "p": [0.1, 0.9] * 50}
    finding, read, inputs = check(TWINS + ", at_most: 0.1", frame)
    evidence = finding.evidence

    for counts in (
        {**evidence.counts, "successes": 49},
        {**evidence.counts, "chosen": [[0, 1], [0, 1], *evidence.counts["chosen"][2:]]},
        {**evidence.counts, "chosen": [[0, 2], *evidence.counts["chosen"][1:]]},
    ):
        altered = Estimate(**{**{k: v for k, v in evidence.to_json().items() if k != "kind"}, "counts": counts})
        assert recheck(read, altered, inputs).status == "refuted"


def test_false_findings_are_as_rare_as_promised():
    """With exactly the share of broken pairs that is allowed, a finding is wrong: in at most alpha of all samples."""
    read = policy(TWINS + ", at_most: 0.1")
    [required] = read.of_kind(PairsRequirement)
    rng = random.Random(5)
    wrong = 0
    for _ in range(400):
        broken = sum(rng.random() < 0.1 for _ in range(150))
        wrong += isinstance(pairs_violated._judged(read, required, broken, 150, more={}, assumptions=()), Finding)

    assert wrong <= 30  # P(more | rate .05) < 1 %


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("a,b,like,", "nothing that can be asked"),
        ("a,,same,", "one row only"),
        (",b,same,", "names no row"),
        ("a,b,within,", "no value"),
        ("a,b,within,-1", "no value"),
        ("a,,expect,x..y", "no value"),
        ("a,,expect,2..1", "no value"),
    ],
)
def test_a_pair_that_cannot_be_understood_is_said_with_its_row(line: str, said: str):
    with pytest.raises(UnreadableArtefact, match="row 1") as caught:
        check(
            "file: pairs.csv, key: k",
            {"g": ["a", "b"], "k": ["a", "b"], "p": [1.0, 1.0]},
            pairs=f"left,right,must,value\n{line}\n",
        )

    assert said in caught.value.message


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("a,b,same,", Finding),
        ("b,a,at_least,", Cleared),
        ("a,b,at-least,", Finding),
        ("a,b,within,0.4", Cleared),
        ("a,,expect,0.1..0.2", Cleared),
        ("a,,expect,1", Finding),
        ("a,zz,same,", Undecided),
    ],
)
def test_listed_pairs_are_judged_one_by_one(line: str, kind: type):
    frame = {"g": ["a", "b"], "k": ["a", "b"], "p": [0.1, 0.5]}

    outcome, _, _ = check("file: pairs.csv, key: k", frame, pairs=f"left,right,must,value\n{line}\n")

    assert isinstance(outcome, kind)


@pytest.mark.parametrize(("word", "kind"), [("Grant", Cleared), ("refuse", Finding), ("1", Cleared)])
def test_what_is_expected_of_a_decision_may_be_written_in_its_words(word: str, kind: type):
    read = policy_of(
        """\
        decision: {table: t.csv, decision: d, positive: grant}
        protected: {g: g}
        require: [{id: r, kind: pairs, file: pairs.csv, key: k}]
        """
    )
    inputs = {
        "data:t.csv": Held("t.csv", b"", {"g": ["a", "b"], "k": ["a", "b"], "d": ["grant", "refuse"]}),
        "data:pairs.csv": Source("pairs.csv", f"left,right,must,value\na,,expect,{word}\n".encode()),
    }

    [outcome] = pairs_violated.check(read, Tools(inputs=inputs))

    assert isinstance(outcome, kind)
    if isinstance(outcome, Finding):
        assert recheck(read, outcome.evidence, inputs).status == "confirmed"


def test_two_rows_with_one_key_and_different_outputs_are_an_error():
    with pytest.raises(UnreadableArtefact, match="different outputs"):
        check("file: pairs.csv, key: k", {"g": ["a", "b"], "k": ["a", "a"], "p": [0.1, 0.5]}, pairs="left,right,must\na,a,same\n")


def test_a_file_of_pairs_is_an_input_that_is_read_in_place():
    raw = b"decision: {table: t.csv}\nrequire:\n  - {id: r, kind: pairs, file: pairs.csv, key: k}\n"

    assert imports("f.yaml", {}, lambda _: raw, lambda _: True)[1] == ("data:t.csv", "data:pairs.csv")
