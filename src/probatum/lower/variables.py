"""Type variables: what they stand for in a call, and types in which they are replaced."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.python import types as t


def substituted(type_: t.Type, arguments: Mapping[str, t.Type]) -> t.Type:
    """Return a type with type variables replaced."""
    if not arguments:
        return type_
    match type_:
        case t.Variable(name=name):
            return arguments.get(name, type_)
        case t.Tuple(items=items):
            return t.Tuple(tuple(substituted(i, arguments) for i in items))
        case t.Collection(kind=kind, item=item):
            return t.Collection(kind, substituted(item, arguments))
        case t.Mapping(kind=kind, key=key, value=value):
            return t.Mapping(kind, substituted(key, arguments), substituted(value, arguments))
        case t.Union(options=options):
            return t.union(*(substituted(o, arguments) for o in options))
        case t.Instance(name=name, arguments=own):
            return t.Instance(name, tuple(substituted(a, arguments) for a in own))
        case _:
            return type_


def parts(type_: t.Type) -> tuple[t.Type, ...]:
    """Return the types of which a type is made."""
    match type_:
        case t.Tuple(items=inner) | t.Union(options=inner) | t.Instance(arguments=inner):
            return inner
        case t.Collection(item=item):
            return (item,)
        case t.Mapping(key=key, value=value):
            return (key, value)
        case t.ClassObject(of=of):
            return (of,)
    return ()


def without_variables(type_: t.Type) -> t.Type | None:
    """Return what a declared type says of a value without its type variables, which the value itself decides; None: nothing."""
    match type_:
        case t.Variable():
            return None
        case t.Union(options=options):
            return None if any(isinstance(o, t.Variable) for o in options) else type_
        case t.Collection(kind=kind, item=item):
            return t.Collection(kind, without_variables(item) or t.UNKNOWN)
        case t.Mapping(kind=kind, key=key, value=value):
            return t.Mapping(kind, without_variables(key) or t.UNKNOWN, without_variables(value) or t.UNKNOWN)
        case t.Tuple(items=items):
            return t.Tuple(tuple(without_variables(i) or t.UNKNOWN for i in items))
        case t.Instance(arguments=arguments):
            return None if any(without_variables(a) != a for a in arguments) else type_
    return type_


def unify(pattern: t.Type, actual: t.Type, found: dict[str, t.Type]) -> None:
    """Work out what type variables in a declared type stand for."""
    match pattern, actual:
        case t.Variable(name=name), _:
            if actual not in (t.NEVER, t.UNKNOWN):
                found.setdefault(name, t.INT if isinstance(actual, t.Ranged) else actual)
        case t.Collection(item=item), t.Collection(item=other):
            unify(item, other, found)
        case t.Mapping(key=key, value=value), t.Mapping(key=other_key, value=other_value):
            unify(key, other_key, found)
            unify(value, other_value, found)
        case t.Tuple(items=items), t.Tuple(items=others):
            for item, other in zip(items, others, strict=False):
                unify(item, other, found)
        case t.Union(options=options), _:
            actual = t.without_none(actual)
            for option in options:
                if option != t.NONE:
                    unify(option, actual, found)
        case t.Instance(arguments=own), t.Instance(arguments=others):
            for item, other in zip(own, others, strict=False):
                unify(item, other, found)
        case _:
            pass
