"""Permissions: what a function written for Nagini may look at and change, as numbers beside the maps of the heap.

Beside a map `H` there is `perm'H`, which holds for each object how much the
function may do with its entry: at least 1 to look at it, at least 2 to change it.
Only lower bounds are ever known of it, those that contracts give; so what a
contract does not give is not proved. Within a loop a second map, `in'n'H`,
holds what the invariants of the loop name: both are needed there.

Whoever can change something has it from its own precondition, has created it, or
was given it by a callee, which had it from its caller or created it. So a
function changes nothing else, and what is not in a loop's invariants is the same
after the loop. Functions of other syntaxes have no permissions and pay nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from fractions import Fraction

from probatum.lower import families
from probatum.lower.arguments import Arguments
from probatum.lower.lowered import Kind, Obligation
from probatum.lower.terms import Term, conjunction, disjunction, implication
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Clause, Function, LoopContract, Module, Passing, Syntax
from probatum.records import dataclass

LOOK, CHANGE = 1, 2
_SORT = "[Ref]int"
_STATE = "h'"  # of definitions of pure functions, which nobody asks for permissions


@dataclass(frozen=True, slots=True)
class Permitted:
    """A place, or one for each value of bound variables, and how much may be done with it.

    Attributes
    ----------
    heap : str
        Its map, without the prefix of a state.
    reference : str
    condition : str
    binders : tuple of (str, str)
        Declarations of variables, and what is known of them.
    level : int
    clause : Clause
    """

    heap: str
    reference: str
    condition: str
    binders: tuple[tuple[str, str], ...]
    level: int
    clause: Clause

    @property
    def variables(self) -> list[str]:
        """Declarations of the bound variables."""
        return [variable for variable, _ in self.binders]

    @property
    def premise(self) -> str:
        """What holds of bound variables where there is a permission."""
        return conjunction(*(known for _, known in self.binders), self.condition)


class Permissions(Arguments):
    """What may be looked at and changed."""

    scope = ""  # a prefix of maps that say what may be touched besides `perm'`: those of a loop, or of what is given back
    scopes: tuple[str, ...] = ()  # those of all loops around
    at: ast.AST | None = None  # the expression under way
    silent = False  # looks at places on its own behalf
    holding: Holding | None = None  # None: `__writable__` is to be shown; else: what it says is known
    taken: dict[str, list[Permitted]]  # by the snapshot before a call, what the callee was given
    root: Function  # the function that is verified
    making: dict[str, str]  # by the snapshot before a call of a constructor, the object

    # --- accesses ------------------------------------------------------------------------

    def evaluate(self, node: ast.expr, expected: t.Type | None = None) -> Term:
        """Return the value of an expression, and know where it stands while it is evaluated."""
        outer, self.at = self.at, node
        try:
            return super().evaluate(node, expected)
        finally:
            self.at = outer

    def may_look(self, heap: str, reference: str) -> None:
        """Demand that an entry of a map may be looked at."""
        if not self.strict_frames or self.silent or self.view == _STATE:
            return
        node = self.at or self.function.node
        condition = self._permitted(heap.removeprefix(self.view), reference, LOOK)
        self.demand(condition, Kind.FRAME, node, f"there must be a permission to read `{_shown(node)}`")

    def keeps(self, name: str, value: Term, node: ast.AST) -> None:
        """Know where an iterator is made that a variable keeps."""
        outer, self.at = self.at, node
        super().keeps(name, value, node)
        self.at = outer

    def may_write(self, heap: str, reference: str, node: ast.AST) -> None:
        """Demand that an entry of a map may be changed."""
        if not self.strict_frames:
            super().may_write(heap, reference, node)
            return
        text = f"there must be a permission to change `{_shown(node)}`"
        self.writer.claim(self._permitted(heap, reference, CHANGE), Obligation(Kind.FRAME, self.place(node), text))

    @contextmanager
    def unasked(self) -> Iterator[None]:
        """Look at places without asking for permissions, which were asked for already."""
        outer, self.silent = self.silent, True
        try:
            yield
        finally:
            self.silent = outer

    def _permitted(self, heap: str, reference: str, level: int) -> str:
        parts = [f"({self.heap(_permission(heap), _SORT)}[{reference}] >= {level})"]
        if self.scope and not self.view:
            parts.append(f"({self.heap(self.scope + heap, _SORT)}[{reference}] >= {level})")
        return conjunction(*parts)

    # --- targets ---------------------------------------------------------------------------

    def permitted(
        self, clauses: Sequence[Clause], level: int, names: Mapping[str, Term], view: str, module: Module
    ) -> list[Permitted]:
        """Return the places that targets of a contract name, in a state."""
        found: list[Permitted] = []
        for clause in clauses:
            with self.contract_of(names, view=view, old_view=view or self.old_view, module=module):
                if isinstance(clause.expression, ast.Name) and self._is_value(clause.expression):
                    continue  # what a loop goes over and nothing can change
                found.extend(self._places(clause.expression, level, clause, "true", ()))
        return found

    def _is_value(self, node: ast.Name) -> bool:
        known = self.names.get(node.id)
        own = t.without_none(known.type) if known is not None else t.OBJECT
        kinds = ("range", "tuple", "pseq", "pset", "frozenset")
        return own in (t.STR, t.BYTES) or isinstance(own, t.Tuple) or (isinstance(own, t.Collection) and own.kind in kinds)

    def _places(
        self, node: ast.expr, level: int, clause: Clause, condition: str, binders: tuple[tuple[str, str], ...]
    ) -> Iterator[Permitted]:
        match node:
            case ast.Call(func=ast.Name(id="__readable__"), args=[inner]):
                yield from self._places(inner, LOOK, clause, condition, binders)
                return
            case ast.Call(func=ast.Name(id="__implies__"), args=[premise, inner]):
                test = self.truth(self.evaluate(premise), premise)
                narrowed = dict(self.narrowed)
                self.learn(premise, True)
                yield from self._places(inner, level, clause, conjunction(condition, test), binders)
                self.narrowed = narrowed
                return
            case ast.Call(func=ast.Name(id="__forall__"), args=[domain, ast.Lambda() as body]):
                yield from self._quantified_places(domain, body, level, clause, (condition, binders))
                return
            case ast.Call(func=ast.Name(id="__items__"), args=[inner]):
                heap, reference = self._items_place(inner)
                yield Permitted(heap, reference, condition, binders, level, clause)
                return
            case ast.Call(func=ast.Name(id="__reach__" | "__variable__")):
                raise Unsupported(f"a permission to `{ast.unparse(node)}`", node)
        if self._is_fixed(node):
            return
        heap, reference = self._place(node)
        yield Permitted(heap, reference, condition, binders, level, clause)

    def _is_fixed(self, node: ast.expr) -> bool:
        """Whether a target is a field that nobody can change, so that everybody may look at it."""
        known = self.known_type(node.value) if isinstance(node, ast.Attribute) else None
        found = self.field_of(t.without_none(known), node.attr) if known is not None and isinstance(node, ast.Attribute) else None
        return found is not None and found[0].kind == "frozen"

    def _place(self, node: ast.expr) -> tuple[str, str]:
        """Return the map and the object of a target."""
        if isinstance(node, ast.Attribute):
            owner = self.evaluate(node.value)
            own = t.without_none(owner.type)
            found = self.field_of(own, node.attr)
            if found is None or not isinstance(own, t.Instance):
                raise Unsupported(f"a permission to `{ast.unparse(node)}`", node)
            if self.may_be_none(owner.type):
                owner = self.narrow(owner, own)
            return self.field_map(*found, self.field_type(own, *found)).removeprefix(self.view), owner.text
        return self._items_place(node)

    def _items_place(self, node: ast.expr) -> tuple[str, str]:
        value = self.evaluate(node)
        inner = t.without_none(value.type)
        if not self.sorts.shared(inner):
            raise Unsupported(f"a permission to the items of a `{value.type}`", node)
        if value.content:
            raise Unsupported("a permission to the items of a list that is only computed", node)
        if self.may_be_none(value.type):
            value = self.narrow(value, inner)
        self.heap(self.sorts.heap(inner), f"[Ref]{self.sorts.content(inner)}")
        return self.sorts.heap(inner), value.text

    def _quantified_places(
        self, domain: ast.expr, body: ast.Lambda, level: int, clause: Clause, around: tuple[str, tuple[tuple[str, str], ...]]
    ) -> Iterator[Permitted]:
        condition, binders = around
        parameter = body.args.args[0].arg
        saved, depth = (self.names, dict(self.narrowed), dict(self.lows)), len(self.binders)
        self.names = dict(self.names)
        type_ = self.domain_type(domain)
        try:
            if type_ is not None:
                name = self.writer.fresh("x")
                term = Term(name, t.INT if isinstance(type_, t.Ranged) else type_)
                variable = f"{name}: {self.sort(type_)}"
                known = self.in_range(name, type_) if isinstance(type_, t.Ranged) else self.alive(term)
                self.names[parameter] = term
            else:
                (collection,) = self._usable(self.evaluate(domain), node=domain)
                item, variable, known = self.element(collection, domain)
                self.bind_target(ast.Name(parameter, ast.Store()), item)
            self.binders.append((variable, known))
            yield from self._places(body.body, level, clause, condition, (*binders, (variable, known)))
        finally:
            self.names, self.narrowed, self.lows = saved
            del self.binders[depth:]

    def _at_least(self, place: Permitted, prefix: str) -> str:
        """Return that a map of permissions has what a place says."""
        own = self.heap(prefix + place.heap, _SORT) if not self.view else prefix + place.heap
        claim = f"({own}[{place.reference}] >= {place.level} && {place.reference} != null)"
        if not place.binders:
            return implication(place.condition, claim)
        return self.quantifier(True, place.variables, place.premise, claim)

    def _is_in(self, places: Sequence[Permitted], heap: str, reference: str, level: int) -> str:
        """Return whether an entry is one of places with at least so much permission."""
        found = []
        for place in places:
            if place.heap != heap or place.level < level:
                continue
            same = f"({reference} == {place.reference})"
            if place.binders:
                found.append(self.quantifier(False, place.variables, place.premise, same))
            else:
                found.append(conjunction(place.condition, same))
        return disjunction(*found)

    def gained(self, places: Sequence[Permitted]) -> None:
        """Write that there are permissions from now on."""
        for place in places:
            for prefix in ("perm'", *self.scopes):
                own = self.heap(prefix + place.heap, _SORT)
                if place.binders or place.condition != "true":
                    more = self.writer.local("more", _SORT)
                    self.writer.line(f"havoc {more};")
                    self.writer.assume(f"(forall r': Ref :: {{{more}[r']}} {more}[r'] >= {own}[r'])")
                    self.writer.assume(self._at_least_in(place, more))
                    self.writer.assign(own, more)
                else:
                    level = str(place.level)
                    if place.level == LOOK:
                        level = f"(if {own}[{place.reference}] >= {LOOK} then {own}[{place.reference}] else {LOOK})"
                    self.writer.assign(own, f"{own}[{place.reference} := {level}]")

    def _at_least_in(self, place: Permitted, map_: str) -> str:
        claim = f"({map_}[{place.reference}] >= {place.level})"
        if not place.binders:
            return implication(place.condition, claim)
        return self.quantifier(True, place.variables, place.premise, claim)

    def lost(self, places: Sequence[Permitted]) -> None:
        """Write that permissions were given away: of what may be changed all, of what may be looked at all but looking."""
        for heap in dict.fromkeys(p.heap for p in places):
            own = self.heap(_permission(heap), _SORT)
            here = [p for p in places if p.heap == heap]
            if all(not p.binders and p.condition == "true" for p in here):
                for place in here:
                    self.writer.assign(own, f"{own}[{place.reference} := {0 if place.level == CHANGE else LOOK}]")
                continue
            left = self.writer.local("left", _SORT)
            self.writer.line(f"havoc {left};")
            inside = self._is_in(here, heap, "r'", LOOK)
            full = self._is_in(here, heap, "r'", CHANGE)
            self.writer.assume(
                f"(forall r': Ref :: {{{left}[r']}} ({left}[r'] >= {own}[r'] || {inside}) && ({full} || {own}[r'] < {LOOK} || {left}[r'] >= {LOOK}))"
            )
            self.writer.assign(own, left)

    # --- functions -------------------------------------------------------------------------------

    def begin_permissions(self, function: Function) -> None:
        """Write what the function may touch at entry."""
        self.taken, self.making = {}, {}
        if not self.strict_frames:
            return
        contract = function.contract
        for level, clauses in ((CHANGE, contract.modifies or ()), (LOOK, contract.reads)):
            for place in self.permitted(clauses, level, self.names, "", self.module):
                self.writer.assume(self._at_least(place, "perm'"))
        for parameter in function.parameters:
            if parameter.passing == Passing.REST_KEYWORDS:  # a dict that the call makes
                term = self.names[parameter.name]
                heap = self.sorts.heap(term.type)
                self.heap(heap, f"[Ref]{self.sorts.content(term.type)}")
                self.writer.assume(f"({self.heap(_permission(heap), _SORT)}[{term.text}] >= {CHANGE})")
        if function.name.split(".")[-1] == "__init__" and function.owner:
            receiver = self.names[function.parameters[0].name]
            own, absent = receiver.text, self._absent(receiver.type) if self.by_permission else frozenset()
            self.writer.line(
                lambda: (
                    " ".join(
                        f"assume {name}[{own}] >= {CHANGE};"
                        for name in sorted(self.heaps)
                        if name.startswith("perm'F'") and name not in absent
                    )
                    or "assume true;"
                )
            )

    @property
    def by_permission(self) -> bool:
        """Whether an attribute that a constructor has not assigned is one that nobody may look at: a contract never gives it.

        So it must be with everything that could look at it, and with what is verified itself, not for what stands for a call.
        """
        return (
            self.strict_frames and self.function is self.root and families.all_by_permission(self.program, self.function.module)
        )

    def _absent(self, type_: t.Type) -> frozenset[str]:
        """Return the permissions to attributes that an instance does not have before its constructor assigns them."""
        class_ = self.class_of(type_)
        found = [self.field_of(type_, name) for name in (self.needed(class_) if class_ is not None else ())]
        assert isinstance(type_, t.Instance)
        return frozenset(_permission(self.field_map(*f, self.field_type(type_, *f))) for f in found if f is not None)

    def field_begins(self, target: ast.Attribute, heap: str, reference: str) -> None:
        """Write that a constructor may change an attribute which it assigns for the first time."""
        own = self.constructing
        first = isinstance(target.value, ast.Name) and target.value.id == own and f"{own}.{target.attr}" not in self.assigned
        if own and first and self.by_permission:
            permission = self.heap(_permission(heap), _SORT)
            self.writer.assign(permission, f"{permission}[{reference} := {CHANGE}]")

    def given_away(self, node: ast.Name) -> None:
        """Demand that an instance is complete where its constructor uses it as a whole."""
        if not self.by_permission:
            super().given_away(node)

    def completed(self, node: ast.AST) -> None:
        """Demand at the end of a constructor that all attributes have a value."""
        if not self.by_permission:
            super().completed(node)

    def give_back(self, gives: Sequence[Clause] | None, names: Mapping[str, Term], premise: str = "true") -> None:
        """Claim that what a contract gives back is there, and let the contract that follows look at nothing else."""
        self.scope = ""
        if not self.strict_frames or gives is None:
            return
        places = self.permitted(gives, CHANGE, names, "", self.module)
        for place in places:
            text = place.clause.text
            self.writer.claim(
                implication(premise, self._at_least(place, "perm'")), Obligation(Kind.FRAME, place.clause.place, text)
            )
        self.scope = self.writer.fresh("post") + "'"
        for place in places:
            self.writer.assume(implication(premise, self._at_least(place, self.scope)))

    def shared_with(self, function: Function, base: Function) -> None:
        """Claim that a method needs no greater fractions than the one it overrides has, and leaves those that one gives back."""
        if not self.strict_frames or base.contract.gives is None or function.contract.gives is None:
            return
        names = {p.name: q.name for p, q in zip(function.parameters, base.parameters, strict=False)}
        own = _shares((*(function.contract.modifies or ()), *function.contract.reads), names)
        gives = _shares(function.contract.gives, names)
        other = _shares((*(base.contract.modifies or ()), *base.contract.reads), {})
        for key, (amount, clause) in own.items():
            if key in other and amount > other[key][0]:
                text = f"it must not need more than `{base.name}` has: {clause.text}"
                self.writer.claim("false", Obligation(Kind.OVERRIDE, function.place, text, clause=clause.place))
        for key, (amount, clause) in _shares(base.contract.gives, {}).items():
            if key not in other:
                continue
            left = other[key][0] - (own[key][0] if key in own else 0) + (gives[key][0] if key in gives else 0)
            if left < amount and (key in gives or key not in own):
                path = self.program.modules[base.module].path if base.module != function.module else ""
                obligation = Obligation(Kind.OVERRIDE, function.place, clause.text, clause=clause.place, path=path)
                self.writer.claim("false", obligation)

    # --- calls -----------------------------------------------------------------------------------

    def take(self, function: Function, arguments: Mapping[str, Term], before: str, module: Module, node: ast.AST) -> None:
        """Demand what a callee needs, and write that it has it now."""
        if not self.strict_frames:
            return
        contract = function.contract
        places = self.permitted(contract.modifies or (), CHANGE, arguments, before, module)
        looks = self.permitted(contract.reads, LOOK, arguments, before, module)
        self.taken[before] = [*places, *looks]
        for place in self.taken[before]:
            parts = [self._at_least(place, prefix) for prefix in ("perm'", self.scope) if prefix]
            obligation = Obligation(
                Kind.FRAME,
                self.place(node),
                f"the callee needs `{place.clause.text}`",
                clause=place.clause.place,
                path=module.path,
            )
            self.writer.claim(conjunction(*parts), obligation)

    def hand_over(self, function: Function, before: str) -> None:
        """Write that the permissions of a callee are gone, but for what it only looks at and gives back."""
        if self.strict_frames and function.contract.gives is not None:
            given = {c.text for c in function.contract.gives}
            raised = [{c.text for c in r.gives or ()} for r in function.contract.raises]
            keeps = given.intersection(*raised) if raised else given
            self.lost([p for p in self.taken[before] if not (p.level == LOOK and p.clause.text in keeps)])

    @contextmanager
    def receive(self, gives: Sequence[Clause] | None, names: Mapping[str, Term], before: str, module: Module) -> Iterator[None]:
        """Within it, what a callee promises is assumed; then what it gives back is there."""
        if not self.strict_frames:
            yield
            return
        given = Holding(tuple(self.taken.get(before, ())), f"{before}alloc", self.making.get(before, ""))
        outer, self.holding = self.holding, given
        try:
            yield
        finally:
            self.holding = outer
        if gives is not None:
            self.gained(self.permitted(gives, CHANGE, names, "", module))

    def change(self, function: Function, arguments: Mapping[str, Term], before: str, module: Module, node: ast.AST) -> None:
        """Write that what a callee may change has changed."""
        if not self.strict_frames:
            super().change(function, arguments, before, module, node)
            return
        self.take(function, arguments, before, module, node)
        alloc = self.heap("alloc", "[Ref]bool")
        self.writer.line(f"havoc {alloc};")
        self.writer.assume(f"(forall r': Ref :: {{{alloc}[r']}} {before}{alloc}[r'] ==> {alloc}[r'])")
        if function.contract.modifies is None:
            super().change(function, arguments, before, module, node)
        for place in (p for p in self.taken[before] if p.level == CHANGE):
            self._place_changed(place)
        self.hand_over(function, before)
        if function.name.split(".")[-1] == "__init__" and function.owner:  # which makes the fields, whoever may touch them
            own = arguments[function.parameters[0].name]
            clause = Clause(ast.Constant(True), function.place, "")
            for heap in self._fields(f"{function.module}.{function.owner}", own.type):
                self._place_changed(Permitted(heap, own.text, "true", (), CHANGE, clause))
            self.making[before] = own.text

    def _fields(self, class_: str, type_: t.Type) -> list[str]:
        found = []
        for ancestor in self.ancestors(class_):
            known = self.program.class_(ancestor)
            for name in known.fields if known is not None else ():
                own = self.field_of(type_, name)
                if own is not None and isinstance(type_, t.Instance) and own[0].kind != "frozen":
                    found.append(self.field_map(*own, self.field_type(type_, *own)))
        return list(dict.fromkeys(found))

    def _place_changed(self, place: Permitted) -> None:
        sort = self.heaps[place.heap].removeprefix("[Ref]")
        if place.binders:
            changed = self.writer.local("changed", f"[Ref]{sort}")
            self.writer.line(f"havoc {changed};")
            inside = self._is_in([place], place.heap, "r'", CHANGE)
            self.writer.assume(f"(forall r': Ref :: {{{changed}[r']}} {inside} || {changed}[r'] == {place.heap}[r'])")
            self.writer.assign(place.heap, changed)
            return
        value = self.writer.local("changed", sort)
        self.writer.line(f"havoc {value};")
        if place.condition != "true":
            value = f"(if {place.condition} then {value} else {place.heap}[{place.reference}])"
        self.writer.assign(place.heap, f"{place.heap}[{place.reference} := {value}]")

    def apply_pure(
        self, function: Function, arguments: Mapping[str, Term], node: ast.AST, variables: Mapping[str, t.Type]
    ) -> Term:
        """Return the application of a pure function, which must be able to look at what it reads."""
        if self.strict_frames and function.contract.reads and self.view != _STATE:
            module = self.program.modules[function.module]
            plain = {name: replace(term, state="") for name, term in arguments.items()}
            for place in self.permitted(function.contract.reads, LOOK, plain, self.view, module):
                parts = [f"({self.heap(_permission(place.heap), _SORT)}[{place.reference}] >= {LOOK})"]
                if self.scope and not self.view:
                    parts.append(f"({self.heap(self.scope + place.heap, _SORT)}[{place.reference}] >= {LOOK})")
                claim = conjunction(*parts)
                if place.binders:
                    claim = self.quantifier(True, place.variables, place.premise, claim)
                else:
                    claim = implication(place.condition, claim)
                self.demand(claim, Kind.FRAME, node, f"the callee needs `{place.clause.text}`")
        return super().apply_pure(function, arguments, node, variables)

    # --- new objects ------------------------------------------------------------------------------

    def allocate(self, class_: str) -> str:
        """Write that a new object is created, with which everything may be done."""
        reference = super().allocate(class_)
        if not self.strict_frames:
            return reference
        type_ = t.Instance(class_)
        init = self.method_of(type_, "__init__") if self.program.class_(class_) is not None else None
        if init is None or init.contract.syntax != Syntax.NAGINI:
            self.all_of(reference)
        return reference

    def all_of(self, reference: str) -> None:
        """Write that everything may be done with an object."""
        prefixes = ("perm'", *self.scopes)
        self.writer.line(
            lambda: (
                " ".join(
                    f"{name} := {name}[{reference} := {CHANGE}];" for name in sorted(self.heaps) if name.startswith(prefixes)
                )
                or "assume true;"
            )
        )

    # --- loops ------------------------------------------------------------------------------------

    def enter_loop(self, contract: LoopContract, names: Mapping[str, Term], before: str) -> LoopPermissions | None:
        """Return what a loop may touch, as it is named where the loop begins, and write that it is within it from here on."""
        if not self.strict_frames:
            return None
        entry = [
            *self.permitted(contract.modifies or (), CHANGE, names, before, self.module),
            *self.permitted(contract.reads, LOOK, names, before, self.module),
        ]
        return LoopPermissions(self.writer.fresh("in") + "'", self.scope, self.scopes, tuple(entry), before)

    def within(self, own: LoopPermissions, contract: LoopContract, names: Mapping[str, Term]) -> None:
        """Write, where the head of a loop comes next, that only what its invariants name may be touched from there on."""

        def forgotten() -> str:
            return " ".join(f"havoc {name};" for name in sorted(self.heaps) if name.startswith(own.prefix)) or "assume true;"

        self.writer.line(forgotten)
        for place in self._of_loop(contract, names):
            self.writer.assume(self._at_least(place, own.prefix))

    def _of_loop(self, contract: LoopContract, names: Mapping[str, Term]) -> list[Permitted]:
        return [
            *self.permitted(contract.modifies or (), CHANGE, names, "", self.module),
            *self.permitted(contract.reads, LOOK, names, "", self.module),
        ]

    def at_head(self, own: LoopPermissions, contract: LoopContract, names: Mapping[str, Term]) -> None:
        """Claim at the head of a loop the permissions that its invariants name."""
        for place in self._of_loop(contract, names):
            obligation = Obligation(Kind.ENTRY, place.clause.place, place.clause.text)
            parts = [self._at_least(place, prefix) for prefix in ("perm'", own.outer, own.prefix) if prefix]
            self.writer.claim(conjunction(*parts), obligation)
        self.scope, self.scopes = own.prefix, (*own.scopes, own.prefix)

    def kept_by(self, own: LoopPermissions) -> str:
        """Return which permissions a loop leaves alone."""
        lines = []
        for name in sorted(self.heaps):
            if name.startswith("perm'"):
                inside = self._is_in(own.entry, name.removeprefix("perm'"), "r'", LOOK)
                lines.append(
                    f"assume (forall r': Ref :: {{{name}[r']}} {inside} || {name}[r'] >= {own.before}{name}[r'] "
                    f"|| !{own.before}alloc[r']);"
                )
            elif name.startswith(own.scopes or ("?",)):
                lines.append(f"assume (forall r': Ref :: {{{name}[r']}} {name}[r'] >= {own.before}{name}[r']);")
        return " ".join(lines)

    def unchanged_but(self, own: LoopPermissions) -> str:
        """Return that a loop changes nothing but what its invariants name, and objects that it creates."""
        lines = []
        alloc = f"{own.before}alloc"
        for name in sorted(self.heaps):
            if name == "alloc" or name.startswith(("perm'", "in'", "post'")):
                continue
            inside = self._is_in(own.entry, name, "r'", CHANGE)
            lines.append(
                f"assume (forall r': Ref :: {{{name}[r']}} {alloc}[r'] ==> {inside} || {name}[r'] == {own.before}{name}[r']);"
            )
        return " ".join([*lines, self.kept_by(own)])

    @contextmanager
    def known_of_loop(self, own: LoopPermissions) -> Iterator[None]:
        """Within it, `__writable__` says where a place comes from."""
        outer, self.holding = self.holding, Holding(own.entry, f"{own.before}alloc")
        try:
            yield
        finally:
            self.holding = outer

    def leave_loop(self, own: LoopPermissions) -> None:
        """Go back to what may be touched around a loop."""
        self.scope, self.scopes = own.outer, own.scopes

    # --- what contracts say ------------------------------------------------------------------------

    def reserved_writable(self, node: ast.Call, expected: t.Type | None) -> Term:
        """Whether something may be changed; where it is known: that it is new, or one of what was given."""
        del expected
        return Term(self._holding_claim(node, CHANGE), t.BOOL)

    def reserved_readable(self, node: ast.Call, expected: t.Type | None) -> Term:
        """Whether something may be looked at."""
        del expected
        return Term(self._holding_claim(node, LOOK), t.BOOL)

    def _holding_claim(self, node: ast.Call, level: int) -> str:
        if self.view == _STATE:
            return "true"
        clause = Clause(node.args[0], self.place(node), ast.unparse(node.args[0]))
        claims = []
        for place in list(self._places(node.args[0], level, clause, "true", ())):
            if self.holding is not None:
                new = f"(!{self.holding.allocated}[{place.reference}])"
                made = f"({place.reference} == {self.holding.made})" if self.holding.made else "false"
                claim = disjunction(new, made, self._is_in(self.holding.places, place.heap, place.reference, place.level))
            elif self.strict_frames:
                claim = self._permitted(place.heap, place.reference, place.level)
            else:
                raise Unsupported("a permission that only functions written for Nagini have", node)
            claims.append(
                self.quantifier(True, place.variables, place.premise, claim)
                if place.binders
                else implication(place.condition, claim)
            )
        return conjunction(*claims)


@dataclass(frozen=True, slots=True)
class Holding:
    """What was given before a call or a loop, what existed then, and the object whose constructor is called."""

    places: tuple[Permitted, ...]
    allocated: str
    made: str = ""


@dataclass(frozen=True, slots=True)
class LoopPermissions:
    """Permissions of a loop: the prefix of its maps, those around it, and what it was given where it began."""

    prefix: str
    outer: str
    scopes: tuple[str, ...]
    entry: tuple[Permitted, ...]
    before: str


_AMOUNT = re.compile(r"Acc\(.*,\s*(\d+)\s*/\s*(\d+)\s*\)", re.DOTALL)


def _shares(clauses: Sequence[Clause], names: Mapping[str, str]) -> dict[str, tuple[Fraction, Clause]]:
    """Return how much of each target is claimed, by its text with other names of parameters; of which nobody says it, nothing."""
    found: dict[str, tuple[Fraction, Clause]] = {}
    for clause in clauses:
        target = clause.expression
        partial = isinstance(target, ast.Call) and isinstance(target.func, ast.Name) and target.func.id == "__readable__"
        inner = target.args[0] if partial and isinstance(target, ast.Call) else target
        wrote = _AMOUNT.fullmatch(clause.text)
        if wrote is not None and int(wrote[2]):
            amount = Fraction(int(wrote[1]), int(wrote[2]))
        elif not partial and "," not in clause.text and clause.text.startswith("Acc("):
            amount = Fraction(1)
        else:
            continue
        key = " ".join(names.get(word, word) for word in re.split(r"\b", ast.unparse(inner)))
        found[key] = (amount + (found[key][0] if key in found else 0), clause)
    return found


def _permission(heap: str) -> str:
    return f"perm'{heap}"


def _shown(node: ast.AST) -> str:
    text = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__.lower()
    return text if len(text) <= 60 else text[:57] + "..."
