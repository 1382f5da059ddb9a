"""Values: how one is read as another type, when two are equal, and when one counts as true."""

from __future__ import annotations

import ast
import math
from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from probatum.lower import families, terms
from probatum.lower.attempt import Attempt
from probatum.lower.lowered import Kind
from probatum.lower.sorts import TEXTS, mangled
from probatum.lower.tables import named_table
from probatum.lower.terms import FALSE, TRUE, Term, apply, conditional, conjunction, equal, negation
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import substituted
from probatum.python import types as t
from probatum.python.program import Class

NO_VALUE = Term("Unit()", t.NONE)

# How a value is put into, recognised in and taken out of `Any`: constructor by sort.
_ANY = {
    "int": "Any_int",
    "bool": "Any_bool",
    "float53e11": "Any_float",
    "(Seq char)": "Any_str",
    "(Seq byte)": "Any_bytes",
    "Ref": "Any_ref",
    "Unit": "Any_none",
    "Class": "Any_class",
}


class Values(Attempt):
    """Conversions between types."""

    # --- conversions ----------------------------------------------------------------

    def coerce(self, term: Term, type_: t.Type, node: ast.AST) -> Term:
        """Return a value as one of another type, demanding that it is one.

        Raises
        ------
        Unsupported
            If no value of the one type is ever one of the other.
        """
        if term.type == type_ or (isinstance(type_, t.Plain) and type_ == t.UNKNOWN and term.type == t.UNKNOWN):
            return self._stored(term, type_)
        term = self.bounded(term)
        have, want = term.type, type_
        if want == t.NONE:
            self.demand(self.is_none(term), Kind.TYPE, node, "it must be None", "TypeError")
            return NO_VALUE
        if isinstance(want, t.Ranged):
            inner = self.coerce(term, t.INT, node)
            self.demand(self.in_range(inner.text, want), Kind.RANGE, node, f"it must be an {want}")
            return inner.typed(want)
        if want == t.INT and have == t.BOOL:
            return Term(conditional(term.text, "1", "0"), t.INT)
        if want == t.INT and (isinstance(have, t.Ranged) or self.sort(have) == "int"):
            members = self.class_of(have)
            if members is not None and not TEXTS.isdisjoint(members.methods):
                raise Unsupported(f"a `{members.name}` as an `int`, for which it has a text of its own", node)
            return term.typed(t.INT)
        if want == t.FLOAT and (self.sort(have) in ("int", "bool")):
            literal = term.text.strip("()")
            if literal.lstrip("-").isdigit() and abs(int(literal)) > 1 << 53:
                raise Unsupported("an integer of this size where a float is expected", node)
            return self.float_of(self.coerce(term, t.INT, node), node)
        own, other = self.sort(have), self.sort(want)
        if have == t.NONE and other == "Ref" and not self.may_be_none(want):
            self.demand("false", Kind.NONE, node, "it must not be None")
            return Term("null", want)
        if own == other:
            return self._same_sort(term, want, node)
        if other == "Any":
            return self.boxed(term, want, node)
        if own == "Any":
            return self.unboxed(term, want, node)
        if isinstance(want, t.Union):
            return self._into_union(term, want, node)
        if isinstance(have, t.Union):
            return self._out_of_union(term, want, node)
        if (isinstance(want, t.Collection) and isinstance(have, t.Collection | t.Tuple)) or want in (t.BYTES, t.STR):
            return self._collection(term, want, node)
        if isinstance(want, t.Tuple) and isinstance(have, t.Tuple) and len(want.items) == len(have.items):
            items = [self.coerce(self.item(term, i), w, node) for i, w in enumerate(want.items)]
            return self.tuple_of(items)
        raise Unsupported(f"a `{have}` where a `{want}` is expected", node)

    def bounded(self, term: Term) -> Term:
        """Return a value of a type variable as one of the bound of the variable; anything else as itself."""
        own = term.type
        if not isinstance(own, t.Variable) or own.bound is None:
            return term
        sort, to = self.sort(own), self.sort(own.bound)
        if sort == to:
            return term.typed(own.bound)
        name = f"bound'{mangled(own.name)}"
        self.symbols.declarations["function " + name] = f"function {name}(a: {sort}): {to};"
        return Term(apply(name, term.text), own.bound, state=term.state)

    def sort(self, type_: t.Type) -> str:
        """Return the sort of a type."""
        return self.sorts.of(type_)

    def in_range(self, text: str, type_: t.Ranged) -> str:
        """Return whether an integer is within its bounds."""
        low = "true" if type_.low is None else f"({type_.low} <= {text})"
        high = "true" if type_.high is None else f"({text} <= {type_.high})"
        return conjunction(low, high)

    @abstractmethod
    def float_of(self, term: Term, node: ast.AST) -> Term:
        """Return an integer as the nearest float."""

    @abstractmethod
    def float_beside_int(self, symbol: str, value: Term, integer: Term, node: ast.AST) -> str:
        """Return whether a float stands in a relation to an integer."""

    @abstractmethod
    def equal_items(self, left: str, right: str, item: str, node: ast.AST) -> str:
        """Return whether two sequences have equal items, of which not all are equal just if they are the same."""

    def float_literal(self, value: float) -> Term:
        """Return a float constant, exactly."""
        if math.isnan(value):
            return Term("0NaN53e11", t.FLOAT)
        if value in (float("inf"), float("-inf")):
            return Term("0+oo53e11" if value > 0 else "0-oo53e11", t.FLOAT)
        mantissa, exponent = value.hex().removeprefix("-").removeprefix("0x").split("p")
        whole, _, fraction = mantissa.partition(".")
        digits = int(whole + fraction, 16)
        binary = int(exponent) - 4 * len(fraction)
        if digits == 0:
            return Term(f"0x{'-' if str(value).startswith('-') else ''}0.0e0f53e11".replace("0x-", "-0x"), t.FLOAT)
        # Boogie's exponent counts hexadecimal digits.
        shift = binary % 4
        digits, binary = digits << shift, binary - shift
        while digits % 16 == 0:  # as the prelude writes it: one float in two ways would be two terms
            digits, binary = digits >> 4, binary + 4
        sign = "-" if value < 0 else ""
        return Term(f"({sign}0x{digits:x}.0e{binary // 4}f53e11)" if sign else f"0x{digits:x}.0e{binary // 4}f53e11", t.FLOAT)

    def _stored(self, term: Term, type_: t.Type) -> Term:
        del type_
        return term

    def _same_sort(self, term: Term, want: t.Type, node: ast.AST) -> Term:
        if self.sort(want) == "Ref" and not self.may_be_none(want) and self.may_be_none(term.type):
            self.demand(negation(self.is_none(term)), Kind.NONE, node, "it must not be None", "TypeError")
        if self.sorts.shared(t.without_none(want)) and self.sorts.shared(t.without_none(term.type)):
            return self._shared(term, want, node)
        condition = self.belongs(term, want, node)
        if condition != "true":
            kind = Kind.RANGE if isinstance(t.without_none(want), t.Ranged) else Kind.TYPE
            self.demand(condition, kind, node, f"it must be a `{want}`", "" if kind is Kind.RANGE else "TypeError")
        return term.typed(want)

    def belongs(self, term: Term, want: t.Type, node: ast.AST) -> str:
        """Return whether a value belongs to a type of the same sort, as far as its own type does not say so."""
        have = term.type
        if have == want or self.is_subtype(have, want):
            return "true"
        match want:
            case t.Ranged():
                return self.in_range(term.text, want)
            case t.Tuple(items=items):
                return conjunction(*(self.belongs(self.item(term, n), w, node) for n, w in enumerate(items)))
            case t.Collection(kind="tuple" | "pseq", item=item) if isinstance(have, t.Collection):
                place = "place'"
                inner = self.belongs(Term(apply("Seq_at", term.text, place), have.item), item, node)
                if inner == "true":
                    return "true"
                within = f"(0 <= {place} && {place} < {apply('Seq_len', term.text)})"
                # A trigger has no lambda in it.
                trigger = "" if "::" in term.text else f"{{{apply('Seq_at', term.text, place)}}} "
                return f"(forall {place}: int :: {trigger}{terms.implication(within, inner)})"
            case t.Union(options=options) if self.sort(want).startswith("(Option"):
                inner_have, inner_want = t.without_none(have), t.union(*(o for o in options if o != t.NONE))
                inner = self.belongs(Term(f"{term.text}->value", inner_have), inner_want, node)
                return terms.disjunction(self.is_none(term), inner)
            case t.Plain(name="int" | "str" | "bytes" | "bool" | "float" | "object" | "unknown" | "None"):
                return "true"
            case t.Instance() | t.Union() if self.sort(want) == "Ref":
                for option in want.options if isinstance(want, t.Union) else (want,):
                    for other in have.options if isinstance(have, t.Union) else (have,):
                        if isinstance(option, t.Instance) and not self._may_belong(other, option):
                            raise Unsupported(f"a `{have}` where a `{want}` is expected", node)
                return self.instance_test(term.text, want)
            case t.Instance() if self.sort(want) == "int":
                return self.enum_fact(term.typed(want))
            case t.Union() if self.sort(want) in ("Any", "int"):
                return self.holds_type(term, want) if self.sort(want) == "Any" else "true"
        raise Unsupported(f"a `{have}` where a `{want}` is expected", node)

    def _may_belong(self, have: t.Type, want: t.Instance) -> bool:
        """Whether a test of class decides whether a value of one type is one of another."""
        known = self.class_of(want)
        if known is not None and known.kind == "protocol" and isinstance(have, t.Instance):
            return want.name in self.ancestors(have.name)  # other classes may have all of its methods
        if isinstance(have, t.Instance):
            return self.arguments_agree(have, want)
        return known is None or not known.type_variables

    @abstractmethod
    def enum_fact(self, term: Term) -> str:
        """Return that an integer is a member of its IntEnum."""

    def _shared(self, term: Term, want: t.Type, node: ast.AST) -> Term:
        have, to = t.without_none(term.type), t.without_none(want)
        if self.passing(have) and have != to:
            raise Unsupported(f"a `{have}` where a `{to}` is expected", node)
        if t.NEVER in (getattr(have, "item", None), getattr(have, "key", None)) and term.content:
            return Term(self.empty_content(to), to, content=True)
        if self.same_items(have, to):
            return term.typed(want)
        if term.content and self.sorts.heap(have) == self.sorts.heap(to) and isinstance(have, t.Collection):
            # Nobody else has it yet, so it may as well be a collection of what its items are.
            assert isinstance(to, t.Collection)
            if self.sorts.content(have).startswith("(Seq"):
                items = self.belongs(Term(term.text, t.Collection("tuple", have.item)), t.Collection("tuple", to.item), node)
                if items != "true":
                    self.demand(items, Kind.TYPE, node, f"its items must be of the type `{to.item}`")
                return term.typed(to)
        raise Unsupported(f"a `{have}` where a `{to}` is expected", node)

    def same_items(self, have: t.Type, want: t.Type) -> bool:
        """Whether a collection can be used as another: the items are of one type, or are only read and are of a narrower one."""
        if isinstance(have, t.Mapping) and isinstance(want, t.Mapping):
            if want.kind == "mapping":
                return have.key == want.key and self._readable_as(have.value, want.value)
            return have.key == want.key and have.value == want.value
        if isinstance(have, t.Collection) and isinstance(want, t.Collection):
            if self.sorts.heap(have) != self.sorts.heap(want):
                return False
            if want.kind in ("sequence", "iterable"):
                return self._readable_as(have.item, want.item)
            return have.item == want.item and (have.kind == want.kind or have.kind in ("sequence", "iterable"))
        return have == want

    def _readable_as(self, have: t.Type, want: t.Type) -> bool:
        return have == want or (self.is_subtype(have, want) and self.sort(have) == self.sort(want))

    def empty_content(self, type_: t.Type) -> str:
        """Return what an empty collection holds."""
        content = self.sorts.content(type_)
        kind = {"(Seq": "Seq_empty", "(Set": "Set_empty", "(Map": "Map_empty"}[content.split(" ")[0]]
        return f"({kind}() : {content[1:-1]})"

    def _collection(self, term: Term, want: t.Type, node: ast.AST) -> Term:
        have = term.type
        if isinstance(want, t.Collection) and want.kind in ("sequence", "iterable", "tuple", "pseq"):
            if isinstance(have, t.Tuple):
                items = [self.coerce(self.item(term, i), want.item, node) for i in range(len(have.items))]
                return Term(self.sequence_of([i.text for i in items], self.sort(want.item)), want, content=True)
            if isinstance(have, t.Collection) and self.sort(have.item) == self.sort(want.item):
                return Term(term.text, want, content=not self.sorts.shared(have) or term.content)
        raise Unsupported(f"a `{have}` where a `{want}` is expected", node)

    def sequence_of(self, items: list[str], sort: str) -> str:
        """Return a sequence of given items."""
        if (named := named_table(items, sort, self.symbols.declarations)) is not None:
            return named
        text = f"(Seq_empty() : Seq {sort})"
        for number, item in enumerate(items):
            text = apply("Seq_push", text, item) if number else apply("Seq_one", item)
        return text

    # --- unions, None and `Any` --------------------------------------------------------

    def may_be_none(self, type_: t.Type) -> bool:
        """Whether None is a value of the type."""
        return type_ in (t.NONE, t.OBJECT, t.UNKNOWN) or (isinstance(type_, t.Union) and t.NONE in type_.options)

    def is_none(self, term: Term) -> str:
        """Return whether a value is None."""
        if term.type == t.NONE:
            return "true"
        if isinstance(term.type, t.Variable) and term.type.bound is not None and not self.may_be_none(term.type.bound):
            return "false"
        if isinstance(term.type, t.Variable):
            raise Unsupported("a comparison with None of a value of which only a type variable is known")
        if term.content or not self.may_be_none(term.type):
            return "false"
        match self.sort(term.type).split(" ")[0].strip("("):
            case "Ref":
                return f"({term.text} == null)"
            case "Option":
                return f"({term.text} is None_)"
            case "Any":
                return f"({term.text} is Any_none)"
            case _:
                return "false"

    def boxed(self, term: Term, want: t.Type, node: ast.AST) -> Term:
        """Return a value as one of any type."""
        if isinstance(term.type, t.Union):
            if self.sort(term.type) == "Ref":
                box = conditional(self.is_none(term), "Any_none()", apply("Any_ref", term.text))
                return Term(box, want)
            inner = t.without_none(term.type)
            box = self.boxed(Term(f"{term.text}->value", inner), want, node).text
            return Term(conditional(self.is_none(term), "Any_none()", box), want)
        if term.content:
            raise Unsupported(f"a new `{term.type}` where an object of any type is expected", node)
        sort = self.sort(term.type)
        if sort == "Unit":
            return Term("Any_none()", want)
        if sort == "int" and not self.by_value:
            return self.boxed_number(term, want)
        put = self.box(sort)
        if put is not None:
            return Term(apply(put, term.text), want)
        raise Unsupported(f"a `{term.type}` where an object of any type is expected", node)

    by_value = False  # what is boxed is only compared: `True` is 1

    @abstractmethod
    def boxed_number(self, term: Term, want: t.Type) -> Term:
        """Return an `int` as a value of any type, which may be a bool."""

    def box(self, sort: str) -> str | None:
        """Return what puts a value of a sort into `Any`; None if it cannot be there."""
        return _ANY.get(sort)

    def unboxed(self, term: Term, want: t.Type, node: ast.AST) -> Term:
        """Return a value of any type as one of this type, demanding that it is one."""
        if isinstance(want, t.Union):
            inner = t.without_none(want)
            none = self.is_none(term)
            with self.guarded(negation(none)):
                some = self.unboxed(term.typed(t.OBJECT), inner, node)
            if self.sort(want) == "Ref":
                return Term(conditional(none, "null", some.text), want)
            return Term(conditional(none, "None_()", apply("Some", some.text)), want)
        box = self.box(self.sort(want))
        if box is None:
            raise Unsupported(f"an object of any type where a `{want}` is expected", node)
        self.demand(self.holds_type(term, want), Kind.TYPE, node, f"it must be a `{want}`", "TypeError")
        return Term(_out_of_any(term.text, box), want)

    def _into_union(self, term: Term, want: t.Union, node: ast.AST) -> Term:
        sort = self.sort(want)
        if term.type == t.NONE:
            return Term("null" if sort == "Ref" else "None_()", want)
        inner = t.without_none(want)
        if sort == "int":
            return self.coerce(term, t.INT, node).typed(want)
        return Term(apply("Some", self.coerce(term, inner, node).text), want)

    def _out_of_union(self, term: Term, want: t.Type, node: ast.AST) -> Term:
        inner = t.without_none(term.type)
        self.demand(negation(self.is_none(term)), Kind.NONE, node, "it must not be None", "TypeError")
        return self.coerce(Term(f"{term.text}->value", inner), want, node)

    def narrow(self, term: Term, type_: t.Type) -> Term:
        """Return a value that is known to be of a more special type."""
        return replace(self._narrow(term, type_), state=term.state, exact=term.exact)

    def _narrow(self, term: Term, type_: t.Type) -> Term:
        own, other = self.sort(term.type), self.sort(type_)
        if own == other:
            return term.typed(type_)
        if type_ == t.NONE:
            return NO_VALUE
        if own.startswith("(Option"):
            return self._narrow(Term(f"{term.text}->value", t.without_none(term.type)), type_)
        if own == "int" and type_ == t.BOOL:
            return Term(negation(equal(term.text, "0")), t.BOOL)
        box = self.box(other) if own == "Any" else None
        if box is not None:
            return Term(_out_of_any(term.text, box), type_)
        if own == "Any" and isinstance(type_, t.Union):
            silent, self.demands = self.demands, []
            try:
                return self.unboxed(term, type_, ast.Pass())
            finally:
                self.demands = silent
        return term

    def creates(self, term: Term) -> bool:
        """Whether a value is the content of an object that is still to be made: not a text, which is no object with content."""
        return term.content and term.type not in (t.STR, t.BYTES)

    # --- tests of type -------------------------------------------------------------------

    def holds_type(self, term: Term, type_: t.Type) -> str:
        """Return whether a value is of a type, at run time: `isinstance`."""
        have = term.type
        if isinstance(have, t.Variable):
            if have.bound is None or (self.sort(have) != "Ref" and not self.is_subtype(have.bound, type_)):
                raise Unsupported("a test for the type of a value of which only a type variable is known")
            return self.holds_type(self.bounded(term), type_)
        if isinstance(type_, t.Union):
            return terms.disjunction(*(self.holds_type(term, o) for o in type_.options))
        if type_ in (t.OBJECT, t.UNKNOWN):
            return "true"
        if type_ == t.NONE:
            return self.is_none(term)
        sort = self.sort(have)
        if sort == "Any":
            box = self.box(self.sort(type_))
            if box is None:
                raise Unsupported(f"a test for `{type_}` on an object of any type")
            own = f"({term.text} is {box})"
            if type_ == t.INT:
                return f"({term.text} is Any_int || {term.text} is Any_bool)"
            if box == "Any_ref":
                return conjunction(own, self.instance_test(f"{term.text}->any_ref", type_))
            return own
        if sort.startswith("(Option"):
            inner = Term(f"{term.text}->value", t.without_none(have), exact=term.exact)
            return conjunction(negation(self.is_none(term)), self.holds_type(inner, type_))
        if sort == "Ref":
            present = "true" if term.content else f"({term.text} != null)"
            if self.is_subtype(t.without_none(have), type_):
                return present if self.may_be_none(have) else "true"
            if term.content and getattr(have, "kind", "") in _ANY_KIND:
                raise Unsupported(f"a test for the type of a part of a `{have}`")
            if term.content:
                return "false"
            self.tell_apart(have, type_)
            return conjunction(present, self.instance_test(term.text, type_))
        if have == t.FLOAT and type_ in (t.FLOAT, t.INT, t.BOOL) and term.exact:
            return "true" if type_ == t.FLOAT else "false"
        if have == t.FLOAT and type_ in (t.FLOAT, t.INT, t.BOOL):
            raise Unsupported(f"whether a `{have}` is a `{type_}`: an int may be given for a float")
        return "true" if self.is_subtype(have, type_) else "false"

    def tell_apart(self, one: t.Type, other: t.Type) -> None:
        """Know of classes from which no class is derived together that nothing is an instance of both."""
        for a in _class_names(one):
            for b in _class_names(other):
                if families.apart(self.program, a, b):
                    self.symbols.apart[min(a, b), max(a, b)] = None
                    for name in (a, b):
                        self.symbols.class_name(name)
                    names = " and ".join(f"`{name.rpartition('.')[2]}`" for name in sorted((a, b)))
                    self.symbols.assumptions.setdefault(f"no class is derived from both {names}", None)

    def instance_test(self, text: str, type_: t.Type) -> str:
        """Return whether a reference is to an instance of a class."""
        if isinstance(type_, t.Union):
            options = [f"({text} == null)" if o == t.NONE else self.instance_test(text, o) for o in type_.options]
            return terms.disjunction(*options)
        if isinstance(type_, t.Instance):
            return apply("Sub", apply("class_of", text), self.symbols.class_name(type_.name))
        if isinstance(type_, t.Collection | t.Mapping):
            return apply("Sub", apply("class_of", text), self.symbols.class_name(f"builtins.{type_.kind}"))
        return "true"

    def is_subtype(self, type_: t.Type, of: t.Type) -> bool:
        """Whether every value of a type is one of another."""
        if type_ == of or of in (t.OBJECT, t.UNKNOWN) or type_ == t.NEVER:
            return True
        if isinstance(type_, t.Variable) and type_.bound is not None:
            return self.is_subtype(type_.bound, of)
        if isinstance(type_, t.Union):
            return all(self.is_subtype(o, of) for o in type_.options)
        if isinstance(of, t.Union):
            return any(self.is_subtype(type_, o) for o in of.options)
        if of == t.INT:
            return type_ == t.BOOL or isinstance(type_, t.Ranged)
        if isinstance(type_, t.Instance) and isinstance(of, t.Instance):
            return of.name in self.ancestors(type_.name) and self.arguments_agree(type_, of)
        if isinstance(type_, t.Collection) and isinstance(of, t.Collection):
            if of.item == t.UNKNOWN and type_.kind == of.kind:
                return True  # what `isinstance` asks
            return type_.item == of.item and of.kind in ("sequence", "iterable") and type_.kind in ("list", "deque", "tuple")
        return False

    def arguments_in(self, type_: t.Instance, class_: Class) -> Mapping[str, t.Type] | None:
        """Return what the type variables of a class stand for in instances of a type; None if nothing is known of them."""
        if not class_.type_variables:
            return {}
        own = self.class_of(type_)
        inner = families.base_arguments(self.program, type_.name).get(class_.qualified)
        if own is None or inner is None or len(own.type_variables) != len(type_.arguments):
            return None
        outer = dict(zip(own.type_variables, type_.arguments, strict=True))
        return {name: substituted(one, outer) for name, one in inner.items()}

    def arguments_agree(self, one: t.Instance, other: t.Instance) -> bool:
        """Whether of two types, of which one is derived from the other, the type variables stand for the same."""
        above = self.class_of(other)
        if above is None or other.name not in self.ancestors(one.name):
            above, one, other = self.class_of(one), other, one
        if above is None or not above.type_variables or other.name not in self.ancestors(one.name):
            return True
        return self.arguments_in(one, above) == self.arguments_in(other, above) is not None

    def ancestors(self, name: str) -> Iterator[str]:
        """Yield a class and all it is derived from, by their qualified names, in the order in which Python looks for methods."""
        yield from families.line(self.program, name)

    # --- tuples -----------------------------------------------------------------------------

    def tuple_of(self, items: list[Term]) -> Term:
        """Return a tuple of values."""
        type_ = t.Tuple(tuple(i.type for i in items))
        self.sort(type_)
        return Term(apply(f"Tuple_{len(items)}", *(i.text for i in items)), type_)

    def item(self, term: Term, number: int) -> Term:
        """Return an item of a tuple of fixed length."""
        assert isinstance(term.type, t.Tuple)
        made = f"Tuple_{len(term.type.items)}("
        if term.text.startswith(made):
            return Term(terms.split_arguments(term.text[len(made) : -1])[number], term.type.items[number])
        return Term(f"{term.text}->item{number}_{len(term.type.items)}", term.type.items[number])

    # --- equality and truth -------------------------------------------------------------------

    def equality(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two values are equal as Python's `==` says.

        Raises
        ------
        Unsupported
            If that depends on code that is not known.
        """
        have, other = left.type, right.type
        if t.NONE in (have, other):
            return self.is_none(right if have == t.NONE else left)
        a, b = self.sort(have), self.sort(other)
        if "float53e11" in (a, b) and {a, b} <= {"int", "bool", "float53e11"}:
            if a == b:
                return equal_floats(left, right)
            value, integer = (left, right) if a == "float53e11" else (right, left)
            return self.float_beside_int("==", value, integer, node)
        if {a, b} == {"int", "bool"}:
            return equal(self.coerce(left, t.INT, node).text, self.coerce(right, t.INT, node).text)
        if isinstance(have, t.Tuple) and isinstance(other, t.Tuple):
            if len(have.items) != len(other.items):
                return "false"
            pairs = (self.equal_parts(self.item(left, i), self.item(right, i), node) for i in range(len(have.items)))
            return conjunction(*pairs)
        if a == "Ref" and b == "Ref":
            return self._equal_references(left, right, node)
        if a != b:
            return self._equal_across(left, right, node)
        if a == "float53e11":
            return equal_floats(left, right)
        if a.startswith("(Option"):
            inner = t.without_none(have)
            some = self.equality(Term(f"{left.text}->value", inner), Term(f"{right.text}->value", inner), node)
            both = conjunction(negation(self.is_none(left)), negation(self.is_none(right)), some)
            return terms.disjunction(conjunction(self.is_none(left), self.is_none(right)), both)
        if a == "Any":
            return apply("Any_equal", left.text, right.text)
        if {getattr(have, "kind", ""), getattr(other, "kind", "")} == {"range", "tuple"}:
            return "false"
        return self.equal_content(left.text, right.text, a, node)

    @abstractmethod
    def equal_parts(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two items of tuples are equal or one object."""

    def equal_content(self, left: str, right: str, sort: str, node: ast.AST) -> str:
        """Return whether two values of one sort are equal."""
        if sort == "(Seq float53e11)" or sort.startswith("(Seq T'"):
            return self.equal_items(left, right, sort.removeprefix("(Seq ").removesuffix(")"), node)
        self.comparable(sort, node)
        kind = sort.split(" ", maxsplit=1)[0]
        if kind in ("(Seq", "(Set", "(Map"):
            return "true" if left == right else apply(f"{kind[1:]}_equal", left, right)
        return equal(left, right)

    def comparable(self, sort: str, node: ast.AST) -> None:
        """Demand that values of a sort are equal just if they are the same."""
        for class_ in self._values_in(sort):
            if any("__eq__" in c.methods or "__ne__" in c.methods for c in families.classes(self.program, class_.qualified)):
                raise Unsupported(f"a comparison of instances of `{class_.name}`, by a rule of its own", node)
            if class_.kind != "enum" and any(not one.compared for one in self.data_fields(class_)):
                raise Unsupported(f"a comparison of instances of `{class_.name}`, by some of their fields", node)
            if not class_.compares_by_value and class_.kind != "enum":
                raise Unsupported(f"a comparison of instances of `{class_.name}`", node)
            if class_.kind != "enum":
                for field in class_.fields.values():
                    if not field.shared and (own := self.sort(field.type)) != sort:
                        if own in ("Ref", "float53e11", "Any"):
                            raise Unsupported(f"a comparison of instances of `{class_.name}`, by their `{field.name}`", node)
                        self.comparable(own, node)
        if "T'" in sort:
            raise Unsupported("a comparison of values of which only a type variable is known", node)
        if sort.startswith(("(Seq", "(Set", "(Map", "(Option", "(Tuple")) and ("Ref" in sort or "float" in sort or "Any" in sort):
            raise Unsupported("a comparison of collections whose items are compared by their own rules", node)

    def _values_in(self, sort: str) -> list[Class]:
        return [c for c in self.sorts.values.values() if f"V'{mangled(c.qualified)}" in sort.strip("()").split(" ")]

    def _equal_references(self, left: Term, right: Term, node: ast.AST) -> str:
        a, b = t.without_none(left.type), t.without_none(right.type)
        if self.sorts.shared(a) and self.sorts.shared(b):
            for one in (a, b):
                if self.passing(one):
                    raise Unsupported(f"a comparison of a `{one}`", node)
            if {getattr(a, "kind", ""), getattr(b, "kind", "")} == {"list", "deque"}:
                return "false"
            if self.sorts.heap(a) != self.sorts.heap(b):
                return self._equal_across(left, right, node)
            if getattr(a, "kind", "") == getattr(b, "kind", "") == "Counter":
                raise Unsupported("a comparison of a `Counter` with another, where a count of 0 is as good as none", node)
            sort = self.sorts.content(a)
            rows = [row for row in (self._rows(a), self._rows(b)) if row is not None]
            if len(rows) == 2:
                same = self._equal_rows(left, right, (rows[0], rows[1]), node)
            else:
                same = self.equal_content(self.content(left), self.content(right), sort, node)
            same = conjunction(self._alike(left, right, node), same)
            missing = [self.is_none(one) for one in (left, right)]
            if missing == ["false", "false"]:
                return same
            return conditional(terms.disjunction(*missing), conjunction(*missing), same)
        return self.equal_objects(left, right, node)

    def _of_one_kind(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether collections of different types may be equal: a list equals no tuple, and a range only ranges."""
        kinds = {getattr(one.type, "kind", "") for one in (left, right)}
        if "pseq" in kinds:
            return "true"  # in a contract that means items
        loose = [one for one in (left, right) if getattr(one.type, "kind", "") in _ANY_KIND]
        if not loose:
            return "false"
        if len(loose) == 1 and kinds & {"tuple"} and not loose[0].content:
            return apply("Sub", apply("class_of", loose[0].text), self.symbols.class_name("builtins.tuple"))
        raise Unsupported(f"a comparison of a `{left.type}` with a `{right.type}`", node)

    def _rows(self, type_: t.Type) -> t.Collection | None:
        """Return the type of the items of a list of lists, each of which is there; None for any other type."""
        item = type_.item if isinstance(type_, t.Collection) and type_.kind == "list" else None
        return item if isinstance(item, t.Collection) and item.kind == "list" else None

    def _equal_rows(self, left: Term, right: Term, types: tuple[t.Type, t.Type], node: ast.AST) -> str:
        """Return whether two lists of lists have as many items, and each is equal to the one in its place.

        Items are looked at in the state in which their list is meant: `m == old(m)` compares with the rows as they were.
        """
        place = self.writer.fresh("i")
        contents = self.content(left), self.content(right)
        one, other = (
            Term(apply("Seq_at", content, place), type_, state=term.state)
            for content, type_, term in zip(contents, types, (left, right), strict=True)
        )
        shown = f"{{{one.text}}}" if one.text == other.text else f"{{{one.text}}} {{{other.text}}}"
        length = apply("Seq_len", contents[0])
        within = f"(0 <= {place} && {place} < {length})"
        items = f"(forall {place}: int :: {shown} {terms.implication(within, self.equality(one, other, node))})"
        return conjunction(equal(length, apply("Seq_len", contents[1])), items)

    def _alike(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two collections are of classes that can be equal: a `Sequence` may be a list or a tuple."""
        kinds = [getattr(t.without_none(one.type), "kind", "") for one in (left, right)]
        if not any(kind in _ANY_KIND for kind in kinds) or (left.text == right.text and not left.content):
            return "true"
        if any(one.content and kind in _ANY_KIND for one, kind in zip((left, right), kinds, strict=True)):
            raise Unsupported("a comparison with a part of a `Sequence`, which may be a list or a tuple", node)
        if not set(kinds) <= {*_ANY_KIND, "list"}:
            raise Unsupported(f"a comparison of a `{left.type}` with a `{right.type}`", node)
        name = self.symbols.class_name("builtins.list")
        tests = [
            apply("Sub", apply("class_of", one.text), name)
            for one, kind in zip((left, right), kinds, strict=True)
            if kind in _ANY_KIND
        ]
        if len(tests) == 1:
            return tests[0]
        self.symbols.declarations["Alike"] = (
            "function Alike(a: Class, b: Class): bool;\n"
            "axiom (forall a: Class, b: Class :: {Alike(a, b)} a == b ==> Alike(a, b));"
        )
        alike = apply("Alike", *(apply("class_of", one.text) for one in (left, right)))
        return terms.disjunction(conjunction(*tests), alike)

    @abstractmethod
    def data_fields(self, class_: Class) -> Sequence[Any]:
        """Return the fields of a dataclass."""

    @abstractmethod
    def equal_objects(self, left: Term, right: Term, node: ast.AST) -> str:
        """Return whether two instances are equal; the same one, unless their class says otherwise."""

    def _equal_across(self, left: Term, right: Term, node: ast.AST) -> str:
        a, b = left.type, right.type
        for one, other in ((left, right), (right, left)):
            if isinstance(one.type, t.Union) or self.sort(one.type) == "Any":
                if self.sort(one.type) == "Any":
                    self.by_value, saved = True, self.by_value
                    box = self.boxed(other, t.OBJECT, node).text
                    self.by_value = saved
                    return apply("Any_equal", one.text, box)
                some = Term(f"{one.text}->value", t.without_none(one.type)) if self.sort(one.type) != "Ref" else one
                if self.sort(some.type) == self.sort(other.type) or {self.sort(some.type), self.sort(other.type)} <= {
                    "int",
                    "bool",
                }:
                    return conjunction(negation(self.is_none(one)), self.equality(some, other, node))
        if isinstance(a, t.Collection) and isinstance(b, t.Collection):
            x, y = ("Seq" if c.kind not in ("set", "frozenset", "pset") else "Set" for c in (a, b))
            if (
                x == y == "Seq"
                and self.sort(a.item) == self.sort(b.item)
                and (a.kind in _SPECIFICATION or b.kind in _SPECIFICATION)
            ):
                same = self.equal_content(self.content(left), self.content(right), f"(Seq {self.sort(a.item)})", node)
                return conjunction(self._of_one_kind(left, right, node), same)
            if t.NEVER in (a.item, b.item):
                return conjunction(*(f"({self.length(one)} == 0)" for one in (left, right)))
            if x == y == "Set" and self.sort(a.item) == self.sort(b.item):
                return apply("Set_equal", self.content(left), self.content(right))
        if t.INT in (a, b) and self.sort(a) in ("int", "bool") and self.sort(b) in ("int", "bool"):
            return equal(self.coerce(left, t.INT, node).text, self.coerce(right, t.INT, node).text)
        if {a, b} == {t.BYTES, t.BYTEARRAY}:
            return self.equal_content(self.content(left), self.content(right), self.sort(t.BYTES), node)
        if isinstance(a, t.Plain) and isinstance(b, t.Plain):
            return "false"  # of types that are never equal
        raise Unsupported(f"a comparison of a `{a}` with a `{b}`", node)

    def passing(self, type_: t.Type) -> bool:
        """Whether values are used where they are made: iterators, which are used up, and views, which change with what they show."""
        return isinstance(type_, t.Collection) and type_.kind in ("iterator", "view")

    def content(self, term: Term) -> str:
        """Return what a collection holds, in the state that is meant."""
        if term.content or not self.sorts.shared(t.without_none(term.type)):
            return term.text
        own = t.without_none(term.type)
        with self.state_of(term):
            heap = self.heap(self.sorts.heap(own), f"[Ref]{self.sorts.content(own)}")
            self.may_look(heap, term.text)
            return f"{heap}[{term.text}]"

    def may_look(self, heap: str, reference: str) -> None:
        """Demand that an entry of a map of the heap may be looked at, where that takes a permission."""

    def length(self, term: Term) -> str:
        """Return the number of items."""
        content = self.content(term)
        if not content:
            return "0"  # of a new collection that is empty, of items of no type
        own = t.without_none(term.type)
        sort = self.sorts.content(own) if self.sorts.shared(own) else self.sort(own)
        if isinstance(own, t.Tuple):
            return str(len(own.items))
        return apply({"(Seq": "Seq_len", "(Set": "Set_card", "(Map": "Map_len"}[sort.split(" ")[0]], content)

    def has_length(self, type_: t.Type) -> bool:
        """Whether values have a number of items."""
        return isinstance(type_, t.Collection | t.Mapping | t.Tuple) or type_ in (t.STR, t.BYTES, t.BYTEARRAY)

    def truth(self, term: Term, node: ast.AST) -> str:
        """Return whether a value counts as true."""
        term = self.bounded(term)
        type_ = term.type
        if type_ == t.BOOL:
            return term.text
        if type_ == t.NONE:
            return "false"
        if isinstance(type_, t.Union) and t.NONE in type_.options:
            inner = t.without_none(type_)
            value = self.narrow(term, inner)
            with self.guarded(negation(self.is_none(term))):
                return conjunction(negation(self.is_none(term)), self.truth(value, node))
        if self.sort(type_) == "int":
            return negation(equal(term.text, "0"))
        if type_ == t.FLOAT:
            return negation(equal_floats(term, self.float_literal(0.0)))
        if isinstance(type_, t.Collection) and type_.kind == "iterator":
            raise Unsupported(f"the truth of an `{type_}`", node)
        if self.has_length(type_):
            return negation(equal(self.length(term), "0"))
        if self.class_of(type_) is not None:
            return self.truth_of_object(term, node)
        if isinstance(type_, t.Union):
            return self._truth_of_union(term, type_, node)
        raise Unsupported(f"the truth of a `{type_}`", node)

    def _truth_of_union(self, term: Term, type_: t.Union, node: ast.AST) -> str:
        """Return whether a value of one of several types counts as true, by the rule of the one that it is of."""
        parts = []
        for option in type_.options:
            is_one = self.holds_type(term, option)
            with self.guarded(is_one):
                parts.append(conjunction(is_one, self.truth(self.narrow(term, option), node)))
        return terms.disjunction(*parts)

    @abstractmethod
    def truth_of_object(self, term: Term, node: ast.AST) -> str:
        """Return whether an instance counts as true, as its class says."""


_ANY_KIND = ("sequence", "iterable")  # of objects of several classes, which are never equal to those of another
_SPECIFICATION = ("pseq", "sequence", "iterable", "range", "deque")


def _class_names(type_: t.Type) -> list[str]:
    """Return the classes that values of a type are certainly instances of, where they are objects with a class of their own."""
    found: list[str] = []
    for one in type_.options if isinstance(type_, t.Union) else (type_,):
        if isinstance(one, t.Instance):
            found.append(one.name)
        elif isinstance(one, t.Collection | t.Mapping) and one.kind in ("list", "set", "dict", "deque"):
            found.append(f"builtins.{one.kind}")
    return found


def _out_of_any(text: str, box: str) -> str:
    """Return the value that something of any type was made of by a constructor; `True` is 1."""
    return apply("Any_number", text) if box == "Any_int" else f"{text}->{box.lower()}"


def equal_floats(left: Term, right: Term) -> str:
    """Return whether two floats are equal: NaN is not, and both zeros are."""
    return f"({left.text} <= {right.text} && {right.text} <= {left.text})"  # `==` of Boogie is identity of bits


__all__ = ["FALSE", "NO_VALUE", "TRUE", "Values", "equal_floats"]
