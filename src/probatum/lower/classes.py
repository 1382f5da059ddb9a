"""Classes: attributes, methods and constructors, what instances keep, and those that are values."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from probatum.lower import terms
from probatum.lower.calls import Calls, unify
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, apply, conditional, conjunction, equal, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class, Clause, Field, Function, Module


class Classes(Calls):
    """What classes and their instances are."""

    # --- methods and attributes --------------------------------------------------------------------

    def method_of(self, type_: t.Type, name: str) -> Function | None:
        """Return a method of instances of a type: the nearest in the order of inheritance."""
        if not isinstance(type_, t.Instance):
            return None
        for ancestor in self.ancestors(type_.name):
            known = self.program.class_(ancestor)
            if known is not None and name in known.methods:
                return known.methods[name]
        return None

    def call_method(self, receiver: Term, name: str, arguments: Sequence[Term], node: ast.AST) -> Term:
        """Return what a method returns."""
        method = self.method_of(receiver.type, name)
        if method is None:
            raise Unsupported(f"the method `{name}` of a `{receiver.type}`", node)
        names = [p.name for p in method.parameters]
        values = dict(zip(names, [receiver, *arguments], strict=False))
        return self.call_known(method, values, node, receiver=receiver)

    def call_super(self, name: str, node: ast.Call) -> Term:
        """Return what a method of the class above returns."""
        owner = f"{self.function.module}.{self.function.owner}"
        receiver = self.evaluate(ast.copy_location(ast.Name(self.function.parameters[0].name, ast.Load()), node))
        for ancestor in list(self.ancestors(owner))[1:]:
            known = self.program.class_(ancestor)
            if known is not None and name in known.methods:
                method = known.methods[name]
                return self.call_known(method, self.matched(method, node, receiver=receiver), node, receiver=receiver)
        if name == "__init__":
            for argument in node.args:
                self.evaluate(argument)
            return Term("Unit()", t.NONE)
        raise Unsupported(f"`super().{name}`", node)

    def attribute(self, receiver: Term, name: str, node: ast.AST) -> Term:
        """Return an attribute of an object, as it is in the state in which the object is meant."""
        with self.state_of(receiver):
            return replace(self._attribute(receiver, name, node), state=receiver.state)

    def _attribute(self, receiver: Term, name: str, node: ast.AST) -> Term:
        own = t.without_none(receiver.type)
        if self.may_be_none(receiver.type):
            self.demand(negation(self.is_none(receiver)), Kind.NONE, node, "it must not be None", "AttributeError")
            receiver = self.narrow(receiver, own)
        value_class = self.sorts.value_class(own)
        if value_class is not None:
            return self._value_attribute(value_class, receiver, name, node)
        found = self.field_of(own, name)
        if found is not None:
            assert isinstance(own, t.Instance)
            type_ = self.field_type(own, *found)
            term = Term(f"{self.field_map(*found, type_)}[{receiver.text}]", type_)
            self.known(term)
            return term
        method = self.method_of(own, name)
        if method is not None and method.kind == "property":
            return self.call_known(method, {method.parameters[0].name: receiver}, node, receiver=receiver)
        if isinstance(own, t.Instance):
            constant = self.class_constant(own.name, name)
            if constant is not None:
                return constant
        raise Unsupported(f"the attribute `{name}` of a `{own}`", node)

    def _value_attribute(self, value_class: Class, receiver: Term, name: str, node: ast.AST) -> Term:
        self.declare_value(value_class)
        if value_class.kind == "enum":
            return self.enum_attribute(value_class, receiver, name, node)
        if name in value_class.fields:
            field = value_class.fields[name]
            found_field = Term(f"{receiver.text}->{self.selector(value_class, name)}", field.type)
            self.known(found_field)
            return found_field
        method = self.method_of(receiver.type, name)
        if method is not None and method.kind == "property":
            return self.call_known(method, {method.parameters[0].name: receiver}, node, receiver=receiver)
        raise Unsupported(f"the attribute `{name}` of a `{receiver.type}`", node)

    # --- families of classes -----------------------------------------------------------------------

    def below(self, name: str) -> list[str]:
        """Return the classes of the program that are derived from a class."""
        found: list[str] = []
        waiting = list(self.sorts.derived.get(name, ()))
        while waiting:
            one = waiting.pop()
            if one not in found:
                found.append(one)
                waiting.extend(self.sorts.derived.get(one, ()))
        return found

    def classes_below(self, type_: t.Type) -> Iterator[tuple[Class, bool]]:
        """Yield the class of an object, and those derived from it, each with whether the object is certainly one."""
        if not isinstance(type_, t.Instance) or self.sort(type_) != "Ref":
            return
        known = self.program.class_(type_.name)
        if known is not None:
            yield known, True
        for name in self.below(type_.name):
            derived = self.program.class_(name)
            if derived is not None:
                yield derived, False

    def not_overridden(self, function: Function, node: ast.AST) -> None:
        """Refuse a method whose body is meant where a class derived from its own may have another one."""
        if not function.owner or function.kind == "static":
            return
        own = function.name.split(".")[-1]
        for name in self.below(f"{function.module}.{function.owner}"):
            derived = self.program.class_(name)
            if derived is not None and own in derived.methods and own != "__init__":
                raise Unsupported(f"a call of `{function.name}` without contract, which `{derived.name}` overrides", node)

    # --- invariants --------------------------------------------------------------------------------

    def check_receiver(self, function: Function, arguments: Mapping[str, Term], node: ast.AST) -> None:
        """Demand what a public method takes for granted: the invariants of its object's class, and of classes derived from it."""
        own = function.name.split(".")[-1]
        private = own.startswith("_") and not (own.startswith("__") and own.endswith("__"))
        if not function.owner or own == "__init__" or private or function.kind in ("static", "class"):
            return
        receiver = arguments[function.parameters[0].name]
        for class_, exact in self.classes_below(receiver.type):
            for clause, module in self.class_invariants(class_):
                names = {"self": receiver.typed(t.Instance(class_.qualified))}
                condition = self.clause(clause, names, view="", old_view="", module=module)
                if not exact:
                    test = apply("Sub", apply("class_of", receiver.text), self.symbols.class_name(class_.qualified))
                    condition = terms.implication(test, condition)
                path = module.path
                obligation = Obligation(Kind.CLASS_INVARIANT, self.place(node), clause.text, clause=clause.place, path=path)
                self.writer.claim(condition, obligation)

    def class_invariants(self, class_: Class) -> list[tuple[Clause, Module]]:
        """Return the invariants of a class and of those above it."""
        above = (self.program.class_(name) for name in self.ancestors(class_.qualified))
        return [(clause, self.program.modules[c.module]) for c in above if c is not None for clause in c.invariants]

    def check_invariant(self, clause: Clause, class_: Class, receiver: Term, node: ast.AST) -> None:
        """Demand an invariant of a class."""
        module = self.program.modules[class_.module]
        names = {"self": receiver}
        condition = self.clause(clause, names, view=self.view, old_view=self.view, module=module)
        obligation = Obligation(Kind.CLASS_INVARIANT, self.place(node), clause.text, clause=clause.place, path=module.path)
        if not self.in_contract:
            self.writer.claim(terms.implication(conjunction(*self.guards), condition), obligation)

    # --- values of classes, and constants ----------------------------------------------------------

    def selector(self, class_: Class, name: str) -> str:
        """Return the function that takes a field out of a value."""
        return f"{mangled(class_.qualified)}'{name}"

    def enum_attribute(self, class_: Class, receiver: Term, name: str, node: ast.AST) -> Term:
        """Return `value` of a member."""
        if name == "value":
            values = [self.constant_int(e) for e in class_.constants.values()]
            if values and None not in values:
                result = str(values[-1])
                for member, value in list(zip(class_.constants, values, strict=True))[-2::-1]:
                    text = terms.number(value or 0).text
                    result = conditional(f"({receiver.text} is {self.member(class_, member)})", text, result)
                return Term(result, t.INT)
        raise Unsupported(f"`{name}` of a member of the enumeration `{class_.name}`", node)

    def member(self, class_: Class, name: str) -> str:
        """Return the constructor of a member of an enumeration."""
        return f"M'{mangled(class_.qualified)}'{name}"

    def declare_value(self, class_: Class) -> None:
        """Declare the datatype of a class whose instances are values."""
        name = f"V'{mangled(class_.qualified)}"
        self.sorts.values[class_.qualified] = class_
        if name in self.symbols.declarations:
            return
        if class_.kind == "enum":
            members = ", ".join(f"{self.member(class_, m)}()" for m in class_.constants)
            self.symbols.declarations[name] = f"datatype {name} {{ {members} }}"
            return
        self.symbols.declarations[name] = ""  # a class may have fields of its own type
        fields = ", ".join(
            f"{self.selector(class_, f.name)}: {self.sort(f.type)}" for f in class_.fields.values() if not f.shared
        )
        self.symbols.declarations[name] = f"datatype {name} {{ New'{mangled(class_.qualified)}({fields}) }}"

    def class_constant(self, qualified: str, name: str) -> Term | None:
        """Return a constant of a class, or a member of an enumeration."""
        for ancestor in self.ancestors(qualified):
            known = self.program.class_(ancestor)
            if known is None or name not in known.constants:
                continue
            if known.kind == "enum":
                self.declare_value(known)
                return Term(f"{self.member(known, name)}()", t.Instance(known.qualified))
            module = self.program.modules[known.module]
            with self.contract_of({}, view=self.view, old_view=self.view, module=module):
                value = self.evaluate(known.constants[name])
            return value.typed(t.Instance(known.qualified)) if known.kind == "intenum" else value
        return None

    def enum_lookup(self, class_: Class, node: ast.Call) -> Term:
        """Return the member of an enumeration with a value."""
        value = self.coerce(self.evaluate(node.args[0]), t.INT, node).text
        values = [self.constant_int(e) for e in class_.constants.values()]
        if None in values or not values:
            raise Unsupported(f"a member of `{class_.name}` by its value", node)
        known = terms.disjunction(*(f"({value} == {terms.number(v or 0).text})" for v in values))
        self.demand(known, Kind.VALUE, node, f"it must be a value of `{class_.name}`", "ValueError")
        if class_.kind == "intenum":
            return Term(value, t.Instance(class_.qualified))
        self.declare_value(class_)
        members = [f"{self.member(class_, m)}()" for m in class_.constants]
        result = members[-1]
        for text, number in list(zip(members, values, strict=True))[-2::-1]:
            result = conditional(f"({value} == {terms.number(number or 0).text})", text, result)
        return Term(result, t.Instance(class_.qualified))

    # --- equality ----------------------------------------------------------------------------------

    def equal_objects(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two instances are equal: the same one, or equal field by field where their class says so."""
        same = equal(left.text, right.text)
        classes: list[Class] = []
        for one in (left, right):
            own = t.without_none(one.type)
            if not isinstance(own, t.Instance):
                raise Unsupported("a comparison of objects of unknown class", node)
            for name in (own.name, *self.below(own.name)):
                known = self.program.class_(name)
                if known is None:
                    continue
                if name != own.name and ("__eq__" in known.methods or known.compares_by_value):
                    raise Unsupported(f"a comparison of objects, which `{known.name}` compares by a rule of its own", node)
                if known.compares_by_value:
                    classes.append(known)
        if not classes:
            return same
        first = classes[0]
        if len(classes) != 2 or classes[1] is not first:
            raise Unsupported("a comparison of objects that only one of two classes compares by value", node)
        with self.guarded(conjunction(negation(self.is_none(left)), negation(self.is_none(right)))):
            pairs = [
                self.equality(self._plain_field(left, field, node), self._plain_field(right, field, node), node)
                for field in self.all_fields(first)
                if not field.shared
            ]
        classes_agree = equal(apply("class_of", left.text), apply("class_of", right.text))
        present = conjunction(negation(self.is_none(left)), negation(self.is_none(right)))
        return terms.disjunction(same, conjunction(present, classes_agree, *pairs))

    def _plain_field(self, term: Term, field: Field, node: ast.AST) -> Term:
        own = t.without_none(term.type)
        found = self.field_of(own, field.name)
        assert found is not None
        assert isinstance(own, t.Instance)
        type_ = self.field_type(own, *found)
        if self.sort(type_) == "float53e11":
            raise Unsupported(f"a comparison of instances of `{own}`, by their `{field.name}`", node)
        with self.state_of(term):
            return Term(f"{self.field_map(*found, type_)}[{term.text}]", type_, state=term.state)

    # --- constructors ------------------------------------------------------------------------------

    def construct(self, class_: Class, node: ast.Call, expected: t.Type | None) -> Term:
        """Return a new instance."""
        type_ = t.Instance(class_.qualified)
        if isinstance(expected, t.Instance) and expected.name == class_.qualified:
            type_ = expected
        if class_.kind in ("enum", "intenum"):
            return self.enum_lookup(class_, node)
        if self.sorts.value_class(type_) is not None:
            return self.new_value(class_, node)
        if self.in_contract:
            raise Unsupported(f"a new `{class_.name}` in a contract", node)
        if self.guards:
            raise Unsupported(f"a new `{class_.name}` inside of this expression", node)
        init = self.method_of(type_, "__init__")
        if init is None:
            return self.new_plain(class_, type_, node)
        arguments = self.matched(init, node, receiver=Term("null", type_))
        if class_.type_variables and not type_.arguments:
            found: dict[str, t.Type] = {}
            for parameter in init.parameters[1:]:
                if parameter.name in arguments:
                    unify(parameter.type, arguments[parameter.name].type, found)
            if all(v in found for v in class_.type_variables):
                type_ = t.Instance(class_.qualified, tuple(found[v] for v in class_.type_variables))
        receiver = Term(self.allocate(class_.qualified), type_)
        self.call_known(init, {**arguments, init.parameters[0].name: receiver}, node, receiver=receiver)
        return receiver

    def new_value(self, class_: Class, node: ast.Call) -> Term:
        """Return a new instance of a frozen dataclass."""
        self.declare_value(class_)
        values = self.field_arguments(class_, node)
        texts = [self.coerce(values[f.name], f.type, node).text for f in class_.fields.values() if not f.shared]
        made = Term(apply(f"New'{mangled(class_.qualified)}", *texts), t.Instance(class_.qualified))
        post = class_.methods.get("__post_init__")
        if post is not None:
            raise Unsupported("`__post_init__` of a frozen dataclass", node)
        for clause in class_.invariants:
            self.check_invariant(clause, class_, made, node)
        return made

    def field_arguments(self, class_: Class, node: ast.Call) -> dict[str, Term]:
        """Return what the generated constructor of a dataclass gets for each field."""
        fields = [f for f in self.all_fields(class_) if not f.shared and f.in_init]
        if any(isinstance(a, ast.Starred) for a in node.args) or any(k.arg is None for k in node.keywords):
            raise Unsupported("`*` or `**` in a call", node)
        if len(node.args) > len(fields):
            raise Unsupported(f"a `{class_.name}` of too many arguments", node)
        pairs = dict(zip((f.name for f in fields), node.args, strict=False)) | {k.arg or "": k.value for k in node.keywords}
        values: dict[str, Term] = {}
        for field in fields:
            if field.name in pairs:
                values[field.name] = self.evaluate(pairs.pop(field.name), field.type)
            elif field.default is not None:
                values[field.name] = self._field_default(field.default, field.type, class_)
            else:
                raise Unsupported(f"a `{class_.name}` without `{field.name}`", node)
        if pairs:
            raise Unsupported(f"a `{class_.name}` with an argument `{next(iter(pairs))}`", node)
        return values

    def _field_default(self, default: ast.expr, type_: t.Type, class_: Class) -> Term:
        if isinstance(default, ast.Call):
            for keyword in default.keywords:
                if keyword.arg == "default":
                    return self._field_default(keyword.value, type_, class_)
                if keyword.arg == "default_factory" and isinstance(keyword.value, ast.Name):
                    call = ast.copy_location(ast.Call(keyword.value, [], []), default)
                    return self.evaluate(call, type_)
            raise Unsupported("this default of a field", default)
        with self.contract_of({}, view=self.view, old_view=self.view, module=self.program.modules[class_.module]):
            return self.evaluate(default, type_)

    def all_fields(self, class_: Class) -> list[Field]:
        """Return the fields of a dataclass, those of the classes above first."""
        found: dict[str, Field] = {}
        for ancestor in reversed(list(self.ancestors(class_.qualified))):
            known = self.program.class_(ancestor)
            if known is not None and known.kind in ("dataclass", "frozen"):
                found.update(known.fields)
        return list(found.values())

    def new_plain(self, class_: Class, type_: t.Instance, node: ast.Call) -> Term:
        """Return a new instance of a dataclass, or of a class without a constructor."""
        if class_.kind == "dataclass":
            values = self.field_arguments(class_, node)
            ready = {
                f.name: self.coerce(self.materialised(self._adapted(values[f.name], f.type, node), node), f.type, node)
                for f in self.all_fields(class_)
                if f.name in values
            }
            receiver = Term(self.allocate(class_.qualified), type_)
            for name, value in ready.items():
                self._initial(receiver, name, value, node)
        else:
            if node.args and class_.kind != "exception":
                raise Unsupported(f"a `{class_.name}` with arguments", node)
            for argument in node.args:
                self.evaluate(argument)
            receiver = Term(self.allocate(class_.qualified), type_)
        for clause in class_.invariants:
            self.check_invariant(clause, class_, receiver, node)
        return receiver

    def _initial(self, receiver: Term, name: str, value: Term, node: ast.AST) -> None:
        found = self.field_of(receiver.type, name)
        assert found is not None, node
        assert isinstance(receiver.type, t.Instance)
        type_ = self.field_type(receiver.type, *found)
        self.writer.assume(f"({self.field_map(*found, type_)}[{receiver.text}] == {value.text})")
