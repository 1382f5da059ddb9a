"""Constructors: what a new instance holds, and what may not be read before it is assigned.

In a constructor an attribute of the instance is known to have a value if every
way there assigns it: names such as `self.x` are among `assigned`, like local
variables. As long as some attribute has none, the instance must not be given
away, and at the end all must have one; so elsewhere every attribute has a value.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping

from probatum.lower import families
from probatum.lower.bound_names import assigned_names
from probatum.lower.classes import Classes
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import unify, without_variables
from probatum.python import types as t
from probatum.python.program import Class, Field, Function
from probatum.records import dataclass

_HOOKS = frozenset(["__new__", "__del__", "__getattr__", "__getattribute__", "__setattr__", "__delattr__"])


@dataclass(frozen=True, slots=True)
class DataField:
    """A field of a dataclass: the class that declares it last, and the options that are written with it."""

    field: Field
    owner: Class
    keyword_only: bool
    compared: bool


class Constructors(Classes):
    """New instances."""

    # --- calls of classes -------------------------------------------------------------------------

    def construct(self, class_: Class, node: ast.Call, expected: t.Type | None) -> Term:
        """Return a new instance."""
        type_ = t.Instance(class_.qualified)
        if isinstance(expected, t.Instance) and expected.name == class_.qualified:
            type_ = expected
        if class_.kind in ("enum", "intenum"):
            return self.enum_lookup(class_, node)
        self.constructible(class_, node)
        if self.sorts.value_class(type_) is not None:
            return self.new_value(class_, node)
        if self.in_contract:
            raise Unsupported(f"a new `{class_.name}` in a contract", node)
        if self.guards:
            raise Unsupported(f"a new `{class_.name}` inside of this expression", node)
        init = self.initialiser(class_, node)
        if init is None:
            receiver = self.new_plain(class_, type_, node)
            kept: list[Class] = []
        else:
            arguments = self.matched(init, node, receiver=Term("null", type_))
            type_ = self._with_arguments(class_, type_, init, arguments)
            receiver = Term(self.allocate(class_.qualified), type_)
            self._class_values(class_, receiver)
            arguments[init.parameters[0].name] = receiver
            self.call_known(init, arguments, node, receiver=receiver, exact=True)
            kept = list(families.classes(self.program, f"{init.module}.{init.owner}"))
        for one in families.classes(self.program, class_.qualified):
            if one not in kept:
                for clause in one.invariants:
                    self.check_invariant(clause, one, receiver, node)
        return receiver

    def _with_arguments(self, class_: Class, type_: t.Instance, init: Function, arguments: Mapping[str, Term]) -> t.Instance:
        if not class_.type_variables or type_.arguments:
            return type_
        found: dict[str, t.Type] = {}
        for parameter in init.parameters[1:]:
            if parameter.name in arguments:
                unify(parameter.type, arguments[parameter.name].type, found)
        if all(v in found for v in class_.type_variables):
            return t.Instance(class_.qualified, tuple(found[v] for v in class_.type_variables))
        return type_

    def initialiser(self, class_: Class, node: ast.AST) -> Function | None:
        """Return the `__init__` that runs; None: the one that `@dataclass` generates, or none at all."""
        for one in families.classes(self.program, class_.qualified):
            if "__init__" in one.methods:
                return one.methods["__init__"]
            if one.kind in ("dataclass", "frozen"):
                if _option(one, "init") is False:
                    continue
                if one is not class_:
                    raise Unsupported(f"a new `{class_.name}`, which has the constructor of the dataclass `{one.name}`", node)
                return None
        return None

    def constructible(self, class_: Class, node: ast.AST) -> None:
        """Refuse classes of which a new instance is something else than its fields, and those that are abstract."""
        strange = families.foreign(self.program, class_.qualified)
        if strange:
            raise Unsupported(f"a new `{class_.name}`, which is derived from `{strange}`", node)
        line = list(families.classes(self.program, class_.qualified))
        for one in line:
            hook = next((m for m in one.methods if m in _HOOKS), None)
            if hook is not None:
                raise Unsupported(f"a new `{class_.name}`, whose class has `{hook}`", node)
        for name in dict.fromkeys(m for one in line for m in one.methods):
            found = families.found_in(self.program, class_.qualified, name)
            if found is not None and found.abstract:
                raise Unsupported(f"a new `{class_.name}`, whose method `{name}` is abstract", node)
        self._slots(class_, line, node)

    def _slots(self, class_: Class, line: list[Class], node: ast.AST) -> None:
        """Refuse attributes for which there is no place."""
        written = [_slots_of(one) for one in line]
        if not any(w is not None for w in written) or any(w is None for w in written):
            return
        places = {name for w in written for name in w or ()}
        for one in line:
            for field in one.fields.values():
                if not field.shared and field.name not in places:
                    raise Unsupported(f"a new `{class_.name}`, whose `__slots__` have no `{field.name}`", node)

    # --- values -------------------------------------------------------------------------------------

    def new_value(self, class_: Class, node: ast.Call) -> Term:
        """Return a new instance of a frozen dataclass."""
        self.declare_value(class_)
        values = self.field_arguments(class_, node)
        fields = [f for f in class_.fields.values() if not f.shared]
        for field in fields:
            if field.name not in values:
                raise Unsupported(f"a `{class_.name}` whose `{field.name}` no argument gives", node)
        texts = [self._stored_value(values[f.name], f.type, node) for f in fields]
        made = Term(apply(f"New'{mangled(class_.qualified)}", *texts), t.Instance(class_.qualified))
        post = class_.methods.get("__post_init__")
        if post is not None:
            if self.in_contract or self.guards:
                raise Unsupported(f"a new `{class_.name}`, which has `__post_init__`, inside of this expression", node)
            made = self.kept(made)
            self.call_known(post, {post.parameters[0].name: made}, node, receiver=made, exact=True)
        for clause in class_.invariants:
            self.check_invariant(clause, class_, made, node)
        return made

    def _stored_value(self, value: Term, type_: t.Type, node: ast.AST) -> str:
        kept = self.coerce(self.materialised(self._adapted(value, type_, node), node), type_, node)
        if kept.content and self.sorts.shared(t.without_none(type_)):
            raise Unsupported("a value that holds a new collection, in a contract", node)
        return kept.text

    # --- dataclasses ------------------------------------------------------------------------------------

    def data_fields(self, class_: Class) -> list[DataField]:
        """Return the fields of a dataclass, those of the classes above first, each where it was first declared."""
        found: dict[str, DataField] = {}
        for known in reversed(list(families.classes(self.program, class_.qualified))):
            if known.kind not in ("dataclass", "frozen"):
                continue
            every = _option(known, "kw_only") is True
            for name, statement in _declarations(known):
                field = known.fields.get(name)
                if field is None or field.shared:
                    continue
                chosen = _field_option(statement, "kw_only")
                keyword = field.keyword_only or (every and chosen is not False)
                found[name] = DataField(field, known, keyword, _field_option(statement, "compare") is not False)
        return list(found.values())

    def all_fields(self, class_: Class) -> list[Field]:
        """Return the fields of a dataclass, those of the classes above first."""
        return [one.field for one in self.data_fields(class_)]

    def matched_fields(self, class_: Class) -> list[Field]:
        """Return the fields that patterns name by their place: those that the constructor takes so."""
        for one in families.classes(self.program, class_.qualified):
            options = [k.arg for d in one.node.decorator_list if isinstance(d, ast.Call) for k in d.keywords]
            bound = {n for s in one.node.body if not isinstance(s, ast.FunctionDef | ast.ClassDef) for n in assigned_names(s)}
            if "__match_args__" in bound or "match_args" in options:
                raise Unsupported(f"a pattern of a `{class_.name}`, which says itself what it is matched by,")
        return [one.field for one in self.data_fields(class_) if one.field.in_init and not one.keyword_only]

    def compared_fields(self, class_: Class) -> list[Field]:
        """Return the fields by which instances of a dataclass are compared."""
        return [one.field for one in self.data_fields(class_) if one.compared]

    def field_arguments(self, class_: Class, node: ast.Call) -> dict[str, Term]:
        """Return what the generated constructor of a dataclass gets for each field, evaluated in the order of the call."""
        data = self.data_fields(class_)
        taken = {one.field.name: one for one in data if one.field.in_init}
        positional = [name for name, one in taken.items() if not one.keyword_only]
        if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
            raise Unsupported("`*` or `**` in a call", node)
        if len(node.args) > len(positional):
            raise Unsupported(f"a `{class_.name}` of too many arguments", node)
        pairs: list[tuple[str, ast.expr]] = list(zip(positional, node.args, strict=False))
        for keyword in node.keywords:
            if keyword.arg not in taken or any(name == keyword.arg for name, _ in pairs):
                raise Unsupported(f"a `{class_.name}` with an argument `{keyword.arg}`", node)
            pairs.append((keyword.arg, keyword.value))
        values: dict[str, Term] = {}
        for place, (name, value) in enumerate(pairs):
            own = self.evaluate(value, without_variables(taken[name].field.type))
            if not self.in_contract and any(self.has_effects(later) for _, later in pairs[place + 1 :]):
                own = self.kept(own)
            values[name] = own
        for one in data:
            if one.field.name in values:
                continue
            if one.field.default is not None:
                values[one.field.name] = self._field_default(one)
            elif one.field.in_init:
                raise Unsupported(f"a `{class_.name}` without `{one.field.name}`", node)
        return values

    def _field_default(self, one: DataField) -> Term:
        """Return the default of a field: made anew, or the same value for all instances."""
        default, module = one.field.default, self.program.modules[one.owner.module]
        assert default is not None
        if one.field.made:
            if isinstance(default, ast.Call) and isinstance(default.func, ast.Lambda) and not default.func.args.args:
                default = default.func.body
            saved = (self.module, self.names, self.locals, self.narrowed)
            self.module, self.names, self.locals, self.narrowed = module, {}, {}, {}
            try:
                return self.evaluate(default, one.field.type)
            finally:
                self.module, self.names, self.locals, self.narrowed = saved
        if isinstance(default, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
            raise Unsupported(f"the default of `{one.field.name}`, which all instances share", default)
        with self.contract_of({}, view=self.view, old_view=self.view, module=module):
            value = self.evaluate(default, one.field.type)
        if value.content and self.sorts.shared(t.without_none(value.type)):
            raise Unsupported(f"the default of `{one.field.name}`, which all instances share", default)
        return value

    def new_plain(self, class_: Class, type_: t.Instance, node: ast.Call) -> Term:
        """Return a new instance of a dataclass, or of a class without a constructor."""
        if class_.kind in ("dataclass", "frozen"):
            return self._new_data(class_, type_, node)
        if (node.args or node.keywords) and class_.kind != "exception":
            raise Unsupported(f"a `{class_.name}` with arguments", node)
        for argument in node.args:
            self.evaluate(argument)
        missing = next(iter(self.needed(class_)), None)
        if missing is not None:
            raise Unsupported(f"a new `{class_.name}`, whose `{missing}` has no value at first", node)
        receiver = Term(self.allocate(class_.qualified), type_)
        self._class_values(class_, receiver)
        return receiver

    def with_arguments(self, class_: Class, values: Mapping[str, Term]) -> t.Instance:
        """Return the type of a new dataclass, whose fields say what its type variables stand for."""
        fields = {one.field.name: one.field for one in self.data_fields(class_)}
        found: dict[str, t.Type] = {}
        for name, value in values.items():
            unify(fields[name].type, value.type, found)
        known = all(v in found for v in class_.type_variables)
        return t.Instance(class_.qualified, tuple(found[v] for v in class_.type_variables) if known else ())

    def _new_data(self, class_: Class, type_: t.Instance, node: ast.Call) -> Term:
        values = self.field_arguments(class_, node)
        if not type_.arguments:
            type_ = self.with_arguments(class_, values)
        ready: dict[str, Term] = {}
        for name, value in values.items():
            declared = self.type_of_field(type_, name)
            ready[name] = self.coerce(self.materialised(self._adapted(value, declared, node), node), declared, node)
        receiver = Term(self.allocate(class_.qualified), type_)
        for name, value in ready.items():
            self._initial(receiver, name, value)
        post = self.method_of(type_, "__post_init__")
        if post is not None:
            self.call_known(post, {post.parameters[0].name: receiver}, node, receiver=receiver, exact=True)
        else:
            missing = next((name for name in self.needed(class_) if name not in ready), None)
            if missing is not None:
                raise Unsupported(f"a new `{class_.name}`, whose `{missing}` has no value at first", node)
        return receiver

    def type_of_field(self, type_: t.Instance, name: str) -> t.Type:
        """Return the type that a field of instances of a type has."""
        found = self.field_of(type_, name)
        if found is None:
            raise Unsupported(f"the attribute `{name}` of a `{type_}`")
        return self.field_type(type_, *found)

    def _class_values(self, class_: Class, receiver: Term) -> None:
        """Write what attributes are at first that have a value in the class."""
        for known in reversed(list(families.classes(self.program, class_.qualified))):
            if known.kind in ("dataclass", "frozen"):
                continue
            for field in known.fields.values():
                if not field.shared and field.default is not None and field.in_init:
                    nearest = next(c for c in families.classes(self.program, class_.qualified) if field.name in c.fields)
                    type_ = self.type_of_field(t.Instance(class_.qualified), field.name)
                    if nearest is known and isinstance(field.default, ast.Constant):
                        value = self.evaluate(field.default, type_)
                        self._initial(receiver, field.name, self.coerce(value, type_, field.default))
                    elif nearest is known:
                        self._of_declared_type(field.name, field.default, type_, known)

    def _of_declared_type(self, name: str, value: ast.expr, type_: t.Type, owner: Class) -> None:
        """Refuse a value that a class gives an attribute, and that may be of another type than is declared."""
        with self.contract_of({}, view=self.view, old_view=self.view, module=self.program.modules[owner.module]):
            called = self.qualified(value.func) if isinstance(value, ast.Call) else None
            class_ = None if called is None else self.program.class_(called)
            function = None if called is None else self.program.function(called)
            if class_ is not None and not class_.type_variables:
                own: t.Type = t.Instance(class_.qualified)
            elif function is not None:
                own = function.returns
            else:
                own = self.evaluate(value, type_).type
        alike = isinstance(own, t.Collection | t.Mapping) and getattr(t.without_none(type_), "kind", "") == own.kind
        empty = alike and t.NEVER in (getattr(own, "item", None), getattr(own, "key", None))
        if not (empty or self.is_subtype(own, type_)):
            raise Unsupported(
                f"the value of `{name}` in the class `{owner.name}`, a `{own}` where a `{type_}` is declared", value
            )

    def _initial(self, receiver: Term, name: str, value: Term) -> None:
        found = self.field_of(receiver.type, name)
        assert found is not None
        assert isinstance(receiver.type, t.Instance)
        type_ = self.field_type(receiver.type, *found)
        self.writer.assume(f"({self.field_map(*found, type_)}[{receiver.text}] == {value.text})")

    # --- inside of a constructor --------------------------------------------------------------------

    @property
    def constructing(self) -> str:
        """The name of the instance that the function under way constructs, or ""."""
        function = self.function
        if self.in_contract or not function.owner or families.short(function) not in ("__init__", "__post_init__"):
            return ""
        return function.parameters[0].name if function.parameters else ""

    def needed(self, class_: Class) -> Iterator[str]:
        """Yield the attributes that an instance must get from its constructor."""
        seen: set[str] = set()
        for known in families.classes(self.program, class_.qualified):
            for field in known.fields.values():
                in_class = field.default is not None and not field.made and not _is_field_call(known, field.name)
                if field.absent:
                    continue
                if field.shared or in_class:
                    seen.add(field.name)
                elif field.name not in seen and known.kind != "protocol":
                    seen.add(field.name)
                    yield field.name

    def begin_construction(self) -> None:
        """Know what attributes have a value when a constructor begins: those that a dataclass gives to `__post_init__`."""
        own = families.owner(self.program, self.function)
        name = self.constructing
        if own is None or not name or families.short(self.function) != "__post_init__":
            return
        for one in self.data_fields(own):
            if one.field.in_init or one.field.default is not None:
                self.assigned.add(f"{name}.{one.field.name}")

    def read_before(self, node: ast.AST, name: str) -> None:
        """Demand that an attribute has a value where a constructor reads it."""
        own = self.constructing
        if not own or not isinstance(node, ast.Attribute):
            return
        if not isinstance(node.value, ast.Name) or node.value.id != own or f"{own}.{name}" in self.assigned:
            return
        class_ = families.owner(self.program, self.function)
        if class_ is not None and name in set(self.needed(class_)):
            self.demand("false", Kind.ATTRIBUTE, node, f"`{own}.{name}` must have a value", "AttributeError")

    def field_assigned(self, target: ast.Attribute) -> None:
        """Know that an attribute has a value from here on."""
        own = self.constructing
        if own and isinstance(target.value, ast.Name) and target.value.id == own:
            self.assigned.add(f"{own}.{target.attr}")

    def base_constructed(self, init: Function) -> None:
        """Know that all attributes have a value that the constructor of a class above assigns."""
        name, own = self.constructing, families.owner(self.program, init)
        if name and own is not None:
            self.assigned |= {f"{name}.{field}" for field in self.needed(own)}

    def given_away(self, node: ast.Name) -> None:
        """Demand that an instance is complete where its constructor uses it as a whole."""
        own = self.constructing
        if not own or node.id != own or id(node) in self._parts_of_body():
            return
        class_ = families.owner(self.program, self.function)
        if class_ is None:
            return
        self._complete(class_, node, f"before `{own}` is used, all its attributes must have a value: ")
        fields = set(self.needed(class_))
        for other in families.below(self.program, class_.qualified):
            missing = next((f for f in self.needed(other) if f not in fields), None)
            if missing is not None:
                raise Unsupported(f"`{own}` in its constructor, where the `{missing}` of a `{other.name}` has no value yet", node)

    def completed(self, node: ast.AST) -> None:
        """Demand at the end of a constructor that all attributes have a value."""
        class_ = families.owner(self.program, self.function)
        if class_ is not None and self.constructing:
            self._complete(class_, node, "at the end all attributes must have a value: ")

    def _complete(self, class_: Class, node: ast.AST, text: str) -> None:
        own = self.constructing
        missing = [name for name in self.needed(class_) if f"{own}.{name}" not in self.assigned]
        if missing:
            text += ", ".join(f"`{own}.{name}`" for name in missing)
            self.writer.claim("false", Obligation(Kind.ATTRIBUTE, self.place(node), text, exception="AttributeError"))

    def _parts_of_body(self) -> set[int]:
        """Return the nodes that name the instance only to read or assign one of its attributes."""
        known = self._parts.get(self.function.qualified)
        if known is None:
            own = self.constructing
            type_ = t.Instance(f"{self.function.module}.{self.function.owner}")
            known = {
                id(node.value)
                for statement in self.function.body
                for node in ast.walk(statement)
                if isinstance(node, ast.Attribute)
                and isinstance(node.value, ast.Name)
                and node.value.id == own
                and self.field_of(type_, node.attr) is not None
            }
            self._parts[self.function.qualified] = known
        return known

    _parts: dict[str, set[int]]


def _declarations(class_: Class) -> Iterator[tuple[str, ast.AnnAssign]]:
    for statement in class_.node.body:
        if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
            yield statement.target.id, statement


def _option(class_: Class, name: str) -> object:
    """Return an option of `@dataclass`, if it is a constant."""
    for decorator in class_.node.decorator_list:
        if isinstance(decorator, ast.Call):
            for keyword in decorator.keywords:
                if keyword.arg == name and isinstance(keyword.value, ast.Constant):
                    return keyword.value.value
    return None


def _field_option(statement: ast.AnnAssign, name: str) -> object:
    value = statement.value
    if isinstance(value, ast.Call):
        for keyword in value.keywords:
            if keyword.arg == name and isinstance(keyword.value, ast.Constant):
                return keyword.value.value
    return None


def _is_field_call(class_: Class, name: str) -> bool:
    """Whether a field of a dataclass is declared by a call: its default is no attribute of the class then."""
    if class_.kind not in ("dataclass", "frozen"):
        return False
    return any(own == name and isinstance(s.value, ast.Call) for own, s in _declarations(class_))


def _slots_of(class_: Class) -> tuple[str, ...] | None:
    for statement in class_.node.body:
        if isinstance(statement, ast.Assign) and any(isinstance(x, ast.Name) and x.id == "__slots__" for x in statement.targets):
            try:
                value = ast.literal_eval(statement.value)
            except ValueError:
                return ()
            return (value,) if isinstance(value, str) else tuple(str(v) for v in value)
    return None
