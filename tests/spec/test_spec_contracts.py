"""What `@contract` checks, when, and what it says."""

import asyncio
import copy
import pickle
from dataclasses import dataclass
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from probatum import spec
from probatum.spec import (
    ContractViolation,
    Nat,
    NotExecutable,
    Range,
    UInt8,
    assume,
    check,
    class_invariant,
    contract,
    decreases,
    ensures,
    exists,
    forall,
    fresh,
    ghost,
    implies,
    invariant,
    lemma,
    multiset,
    old,
    raises,
    requires,
    result,
    reveal,
    sampling,
)


def violated(call, *arguments, **more):
    with pytest.raises(ContractViolation) as caught:
        call(*arguments, **more)
    return caught.value


# Written without any decorator


def halved(n: int) -> int:
    requires(n % 2 == 0, n >= 0)
    ensures(lambda r: r == 0)
    return n // 2


def test_without_rewriting_a_precondition_is_checked_where_it_stands():
    error = violated(halved, -2)

    assert (error.clause, error.function, error.condition, error.values) == ("requires", "halved", "n >= 0", {"n": "-2"})
    assert halved(4) == 2


def test_without_rewriting_what_is_about_the_end_does_nothing():
    assert halved(4) == 2


def test_a_condition_may_be_a_function_that_delays_it():
    def at(xs, i):
        requires(lambda: i < len(xs))
        requires(implies(i > 0, lambda: xs[i - 1] < xs[i]))
        return xs[i]

    assert at([1, 2], 1) == 2
    assert violated(at, [1, 2], 2).condition == "i < len(xs)"
    assert violated(at, [2, 1], 1).clause == "requires"


def test_invariants_and_checks_stand_alone_too():
    def count(n):
        i = 0
        while i < n:
            invariant(i < 2)
            i += 1
        check(i == n, "never shown")
        assume(i == n)
        return i

    assert violated(count, 3).values == {"i": "2"}
    assert count(2) == 2


def test_a_result_that_nobody_knows_is_refused():
    with pytest.raises(NotExecutable, match="write `ensures"):
        result()
    with pytest.raises(NotExecutable, match="rewritten"):
        fresh([])


# Rewritten


@contract
def search(a: list[int], key: int) -> int:
    """Find a key in a sorted list."""
    requires(forall(range(len(a) - 1), lambda i: a[i] <= a[i + 1]))
    ensures(lambda r: implies(r >= 0, a[r] == key))
    ensures(lambda r: implies(r < 0, key not in a))
    lo, hi = 0, len(a)
    while lo < hi:
        invariant(0 <= lo <= hi <= len(a), key not in a[:lo], key not in a[hi:])
        decreases(hi - lo)
        mid = (lo + hi) // 2
        if a[mid] < key:
            lo = mid + 1
        elif a[mid] > key:
            hi = mid
        else:
            return mid
    return -1


@given(st.lists(st.integers(-5, 5)), st.integers(-6, 6))
def test_a_function_that_keeps_its_contract_does_what_it_did(a, key):
    a.sort()

    found = search(a, key)

    assert (found >= 0) == (key in a)


def test_a_rewritten_function_looks_as_it_did():
    assert search.__name__ == "search"
    assert search.__doc__ == "Find a key in a sorted list."
    assert search.__annotations__ == {"a": list[int], "key": int, "return": int}
    assert search.__code__.co_name == "search"


def test_a_broken_precondition_names_its_values():
    error = violated(search, [2, 1], 1)

    assert error.clause == "requires"
    assert error.values["a"] == "[2, 1]"
    assert str(error).startswith("`requires` of `search` does not hold: `forall(range(len(a) - 1)")


@contract
def push(xs: list[int], x: int) -> int:
    ensures(lambda r: r == len(old(xs)) + 1, len(xs) == old(len(xs)) + 1)
    ensures(forall(range(len(xs) - 1), lambda i: xs[i] == old(xs[i])), result() == len(xs))
    ensures(lambda: xs[-1] == x)
    xs.append(x)
    if x < 0:
        xs[0] = x
    x = 100
    return len(xs)


def test_a_postcondition_sees_what_was_at_the_start():
    assert push([1, 2], 3) == 3
    assert "old(xs[i])" in violated(push, [1, 2], -1).condition


def test_a_parameter_means_what_was_passed_whatever_the_body_assigns():
    assert push([], 5) == 1


def test_old_keeps_what_a_list_held_also_inside_others():
    @contract
    def clear(grid):
        ensures(lambda: old(grid) == [[1], {"a": [2]}, (3, [4])], grid == [[], {"a": [2]}, (3, [])])
        grid[0].clear()
        grid[2][1].clear()

    grid = [[1], {"a": [2]}, (3, [4])]
    clear(grid)

    assert grid == [[], {"a": [2]}, (3, [])]


def test_old_keeps_objects_by_identity_and_their_fields_by_value():
    @dataclass
    class Box:
        items: list[int]

    @contract
    def replace(box):
        ensures(lambda: old(box) is box, len(old(box.items)) == 1, box.items == [])
        box.items.clear()

    box = Box([1])
    replace(box)

    assert box.items == []


def test_an_attribute_of_what_was_is_the_attribute_as_it_was():
    @dataclass
    class Node:
        n: int
        inner: "Node | None" = None

    @contract
    def up(node):
        ensures(lambda: node.n == old(node).n + 1, old(node.inner).n == 5, old(node) is node)
        node.n += 1
        node.inner.n = 6

    node = Node(1, Node(5))
    up(node)

    assert (node.n, node.inner.n) == (2, 6)


def test_a_postcondition_says_what_was_returned_and_remembered():
    @contract
    def grow(n: int) -> int:
        ensures(lambda r: r > old(n) * 2)
        return n + 1

    error = violated(grow, 5)

    assert error.condition == "r > old(n) * 2"
    assert error.values == {"r": "6", "old(n)": "5"}


def test_return_from_anywhere_is_the_end():
    @contract
    def tangled(n: int) -> int:
        ensures(lambda r: r == n)
        for i in range(10):
            try:
                with ghost():
                    if i == n:
                        return i
            finally:
                n = n + 0
        return -1

    assert tangled(3) == 3
    assert violated(tangled, 20).values == {"r": "-1", "n": "20"}


def test_a_violation_is_not_caught_by_the_body():
    @contract
    def careless(n: int) -> int:
        ensures(lambda r: r > 0)
        try:
            return n
        except AssertionError:
            return 1

    assert violated(careless, 0).condition == "r > 0"


@contract
def divide(a: int, b: int) -> int:
    raises(ZeroDivisionError, when=b == 0)
    raises(ValueError, when=lambda: a < 0, ensures=lambda e: e.args == ("negative",))
    ensures(lambda r: r * b <= a)
    if a == 13:
        return 0 * 1 // (0 * b)
    if a < -1:
        raise ValueError("other")
    if a < 0:
        raise ValueError("negative")
    return 0 if b == 99 or (b == 0 and a == 7) else a // b


def test_an_exception_that_was_announced_gets_through():
    with pytest.raises(ZeroDivisionError):
        divide(1, 0)
    with pytest.raises(ValueError, match="negative"):
        divide(-1, 1)
    assert divide(6, 3) == 2


def test_an_exception_without_its_reason_is_a_violation():
    error = violated(divide, 13, 1)

    assert (error.clause, error.condition) == ("raises", "b == 0")
    assert "it raised `ZeroDivisionError`" in str(error)
    assert isinstance(error.__context__, ZeroDivisionError)


def test_a_reason_without_its_exception_is_a_violation():
    assert "it did not raise `ZeroDivisionError`" in str(violated(divide, 7, 0))


def test_what_holds_of_an_exception_is_checked():
    assert violated(divide, -2, 1).condition == "e.args == ('negative',)"


def test_an_exception_that_nobody_announced_is_left_as_it_is():
    with pytest.raises(TypeError):
        divide("a", 1)


def test_an_invariant_is_checked_when_the_loop_ends_too():
    @contract
    def run(n):
        i = 0
        while i < n:
            invariant(i < 3)
            i += 1
        return i
        return -1

    assert run(2) == 2
    assert violated(run, 3).values == {"i": "3"}


def test_a_loop_that_does_not_get_on_is_told_from_one_that_does():
    @contract
    def run(n):
        while n > 0:
            decreases(n, 0)
            if n != 3:
                n -= 1
        return n

    assert run(2) == 0
    error = violated(run, 5)
    assert (error.clause, error.values) == ("decreases", {"before": "(3, 0)", "now": "(3, 0)"})


def test_a_measure_below_zero_is_no_measure():
    @contract
    def run(n):
        while n > -5:
            decreases(n)
            n -= 1

    assert violated(run, 1).clause == "decreases"


def test_invariants_may_look_back():
    @contract
    def drain(xs):
        n = 0
        while xs:
            invariant(n + len(xs) == len(old(xs)))
            xs.pop()
            n += 1 if n != 2 else 2
        return n

    assert drain([1, 2]) == 2
    assert violated(drain, [1, 2, 3, 4]).clause == "invariant"


def test_integers_stay_within_their_types():
    @contract
    def double(x: UInt8, y: Annotated[int, Range(None, 9)] = 0, *, z: "Nat | None" = None) -> UInt8:
        return x * 2 + y + (z or 0)

    assert double(100) == 200
    assert violated(double, 256).values == {"x": "256"}
    assert violated(double, 1.0).clause == "range"
    assert violated(double, 1, 10).condition == "y is an integer, at most 9"
    assert violated(double, 1, z=-1).condition == "z is an integer, at least 0"
    assert violated(double, 200).condition == "what it returns is an integer, at least 0 and at most 255"
    assert double(True) == 2  # a bool is an int


def test_parameters_of_every_kind_arrive():
    @contract
    def kinds(a, /, b=2, *rest, c, d=4, **more):
        ensures(lambda r: len(r) == 6)
        return (a, b, rest, c, d, more)

    assert kinds(1, c=3) == (1, 2, (), 3, 4, {})
    assert kinds(1, 5, 6, 7, c=3, d=9, e=0) == (1, 5, (6, 7), 3, 9, {"e": 0})
    with pytest.raises(TypeError, match=r"kinds\(\) missing 1 required keyword-only argument"):
        kinds(1)


def test_recursion_is_checked_at_every_call():
    seen = []

    @contract
    def down(n):
        requires(seen.append(n) is None)
        ensures(lambda r: r == 0)
        return down(n - 1) if n else 0

    down(3)

    assert seen == [3, 2, 1, 0]


@contract
def fibonacci(n: int) -> int:
    ensures(lambda r: r >= n - 1)
    return n if n < 2 else fibonacci(n - 1) + fibonacci(n - 2)


class Tree:
    @contract
    def twin(self) -> "Tree":
        ensures(lambda r: isinstance(r, Tree) and r is not self)
        return Tree()


def test_a_function_of_a_module_and_a_class_mean_themselves():
    assert fibonacci(10) == 55
    assert isinstance(Tree().twin(), Tree)


def test_a_closure_keeps_its_variables():
    limit = 3

    @contract
    def below(n):
        requires(n < limit)
        ensures(lambda r: r < limit)
        nonlocal_limit = limit
        return min(n, nonlocal_limit)

    assert below(2) == 2
    limit = 1
    assert violated(below, 2).values["limit"] == "1"


class Base:
    def name(self):
        return "base"


class Derived(Base):
    __secret = 7

    @contract
    def name(self):
        ensures(lambda r: r == "base" + str(self.__secret))
        return super().name() + str(self.__secret)

    @staticmethod
    @contract
    def static(x):
        requires(x)
        return x

    @classmethod
    @contract
    def made(cls, x):
        requires(x)
        return cls

    @property
    @contract
    def length(self):
        ensures(lambda r: r == 1)
        return self.__secret - 6


def test_methods_keep_what_depends_on_their_class():
    assert Derived().name() == "base7"
    assert Derived.static(1) == 1
    assert Derived.made(1) is Derived
    assert Derived().length == 1
    assert violated(Derived.static, 0).function == "Derived.static"


def test_a_class_can_be_decorated_as_a_whole():
    @contract
    class Stack:
        def __init__(self):
            self.items = []

        def __invariant__(self):
            return len(self.items) < 2

        def push(self, x):
            requires(x > 0)
            self.items.append(x)

    stack = Stack()
    stack.push(1)
    assert violated(stack.push, 0).clause == "requires"
    assert violated(stack.push, 2).clause == "class_invariant"


def test_a_coroutine_is_checked_when_it_ends():
    @contract
    async def later(n):
        requires(n > 0)
        ensures(lambda r: r < 5)
        await asyncio.sleep(0)
        return n

    async def both():
        with pytest.raises(ContractViolation):
            await later(9)
        return await later(2)

    assert asyncio.run(both()) == 2


def test_a_generator_has_its_preconditions_checked_and_says_that_its_end_is_not():
    @contract
    def counted(n):
        requires(n > 0)
        yield n

    assert list(counted(1)) == [1]
    violated(lambda: list(counted(0)))

    def ended(n):
        ensures(lambda r: r is not None)
        yield n

    with pytest.warns(RuntimeWarning, match=r"ended.* is not checked at its end: it is a generator"):
        contract(ended)


def test_a_function_without_source_says_that_it_is_not_checked():
    namespace = {"ensures": ensures}
    exec("def f(x):\n    ensures(lambda r: r > x)\n    return x", namespace)  # noqa: S102 - a function without a file

    with pytest.warns(RuntimeWarning, match="its source cannot be read"):
        contract(namespace["f"])


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="put it below the others"):
        contract(len)


def test_names_may_be_changed_where_they_are_imported():
    demand = requires

    @contract
    def f(x):
        demand(x > 0)
        spec.ensures(lambda r: r > 1)
        return x

    assert violated(f, 0).clause == "requires"
    assert violated(f, 1).clause == "ensures"


def test_a_name_that_hides_the_library_means_what_it_hides():
    @contract
    def f(x, requires=print):
        requires("")
        return x

    assert f(0) == 0


def test_a_condition_that_is_a_function_is_called():
    def positive(n=1):
        return n > 0

    @contract
    def f(x):
        requires(positive)
        ensures(positive)
        return x

    assert f(1) == 1
    assert violated(f, -1).clause == "ensures"


def test_what_is_new_was_not_reached_by_a_parameter():
    @contract
    def copied(xs, aliased):
        ensures(lambda r: fresh(r) and r)
        return xs[0] if aliased else list(xs[0])

    assert copied([[1]], False) == [1]
    assert violated(copied, [[1]], True).condition == "fresh(r) and r"


def test_ghosts_lemmas_and_revealed_functions_run():
    @lemma
    def holds(n):
        ensures(n <= n + 1)

    @contract
    def f(n):
        before = ghost(n)
        reveal(holds)
        holds(n)
        with ghost():
            check(before == n)
        return n

    assert f(3) == 3


def test_text_that_binds_the_same_name_again_keeps_its_meaning():
    @contract
    def f(xs):
        ensures(lambda r: [r + 1 for r in xs] == [3, 4] and forall(xs, lambda r: r > 1) and r == 1)
        return 1

    assert f([2, 3]) == 1


def test_errors_survive_copies():
    error = violated(search, [2, 1], 1)

    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error)):  # noqa: S301 - our own bytes
        assert str(other) == str(error)
        assert other.values == error.values


def test_what_a_comprehension_uses_is_shown_and_not_what_it_binds():
    @contract
    def below(xs, n):
        requires(all(x < n for x in xs))

    assert violated(below, [1, 5], 3).values == {"xs": "[1, 5]", "n": "3"}


# Modes


def test_below_all_only_preconditions_are_checked():
    with spec.mode("requires"):
        assert violated(search, [2, 1], 1).clause == "requires"
        assert push([1], -1) == 2
        assert halved(2) == 1


def test_off_checks_nothing():
    with spec.mode("off"):
        assert search([2, 1], 2) == -1
        assert halved(-3) == -2
        check(False)


def test_a_function_that_is_defined_while_off_has_no_trace_of_its_contract():
    with spec.mode("off"):

        @contract
        def f(x: UInt8) -> Nat:
            """Say so."""
            requires(x > 0)
            ensures(lambda r: r > old(x))
            while x > 5:
                invariant(x > 0)
                decreases(x)
                x -= 1
            check(x > 0)
            return x

    def bare(x: UInt8) -> Nat:
        """Say so."""
        while x > 5:
            x -= 1
        return x

    assert f.__code__.co_code == bare.__code__.co_code
    assert (f(-1), f(9), f.__doc__) == (-1, 5, "Say so.")


def test_a_lemma_that_is_defined_below_all_does_nothing():
    ran = []
    with spec.mode("requires"):

        @lemma
        def holds(n):
            ran.append(n)

    assert holds(1) is None
    assert ran == []


def test_a_mode_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="`some` is no mode"):
        spec.mode("some")


def test_the_mode_goes_back_after_an_error():
    before = spec.checks.level
    with pytest.raises(KeyError), spec.mode("off"):
        raise KeyError
    assert spec.checks.level == before


# Quantifiers


def test_quantifiers_run_over_what_can_be_gone_through():
    assert forall(range(3), lambda i: i < 3)
    assert forall(bool, lambda b: b in {0, 1})
    assert forall({1: 2}, "ab", lambda k, c: k == 1 and c in "ab")
    assert not forall(iter([1, 2]), iter([1, 2]), lambda a, b: a + b < 4)
    assert exists(range(3), range(3), lambda i, j: i + j == 4)
    assert not exists([], lambda x: True)
    assert forall([], lambda x: False)
    assert not forall(UInt8, lambda x: x < 255)


@pytest.mark.parametrize("domain", [int, Nat, str, object, float])
def test_a_domain_without_end_is_never_silently_true(domain):
    for quantifier in (forall, exists):
        with pytest.raises(NotExecutable, match="cannot be run: there are too many values"):
            quantifier(domain, lambda x: True)


def test_a_sample_is_taken_where_somebody_asked_for_it():
    with sampling(50):
        assert forall(int, lambda n: n * n >= 0)
        assert forall(Nat, lambda n: n >= 0)
        assert not forall(int, lambda n: n != 0)
        assert exists(int, lambda n: n < -(2**20))
        with pytest.raises(NotExecutable, match="does not say that there is none"):
            exists(int, lambda n: n < n - 1)
        with pytest.raises(NotExecutable, match="no sample"):
            forall(str, lambda s: True)
    with pytest.raises(NotExecutable):
        forall(int, lambda n: True)


def test_integers_between_bounds_that_a_condition_sets_can_be_gone_through():
    @contract
    def ordered(a):
        requires(forall(int, lambda i: implies(i >= 0 and i + 0 < 9 and i < len(a) - 1, a[i] <= a[i + 1])))
        requires(exists(int, lambda i: -1 < i <= len(a) - 1 and a[i] == 7))
        ensures(lambda r: forall(int, lambda i: implies(r > i >= 0, a[i] == a[i])))
        return len(a)

    assert ordered([1, 7]) == 2
    assert violated(ordered, [7, 1]).condition.startswith("forall(int")
    assert violated(ordered, [1, 2]).condition.startswith("exists(int")


def test_bounds_that_are_no_bounds_leave_it_unbounded():
    @contract
    def f(n):
        requires(forall(int, lambda i: implies(i < n or i >= 0, i < 5)))
        return n

    with pytest.raises(NotExecutable):
        f(3)


def test_multisets_count():
    assert multiset([1, 2, 1]) == multiset((2, 1, 1))
    assert multiset([1, 2, 1]) != multiset([1, 2])


def test_a_consequence_is_not_evaluated_without_its_condition():
    assert implies(False, lambda: 1 // 0)
    assert implies(True, 1) is True
    assert implies(lambda: True, lambda: 0) is False


# Instances


@class_invariant(lambda self: self.low <= self.high)
@dataclass
class Interval:
    low: int
    high: int

    def move(self, by: int) -> None:
        self.low += by
        self._settle()

    def _settle(self) -> None:
        self.high = max(self.high, self.low - 1)

    @property
    def width(self) -> int:
        return self.high - self.low

    @staticmethod
    def unit() -> "Interval":
        return Interval(0, 1)


def test_an_instance_is_checked_when_it_is_made_and_around_public_methods():
    assert violated(Interval, 2, 1).values == {"self.low": "2", "self.high": "1", "self": "Interval(low=2, high=1)"}
    interval = Interval.unit()
    interval.move(1)
    violated(interval.move, 5)
    interval.low = 100
    violated(lambda: interval.width)


def test_a_derived_class_keeps_the_invariant_of_its_base():
    @class_invariant(lambda self: self.step > 0)
    class Stepped(Interval):
        def __init__(self, low, high, step):
            super().__init__(low, high)
            self.step = step

        def shrink(self):
            self.low = self.high + 1

    class Plain(Interval):
        def shrink(self):
            self.low = self.high + 1

    assert Stepped(0, 1, 1).step == 1
    violated(Stepped, 0, 1, 0)
    violated(Stepped(0, 1, 1).shrink)
    violated(Plain(0, 1).shrink)


def test_an_invariant_may_call_public_methods():
    @class_invariant(lambda self: self.size() >= 0)
    class Sized:
        def size(self):
            return 0

    assert Sized().size() == 0


def test_an_invariant_is_checked_when_a_coroutine_of_the_instance_has_ended():
    @class_invariant(lambda self: self.n > 0)
    class Counter:
        def __init__(self):
            self.n = 1

        async def down(self):
            await asyncio.sleep(0)
            self.n -= 1

    with pytest.raises(ContractViolation):
        asyncio.run(Counter().down())


def test_an_invariant_costs_nothing_when_off():
    with spec.mode("off"):

        @class_invariant(lambda self: False)
        class Free:
            def f(self):
                return 1

    assert Free().f() == 1


def test_a_condition_is_found_among_several_on_a_line():
    def f(x):
        requires(x > 0)
        requires(x > 1, x > 2)
        return x

    assert violated(f, 2).condition == "x > 2"


shared = 0


@spec.contract
def add_to_shared(n: int) -> int:
    """Add to what the module holds."""
    global shared  # noqa: PLW0603 - variables of modules are what this is about
    requires(n > 0)
    ensures(lambda r: r == shared and shared == old(shared) + n)
    shared += n + (n > 3)
    return shared


def test_global_may_stand_before_the_contract_as_python_demands():
    before = shared

    assert add_to_shared(1) == before + 1
    assert violated(add_to_shared, 0).condition == "n > 0"
    assert violated(add_to_shared, 5).condition == "r == shared and shared == old(shared) + n"


def test_a_clause_written_as_a_decorator_is_told_so():
    with pytest.raises(TypeError, match="`requires` is called in the function, after the docstring"):
        spec.requires(lambda x: x > 0)


def test_a_condition_that_raises_by_itself_says_its_own_error():
    with pytest.raises(TypeError, match="object of type 'int' has no len"):
        spec.requires(lambda: len(3) > 0)  # type: ignore[arg-type] # the mistake that is meant
