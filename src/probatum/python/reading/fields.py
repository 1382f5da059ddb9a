"""Which attributes the instances of a class have, and which belong to the class itself."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TypeGuard

from probatum.python import absent, forms, types
from probatum.python.annotations import Annotations
from probatum.python.program import Field, Function, Place, Problem
from probatum.python.reading.class_defaults import assigned_to_instances, is_plain
from probatum.python.reading.statements import own_statements
from probatum.python.reading.values import ValueTypes
from probatum.python.surfaces import matched
from probatum.python.types import Type

_WITHOUT_ATTRIBUTES = frozenset(
    {"builtins.object", "abc.ABC", *(f"{m}.{n}" for m in ("typing", "typing_extensions") for n in ("Generic", "Protocol"))}
)


@dataclass
class FieldReader:
    """Reads the attributes of the classes of one module."""

    values: ValueTypes

    def read(
        self,
        statements: Sequence[ast.stmt],
        methods: Mapping[str, Function],
        kind: str,
        reader: Annotations,
        problems: list[Problem],
    ) -> tuple[dict[str, Field], dict[str, ast.expr]]:
        """Return the attributes of instances, and those of an enum's members."""
        fields: dict[str, Field] = {}
        constants: dict[str, ast.expr] = {}
        data = kind in {"dataclass", "frozen"}
        keyword_only = False
        own = assigned_to_instances(methods) if kind == "class" else frozenset()
        for statement in statements:
            if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                if (reader.scope.qualified(statement.annotation) or "") == "dataclasses.KW_ONLY":
                    keyword_only = True
                    continue
                one = self._declared(statement, statement.target, reader, problems, data=data)
                fields[one.name] = replace(one, keyword_only=data and _keyword_only(statement.value, one, after=keyword_only))
                if one.shared and one.default is not None:
                    constants[one.name] = one.default
            elif isinstance(statement, ast.Assign):
                for target in statement.targets:
                    for name, value in _assigned_pairs(target, statement.value):
                        if kind in {"enum", "intenum"}:
                            constants[name] = value
                        elif name in own and is_plain(value):
                            fields[name] = Field(name, self.values.of(None, value, reader), reader.scope.place(target), value)
                        elif not (name.startswith("__") and name.endswith("__")):
                            shared = self.values.of(None, value, reader)
                            fields[name] = Field(name, shared, reader.scope.place(target), value, in_init=False, shared=True)
                            constants[name] = value
        for constructor in ("__init__", "__post_init__"):
            if constructor in methods:
                self._assigned(methods[constructor], fields, reader)
        return fields, constants

    def with_absent(
        self,
        node: ast.ClassDef,
        fields: dict[str, Field],
        methods: Mapping[str, Function],
        bases: Sequence[str],
        reader: Annotations,
    ) -> dict[str, Field]:
        """Add the attributes that instances of a class may lack."""
        world = self.values.world
        above: list[ast.ClassDef | None] = [node] if any(isinstance(s, ast.ClassDef) for s in node.body) else []
        for ancestor in world.ancestors(bases):
            known = world.class_(ancestor)
            if known is not None or ancestor not in _WITHOUT_ATTRIBUTES:
                above.append(None if known is None else known[1])

        def inherited(name: str) -> bool:
            return any(one is None or absent.binds_attribute(one, name) for one in above)

        def typed(annotation: ast.expr | None, value: ast.expr | None, known: Mapping[str, Type]) -> Type:
            return self.values.of(annotation, value, reader, known)

        return absent.with_absent(fields, methods, self._deleted, inherited=inherited, typed=typed, scope=reader.scope)

    @cached_property
    def _deleted(self) -> frozenset[str]:
        """The names of attributes that the module deletes."""
        return absent.deleted_attributes(self.values.surface.tree) if self.values.surface.shallow else frozenset()

    def _declared(
        self, statement: ast.AnnAssign, target: ast.Name, reader: Annotations, problems: list[Problem], *, data: bool
    ) -> Field:
        place = reader.scope.place(statement)
        annotation = statement.annotation
        outermost = annotation.value if isinstance(annotation, ast.Subscript) else annotation
        shared = (reader.scope.qualified(outermost) or "").rpartition(".")[2] == "ClassVar"
        if data and (reader.scope.qualified(outermost) or "") == "dataclasses.InitVar":
            problems.append(reader.scope.unsupported(statement, "an `InitVar`"))
        type_ = self.values.of(annotation, statement.value, reader)
        default, in_init = statement.value, not shared
        if data and isinstance(default, ast.Call) and reader.scope.qualified(default.func) == "dataclasses.field":
            options = {k.arg: k.value for k in default.keywords}
            chosen = options.get("init")
            in_init = not (isinstance(chosen, ast.Constant) and chosen.value is False)
            factory = options.get("default_factory")
            made = forms.placed(ast.Call(factory, [], []), factory) if factory is not None else None
            default = made if made is not None else options.get("default")
            keyword = options.get("kw_only")
            own = isinstance(keyword, ast.Constant) and keyword.value is True
            return Field(target.id, type_, place, default, in_init, shared, keyword_only=own, made=made is not None)
        return Field(target.id, type_, place, default, in_init, shared)

    def _assigned(self, constructor: Function, fields: dict[str, Field], reader: Annotations) -> None:
        """Add what a constructor assigns to attributes of its first parameter."""
        if not constructor.parameters:
            return
        receiver = constructor.parameters[0].name
        known = {p.name: p.type for p in constructor.parameters}
        found: dict[str, list[tuple[Type, ast.expr]]] = {}
        declared: dict[str, tuple[Type, ast.expr]] = {}
        for node in own_statements(constructor.body):
            if isinstance(node, ast.AnnAssign) and _is_attribute(node.target, receiver):
                declared[node.target.attr] = self.values.of(node.annotation, node.value, reader), node.target
            elif isinstance(node, ast.Assign):
                for target in node.targets:
                    for attribute, value in _attribute_pairs(target, node.value, receiver):
                        type_ = self.values.of(None, value, reader, known)
                        found.setdefault(attribute.attr, []).append((type_, attribute))
        for name, (type_, target) in declared.items():
            fields[name] = _merged(fields.get(name), name, type_, reader.scope.place(target))
        for name, values in found.items():
            if name in declared:
                continue
            seen = [t for t, _ in values]
            told = [t for t in seen if t != types.UNKNOWN]  # what is assigned besides must be of these, too
            type_ = types.UNKNOWN if types.UNKNOWN in seen and set(told) <= {types.NONE} else types.union(*told)
            fields[name] = _merged(fields.get(name), name, type_, reader.scope.place(values[0][1]))


def _merged(before: Field | None, name: str, type_: Type, place: Place) -> Field:
    if before is None:
        return Field(name, type_, place, in_init=False)
    return replace(before, type=type_ if before.type == types.UNKNOWN else before.type, shared=False)


def _assigned_pairs(target: ast.expr, value: ast.expr) -> list[tuple[str, ast.expr]]:
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if isinstance(target, ast.Tuple | ast.List) and isinstance(value, ast.Tuple | ast.List) and matched(target, value):
        return [p for t, v in zip(target.elts, value.elts, strict=True) for p in _assigned_pairs(t, v)]
    return []


def _is_attribute(target: ast.expr, receiver: str) -> TypeGuard[ast.Attribute]:
    return isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name) and target.value.id == receiver


def _attribute_pairs(target: ast.expr, value: ast.expr | None, receiver: str) -> list[tuple[ast.Attribute, ast.expr | None]]:
    """Return the attributes of the receiver that an assignment binds, each with its value, if that is written on its own."""
    if isinstance(target, ast.Attribute):
        return [(target, value)] if _is_attribute(target, receiver) else []
    if isinstance(target, ast.Starred):
        return _attribute_pairs(target.value, None, receiver)
    if not isinstance(target, ast.Tuple | ast.List):
        return []
    values: Sequence[ast.expr | None] = [None] * len(target.elts)
    if isinstance(value, ast.Tuple | ast.List) and matched(target, value):
        values = value.elts
    return [p for t, v in zip(target.elts, values, strict=True) for p in _attribute_pairs(t, v, receiver)]


def _keyword_only(value: ast.expr | None, field: Field, *, after: bool) -> bool:
    """Whether a field of a dataclass is given by name only: it says so, or stands after `KW_ONLY` and does not say otherwise."""
    options = {k.arg: k.value for k in value.keywords} if isinstance(value, ast.Call) else {}
    chosen = options.get("kw_only")
    return field.keyword_only or (after and not (isinstance(chosen, ast.Constant) and chosen.value is False))
