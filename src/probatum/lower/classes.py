"""Classes: attributes and methods of instances, constants of classes, truth and equality."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import replace

from probatum.lower import families, terms
from probatum.lower.class_invariants import ClassInvariants
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conjunction, equal, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class, Field, Function, Syntax


class Classes(ClassInvariants):
    """What classes and their instances are."""

    # --- methods and attributes --------------------------------------------------------------------

    def method_of(self, type_: t.Type, name: str) -> Function | None:
        """Return a method of instances of a type: the nearest in the order of inheritance."""
        if not isinstance(type_, t.Instance):
            return None
        found = families.found_in(self.program, type_.name, name)
        if found is not None:
            self.one_meaning(type_, families.short(found))
        return found

    def dispatched(self, function: Function, receiver: t.Type, node: ast.AST, after: str = "") -> None:
        """Refuse a call of a method in whose place something else may run that is not held to its contract."""
        own = t.without_none(receiver)
        if not isinstance(own, t.Instance) or not function.owner:
            return
        for class_, found in families.stand_ins(self.program, own.name, function, after):
            if found is None or not families.conforms(self.program, found, function):
                way = "overrides" if found is not None and found.owner == class_.name else "replaces"
                reason = (
                    "without a contract" if found is not None and function in families.overridden(self.program, found) else ""
                )
                raise Unsupported(f"a call of `{function.name}`, which `{class_.name}` {way} {reason}".rstrip(), node)
            self.symbols.assumptions.setdefault(f"`{found.qualified}` keeps the contract of `{function.qualified}`", None)

    def call_method(self, receiver: Term, name: str, arguments: Sequence[Term], node: ast.AST) -> Term:
        """Return what a method returns."""
        method = self.method_of(receiver.type, name)
        if method is None:
            raise Unsupported(f"the method `{name}` of a `{receiver.type}`", node)
        return self.call_known(method, self.placed(method, [receiver, *arguments], node), node, receiver=receiver)

    @abstractmethod
    def placed(self, function: Function, values: Sequence[Term], node: ast.AST) -> dict[str, Term]:
        """Return values by the names of parameters, where Python itself makes a call."""

    def call_super(self, name: str, node: ast.Call) -> Term:
        """Return what a method of the class above returns."""
        own = families.owner(self.program, self.function)
        if own is None or self.function.kind in ("static", "class"):
            raise Unsupported(f"`super().{name}` here", node)
        name_node = ast.copy_location(ast.Name(self.function.parameters[0].name, ast.Load()), node)
        receiver = self.names.get(name_node.id) if name == "__init__" else self.evaluate(name_node)
        if receiver is None:
            raise Unsupported("`super()` where the first parameter was assigned", node)
        method = families.found_in(self.program, own.qualified, name, own.qualified)
        if method is None:
            for other in families.below(self.program, own.qualified):
                if families.found_in(self.program, other.qualified, name, own.qualified) is not None:
                    raise Unsupported(f"`super().{name}`, which `{other.name}` leads elsewhere", node)
            if name == "__init__":
                for argument in node.args:
                    self.evaluate(argument)
                return Term("Unit()", t.NONE)
            raise Unsupported(f"`super().{name}`", node)
        if method.abstract:
            raise Unsupported(f"a call of the abstract method `{method.name}`", node)
        if name in families.CONSTRUCTORS or method.contract.syntax == Syntax.NONE:
            for other, found in families.stand_ins(self.program, own.qualified, method, own.qualified):
                if found is not method:
                    raise Unsupported(f"`super().{name}`, which `{other.name}` leads elsewhere", node)
        else:
            self.dispatched(method, t.Instance(own.qualified), node, own.qualified)
        result = self.call_known(method, self.matched(method, node, receiver=receiver), node, receiver=receiver, exact=True)
        if name == "__init__":
            self.base_constructed(method)
        return result

    def attribute(self, receiver: Term, name: str, node: ast.AST) -> Term:
        """Return an attribute of an object, as it is in the state in which the object is meant."""
        receiver = self.bounded(receiver)
        with self.state_of(receiver):
            return replace(self._attribute(receiver, name, node), state=receiver.state)

    def _attribute(self, receiver: Term, name: str, node: ast.AST) -> Term:
        own = t.without_none(receiver.type)
        if self.may_be_none(receiver.type):
            self.demand(negation(self.is_none(receiver)), Kind.NONE, node, "it must not be None", "AttributeError")
            receiver = self.narrow(receiver, own)
        self.one_meaning(own, name)
        value_class = self.sorts.value_class(own)
        if value_class is not None:
            return self._value_attribute(value_class, receiver, name, node)
        class_ = self.class_of(own)
        if class_ is not None and class_.kind == "intenum":
            return self.enum_attribute(class_, receiver, name, node)
        found = self.field_of(own, name)
        if found is not None:
            assert isinstance(own, t.Instance)
            self.read_before(node, name)
            type_ = self.field_type(own, *found)
            heap = self.field_map(*found, type_)
            if found[0].kind != "frozen":  # what nobody can change everybody may look at
                self.may_look(heap, receiver.text)
            return self.field_value(found, own, f"{heap}[{receiver.text}]", node)
        method = self.method_of(own, name)
        if method is not None and method.kind == "property":
            return self.call_known(method, {method.parameters[0].name: receiver}, node, receiver=receiver)
        if isinstance(own, t.Instance):
            constant = self.class_constant(own.name, name)
            if constant is not None:
                return constant
        raise Unsupported(f"the attribute `{name}` of a `{own}`", node)

    def one_meaning(self, type_: t.Type, name: str) -> None:
        """Refuse an attribute that is something else in another class of the same family.

        Instances have either an attribute of their own, or a method or property, or one that all share with the
        class; and what all share is the same in derived classes.
        """
        if not isinstance(type_, t.Instance):
            return
        wrong = families.ambiguity(self.program, type_.name, name)
        if wrong:
            raise Unsupported(wrong)
        if families.is_mangled(name):
            self._mangled(type_, name)

    def _mangled(self, type_: t.Instance, name: str) -> None:
        """Refuse a name that Python keeps apart for each class, where another class uses it."""
        owners = families.owners(self.program, type_.name, name)
        if len(owners) > 1:
            raise Unsupported(f"`{name}`, which several classes of one family have for themselves")
        if owners and not self.in_contract:
            own = families.owner(self.program, self.function)
            if own is None or own.qualified != owners[0].qualified:
                raise Unsupported(f"`{name}` outside of its class")

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

    # --- calls of values, and classes as values ----------------------------------------------------

    def call_value(self, value: Term, node: ast.Call, expected: t.Type | None) -> Term:
        """Return what a call of a value returns: a new instance of a class, or what `__call__` returns."""
        own = value.type
        if isinstance(own, t.ClassObject) and isinstance(own.of, t.Instance):
            class_ = self.class_of(own.of)
            if class_ is None or families.below(self.program, class_.qualified):
                raise Unsupported("a call of a class that may be one of several", node)
            return self.construct(class_, node, expected)
        method = self.method_of(own, "__call__")
        if method is None or method.kind != "method":
            raise Unsupported(f"a call of the value `{ast.unparse(node.func)}`", node)
        return self.call_known(method, self.matched(method, node, receiver=value), node, receiver=value)

    def call_class_method(self, function: Function, class_: str, node: ast.Call) -> Term:
        """Return what a class method returns."""
        own = self.program.class_(class_)
        if own is None or not function.parameters:
            raise Unsupported(f"a call of the class method `{function.name}`", node)
        type_ = t.ClassObject(t.Instance(own.qualified))
        receiver = Term(self.symbols.class_name(own.qualified), type_)
        arguments = self.matched(function, node, receiver=receiver)
        return self.call_known(function, arguments, node, receiver=receiver, exact=True)

    def as_tuple(self, term: Term) -> Term:
        """Return an instance of a `NamedTuple` as the tuple that it is; anything else as itself."""
        own = self.class_of(term.type)
        if own is None or not families.is_named_tuple(self.program, own.qualified):
            return term
        family = [*families.classes(self.program, own.qualified), *families.below(self.program, own.qualified)]
        if any(name in c.methods for c in family for name in ("__getitem__", "__iter__", "__len__", "__new__")):
            raise Unsupported(f"the items of a `{own.name}`, which has rules of its own")
        return self.tuple_of([self.attribute(term, f.name, ast.Pass()) for f in self.all_fields(own)])

    @abstractmethod
    def all_fields(self, class_: Class) -> list[Field]:
        """Return the fields of a dataclass or named tuple, in their order."""

    # --- families of classes -----------------------------------------------------------------------

    def not_overridden(self, function: Function, receiver: t.Type | None, node: ast.AST) -> None:
        """Refuse a method whose body is meant where an instance may have another one."""
        if not function.owner or families.short(function) in families.CONSTRUCTORS:
            return
        own = t.without_none(receiver) if receiver is not None else None
        name = own.name if isinstance(own, t.Instance) else f"{function.module}.{function.owner}"
        for class_, _ in families.stand_ins(self.program, name, function):
            raise Unsupported(f"a call of `{function.name}` without contract, which `{class_.name}` overrides", node)

    # --- values of classes, and constants ----------------------------------------------------------

    def class_constant(self, qualified: str, name: str) -> Term | None:
        """Return a constant of a class, or a member of an enumeration."""
        if families.patched(self.program, qualified, name):
            raise Unsupported(f"`{name}`, an attribute of a class that is assigned from outside")
        for ancestor in self.ancestors(qualified):
            known = self.program.class_(ancestor)
            if known is None or name not in known.constants:
                continue
            if known.kind == "enum":
                self.declare_value(known)
                value_of = self.enum_constant(known, name)
                same = next(m for m, v in self.enum_values(known).items() if v == value_of)
                return Term(f"{self.member(known, same)}()", t.Instance(known.qualified))
            if known.kind == "intenum":
                number = self.enum_constant(known, name)
                if not isinstance(number, int):
                    raise Unsupported(f"`{name}` of the enumeration `{known.name}`")
                return terms.number(int(number)).typed(t.Instance(known.qualified))
            module = self.program.modules[known.module]
            if not isinstance(
                known.constants[name], ast.Constant | ast.UnaryOp | ast.BinOp | ast.Tuple | ast.Name | ast.Attribute
            ):
                raise Unsupported(f"`{name}`, which all instances of `{known.name}` share", known.constants[name])
            names = self._in_class_body(known, name)
            with self.contract_of(names, view=self.view, old_view=self.view, module=module):
                return self.evaluate(known.constants[name])
        return None

    def _in_class_body(self, class_: Class, name: str) -> dict[str, Term]:
        """Return what names mean where a constant of a class is defined: those that the class defined before."""
        before = list(class_.constants)[: list(class_.constants).index(name)]
        used = {n.id for n in ast.walk(class_.constants[name]) if isinstance(n, ast.Name)}
        found = {one: self.class_constant(class_.qualified, one) for one in before if one in used}
        return {one: value for one, value in found.items() if value is not None}

    def truth_of_object(self, term: Term, node: ast.AST) -> str:
        """Return whether an instance counts as true, as its class says: always, without `__bool__` and `__len__`."""
        type_ = term.type
        assert isinstance(type_, t.Instance)
        for name in (type_.name, *self.below(type_.name)):
            known = self.program.class_(name)
            if families.foreign(self.program, name) or (known is not None and known.kind == "enum" and len(known.bases) != 1):
                raise Unsupported(f"the truth of a `{type_}`", node)
        for method in ("__bool__", "__len__"):
            if self.method_of(type_, method) is not None:
                if method == "__len__":
                    return self.truth(self.own_length(term, node), node)
                answer = self.call_method(term, method, [], node)
                if answer.type != t.BOOL:
                    raise Unsupported(f"the truth of a `{type_}`, whose `__bool__` returns no `bool`", node)
                return answer.text
            if any(method in c.methods for c in families.below(self.program, type_.name)):
                raise Unsupported(f"the truth of a `{type_}`, for which a derived class has a rule of its own", node)
        known = self.class_of(type_)
        if known is not None and families.is_named_tuple(self.program, known.qualified):
            return "true" if self.all_fields(known) else "false"
        return "true"

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
                # A rule of its own is asked where two objects are compared, and is not followed into what holds them.
                own_rules = [self.method_of(t.Instance(name), rule) for rule in ("__eq__", "__ne__")]
                if families.foreign(self.program, name) or any(rule is not None for rule in own_rules):
                    raise Unsupported(f"a comparison of objects, which `{known.name}` may compare by a rule of its own", node)
                if name != own.name and known.compares_by_value:
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
                for field in self.compared_fields(first)
                if not field.shared
            ]
        # A named tuple is compared as the tuple that it is; and a value from which nothing is derived is of its class alone.
        alike = families.is_named_tuple(self.program, first.qualified)
        alike = alike or (first.kind == "frozen" and not families.below(self.program, first.qualified))
        classes_agree = "true" if alike else equal(apply("class_of", left.text), apply("class_of", right.text))
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

    # --- what constructors say ---------------------------------------------------------------------

    @abstractmethod
    def compared_fields(self, class_: Class) -> list[Field]:
        """Return the fields by which instances of a dataclass are compared."""

    @abstractmethod
    def read_before(self, node: ast.AST, name: str) -> None:
        """Demand that an attribute has a value where a constructor reads it."""

    @abstractmethod
    def given_away(self, node: ast.Name) -> None:
        """Demand that an instance is complete where its constructor uses it as a whole."""

    @abstractmethod
    def base_constructed(self, init: Function) -> None:
        """Know that all attributes have a value that the constructor of a class above assigns."""
