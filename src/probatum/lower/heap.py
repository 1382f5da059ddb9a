"""Objects: which exist, what they hold, and what a piece of code may change.

A map of the heap says nothing of references that are not allocated. So a new
object is one whose entry is already what it holds at first (`allocate`): there
are enough of them, and the maps stay as they are.
"""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from collections.abc import Sequence

from probatum.lower import families, terms
from probatum.lower.floating import Floating
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term, conjunction
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import substituted
from probatum.python import types as t
from probatum.python.program import Class, Field, Syntax
from probatum.records import dataclass

ALLOCATED = "alloc"


@dataclass(frozen=True, slots=True)
class Part:
    """Something that may change: an entry of a map of the heap. `reference` None: every entry; `heap` None: everything."""

    heap: str | None
    reference: str | None


_PARAMETER = re.compile(r"p'\w+")  # nothing assigns it


class Heap(Floating):
    """Reading and writing what references lead to."""

    # --- objects that exist -----------------------------------------------------------

    def allocated(self, reference: str) -> str:
        """Return whether a reference is to an object that exists."""
        return f"{self.heap(ALLOCATED, '[Ref]bool')}[{reference}]"

    def allocate(self, class_: str) -> str:
        """Write that a new object of a class is created, and return its reference."""
        if self.in_contract:
            raise Unsupported("an object that a contract creates")
        reference = self.writer.local("new", "Ref")
        self.writer.line(f"havoc {reference};")
        name = self.symbols.class_name(class_)
        alloc = self.heap(ALLOCATED, "[Ref]bool")
        # A part of a `Sequence` is a list or a tuple.
        made = "true" if class_ in ("builtins.sequence", "builtins.iterable") else f"(class_of({reference}) == {name})"
        self.writer.assume(conjunction(f"({reference} != null)", f"(!{alloc}[{reference}])", made))
        self.writer.assign(alloc, f"{alloc}[{reference} := true]")
        self.created_as[reference] = class_
        return reference

    created_as: dict[str, str]  # of objects that were created here: the class, by the name that stands for the object

    def materialised(self, term: Term, node: ast.AST) -> Term:
        """Return a collection as an object: contents that were only computed become a new one."""
        if not term.content or not self.sorts.shared(term.type):
            return term
        if self.passing(term.type):
            raise Unsupported(f"a `{term.type}` that is kept; make a list or a tuple of it", node)
        if self.in_contract:
            return term
        kind = term.type.kind if isinstance(term.type, t.Collection | t.Mapping) else "bytearray"
        reference = self.allocate(f"builtins.{kind}")
        self.writer.assume(self.same_content(self.content(Term(reference, term.type)), term.text, term.type))
        return Term(reference, term.type)

    def same_content(self, left: str, right: str, type_: t.Type) -> str:
        """Return whether two contents are the same, with order."""
        del type_
        return f"({left} == {right})"

    def known(self, term: Term) -> None:
        """Write what is known of every value of its type that was found somewhere: objects exist, integers are in range."""
        if self.in_contract:
            return
        self.writer.assume(terms.implication(conjunction(*self.guards), self.fact(term)))

    def fact(self, term: Term) -> str:
        """Return what is known of every value of a type."""
        type_ = term.type
        if term.content:
            return "true"
        if isinstance(type_, t.Variable) and type_.bound is not None:
            return self.fact(self.bounded(term))
        if isinstance(type_, t.Ranged):
            return self.in_range(term.text, type_)
        if isinstance(type_, t.Tuple):
            return conjunction(*(self.fact(self.item(term, n)) for n in range(len(type_.items))))
        sort = self.sort(type_)
        if sort.startswith("V'"):
            return self._fact_of_fields(term)
        if sort == "Ref":
            inner = t.without_none(type_)
            exists = conjunction(f"({term.text} != null)", self.allocated(term.text), self.class_fact(term.text, inner))
            return terms.disjunction(f"({term.text} == null)", exists) if self.may_be_none(type_) else exists
        if sort.startswith("(Option"):
            inner = t.without_none(type_)
            return terms.implication(terms.negation(self.is_none(term)), self.fact(Term(f"{term.text}->value", inner)))
        if isinstance(type_, t.Instance) and sort == "int":
            return self.enum_fact(term)
        if sort == "Any":
            return self.any_fact(term)
        return "true"

    def _fact_of_fields(self, term: Term) -> str:
        """Return what is known of the fields of a value, but for those that are values of classes themselves."""
        class_ = self.class_of(term.type)
        if class_ is None or class_.kind == "enum":
            return "true"
        self.declare_value(class_)
        plain = [f for f in class_.fields.values() if not f.shared and "V'" not in self.sort(f.type)]
        facts = [self.fact(Term(f"{term.text}->{self.selector(class_, f.name)}", f.type)) for f in plain]
        return conjunction(*facts, *self.lasting_invariants(class_, term))

    @abstractmethod
    def lasting_invariants(self, class_: Class, term: Term) -> Sequence[str]:
        """Return the invariants of a value that nothing can break, once it was constructed."""

    @abstractmethod
    def declare_value(self, class_: Class) -> None:
        """Declare the datatype of a class whose instances are values."""

    @abstractmethod
    def selector(self, class_: Class, name: str) -> str:
        """Return the function that takes a field out of a value."""

    def any_fact(self, term: Term) -> str:
        """Return what is known of a boxed value: references in it exist, and it is of one of the types."""
        inside = f"{term.text}->any_ref"
        alive = terms.implication(f"({term.text} is Any_ref)", conjunction(f"({inside} != null)", self.allocated(inside)))
        kind = "true"
        if isinstance(term.type, t.Union):
            kind = self.holds_type(term, term.type)
        return conjunction(alive, kind)

    def class_fact(self, reference: str, type_: t.Type) -> str:
        """Return what is known of the class of an object of a type."""
        if isinstance(type_, t.Collection) and type_.kind in ("sequence", "iterable", "iterator"):
            return "true"
        if isinstance(type_, t.Mapping) and type_.kind == "mapping":
            return "true"
        return self.instance_test(reference, type_)

    def enum_fact(self, term: Term) -> str:
        """Return that an integer is a member of its IntEnum."""
        own = self.class_of(term.type)
        if own is None:
            return "true"
        values = [self.constant_int(e) for e in own.constants.values()]
        return terms.disjunction(*(f"({term.text} == {v})" for v in values if v is not None)) if None not in values else "true"

    def constant_int(self, node: ast.expr) -> int | None:
        """Return the value of an integer literal."""
        try:
            value = ast.literal_eval(node)
        except (ValueError, TypeError, MemoryError, RecursionError):
            return None
        return value if isinstance(value, int) else None

    # --- fields ---------------------------------------------------------------------------

    def field_of(self, type_: t.Type, name: str) -> tuple[Class, Field] | None:
        """Return a field of instances and the class that declares it first: its type is the one for all classes below."""
        if not isinstance(type_, t.Instance):
            return None
        known = families.declaring(self.program, type_.name, name)
        return None if known is None else (known, known.fields[name])

    def field_type(self, owner: t.Instance, declaring: Class, own: Field) -> t.Type:
        """Return the type of a field, with the arguments of a generic class put in."""
        if not declaring.type_variables:
            return own.type
        arguments = self.arguments_in(owner, declaring)
        type_ = substituted(own.type, dict(arguments)) if arguments is not None else own.type
        if arguments is None and type_ != substituted(type_, dict.fromkeys(declaring.type_variables, t.NEVER)):
            raise Unsupported(f"the attribute `{own.name}` of a `{owner}`, of whose type variables nothing is known")
        return type_

    def field_map(self, declaring: Class, own: Field, type_: t.Type) -> str:
        """Return the map that holds a field of every object, in the state that is meant.

        What is in a field that nothing assigns is the same in every state.
        """
        sort = self.sort(type_)
        name = f"F'{mangled(declaring.qualified)}'{own.name}'{mangled(sort)}"
        if declaring.kind == "frozen":
            self.symbols.declarations["const " + name] = f"const {name}: [Ref]{sort};"
            return name
        return self.heap(name, f"[Ref]{sort}")

    def field_value(self, found: tuple[Class, Field], owner: t.Instance, stored: str, node: ast.AST) -> Term:
        """Return what a field holds, given the entry of its map."""
        del node
        term = Term(stored, self.field_type(owner, *found))
        self.known(term)
        return term

    def stored(self, field: Field, value: Term, node: ast.AST) -> Term:
        """Return what the map of a field holds for a value."""
        del field, node
        return value

    # --- writing -----------------------------------------------------------------------------

    def write(self, heap: str, reference: str, value: str, node: ast.AST) -> None:
        """Write an entry of a map of the heap."""
        if self.in_contract:
            raise Unsupported("a contract that changes something", node)
        self.may_write(heap, reference, node)
        self.writer.assign(heap, f"{heap}[{reference} := {value}]")
        if _PARAMETER.fullmatch(reference) and _PARAMETER.fullmatch(value):
            self.writer.holds(heap, reference, value)

    def set_content(self, term: Term, content: str, node: ast.AST) -> None:
        """Write what a collection holds from now on."""
        own = t.without_none(term.type)
        if term.content:
            raise Unsupported("a change of something that has no name", node)
        self.write(self.heap(self.sorts.heap(own), f"[Ref]{self.sorts.content(own)}"), term.text, content, node)

    def may_write(self, heap: str, reference: str, node: ast.AST) -> None:
        """Demand that the function's contract allows it to change an entry."""
        allowed = self.writable
        if allowed is None:
            return
        new = f"(!entry'{ALLOCATED}[{reference}])"
        self.heap(ALLOCATED, "[Ref]bool")
        options = [new] + [
            "true"
            if part.heap is None or (part.reference is None and part.heap == heap)
            else f"({reference} == {part.reference})"
            for part in allowed
            if part.heap in (None, heap)
        ]
        condition = terms.disjunction(*options)
        if condition != "true":
            text = "the contract must allow this change"
            self.writer.claim(condition, Obligation(Kind.FRAME, self.place(node), text))

    writable: Sequence[Part] | None = None  # None: nobody said

    @property
    def strict_frames(self) -> bool:
        """Whether reading needs permission, too."""
        return self.function.contract.syntax == Syntax.NAGINI
