"""What a caller knows of a callee whose contract is checked when it runs: also what its body says."""

from verdicts import verdicts

from probatum.lower.lowered import Kind

CLASSES = """
import icontract

class Range:
    @icontract.require(lambda low, high: low <= high)
    def __init__(self, low: int, high: int) -> None:
        self.low = low
        self.high = high
        self.width = high - low

class Counter:
    @icontract.require(lambda start: start >= 0)
    def __init__(self, start: int) -> None:
        self.count = start
        if start > 10:
            self.count = 10
"""


def test_attributes_are_what_a_constructor_of_assignments_assigned():
    text = (
        CLASSES
        + """
@icontract.require(lambda n: n >= 0)
@icontract.ensure(lambda n, result: result.low == 0 and result.high == n and result.width == n)
def up_to(n: int) -> Range:
    return Range(0, n)

@icontract.require(lambda n: n >= 0)
@icontract.ensure(lambda n, result: result.low == n)
def wrong(n: int) -> Range:
    return Range(0, n)

@icontract.ensure(lambda result: True)
def reversed_range(n: int) -> Range:
    return Range(n, 0)
"""
    )
    found = verdicts(text)
    assert found["up_to"] == []
    assert [kind for kind, _ in found["wrong"]] == [Kind.POSTCONDITION]
    assert [kind for kind, _ in found["reversed_range"]] == [Kind.PRECONDITION]


def test_of_a_constructor_that_does_more_the_contract_alone_is_known():
    text = (
        CLASSES
        + """
@icontract.require(lambda n: n >= 0)
@icontract.ensure(lambda n, result: result.count == n)
def started(n: int) -> Counter:
    return Counter(n)
"""
    )
    assert [kind for kind, _ in verdicts(text)["started"]] == [Kind.POSTCONDITION]


def test_an_attribute_that_is_assigned_later_is_what_it_became():
    text = (
        CLASSES
        + """
@icontract.require(lambda n: n >= 0)
@icontract.ensure(lambda n, result: result.high == n)
def moved(n: int) -> Range:
    made = Range(0, n)
    made.high += 1
    return made
"""
    )
    assert [kind for kind, _ in verdicts(text)["moved"]] == [Kind.POSTCONDITION]


def test_a_class_that_catches_assignments_is_known_by_its_contract_alone():
    text = """
    import icontract
    class Odd:
        @icontract.require(lambda x: x >= 0)
        def __init__(self, x: int) -> None:
            self.x = x
        def __setattr__(self, name: str, value: int) -> None:
            object.__setattr__(self, name, value + 1)
    @icontract.ensure(lambda result: result.x == 1)
    def made() -> Odd:
        return Odd(1)
    """
    assert verdicts(text)["made"] != []


def test_a_result_is_what_a_body_computes_that_only_computes():
    text = """
    import icontract
    @icontract.require(lambda n: n >= 0)
    @icontract.ensure(lambda result: result > 0)
    def after(n: int) -> int:
        if n > 100:
            raise ValueError("too much")
        return n + 1
    @icontract.require(lambda n: n >= 0)
    @icontract.ensure(lambda n, result: result == n + 2)
    def twice(n: int) -> int:
        return after(after(n))
    @icontract.require(lambda n: n >= 0)
    @icontract.ensure(lambda n, result: result == n + 3)
    def wrong(n: int) -> int:
        return after(after(n))
    @icontract.ensure(lambda n, result: result == n + 1)
    def owed(n: int) -> int:
        return after(n)
    @icontract.require(lambda n: n >= 0)
    @icontract.ensure(lambda result: False)
    def never(n: int) -> int:
        after(n)
        return n
    """
    found = verdicts(text)
    assert found["twice"] == []
    assert [kind for kind, _ in found["wrong"]] == [Kind.POSTCONDITION]
    assert [kind for kind, _ in found["owed"]] == [Kind.PRECONDITION]
    assert [kind for kind, _ in found["never"]] == [Kind.POSTCONDITION]


def test_a_native_contract_is_all_that_a_caller_knows():
    text = """
    def after(n: int) -> int:
        ensures(lambda r: r > n)
        return n + 1
    def use(n: int) -> int:
        ensures(lambda r: r == n + 1)
        return after(n)
    """
    assert [kind for kind, _ in verdicts(text)["use"]] == [Kind.POSTCONDITION]


def test_a_loop_keeps_what_is_required_of_what_it_makes():
    text = """
    import icontract
    class Flags:
        @icontract.require(lambda bits: 0 <= bits <= 2**36 - 1)
        def __init__(self, bits: int) -> None:
            self.bits = bits
    @icontract.require(lambda text: len(text) == 36)
    @icontract.ensure(lambda result: 0 <= result.bits <= 2**36 - 1)
    def parsed(text: str) -> Flags:
        bits = 0
        for place in range(len(text)):
            if text[-place - 1] == "1":
                bits = bits | (1 << place)
        return Flags(bits)
    @icontract.require(lambda text: len(text) == 37)
    @icontract.ensure(lambda result: 0 <= result.bits <= 2**36 - 1)
    def too_long(text: str) -> Flags:
        bits = 0
        for place in range(len(text)):
            if text[-place - 1] == "1":
                bits = bits | (1 << place)
        return Flags(bits)
    """
    found = verdicts(text, guess=True)
    assert found["parsed"] == []
    assert Kind.PRECONDITION in {kind for kind, _ in found["too_long"]}
