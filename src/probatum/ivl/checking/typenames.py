"""From written types to types."""

from __future__ import annotations

import re
from collections.abc import Callable

from probatum.ivl.checking.limits import excess
from probatum.ivl.checking.names import Names
from probatum.ivl.syntax import tree
from probatum.ivl.types import (
    BOOL,
    INT,
    REAL,
    REGEX,
    ROUNDING,
    STRING,
    Bits,
    Constructed,
    Float,
    Map,
    Type,
    TypeVariable,
    closed,
    substitute,
    variables,
)

_FLOAT = re.compile(r"float([0-9]+)e([0-9]+)")
_PLAIN: dict[str, Type] = {"bool": BOOL, "int": INT, "real": REAL}
_SPECIAL: dict[str, tuple[Type, str]] = {
    "rmode": (ROUNDING, "rounding mode type"),
    "string": (STRING, "string type"),
    "regex": (REGEX, "regex type"),
}


def resolved(names: Names, written: tree.TypeSyntax) -> Type:
    """Return the type that is written; errors go to the names, and `bool` stands for what is not declared."""
    if isinstance(written, tree.TypeMap):
        return _map(names, written)
    name, arguments = written.name, written.arguments
    plain = _PLAIN.get(name)
    if plain is not None:
        return plain
    number = _numbered(names, written)
    if number is not None:
        return number
    if name in _SPECIAL:
        special, what = _SPECIAL[name]
        if arguments:
            names.error(written.position, f"{what} must not be applied to arguments: {name}")
        return special
    variable = names.binders.get(name)
    if variable is not None:
        if arguments:
            names.error(written.position, f"type variables must not be applied to arguments: {name}")
        return variable
    declared = names.types.get(name)
    if declared is None:
        note = ' (replacing with "bool" to continue resolving)'
        names.missing(written.position, "undeclared type", name, names.types, note)
        return BOOL
    if isinstance(declared, tree.TypeSynonym):
        return _expanded(names, written, declared)
    arity = declared.arity if isinstance(declared, tree.TypeConstructor) else len(declared.parameters)
    if len(arguments) != arity:
        names.error(
            written.position,
            f"type constructor received wrong number of arguments: {name}",
            f"`{name}` takes {arity}, here are {len(arguments)}",
        )
        return BOOL
    return Constructed(name, tuple([resolved(names, argument) for argument in arguments]))


def _numbered(names: Names, written: tree.TypeName) -> Type | None:
    name = written.name
    if name.startswith("bv") and name[2:].isdecimal() and name.isascii():
        if written.arguments:
            names.error(written.position, f"bitvector types must not be applied to arguments: {name}")
        return Bits(int(name[2:]))
    if name.startswith("float") and (match := _FLOAT.fullmatch(name)):
        if written.arguments:
            names.error(written.position, f"float types must not be applied to arguments: {name}")
        return Float(int(match[1]), int(match[2]))
    return None


def _expanded(names: Names, written: tree.TypeName, declared: tree.TypeSynonym) -> Type:
    name = declared.name
    if len(written.arguments) != len(declared.parameters):
        names.error(
            written.position,
            f"type synonym received wrong number of arguments: {name}",
            f"`{name}` takes {len(declared.parameters)}, here are {len(written.arguments)}",
        )
        return BOOL
    arguments = [resolved(names, argument) for argument in written.arguments]
    parameters, body = names.synonyms.get(name, ((), BOOL))
    if not parameters:
        return body
    answer = substitute(body, dict(zip(parameters, arguments, strict=True)))
    return _limited(names, declared, written.position, answer)


def _limited(names: Names, declared: tree.TypeSynonym, position: tree.Position, type_: Type) -> Type:
    """Return the type that a synonym stands for, or `bool` with an error if it is absurdly large."""
    limit = excess(type_)
    if not limit:
        return type_
    names.error(position, f"unsupported: type synonym `{declared.name}` stands for a type with {limit}")
    return BOOL


def _map(names: Names, written: tree.TypeMap) -> Type:
    own = [TypeVariable(name.text) for name in written.parameters]
    bound = [names.bind(name.position, one) for name, one in zip(written.parameters, own, strict=True)]
    domain = tuple([resolved(names, part) for part in written.domain])
    range_ = resolved(names, written.range)
    if not own:
        return Map(0, domain, range_)
    parts = (*domain, range_)
    declared = [one for one, is_bound in zip(own, bound, strict=True) if is_bound]
    occurrences(names, declared, parts, written.position, "map arguments")
    names.unbind(own)
    return closed(tuple(in_order(own, parts)), domain, range_)


def occurrences(names: Names, declared: list[TypeVariable], parts: tuple[Type, ...], position: tree.Position, what: str) -> None:
    """Report each type variable that none of the types mentions."""
    if not declared:
        return
    used = {variable for part in parts for variable in variables(part)}
    for one in declared:
        if one not in used:
            names.error(position, f"type variable must occur in {what}: {one.name}")


def in_order(own: list[TypeVariable], parts: tuple[Type, ...]) -> list[TypeVariable]:
    """Sort type variables by where they occur first; those that do not occur keep their order at the end."""
    if len(own) < 2:
        return own
    mine = set(own)
    used = dict.fromkeys(variable for part in parts for variable in variables(part) if variable in mine)
    return [*used, *(one for one in own if one not in used)]


def resolve_synonyms(names: Names, synonyms: list[tree.TypeSynonym], attributes: Callable[[tree.Attributes], None]) -> None:
    """Resolve type synonyms and, with the function given, their attributes, each after those it uses; report cycles."""
    declared = {one.name: one for one in synonyms if names.types.get(one.name) is one}
    uses = {id(one): [declared[name] for name in _mentioned(one) if name in declared] for one in synonyms}
    done: set[int] = set()
    waiting = list(synonyms)
    while waiting:
        left = []
        for one in waiting:
            if all(id(other) in done for other in uses[id(one)]):
                attributes(one.attributes)
                _define(names, one)
                done.add(id(one))
            else:
                left.append(one)
        if len(left) == len(waiting):
            for one in left:
                names.error(
                    one.position,
                    f"type synonym could not be resolved because of cycles: {one.name}"
                    ' (replacing body with "bool" to continue resolving)',
                )
                attributes(one.attributes)
                _define(names, one, BOOL)
            return
        waiting = left


def _define(names: Names, one: tree.TypeSynonym, body: Type | None = None) -> None:
    parameters = tuple(TypeVariable(name.text) for name in one.parameters)
    for name, variable in zip(one.parameters, parameters, strict=True):
        names.bind(name.position, variable)
    stands_for = _limited(names, one, one.position, resolved(names, one.body)) if body is None else body
    names.unbind(parameters)
    names.synonyms[one.name] = (parameters, stands_for)


def _mentioned(one: tree.TypeSynonym) -> set[str]:
    """Names of types in the body."""
    found: set[str] = set()
    work: list[tree.TypeSyntax] = [one.body]
    while work:
        part = work.pop()
        if isinstance(part, tree.TypeName):
            found.add(part.name)
            work.extend(part.arguments)
        else:
            work.extend((*part.domain, part.range))
    return found
