"""Unknown types and their unification.

While an expression is checked, a type may hold unknowns. They are objects of
their own beside the types of `probatum.ivl.types`, and none is left in the tree
when checking ends without errors. There are three: any type, a bit-vector of at
least so many bits, a map with so many indexes.

Unknowns stand only for closed types. A parameter of a polymorphic map (`Bound`)
that would leave its binder through an unknown makes the unification fail.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, cast

from probatum.ivl.syntax import tree
from probatum.ivl.types import INT, Basic, Bits, Bound, Constructed, Float, Map, Type, TypeVariable, opened, substitute


class Unknown:
    """Any type, not known yet; once it is, `target` holds it."""

    __slots__ = ("hint", "serial", "target")

    def __init__(self, hint: str, serial: int = 0) -> None:
        self.hint = hint
        self.serial = serial
        self.target: Open | None = None

    def __str__(self) -> str:
        return text(cast("Type", self))


class UnknownBits(Unknown):
    """A bit-vector of at least `minimum` bits; `sums` lists pairs whose widths make up its own."""

    __slots__ = ("minimum", "sums")

    def __init__(self, minimum: int, sums: tuple[tuple[Type, Type], ...] = ()) -> None:
        super().__init__("bits")
        self.minimum = minimum
        self.sums = sums


class UnknownMap(Unknown):
    """A map with `arity` indexes; `uses` are the index types and value types that it must allow."""

    __slots__ = ("arity", "uses")

    def __init__(self, arity: int) -> None:
        super().__init__("map")
        self.arity = arity
        self.uses: list[tuple[tuple[Type, ...], Type]] = []


@dataclass(slots=True)
class Solution:
    """Type variables that a comparison may choose, and what it chose for them."""

    free: frozenset[TypeVariable]
    chosen: dict[TypeVariable, Open] = field(default_factory=dict)


Open: TypeAlias = Type | Unknown
"""A type that may be unknown. Elsewhere an unknown goes as `Type`, because the tree has no other place for it."""

_UNKNOWN = frozenset({Unknown, UnknownBits, UnknownMap})
_PLAIN = frozenset({Basic, Bits, Float, TypeVariable, Bound})
_NONE = Solution(frozenset())


def unknown(hint: str, serial: int = 0) -> Type:
    """Return a new unknown that may be any type."""
    return cast("Type", Unknown(hint, serial))


def unknown_bits(minimum: int) -> Type:
    """Return a new unknown bit-vector type."""
    return cast("Type", UnknownBits(minimum))


def unknown_sum(left: Type, right: Type) -> Type:
    """Return the unknown type of the concatenation of two bit-vectors."""
    return cast("Type", UnknownBits(_minimum(left) + _minimum(right), ((left, right),)))


def unknown_map(arity: int) -> Type:
    """Return a new unknown map type."""
    return cast("Type", UnknownMap(arity))


def follow(type_: Open) -> Open:
    """Return what a type is known to be: an unknown only if nothing is known."""
    while isinstance(type_, Unknown):
        if type_.target is None:
            return type_
        type_ = type_.target
    return type_


def is_open(type_: Open) -> bool:
    """Whether anything in a type is still unknown."""
    type_ = follow(type_)
    kind = type_.__class__
    if kind in _PLAIN:
        return False
    if kind in _UNKNOWN:
        return True
    if isinstance(type_, Constructed):
        return any(map(is_open, type_.arguments))
    return isinstance(type_, Map) and (any(map(is_open, type_.domain)) or is_open(type_.range))


def known(type_: Open) -> Type:
    """Return a type with everything put in that has become known."""
    if isinstance(type_, Unknown):
        target = follow(type_)
        return cast("Type", target) if isinstance(target, Unknown) else known(target)
    if isinstance(type_, Constructed):
        if not type_.arguments:
            return type_
        arguments = tuple(map(known, type_.arguments))
        same = all(a is b for a, b in zip(arguments, type_.arguments, strict=True))
        return type_ if same else Constructed(type_.name, arguments)
    if isinstance(type_, Map):
        domain, range_ = tuple(map(known, type_.domain)), known(type_.range)
        same = range_ is type_.range and all(a is b for a, b in zip(domain, type_.domain, strict=True))
        return type_ if same else Map(type_.parameters, domain, range_, type_.names)
    return type_


def settle(type_: Open) -> bool:
    """Choose a type for each unknown that is left, as Boogie does, and say whether there was one."""
    type_ = follow(type_)
    if isinstance(type_, Constructed):
        return _settle_all(type_.arguments)
    if isinstance(type_, Map):
        return _settle_all((*type_.domain, type_.range))
    if type_.__class__ not in _UNKNOWN:
        return False
    if isinstance(type_, UnknownBits):
        choice: Type = Bits(type_.minimum)
    elif isinstance(type_, UnknownMap):
        arity = type_.arity
        names = (*(f"arg{i}" for i in range(arity)), "res")
        choice = Map(arity + 1, tuple(Bound(0, i) for i in range(arity)), Bound(0, arity), names)
    else:
        choice = INT
    unify(type_, choice)
    return True


def _settle_all(types: Sequence[Type]) -> bool:
    found = False
    for type_ in types:
        found = settle(type_) or found
    return found


def unify(left: Open, right: Open, solution: Solution = _NONE) -> bool:
    """Make two types equal by fixing unknowns, and variables of the solution; False if that is impossible.

    Unknowns that were fixed on the way stay fixed even if the answer is no.
    """
    left, right = follow(left), follow(right)
    if left is right:
        return True
    one, two = left.__class__, right.__class__
    if one is Unknown:
        return _fix(cast("Unknown", left), right)
    if two is Unknown:
        return _fix(cast("Unknown", right), left)
    if isinstance(left, TypeVariable) and left in solution.free:
        return _choose(left, right, solution)
    if isinstance(right, TypeVariable) and right in solution.free:
        return _choose(right, left, solution)
    if isinstance(left, UnknownBits):
        return _fix_bits(left, right)
    if isinstance(right, UnknownBits):
        return _fix_bits(right, left)
    if isinstance(left, UnknownMap):
        return _fix_map(left, right, solution)
    if isinstance(right, UnknownMap):
        return _fix_map(right, left, solution)
    if one is not two:
        return False
    if isinstance(left, Constructed) and isinstance(right, Constructed):
        if left.name != right.name or len(left.arguments) != len(right.arguments):
            return False
        return _unify_all(left.arguments, right.arguments, solution)
    if isinstance(left, Map) and isinstance(right, Map):
        if left.parameters != right.parameters or len(left.domain) != len(right.domain):
            return False
        good = _unify_all(left.domain, right.domain, solution)
        return unify(left.range, right.range, solution) and good
    return left == right


def _unify_all(left: Sequence[Type], right: Sequence[Type], solution: Solution) -> bool:
    """Unify all pairs, those after a failure too: what they fix decides what later messages say."""
    good = True
    for one, other in zip(left, right, strict=True):
        good = unify(one, other, solution) and good
    return good


def _fix(one: Unknown, other: Open) -> bool:
    if _mentions(other, one) or _escapes(other, 0):
        return False
    one.target = other
    return True


def _choose(variable: TypeVariable, other: Open, solution: Solution) -> bool:
    before = solution.chosen.get(variable)
    if before is not None:
        return unify(before, other, solution)
    while isinstance(other, TypeVariable) and other in solution.chosen:
        other = follow(solution.chosen[other])
    if other is variable:
        return True
    if _holds(other, variable, solution) or _escapes(other, 0):
        return False
    solution.chosen[variable] = other
    return True


def _fix_bits(one: UnknownBits, other: Open) -> bool:
    if isinstance(other, Bits):
        if one.minimum > other.width:
            return False
        for left, right in one.sums:
            rest = _widen(left, other.width - _minimum(right))
            _widen(right, _minimum(right) + rest)
        one.target = other
        return True
    if isinstance(other, UnknownBits):
        if one.sums or other.sums:
            both = UnknownBits(max(one.minimum, other.minimum), one.sums + other.sums)
            one.target = other.target = cast("Type", both)
        elif one.minimum <= other.minimum:
            one.target = cast("Type", other)
        else:
            other.target = cast("Type", one)
        return True
    return False


def _widen(type_: Open, width: int) -> int:
    """Make an unknown bit-vector at least this wide; return how many bits a known one lacks."""
    type_ = follow(type_)
    if isinstance(type_, Bits):
        return width - type_.width
    if isinstance(type_, UnknownBits) and type_.minimum < width:
        type_.target = cast("Type", UnknownBits(width, type_.sums))
    return 0


def _minimum(type_: Open) -> int:
    type_ = follow(type_)
    if isinstance(type_, Bits):
        return type_.width
    return type_.minimum if isinstance(type_, UnknownBits) else 0


def _fix_map(one: UnknownMap, other: Open, solution: Solution) -> bool:
    if isinstance(other, Map):
        if len(other.domain) != one.arity or _mentions(other, one) or _escapes(other, 0):
            return False
        good = True
        for domain, range_ in one.uses:
            good = _allows(other, domain, range_, solution) and good
        if not good:
            return False
        one.target = other
        return True
    if isinstance(other, UnknownMap) and other.arity == one.arity:
        other.uses.extend(one.uses)
        one.target = cast("Type", other)
        return True
    return False


def _allows(map_type: Map, domain: tuple[Type, ...], range_: Type, solution: Solution) -> bool:
    formal, result = opened(map_type, parameters(map_type))
    good = _unify_all(formal, domain, solution)
    return unify(result, range_, solution) and good


def instance(map_type: Map, domain: tuple[Type, ...], range_: Type) -> tuple[Type, ...]:
    """Return the parameters of a polymorphic map at a use with these types."""
    arguments = parameters(map_type)
    formal, result = opened(map_type, arguments)
    _unify_all((*formal, result), (*domain, range_), _NONE)
    return arguments


def parameters(map_type: Map) -> tuple[Type, ...]:
    """Return an unknown for each parameter of a map type."""
    return tuple(unknown(name) for name in names_of(map_type))


def names_of(map_type: Map) -> Sequence[str]:
    """Return the names of a map type's parameters, made up if it has none."""
    return map_type.names or tuple(f"t{i}" for i in range(map_type.parameters))


def _mentions(type_: Open, one: Unknown) -> bool:
    type_ = follow(type_)
    if isinstance(type_, Constructed):
        return any(_mentions(argument, one) for argument in type_.arguments)
    if isinstance(type_, Map):
        return any(_mentions(part, one) for part in (*type_.domain, type_.range))
    return cast("object", type_) is one


def _holds(type_: Open, variable: TypeVariable, solution: Solution) -> bool:
    type_ = follow(type_)
    if isinstance(type_, TypeVariable):
        if type_ is variable:
            return True
        chosen = solution.chosen.get(type_)
        return chosen is not None and _holds(chosen, variable, solution)
    if isinstance(type_, Constructed):
        return any(_holds(argument, variable, solution) for argument in type_.arguments)
    return isinstance(type_, Map) and any(_holds(part, variable, solution) for part in (*type_.domain, type_.range))


def _escapes(type_: Open, depth: int) -> bool:
    type_ = follow(type_)
    if isinstance(type_, Bound):
        return type_.depth >= depth
    if isinstance(type_, Constructed):
        return any(_escapes(argument, depth) for argument in type_.arguments)
    if isinstance(type_, Map):
        deeper = depth + (1 if type_.parameters else 0)
        return any(_escapes(part, deeper) for part in (*type_.domain, type_.range))
    return False


def fresh(type_: Type, to: dict[TypeVariable, Type]) -> Type:
    """Replace type variables, in what became known of unknowns too."""
    return substitute(known(type_), to) if to else type_


def text(type_: Open) -> str:
    """Return a type as Boogie writes it in messages, with the names of the source."""
    return _text(type_, 0, [])


def _text(type_: Open, strength: int, binders: list[tuple[str, ...]]) -> str:
    type_ = follow(type_)
    if isinstance(type_, UnknownMap):
        return f"[{', '.join('?' * type_.arity)}]?"
    if isinstance(type_, Unknown):
        return f"{type_.hint}$proxy#{type_.serial}"
    if isinstance(type_, Bound) and type_.depth < len(binders):
        return binders[-1 - type_.depth][type_.index]
    if isinstance(type_, Constructed) and type_.arguments:
        last = len(type_.arguments) - 1
        parts = [_text(argument, 1 if i == last else 2, binders) for i, argument in enumerate(type_.arguments)]
        return _wrapped(" ".join([type_.name, *parts]), strength > 0)
    if isinstance(type_, Map):
        names = type_.names or tuple(f"t{len(binders)}_{i}" for i in range(type_.parameters))
        inner = [*binders, names] if type_.parameters else binders
        head = f"<{','.join(names)}>" if type_.parameters else ""
        parts = [_text(part, 0, inner) for part in type_.domain]
        return _wrapped(f"{head}[{','.join(parts)}]{_text(type_.range, 0, inner)}", strength > 1)
    return str(type_)


def _wrapped(written: str, wrap: bool) -> str:
    return f"({written})" if wrap else written


def match(formal: Type, actual: Type, found: dict[TypeVariable | Bound, Type | None]) -> bool:
    """Match a type with one that it should be an instance of, without any unknown: the quick way that mostly does.

    The keys of `found` are what may be chosen: type variables, or the
    parameters of the map type in which `formal` stands; it gets what they stand
    for. False means only that it takes `unify` to know.
    """
    if formal is actual:
        return True
    kind = formal.__class__
    if kind is TypeVariable or kind is Bound:
        key = cast("TypeVariable | Bound", formal)
        before = found.get(key)
        if before is not None:
            return before is actual or before == actual
        if key not in found:
            return False
        found[key] = actual
        return True
    if kind is not actual.__class__:
        return False
    if isinstance(formal, Constructed) and isinstance(actual, Constructed):
        if formal.name != actual.name:
            return False
        return all(match(a, b, found) for a, b in zip(formal.arguments, actual.arguments, strict=True))
    if isinstance(formal, Map) and isinstance(actual, Map):
        if formal.parameters or actual.parameters or len(formal.domain) != len(actual.domain):
            return formal == actual
        parts = zip((*formal.domain, formal.range), (*actual.domain, actual.range), strict=True)
        return all(match(a, b, found) for a, b in parts)
    return formal == actual


def formal_text(map_type: Map, index: int) -> str:
    """Return an index type of a map type as it was written, with the names of the map's parameters."""
    names = tuple(names_of(map_type))
    return _text(map_type.domain[index], 0, [names] if map_type.parameters else [])


def written_text(written: tree.TypeSyntax, strength: int = 0) -> str:
    """Return a written type as Boogie writes it in messages: synonyms by their names."""
    if isinstance(written, tree.TypeMap):
        head = f"<{','.join(name.text for name in written.parameters)}>" if written.parameters else ""
        domain = ",".join(written_text(part) for part in written.domain)
        return _wrapped(f"{head}[{domain}]{written_text(written.range)}", strength > 1)
    if not written.arguments:
        return written.name
    last = len(written.arguments) - 1
    parts = [written_text(argument, 1 if i == last else 2) for i, argument in enumerate(written.arguments)]
    return _wrapped(" ".join([written.name, *parts]), strength > 0)
