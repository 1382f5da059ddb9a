"""Contracts: what a function expects and promises, in Python, run by Python and proved by `probatum check`.

    @contract
    def find(a: list[int], key: int) -> int:
        requires(forall(range(len(a) - 1), lambda i: a[i] <= a[i + 1]))
        ensures(lambda r: implies(r >= 0, a[r] == key))
        ensures(lambda r: implies(r < 0, key not in a))
        ...

Plain functions: `requires`, `invariant` and `check` raise `ContractViolation`
where they stand if a condition is false. What is about the end of a function
(`ensures`, `raises`, `old`) is checked where `@contract` or `install` has
rewritten it; otherwise these calls do nothing. `PROBATUM_CONTRACTS` is `off`,
`requires` or `all`.

Importing this takes less time than importing `typing`, and needs nothing else of probatum.
"""

from __future__ import annotations

from probatum.spec import checks
from probatum.spec.checks import ContractViolation, NotExecutable, mode
from probatum.spec.domains import exists, forall, multiset, sampling

TYPE_CHECKING = False  # as type checkers read it
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from contextlib import AbstractContextManager
    from os import PathLike
    from typing import Annotated, Any, TypeAlias, TypeVar, overload

    F = TypeVar("F", bound=Callable[..., Any])
    C = TypeVar("C", bound=type)
    D = TypeVar("D", bound=Callable[..., Any] | type)
    T = TypeVar("T")
    # A truth, or a function: it is named first so that type checkers know what a lambda takes.
    Now: TypeAlias = Callable[[], object] | object
    AtExit: TypeAlias = Callable[[Any], object] | Callable[[], object] | object


def requires(*conditions: Now) -> None:
    """Say what must hold when the function is called: the caller's duty.

    A condition is an expression, or a lambda without parameters. At the start of a function, after its docstring.
    """
    if checks.level >= 1:
        _eager("requires", conditions)


def ensures(*conditions: AtExit) -> None:
    """Say what holds when the function returns: `ensures(lambda r: r >= 0)`, where `r` is what it returns.

    A parameter means the value that was passed, as it is at the end; `old(e)` is `e` at the start.
    """


def invariant(*conditions: Now) -> None:
    """Say what holds whenever a loop's body begins, and when a `while` ends because its condition is false."""
    if checks.level >= 2:
        _eager("invariant", conditions)


def check(*conditions: Now) -> None:
    """Say what holds here, to be proved; the last argument may be a text that is shown if it does not."""
    if checks.level >= 2:
        _eager("check", conditions)


def assume(*conditions: Now) -> None:
    """Say what holds here and is taken for true without proof; at run time it is checked."""
    if checks.level >= 2:
        _eager("assume", conditions)


def decreases(*measures: object) -> None:
    """Say why a loop or a recursion ends: integers, never negative, that get smaller in lexicographic order; None makes no claim."""


def modifies(*objects: object) -> None:
    """Say which objects may change; for proofs alone."""


def reads(*objects: object) -> None:
    """Say which objects a pure function looks at; for proofs alone."""


def raises(
    *exceptions: type[BaseException] | tuple[type[BaseException], ...],
    when: Now = None,
    ensures: Callable[[Any], object] | None = None,
) -> None:
    """Say which exceptions may escape; `when`: exactly if this holds at the start; `ensures`: what holds then, of the exception."""


def reveal(function: object) -> None:
    """Let proofs that follow look into a function that is `opaque`; nothing at run time."""


def old(value: T) -> T:
    """Mean a value at the start of the function; of lists, dicts and sets, a copy with what they held then."""
    return value  # called where it stands, which is the start: otherwise it has been rewritten


def result() -> Any:
    """Mean what the function returns, in `ensures`."""
    raise NotExecutable(
        "what the function returns is not known here: write `ensures(lambda r: ...)`, or put `@contract` on the function"
    )


def fresh(value: object) -> bool:  # noqa: ARG001 - the words of the language
    """Mean that an object was made by this call; at run time: that no parameter led to it at the start."""
    raise NotExecutable("whether an object is new is known only where `@contract` or `install` has rewritten the function")


def implies(condition: Now, consequence: Now) -> bool:
    """Mean that the second holds if the first does.

    Where the function has not been rewritten, both are evaluated: write `implies(i >= 0, lambda: a[i] > 0)` if the
    second has no value otherwise.
    """
    if callable(condition):
        condition = condition()
    if not condition:
        return True
    return bool(consequence() if callable(consequence) else consequence)


def _ghost(*value: Any) -> Any:
    """Mark what serves proofs alone: `x = ghost(e)`, `with ghost():`, `@ghost` on a function."""
    if value:
        return value[0]
    from contextlib import nullcontext

    return nullcontext()


if TYPE_CHECKING:

    @overload
    def ghost() -> AbstractContextManager[None]: ...
    @overload
    def ghost(value: T, /) -> T: ...
    def ghost(*value: Any) -> Any:
        """Mark what serves proofs alone."""
        return _ghost(*value)
else:
    ghost = _ghost
    ghost.__name__ = ghost.__qualname__ = "ghost"


def pure(function: F) -> F:
    """Declare that a function depends on its arguments alone, changes nothing and ends, so that contracts may call it."""
    return function


def opaque(function: F) -> F:
    """Declare that proofs use the contract of a function and not its body, until it is revealed."""
    return function


def trusted(function: F) -> F:
    """Declare that the contract of a function is taken for true without proof; reports say so."""
    return function


def lemma(function: F) -> F:
    """Declare that a function is a proof: what it ensures follows from what it requires. Below mode `all` calling it does nothing."""
    from probatum.spec.definitions import lemma_of

    return lemma_of(function)


def contract(definition: D) -> D:
    """Rewrite a function, or the methods of a class, so that its whole contract is checked.

    Below other decorators (`@property`, `@staticmethod`), or on the class. `install` does it for whole modules.
    """
    from probatum.spec.definitions import contract_of

    return contract_of(definition)


def class_invariant(*conditions: Callable[[Any], object]) -> Callable[[C], C]:
    """Say what holds of an instance whenever no method of it is running: `@class_invariant(lambda self: self.low <= self.high)`.

    Checked after `__init__`, and before and after public methods. Outermost: above `@dataclass`.
    """
    from probatum.spec.instances import invariants_on

    return invariants_on(conditions)


def install(
    *packages: str,
    proved: str | PathLike[str] | None = None,
    root: str | PathLike[str] | None = None,
    trust_callers: bool = False,
) -> None:
    """Rewrite the modules that are imported from now on, as `@contract` would each of their functions.

    Parameters
    ----------
    *packages : str
        Names of packages or modules; default: every module that mentions `probatum.spec`.
    proved : path, optional
        A report of `probatum check --format json`. What it says is proved is not checked again, as long as no
        Python file that the report has read has changed. Preconditions stay: who calls may not be proved.
    root : path, optional
        The directory that was checked; default: found from the paths of modules.
    trust_callers : bool
        Preconditions of what is proved are not checked either.

    Raises
    ------
    ValueError
        If `proved` is not a report.
    """
    from probatum.spec.hook import install as install_hook

    install_hook(packages, proved=proved, root=root, trust_callers=trust_callers)


class Range:
    """Bounds of an integer, each included; None is no bound: `Annotated[int, Range(0, 9)]`."""

    __slots__ = ("high", "low")

    def __init__(self, low: int | None = None, high: int | None = None) -> None:
        if low is not None and high is not None and low > high:
            raise ValueError(f"nothing is in a range from {low} to {high}")
        self.low = low
        self.high = high

    def __contains__(self, value: object) -> bool:
        return isinstance(value, int) and (self.low is None or value >= self.low) and (self.high is None or value <= self.high)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Range) and (self.low, self.high) == (other.low, other.high)

    def __hash__(self) -> int:
        return hash((self.low, self.high))

    def __repr__(self) -> str:
        return f"Range({self.low}, {self.high})"


if TYPE_CHECKING:
    Nat: TypeAlias = Annotated[int, Range(0, None)]
    NonNegative: TypeAlias = Annotated[int, Range(0, None)]
    Positive: TypeAlias = Annotated[int, Range(1, None)]
    UInt8: TypeAlias = Annotated[int, Range(0, 2**8 - 1)]
    UInt16: TypeAlias = Annotated[int, Range(0, 2**16 - 1)]
    UInt32: TypeAlias = Annotated[int, Range(0, 2**32 - 1)]
    UInt64: TypeAlias = Annotated[int, Range(0, 2**64 - 1)]
    UInt128: TypeAlias = Annotated[int, Range(0, 2**128 - 1)]
    UInt256: TypeAlias = Annotated[int, Range(0, 2**256 - 1)]
    Int8: TypeAlias = Annotated[int, Range(-(2**7), 2**7 - 1)]
    Int16: TypeAlias = Annotated[int, Range(-(2**15), 2**15 - 1)]
    Int32: TypeAlias = Annotated[int, Range(-(2**31), 2**31 - 1)]
    Int64: TypeAlias = Annotated[int, Range(-(2**63), 2**63 - 1)]
    Int128: TypeAlias = Annotated[int, Range(-(2**127), 2**127 - 1)]
    Int256: TypeAlias = Annotated[int, Range(-(2**255), 2**255 - 1)]

_ranges: dict[str, tuple[int | None, int | None]] = {"Nat": (0, None), "NonNegative": (0, None), "Positive": (1, None)}
for _bits in (8, 16, 32, 64, 128, 256):
    _ranges[f"UInt{_bits}"] = (0, 2**_bits - 1)
    _ranges[f"Int{_bits}"] = (-(2 ** (_bits - 1)), 2 ** (_bits - 1) - 1)

__all__ = [
    "ContractViolation",
    "Int8",
    "Int16",
    "Int32",
    "Int64",
    "Int128",
    "Int256",
    "Nat",
    "NonNegative",
    "NotExecutable",
    "Positive",
    "Range",
    "UInt8",
    "UInt16",
    "UInt32",
    "UInt64",
    "UInt128",
    "UInt256",
    "assume",
    "check",
    "class_invariant",
    "contract",
    "decreases",
    "ensures",
    "exists",
    "forall",
    "fresh",
    "ghost",
    "implies",
    "install",
    "invariant",
    "lemma",
    "mode",
    "modifies",
    "multiset",
    "old",
    "opaque",
    "pure",
    "raises",
    "reads",
    "requires",
    "result",
    "reveal",
    "sampling",
    "trusted",
]


def __getattr__(name: str) -> object:
    # Refined integers are made when they are first used: they need `typing`.
    if name not in _ranges:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from typing import Annotated

    made = Annotated[int, Range(*_ranges[name])]
    globals()[name] = made
    return made


def _eager(clause: str, conditions: Sequence[object]) -> None:
    for index, condition in enumerate(conditions):
        if isinstance(condition, str) and index and index == len(conditions) - 1 and clause == "check":
            continue
        try:
            holds = condition() if callable(condition) else condition
        except TypeError as error:
            checks.meant_as_decorator(clause, condition, error)
            raise
        if not holds:
            checks.broken_call(clause, index)
