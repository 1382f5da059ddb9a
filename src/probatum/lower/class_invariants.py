"""Invariants of classes: where they are known, and where they are owed."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence

from probatum.lower import calling, families, terms
from probatum.lower.enumerations import Enumerations
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.terms import Term, apply, conjunction
from probatum.python import types as t
from probatum.python.program import Class, Clause, Function, Module, Syntax


class ClassInvariants(Enumerations):
    """What instances keep."""

    entry_names: dict[str, Term]
    _stating: tuple[str, ...] = ()

    def takes_invariants(self, function: Function) -> bool:
        """Whether a method takes the invariants of its class for granted, and keeps them.

        Private methods may be called in between. What invariants themselves call cannot rest on them.
        """
        if not function.owner or function.kind in ("static", "class", "function"):
            return False
        if families.is_private(families.short(function)):
            return False
        return function.qualified not in calling.behind_invariants(self.program)

    def invariants_at_entry(self, function: Function, names: Mapping[str, Term], view: str) -> list[str]:
        """Return what a method takes for granted of its object in a state."""
        if not self.takes_invariants(function) or families.short(function) in families.CONSTRUCTORS:
            return []
        own = families.owner(self.program, function)
        if own is None:
            return []
        receiver = {"self": names[function.parameters[0].name]}
        return [
            self.clause(clause, receiver, view=view, old_view=view, module=module)
            for clause, module in self.class_invariants(own)
        ]

    def keep_invariants(self, function: Function) -> None:
        """Demand at the end of a method that its object's class's invariants hold; of a constructor: that they have a value."""
        own = families.owner(self.program, function)
        if own is None or not self.takes_invariants(function):
            return
        receiver = {"self": self.entry_names[function.parameters[0].name]}
        for clause, module in self.class_invariants(own):
            with self.contract_of(receiver, view="", old_view=self.old_view, module=module) as demands:
                condition = self.condition_of(clause.expression)
                found = list(demands)
            for demand in found:
                self.writer.claim(demand.condition, demand.obligation)
            obligation = Obligation(
                Kind.CLASS_INVARIANT, function.place, clause.text, clause=clause.place, path=self._elsewhere(module)
            )
            self.writer.claim(condition, obligation)

    def _elsewhere(self, module: Module) -> str:
        own = self.program.modules[self.function.module]
        return "" if module is own else module.path

    def check_receiver(self, function: Function, arguments: Mapping[str, Term], node: ast.AST) -> None:
        """Demand what a public method takes for granted."""
        for condition, obligation in self.owed_to_receiver(function, arguments, node):
            self.writer.claim(condition, obligation)

    def owed_to_receiver(
        self, function: Function, arguments: Mapping[str, Term], node: ast.AST
    ) -> Iterator[tuple[str, Obligation]]:
        """Yield what a function takes for granted: the invariants of its arguments' classes, and of classes derived from these.

        A public method takes them for granted of its own object too.
        """
        if self.takes_invariants(function) and families.short(function) not in families.CONSTRUCTORS:
            yield from self._owed_to(arguments[function.parameters[0].name], node)
        yield from self.owed_to_arguments(function, arguments, node)

    def owed_to_arguments(
        self, function: Function, arguments: Mapping[str, Term], node: ast.AST
    ) -> Iterator[tuple[str, Obligation]]:
        """Yield the invariants of what is passed to a function, but for a method's own object."""
        if self.is_pure(function) or function.qualified in calling.behind_invariants(self.program):
            return
        bound = function.owner and function.kind not in ("static", "function")
        for parameter in function.parameters[1 if bound else 0 :]:
            own = arguments.get(parameter.name)
            type_ = t.without_none(parameter.type)
            if own is None or not isinstance(type_, t.Instance) or self.sort(own.type) != "Ref" or self.sort(type_) != "Ref":
                continue
            there = f"({own.text} != null)" if self.may_be_none(own.type) else "true"
            for condition, obligation in self._owed_to(own.typed(type_), node):
                yield terms.implication(there, condition), obligation

    def _owed_to(
        self, receiver: Term, node: ast.AST, *, at_assignments: bool = False, known: set[str] | None = None
    ) -> Iterator[tuple[str, Obligation]]:
        seen: set[int] = set()
        for class_, exact in self.classes_below(receiver.type):
            for clause, module in self.class_invariants(class_, at_assignments=at_assignments):
                if id(clause) in seen:
                    continue
                seen.add(id(clause))
                if known is not None and not self._has_values(clause, class_, known):
                    continue
                names = {"self": receiver.typed(t.Instance(class_.qualified))}
                condition = self.clause(clause, names, view=self.view, old_view=self.view, module=module)
                if not exact:
                    test = apply("Sub", apply("class_of", receiver.text), self.symbols.class_name(class_.qualified))
                    condition = terms.implication(test, condition)
                yield (
                    condition,
                    Obligation(Kind.CLASS_INVARIANT, self.place(node), clause.text, clause=clause.place, path=module.path),
                )

    @property
    @abstractmethod
    def constructing(self) -> str:
        """The name of the instance that the function under way constructs, or ""."""

    @abstractmethod
    def needed(self, class_: Class) -> Iterator[str]:
        """Yield the attributes that an instance must get from its constructor."""

    def after_assignment(self, receiver: Term, node: ast.Attribute) -> None:
        """Demand the invariants that are checked after each assignment to an attribute.

        In a constructor those are demanded that can be evaluated: all attributes that they name have a value.
        """
        if self.constructing and receiver.text == self.entry_names[self.constructing].text:
            if self.function.owner and self._syntax_of(receiver) is Syntax.ICONTRACT:
                return  # the library looks at the end of the constructor
            known = {f.removeprefix(f"{self.constructing}.") for f in self.assigned}
        else:
            known = None
        for condition, obligation in self._owed_to(receiver, node, at_assignments=True, known=known):
            self.writer.claim(condition, obligation)

    def _syntax_of(self, receiver: Term) -> Syntax:
        own = self.program.class_(receiver.type.name) if isinstance(receiver.type, t.Instance) else None
        return own.syntax if own is not None else Syntax.NONE

    def _has_values(self, clause: Clause, class_: Class, known: set[str]) -> bool:
        """Whether the attributes that an invariant names have a value in a constructor that assigned these."""
        named = {n.attr for n in ast.walk(clause.expression) if isinstance(n, ast.Attribute)}
        late = sorted(named.intersection(self.needed(class_)) - known)
        if late:
            text = f"`__init__` ends, although the library evaluates `{clause.text}` before `{late[0]}` has a value"
            self.symbols.assumptions.setdefault(text, None)
        return not late

    def assume_receiver(self, function: Function, arguments: Mapping[str, Term]) -> None:
        """Write what a public method leaves behind: the invariants of its class, but not of classes derived from that."""
        own = families.owner(self.program, function)
        if own is None or not self.takes_invariants(function):
            return
        receiver = arguments[function.parameters[0].name]
        if self.sort(receiver.type) != "Ref":
            return
        names = {"self": receiver}
        for clause, module in self.class_invariants(own):
            self.writer.assume(self.clause(clause, names, view="", old_view="", module=module))

    def has_stand_ins(self, function: Function, receiver: Term) -> bool:
        """Whether another method may run instead of one."""
        own = t.without_none(receiver.type)
        if not isinstance(own, t.Instance):
            return False
        return any(True for _ in families.stand_ins(self.program, own.name, function))

    def lasting_invariants(self, class_: Class, term: Term) -> Sequence[str]:
        """Return the invariants of a value that nothing can break, once it was constructed: those of immutable fields."""
        if not class_.invariants or class_.qualified in self._stating:
            return ()
        if families.short(self.function) in families.CONSTRUCTORS:
            return ()  # `__post_init__` sees its object before anyone has looked at the invariants
        if not all(self._lasts(f.type, ()) for f in class_.fields.values() if not f.shared):
            return ()
        module = self.program.modules[class_.module]
        self._stating = (*self._stating, class_.qualified)
        try:
            return [
                self.clause(clause, {"self": term}, view=self.view, old_view=self.view, module=module)
                for clause in class_.invariants
            ]
        finally:
            self._stating = self._stating[:-1]

    def _lasts(self, type_: t.Type, seen: tuple[str, ...]) -> bool:
        """Whether values of a type never change, through and through."""
        match type_:
            case t.Plain(name=name):
                return name in ("int", "bool", "float", "str", "bytes", "None")
            case t.Ranged():
                return True
            case t.Tuple(items=parts) | t.Union(options=parts):
                return all(self._lasts(part, seen) for part in parts)
            case t.Collection(kind="tuple" | "frozenset" | "range", item=item):
                return self._lasts(item, seen)
            case t.Instance(name=name):
                own = self.sorts.value_class(type_)
                if own is None or name in seen:
                    return False
                return own.kind == "enum" or all(self._lasts(f.type, (*seen, name)) for f in own.fields.values())
        return False

    def class_invariants(self, class_: Class, *, at_assignments: bool = False) -> list[tuple[Clause, Module]]:
        """Return the invariants of a class and of those above it; `at_assignments`: those that hold after every one."""
        above = (self.program.class_(name) for name in self.ancestors(class_.qualified))
        found = [c for c in above if c is not None and (c.invariants_at_assignments or not at_assignments)]
        return [(clause, self.program.modules[c.module]) for c in found for clause in c.invariants]

    def check_invariant(self, clause: Clause, class_: Class, receiver: Term, node: ast.AST) -> None:
        """Demand an invariant of a class."""
        module = self.program.modules[class_.module]
        names = {"self": receiver}
        condition = self.clause(clause, names, view=self.view, old_view=self.view, module=module)
        obligation = Obligation(Kind.CLASS_INVARIANT, self.place(node), clause.text, clause=clause.place, path=module.path)
        if not self.in_contract:
            self.writer.claim(terms.implication(conjunction(*self.guards), condition), obligation)

    def below(self, name: str) -> list[str]:
        """Return the classes of the program that are derived from a class."""
        return [c.qualified for c in families.below(self.program, name)]

    def classes_below(self, type_: t.Type) -> Iterator[tuple[Class, bool]]:
        """Yield the class of an object, and those derived from it, each with whether the object is certainly one."""
        if not isinstance(type_, t.Instance):
            return
        known = self.program.class_(type_.name)
        if known is not None:
            yield known, True
        for name in self.below(type_.name):
            derived = self.program.class_(name)
            if derived is not None:
                yield derived, False
