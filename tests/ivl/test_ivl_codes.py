"""Code expressions mean what running them with every choice would say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from probatum.ivl.blocks import Block, Check, Claim, Command, Forget, Know, Label, Set
from probatum.ivl.elaborate import codes as code_expressions
from probatum.ivl.elaborate.codes import Codes, opposite
from probatum.ivl.syntax.tree import NOWHERE
from probatum.ivl.terms import BOOL, INT, REAL, Bank, Binder, Term
from probatum.ivl.unsupported import Unsupported

_BANK = Bank()
_X, _Y, _RESULT = (_BANK.variable(name, BOOL) for name in ("x", "y", "result"))
_LABEL = Label(Claim.ASSERT, NOWHERE)


def _values() -> st.SearchStrategy[Term]:
    return st.sampled_from([_X, _Y, _BANK.negation(_X), _BANK.conjunction((_X, _Y)), _BANK.boolean(True)])


def _commands() -> st.SearchStrategy[Command]:
    return st.one_of(
        st.builds(Know, _values()),
        st.builds(lambda term: Check(term, _LABEL), _values()),
        st.builds(lambda variable, value: Set((variable,), (value,)), st.sampled_from([_X, _Y]), _values()),
        st.builds(lambda variable: Forget((variable,)), st.sampled_from([_X, _Y])),
    )


@st.composite
def _code(draw: st.DrawFn) -> list[Block]:
    """Four blocks, each leading only to later ones."""
    blocks = []
    for number in range(4):
        after = draw(st.lists(st.sampled_from(range(number + 1, 4)), max_size=2, unique=True)) if number < 3 else []
        end = [Set((_RESULT,), (draw(_values()),))]
        blocks.append(Block(f"B{number}", [*draw(st.lists(_commands(), max_size=2)), *end], [f"B{one}" for one in after]))
    return blocks


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(_code())
def test_code_is_proved_if_every_run_returns_true_and_assumed_if_one_does(blocks: list[Block]) -> None:
    codes = Codes(_BANK)

    term = codes.term(blocks, (), _RESULT, {})

    for x, y in product((False, True), repeat=2):
        state = {_X: x, _Y: y}
        runs = list(_runs({block.name: block for block in blocks}, "B0", 0, {**state, _RESULT: False}))
        assert _value(codes.settled(term, proved=True), state) == (True not in {run is False for run in runs})
        assert _value(codes.settled(term, proved=False), state) == any(run in (True, None) for run in runs)


def _runs(blocks: Mapping[str, Block], name: str, place: int, state: dict[Term, bool]) -> Iterator[bool | None]:
    """Yield what each run returns: False also where an assertion fails, and for that run None: whoever assumes it knows nothing."""
    block = blocks[name]
    state = dict(state)
    for number, command in enumerate(block.commands[place:], start=place):
        match command:
            case Know(term=term) if not _value(term, state):
                return
            case Check(term=term) if not _value(term, state):
                yield False
                yield None
                return
            case Set(variables=variables, values=values):
                state.update(zip(variables, [_value(value, state) for value in values], strict=True))
            case Forget(variables=(variable,)):
                for choice in (False, True):
                    yield from _runs(blocks, name, number + 1, {**state, variable: choice})
                return
            case _:
                pass
    if not block.successors:
        yield state[_RESULT]
    for one in block.successors:
        yield from _runs(blocks, one, 0, state)


def _value(term: Term, state: Mapping[Term, bool]) -> bool:
    if isinstance(binder := term.payload, Binder):
        every = [
            _value(term.arguments[0], {**state, **dict(zip(binder.variables, choice, strict=True))})
            for choice in product((False, True), repeat=len(binder.variables))
        ]
        return all(every) if term.kind == "forall" else any(every)
    if term.kind == "variable":
        return state[term]
    if term.kind == "literal":
        return term.payload == "true"
    values = [_value(one, state) for one in term.arguments]
    return _applied(str(term.payload), values)


def _applied(head: str, values: Sequence[bool]) -> bool:
    match head:
        case "and":
            return all(values)
        case "or":
            return any(values)
        case "not":
            return not values[0]
        case "=>":
            return not values[0] or values[1]
        case "=":
            return values[0] == values[1]
        case "ite":
            return values[1] if values[0] else values[2]
        case _:
            raise AssertionError(head)


def test_branches_of_opposite_conditions_need_no_path_of_their_own() -> None:
    """A chain of thirty decisions has a billion paths and thirty blocks worth of meaning."""
    blocks: list[Block] = []
    for number in range(30):
        blocks += [
            Block(f"A{number}", [], [f"B{number}", f"C{number}"]),
            Block(f"B{number}", [Know(_X)], [f"A{number + 1}"]),
            Block(f"C{number}", [Know(_BANK.negation(_X))], [f"A{number + 1}"]),
        ]
    blocks.append(Block("A30", [Set((_RESULT,), (_Y,))], []))

    assert Codes(_BANK).term(blocks, (), _RESULT, {}) is _Y


def test_too_many_paths_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code_expressions, "MOST_BLOCKS", 1_000)
    blocks: list[Block] = []
    counter = _BANK.variable("counter", INT)
    for number in range(30):
        blocks += [
            Block(f"A{number}", [], [f"B{number}", f"C{number}"]),
            Block(f"B{number}", [Set((counter,), (_BANK.operator("+", (counter, counter), INT),))], [f"A{number + 1}"]),
            Block(f"C{number}", [Set((counter,), (_BANK.operator("-", (counter,), INT),))], [f"A{number + 1}"]),
        ]
    blocks.append(Block("A30", [Set((_RESULT,), (_Y,))], []))

    with pytest.raises(Unsupported, match="paths"):
        Codes(_BANK).term(blocks, (), _RESULT, {})


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [("<", ">=", True), ("<=", ">", True), ("<", ">", False), ("<", "<=", False), ("<=", ">=", False)],
)
def test_orders_are_opposite_only_if_one_is_strict(one: str, other: str, *, expected: bool) -> None:
    for sort in (INT, REAL):
        a, b = _BANK.variable("a", sort), _BANK.variable("b", sort)
        assert opposite(_BANK, _BANK.operator(one, (a, b), BOOL), _BANK.operator(other, (a, b), BOOL)) is expected


def test_float_orders_are_never_opposite() -> None:
    """Neither holds of a value that is not a number."""
    a = _BANK.variable("a", BOOL)
    less = _BANK.operator("fp.lt", (a, a), BOOL)
    assert not opposite(_BANK, less, _BANK.operator("fp.geq", (a, a), BOOL))
