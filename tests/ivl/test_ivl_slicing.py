"""Conditions say of each claim what all paths to it say, no more and no less."""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ivl_bodies import Writing, proved

from probatum.ivl.blocks import Body, Check, Forget, Know, Set
from probatum.ivl.terms import Term
from probatum.solve import Question, Unsat, ask

VALUES = range(-2, 3)


def test_a_claim_is_known_after_it_is_made_even_where_it_is_not_proved() -> None:
    writing = Writing()
    body = writing.body({"entry": ["assert (= x 1)", "assert (= x 1)", "assert (< x 2)"]})

    assert [line for _, line in writing.open_claims(body)] == [1]


def test_a_claim_that_is_not_known_afterwards_proves_nothing() -> None:
    writing = Writing()
    body = writing.body({"entry": ["check (= x 1)", "check (= x 1)", "assert (< x 2)"]})

    assert [line for _, line in writing.open_claims(body)] == [1, 2, 3]


def test_what_is_known_on_one_branch_is_not_known_on_the_other_or_after_both() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["-> then else"],
            "then": ["assume (= x 1)", "-> join"],
            "else": ["assert (= x 1)", "-> join"],
            "join": ["assert (= x 1)"],
        }
    )
    other = Writing()
    without = other.body(
        {"entry": ["-> then else"], "then": ["assume (= x 1)", "-> join"], "else": ["-> join"], "join": ["assert (= x 1)"]}
    )

    assert [line for _, line in writing.open_claims(body)] == [4]
    assert [line for _, line in other.open_claims(without)] == [5]


def test_values_of_both_branches_reach_the_join() -> None:
    writing = Writing()
    body = writing.body(
        {
            "entry": ["-> then else"],
            "then": ["x := 1", "-> join"],
            "else": ["x := (+ y 2)", "-> join"],
            "join": ["assert (or (= x 1) (= x (+ y 2)))", "assert (= x 1)", "assert (= x (+ y 2))"],
        }
    )

    assert [line for _, line in writing.open_claims(body)] == [7, 8]


def test_a_branch_that_changes_nothing_keeps_the_old_value_at_the_join() -> None:
    """The edge from a block with two successors straight into a join needs an equation of its own."""
    writing = Writing()
    body = writing.body(
        {
            "entry": ["x := (+ y 0)", "-> then join"],
            "then": ["x := (+ x 1)", "-> join"],
            "join": ["assert (= x y)", "assert (<= y x)"],
        }
    )

    assert [line for _, line in writing.open_claims(body)] == [5]


def test_assignments_are_simultaneous() -> None:
    writing = Writing()
    body = writing.body({"entry": ["assume (and (= x 1) (= y 2))", "x y := y x", "assert (and (= x 2) (= y 1))"]})

    assert writing.open_claims(body) == []


def test_a_copy_keeps_the_value_when_its_origin_changes() -> None:
    writing = Writing()
    body = writing.body({"entry": ["y := x", "x := (+ x 1)", "assert (= x (+ y 1))", "havoc x", "assert (= x (+ y 1))"]})

    assert [line for _, line in writing.open_claims(body)] == [5]


def test_a_havoc_forgets_and_then_knows_the_where_conditions_over_new_values() -> None:
    writing = Writing()
    body = writing.body({"entry": ["x y := 5 1", "havoc x", "assert (<= y x)", "assert (= x 5)"]}, wheres={"x": "(<= y x)"})

    assert [line for _, line in writing.open_claims(body)] == [4]


def test_nothing_is_asked_about_code_behind_assume_false() -> None:
    writing = Writing()
    body = writing.body({"entry": ["assume false", "assert (= x 1)", "-> next"], "next": ["assert (= x 2)"]})

    conditions = list(writing.conditions(body))

    assert [one.obligation().trivial for one in conditions] == [True]
    assert proved(conditions[0])


def test_an_assumption_about_something_else_that_nothing_satisfies_still_proves_everything() -> None:
    """What is assumed is never left out, so that a counterexample satisfies all of it."""
    writing = Writing()
    body = writing.body({"entry": ["assume (and (= a 1) (= a 2))", "assert (= x 1)"]})

    assert writing.open_claims(body) == []


def test_conditions_grow_with_the_blocks_and_not_with_the_paths() -> None:
    writing = Writing()
    blocks: dict[str, list[str]] = {"entry": ["x := 0", "-> a0 b0"]}
    for i in range(60):
        blocks[f"a{i}"] = ["x := (+ x 1)", f"-> j{i}"]
        blocks[f"b{i}"] = ["x := (+ x 2)", f"-> j{i}"]
        blocks[f"j{i}"] = [f"-> a{i + 1} b{i + 1}"] if i < 59 else ["assert (= x x)", "assert (<= 60 x)"]
    [_, condition] = writing.conditions(writing.body(blocks))

    assert len(condition.obligation().text) < 60 * 500


def test_terms_that_repeat_their_parts_stay_small() -> None:
    writing = Writing()
    bank = writing.bank
    term = writing.variable("x")
    for _ in range(200):
        term = bank.operator("+", (term, term), term.sort)
    body = writing.body({"entry": ["assert (= x 0)"]})
    check = body.blocks[0].commands[0]
    assert isinstance(check, Check)
    body.blocks[0].commands[0] = Check(bank.operator("<", (term, term), check.term.sort), check.label)

    [condition] = writing.conditions(body)

    assert len(condition.obligation().text) < 200 * 100
    assert not proved(condition)


def test_deep_terms_and_long_bodies_need_no_recursion() -> None:
    writing = Writing()
    bank = writing.bank
    term = writing.variable("x")
    for i in range(5_000):
        term = bank.operator("f" if i % 2 else "-", (term,), term.sort)
    body = writing.body({f"b{i}": ["x := (+ x 1)", f"-> b{i + 1}"] for i in range(3_000)} | {"b3000": ["assert (< 0 x)"]})
    body.blocks[-1].commands.insert(0, Know(bank.equality(term, term)))
    body.blocks[-1].commands.insert(
        0, Know(bank.operator("<", (term, writing.variable("y")), body.blocks[-1].commands[0].term.sort))
    )

    [condition] = writing.conditions(body)

    assert condition.obligation().text.count("(- (f") > 2_000


# Against two other readings of the same bodies


@st.composite
def programs(draw: st.DrawFn, *, loops: bool) -> dict[str, list[str]]:
    """Draw small bodies; with loops, edges go anywhere, and blocks may begin with assertions."""
    count = draw(st.integers(2, 6))
    atoms = st.sampled_from(["x", "y", "0", "1", "2"])
    terms = st.one_of(atoms, st.tuples(st.sampled_from("+-"), atoms, atoms).map(lambda t: f"({t[0]} {t[1]} {t[2]})"))
    formulas = st.tuples(st.sampled_from(["<=", "=", "<"]), terms, terms).map(lambda t: f"({t[0]} {t[1]} {t[2]})")
    commands = st.one_of(
        st.tuples(st.sampled_from("xy"), terms).map(lambda t: f"{t[0]} := {t[1]}"),
        st.tuples(terms, terms).map(lambda t: f"x y := {t[0]} {t[1]}"),
        formulas.map(lambda f: f"assume {f}"),
        formulas.map(lambda f: f"assert {f}"),
        formulas.map(lambda f: f"check {f}"),
        st.sampled_from(["havoc x", "havoc y", "havoc x y"]),
    )
    blocks: dict[str, list[str]] = {}
    for i in range(count):
        lines = draw(st.lists(commands, max_size=3))
        targets = range(1 if loops else i + 1, count)
        after = draw(st.lists(st.sampled_from(targets), max_size=2, unique=True)) if targets else []
        blocks[f"b{i}"] = [*lines, *([f"-> {' '.join(f'b{j}' for j in after)}"] if after else [])]
    return blocks


def paths(body: Body) -> Iterator[list[object]]:
    """Yield the commands along each path of a body without cycles."""
    blocks = {block.name: block for block in body.blocks}
    stack: list[tuple[str, list[object]]] = [(body.blocks[0].name, [])]
    while stack:
        name, before = stack.pop()
        path = [*before, *blocks[name].commands]
        if not blocks[name].successors:
            yield path
        stack.extend((following, path) for following in blocks[name].successors)


def refuted_along(writing: Writing, path: list[object]) -> set[int]:
    """Return the lines of the claims that fail on a path, by substitution along it, one question each."""
    bank = writing.bank
    now: dict[Term, Term] = {}
    known: list[Term] = []
    failed: set[int] = set()
    for command in path:
        match command:
            case Know(term=term):
                known.append(bank.substituted(term, now))
            case Check(term=term, label=label, known_afterwards=stays):
                claim = bank.substituted(term, now)
                variables = {v for one in [*known, claim] for v in _variables(one)}
                text = "".join(f"(declare-const {v.payload} Int)" for v in variables)
                text += "".join(f"(assert {one})" for one in known) + f"(assert (not {claim}))"
                if not isinstance(ask(Question(text), solvers=("z3",)), Unsat):
                    failed.add(label.position.line)
                if stays:
                    known.append(claim)
            case Set(variables=targets, values=values):
                now = {**now, **dict(zip(targets, [bank.substituted(v, now) for v in values], strict=True))}
            case Forget(variables=targets):
                now = {**now, **{v: bank.fresh("any", v.sort) for v in targets}}
    return failed


def _variables(term: Term) -> set[Term]:
    return {term} if term.kind == "variable" else {v for one in term.arguments for v in _variables(one)}


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(programs(loops=False))
def test_a_claim_fails_exactly_if_it_fails_on_some_path(blocks: dict[str, list[str]]) -> None:
    writing = Writing()
    body = writing.body(blocks)

    expected = {line for path in paths(body) for line in refuted_along(writing, path)}

    reached = {c.label.position.line for path in paths(body) for c in path if isinstance(c, Check)}
    assert {line for _, line in writing.open_claims(body)} & reached == expected


def run(body: Body, chance: random.Random) -> int | None:
    """Execute a body once with chosen branches and values; return the line of a claim that fails."""
    blocks = {block.name: block for block in body.blocks}
    block = body.blocks[0]
    state = {"x": chance.choice(VALUES), "y": chance.choice(VALUES)}
    for _ in range(12):
        for command in block.commands:
            match command:
                case Know(term=term):
                    if not value(term, state):
                        return None
                case Check(term=term, label=label):
                    if not value(term, state):
                        return label.position.line
                case Set(variables=targets, values=values):
                    state = {**state, **{str(v.payload): value(e, state) for v, e in zip(targets, values, strict=True)}}
                case Forget(variables=targets):
                    state = {**state, **{str(v.payload): chance.choice(VALUES) for v in targets}}
        if not block.successors:
            return None
        block = blocks[chance.choice(block.successors)]
    return None


def value(term: Term, state: Mapping[str, int]) -> int:
    if term.kind == "literal":
        return {"true": 1, "false": 0}.get(str(term.payload)) if term.sort.head == "Bool" else int(str(term.payload))  # type: ignore[return-value]  # truth values are not in the dictionary
    if term.kind == "variable":
        return state[str(term.payload)]
    left, right = (value(one, state) for one in term.arguments)
    match term.payload:
        case "+":
            return left + right
        case "-":
            return left - right
        case "<=":
            return left <= right
        case "<":
            return left < right
    return left == right


def check_runs(blocks: dict[str, list[str]], seed: int) -> None:
    writing = Writing()
    body = writing.body(blocks)
    chance = random.Random(seed)

    violated = {line for _ in range(300) if (line := run(body, chance)) is not None}

    if violated:
        assert violated <= {line for _, line in writing.open_claims(body)}


@settings(max_examples=15, deadline=None, derandomize=True)
@given(programs(loops=True), st.integers(0, 1_000))
def test_a_claim_that_an_execution_violates_is_never_proved(blocks: dict[str, list[str]], seed: int) -> None:
    check_runs(blocks, seed)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(programs(loops=True), st.integers(0, 1_000))
def test_no_claim_that_an_execution_violates_is_proved_whatever_the_loops(blocks: dict[str, list[str]], seed: int) -> None:
    check_runs(blocks, seed)
