"""Contracts of functions, and one call of such a function, with what it will be asked about its start."""

from __future__ import annotations

from .conditions import evaluate
from .progress import NotExecutable, Stop, functions, state
from .values import Entry, NoEntry, snapshot

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from .progress import Numbered, Test


class Activation:
    """One call of a function with a contract."""

    __slots__ = ("entry", "frame", "measure", "olds", "reached", "refs", "values", "whens")

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values
        self.olds: list[Any] = []
        self.refs: list[Any] = []
        self.entry: Entry = NoEntry()
        self.measure: list[Any] | None = None
        self.frame: dict[int, tuple[Any, Any]] | None = None
        self.reached: dict[int, tuple[Any, Any]] = {}
        self.whens: list[bool | None] = []


class _Broken:
    """In place of an old value that could not be computed: the condition that needs it cannot be evaluated."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class Olds:
    """Values at entry, as a condition reads them."""

    __slots__ = ("values",)

    def __init__(self, values: Sequence[Any]) -> None:
        self.values = values

    def __getitem__(self, index: int) -> Any:
        value = self.values[index]
        if isinstance(value, _Broken):
            raise value.error
        return value


class Spec:
    """The contract of one function, as functions of its parameters."""

    def __init__(self, key: int, names: Sequence[str], parts: Mapping[str, Any]) -> None:
        self.key, self.names = key, tuple(names)
        about = functions[key]
        self.requires: Sequence[Numbered] = parts.get("requires", ())
        self.implied: Sequence[Numbered] = parts.get("implied", ())
        self.olds: Sequence[Test] = parts.get("olds", ())
        self.ensures: Sequence[Numbered] = parts.get("ensures", ())
        self.raises: Sequence[tuple[int, Test, Numbered | None, Sequence[Numbered]]] = parts.get("raises", ())
        self.measures: Sequence[Numbered] = parts.get("decreases", ())
        self.modifies: Sequence[tuple[int, Test]] | None = parts.get("modifies")
        self.ranges: Sequence[tuple[str, int | None, int | None]] = about["ranges"]
        self.result_range: tuple[int | None, int | None] | None = about["result_range"]
        self.any_raise: bool = about["any_raise"]
        self.claims: bool = about["claims"]  # the author wrote a contract
        self.inherits: str = about["inherits"]
        self.method: bool = about["method"]
        self.public: bool = about["public"]
        self.needs_entry: bool = about["needs_entry"]
        self.needs_reached: bool = about["needs_reached"]
        self.name: str = about["name"].rpartition(".")[2]
        self.inherited: dict[type, list[Spec]] = {}


def named(spec: Spec, values: Sequence[Any]) -> dict[str, Any]:
    """Return parameters with their values."""
    return dict(zip(spec.names, values, strict=False))


def entry_of(spec: Spec, values: Sequence[Any]) -> Entry:
    """Return the parameters as they are now."""
    try:
        return Entry(spec.names, values)
    except NotExecutable:
        return NoEntry()


def take(activation: Activation, old: Test, values: Sequence[Any]) -> None:
    """Note a value at entry, and the object that it is."""
    try:
        value = evaluate(old, values)
        activation.refs.append(value)
        activation.olds.append(snapshot(value))
    except Stop:
        raise
    except Exception as error:  # noqa: BLE001 - raised again where the value is used, which may be never
        activation.olds.append(_Broken(error))
        if len(activation.refs) < len(activation.olds):
            activation.refs.append(_Broken(error))


def name_of(spec: Spec) -> str:
    """Return the qualified name of the function."""
    return str(functions[spec.key]["name"])


def home(spec: Spec) -> tuple[str, int, int]:
    """Return where the function is defined."""
    about = functions[spec.key]
    return (about["path"], about["line"], about["column"])


def olds(key: int) -> Olds:
    """Return the values at entry of the call in progress."""
    return Olds(state.active[key][-1].olds) if state.active.get(key) else Olds(())


def refs(key: int) -> Olds:
    """Return the objects at entry of the call in progress."""
    return Olds(state.active[key][-1].refs) if state.active.get(key) else Olds(())


def entry(key: int) -> Entry:
    """Return the parameters at entry of the call in progress."""
    return state.active[key][-1].entry if state.active.get(key) else NoEntry()


def fresh(key: int, value: object) -> bool:
    """Whether an object was made by the call in progress; only what its arguments reach is known to be older."""
    own = state.active.get(key)
    return not own or id(value) not in own[-1].reached
