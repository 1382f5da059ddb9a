"""How deep frozen values are: a measure for recursion over trees.

A frozen instance holds only what was there before it, so that following its
fields ends. `depth` of a value is one more than that of the deepest field; what
can change (a list, an object that is not frozen) counts as 0, as it may lead
back to where one came from.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

from probatum.lower import calling, families
from probatum.lower.sorts import Sorts, mangled
from probatum.lower.terms import Term, apply
from probatum.lower.unrolling import Unrolling
from probatum.python import types as t
from probatum.python.program import Class, Clause, Field, Function

# Where one of these is written, an object may be in its own fields.
_EARLY = ("__init__", "__post_init__", "__new__")


class Trees(Unrolling):
    """Recursion over values that are frozen."""

    def is_tree(self, type_: t.Type) -> bool:
        """Whether values are frozen instances, or may be."""
        match type_:
            case t.Union(options=options):
                return any(self.is_tree(o) for o in options)
            case t.Instance():
                known = self.class_of(type_)
                if known is None:
                    return False
                family = (known, *families.below(self.program, known.qualified))
                return any(c.kind == "frozen" and not self.made_early(c) for c in family)
            case _:
                return False

    def made_early(self, class_: Class) -> bool:
        """Whether code of the program runs on an instance whose frozen fields are not yet there."""
        family = (*families.classes(self.program, class_.qualified), *families.below(self.program, class_.qualified))
        return any(name in one.methods for one in family for name in _EARLY)

    def as_measure(self, term: Term, node: ast.AST) -> str:
        """Return the integer that must decrease: of a tree, its depth."""
        if not self.is_tree(term.type):
            return super().as_measure(term, node)
        sort = self.sort(term.type)
        if not has_depth(self.sorts, sort):
            return super().as_measure(term, node)
        self.symbols.depths[sort] = None
        return apply(_depth(sort), term.text)

    def guessed_for(self, node: ast.While, names: set[str]) -> tuple[Clause, ...]:
        """Return a measure that the condition suggests: that a tree which it is about gets less deep."""
        found = super().guessed_for(node, names)
        tested = [n.id for n in ast.walk(node.test) if isinstance(n, ast.Name) and n.id in names]
        for name in () if found else tested:
            type_ = self.locals.get(name)
            if type_ is not None and self.is_tree(type_):
                own = ast.copy_location(ast.Name(name, ast.Load()), node.test)
                return (Clause(own, self.place(node.test), name),)
        return found

    def field_map(self, declaring: Class, own: Field, type_: t.Type) -> str:
        """Return the map that holds a field of every object, in the state that is meant."""
        name = super().field_map(declaring, own, type_)
        if declaring.kind == "frozen" and not self.made_early(declaring):
            self.symbols.frozen_fields[name] = (self.symbols.class_name(declaring.qualified), self.sort(type_))
        return name

    def depth_measure(self, function: Function) -> tuple[Clause, ...]:
        """Return parameters that are trees, of which recursive calls are given others than those."""
        found = []
        calls = [c for c in calling.recursive_calls(function) if not calling.is_super(c.func)]
        for place, parameter in enumerate(function.parameters):
            given = [_given(c, place, parameter.name, function) for c in calls]
            # A tree that a call makes is deeper than what it is made of.
            if not self.is_tree(parameter.type) or any(g is None or isinstance(g, ast.Call) for g in given):
                continue
            node = ast.copy_location(ast.Name(parameter.name, ast.Load()), function.node)
            clause = Clause(node, function.place, parameter.name)
            if not any(isinstance(g, ast.Name) and g.id == parameter.name for g in given):
                return (clause,)
            found.append(clause)
        return tuple(found)


def _given(call: ast.Call, place: int, name: str, function: Function) -> ast.expr | None:
    """Return the argument of a call for a parameter; None if it cannot be told."""
    if any(isinstance(a, ast.Starred) for a in call.args) or any(k.arg is None for k in call.keywords):
        return None
    if function.owner and function.kind in ("method", "property") and isinstance(call.func, ast.Attribute):
        if place == 0:
            return call.func.value
        place -= 1
    if place < len(call.args):
        return call.args[place]
    return next((k.value for k in call.keywords if k.arg == name), None)


def _depth(sort: str) -> str:
    return f"depth'{mangled(sort.strip('()'))}"


def has_depth(sorts: Sorts, sort: str) -> bool:
    """Whether values of a sort hold frozen instances."""
    if sort in ("Ref", "Any"):
        return True
    if sort.startswith("V'"):
        return any(sort == f"V'{mangled(name)}" and one.kind == "frozen" for name, one in sorts.values.items())
    head, *inner = _parts(sort)
    return (head in ("Option", "Seq") or head.startswith("Tuple_")) and any(has_depth(sorts, one) for one in inner)


def _parts(sort: str) -> list[str]:
    """Return the constructor of a sort and its arguments."""
    parts, depth = [""], 0
    for letter in sort[1:-1] if sort.startswith("(") else sort:
        depth += (letter == "(") - (letter == ")")
        if letter == " " and depth == 0:
            parts.append("")
        else:
            parts[-1] += letter
    return [p for p in parts if p]


def axioms(lowerer: Trees) -> list[str]:
    """Return the functions `depth` that are meant, and what is known of them.

    Each says how deep a part is from how deep the whole is, and is triggered by
    the part alone: so a solver goes up from what it was given, and never down.
    """
    symbols, sorts = lowerer.symbols, lowerer.sorts
    if not symbols.depths:
        return []
    lines: list[str] = []
    waiting, seen = list(symbols.depths), set[str]()
    while waiting:
        sort = waiting.pop()
        if sort in seen:
            continue
        seen.add(sort)
        own = _depth(sort)
        lines.append(f"function {own}(x: {sort}): int;")
        lines.append(f"axiom (forall x: {sort} :: {{{own}(x)}} 0 <= {own}(x));")
        for bound, premise, part, inner, relation in _facts(lowerer, sort):
            if has_depth(sorts, inner):
                waiting.append(inner)
                held = f"{_depth(inner)}({part})"
                lines.append(f"axiom (forall {bound} :: {{{held}}} {premise} ==> {held} {relation} {own}(x));")
        for whole, inner in _made(lowerer, sort):
            if has_depth(sorts, inner):
                lines.append(f"axiom (forall x: {inner} :: {{{own}({whole})}} {own}({whole}) == {_depth(inner)}(x));")
    return lines


def _made(lowerer: Trees, sort: str) -> Iterator[tuple[str, str]]:
    """Yield what is as deep as the only value `x` that it holds, and the sort of that."""
    head, *inner = _parts(sort)
    if sort == "Any":
        for held, box in (("Ref", "Any_ref"), *lowerer.symbols.boxes.items()):
            yield f"{box}(x)", held
    elif head == "Option":
        yield "Some(x)", inner[0]


def _facts(lowerer: Trees, sort: str) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield the parts of a value `x`: what is bound, when there is one, the part, its sort, and how its depth compares."""
    x = f"x: {sort}"
    head, *inner = _parts(sort)
    if sort == "Ref":
        for name, (constant, held) in lowerer.symbols.frozen_fields.items():
            yield x, f"Sub(class_of(x), {constant})", f"{name}[x]", held, "<"
    elif sort == "Any":
        for held, box in (("Ref", "Any_ref"), *lowerer.symbols.boxes.items()):
            yield x, f"x is {box}", f"x->{box.lower()}", held, "=="
    elif sort.startswith("V'"):
        class_ = next(one for name, one in lowerer.sorts.values.items() if sort == f"V'{mangled(name)}")
        for one in class_.fields.values():
            if not one.shared:
                yield x, "true", f"x->{lowerer.selector(class_, one.name)}", lowerer.sort(one.type), "<"
    elif head == "Option":
        yield x, "x is Some", "x->value", inner[0], "=="
    elif head == "Seq":
        yield f"{x}, i: int", "0 <= i && i < Seq_len(x)", "Seq_at(x, i)", inner[0], "<"
    else:
        for number, held in enumerate(inner):
            yield x, "true", f"x->item{number}_{len(inner)}", held, "<"
