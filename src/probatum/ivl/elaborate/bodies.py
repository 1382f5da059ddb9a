"""Procedures and implementations: routines with terms in their specifications, bodies of blocks.

A polymorphic procedure becomes one routine for each instance that is called.
Its body is verified once, at types of which nothing is known; a body that is
inlined is there for each instance.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from probatum.ivl.blocks import (
    Block,
    Body,
    Check,
    Clause,
    Forget,
    Invoke,
    Know,
    Module,
    Reveal,
    Routine,
    Set,
)
from probatum.ivl.calls import expand
from probatum.ivl.elaborate import measures
from probatum.ivl.elaborate.attributes import text_of
from probatum.ivl.elaborate.coalescing import coalesced
from probatum.ivl.elaborate.codes import Codes
from probatum.ivl.elaborate.commands import Translation
from probatum.ivl.elaborate.expressions import Elaborator
from probatum.ivl.elaborate.measures import Draft, Measured
from probatum.ivl.elaborate.names import instance
from probatum.ivl.elaborate.scopes import NO_SCOPE, Scope
from probatum.ivl.elaborate.structured import code_flow, flow
from probatum.ivl.flags import count, flags, text
from probatum.ivl.inlining import inline, is_marked
from probatum.ivl.renaming import Renaming, mentioned
from probatum.ivl.syntax import tree
from probatum.ivl.terms import BOOL, Term
from probatum.ivl.types import Type, TypeVariable
from probatum.ivl.unsupported import Unsupported

# What a code expression returns is in this variable; no identifier of the language has an `@` in it.
_RESULT = "result@"


@dataclass(slots=True, eq=False)
class Prepared:
    """A routine, the variables of its parameters, and its measure over them."""

    routine: Routine
    types: Mapping[TypeVariable, Type]
    measure: tuple[Term, ...]


class Bodies:
    """Makes what a checked program has of procedures, each instance once."""

    def __init__(self, elaborator: Elaborator) -> None:
        self.elaborator = elaborator
        self.bank = elaborator.bank
        self.options = elaborator.options
        self.codes = Codes(elaborator.bank)
        elaborator.code_expression = self._code
        declarations = elaborator.program.declarations
        self._globals = [v for one in declarations if isinstance(one, tree.Globals) for v in one.variables]
        self.global_names = {one.name for one in self._globals}
        self._implementations: dict[tree.Procedure, list[tree.Implementation]] = {}
        for one in declarations:
            if isinstance(one, tree.Implementation) and one.procedure is not None:
                self._implementations.setdefault(one.procedure, []).append(one)
        self._prepared: dict[tuple[tree.Procedure, tuple[Type, ...]], Prepared | Unsupported] = {}
        self._waiting: list[tuple[tree.Procedure, tuple[Type, ...]]] = []
        self._bodies: dict[tuple[tree.Implementation, tuple[Type, ...]], Body] = {}
        self._making: set[tuple[tree.Implementation, tuple[Type, ...]]] = set()
        self._recursion: Mapping[tree.Procedure, set[tree.Procedure]] = {}
        self._module = Module()

    def module(self) -> Module:
        """Return everything in blocks.

        Raises
        ------
        Unsupported
            A condition on a global variable is not handled; what is not handled in a body is noted there.
        """
        declarations = self.elaborator.program.declarations
        procedures = [one for one in declarations if isinstance(one, tree.Procedure)]
        bodies = [one for one in declarations if isinstance(one, tree.Implementation) and one.procedure is not None]
        self._prepare_measures(procedures, bodies)
        self._prepare_globals(declarations)
        for procedure in procedures:
            if not procedure.type_variables:
                self._of(procedure, ())
        for body in bodies:
            if not body.type_variables:
                self._body(body, ())
        polymorphic = [one for one in bodies if one.type_variables]
        for body in polymorphic:
            if not self._skipped(body):
                self._body(body, self.elaborator.opaque(body))
        self._make_waiting()
        verified = [one for one in (*(b for b in bodies if not b.type_variables), *polymorphic) if not self._skipped(one)]
        verified.sort(key=lambda one: -_priority(one))
        self._module.bodies = [self._bodies[one, self._at(one)] for one in verified]
        self._module.routines = [one.routine for one in self._prepared.values() if not isinstance(one, Unsupported)]
        return self._module

    def _at(self, body: tree.Implementation) -> tuple[Type, ...]:
        return self.elaborator.opaque(body) if body.type_variables else ()

    def _skipped(self, body: tree.Implementation) -> bool:
        """Whether a body is not verified: it says so, or it is verified where it is inlined."""
        verify = True
        procedure = [] if body.procedure is None else body.procedure.attributes
        for one in (*procedure, *body.attributes):
            if one.key == "verify" and len(one.values) == 1 and isinstance(value := one.values[0], tree.Literal):
                verify = value.value is not False
        inlined = self.options.inline in {"assume", "assert"} and (is_marked(body.attributes) or is_marked(procedure))
        return not verify or inlined

    # Globals and measures

    def _prepare_globals(self, declarations: Iterable[tree.Declaration]) -> None:
        elaborator, module = self.elaborator, self._module
        module.globals = tuple(elaborator.global_variable(one) for one in self._globals)
        module.wheres = {
            elaborator.global_variable(one): self.assumed(one.where, NO_SCOPE) for one in self._globals if one.where is not None
        }
        module.existentials = {
            one.name: elaborator.constant(one)
            for group in declarations
            if isinstance(group, tree.ConstantGroup)
            for one in group.constants
            if tree.flag([*group.attributes, *one.attributes], "existential")
        }

    def _prepare_measures(self, procedures: list[tree.Procedure], bodies: list[tree.Implementation]) -> None:
        if not any(one.measures for one in procedures):
            return
        skipped = {one for one in bodies if self._skipped(one)}
        self._recursion = measures.recursion(self.elaborator.program, skipped)

    # Terms

    def assumed(self, expression: tree.Expression, scope: Scope) -> Term:
        """Return the term of an expression that is known."""
        return self.codes.settled(self.elaborator.term(expression, scope), proved=False)

    def proved(self, expression: tree.Expression, scope: Scope) -> Term:
        """Return the term of an expression that is to be proved."""
        return self.codes.settled(self.elaborator.term(expression, scope), proved=True)

    def variables(
        self, declared: Iterable[tree.Variable], types_: Mapping[TypeVariable, Type], used: set[str]
    ) -> dict[tree.Variable, Term]:
        """Return variables with the names of the source; a name that is used gets a suffix."""
        made = {}
        for one in declared:
            sort = self.elaborator.sort(one.type, types_)
            if one.name in used:
                made[one] = self.bank.fresh(one.name, sort)
            else:
                made[one] = self.bank.variable(one.name, sort)
                used.add(one.name)
        return made

    # Routines

    def prepared(self, procedure: tree.Procedure, at: tuple[Type, ...]) -> Prepared:
        """Return a routine with what belongs to it.

        Raises
        ------
        Unsupported
            Its specification is not handled.
        """
        found = self._of(procedure, at)
        if isinstance(found, Unsupported):
            raise Unsupported(found.construct, found.position)
        return found

    def _of(self, procedure: tree.Procedure, at: tuple[Type, ...]) -> Prepared | Unsupported:
        found = self._prepared.get((procedure, at))
        if found is None:
            try:
                found = self._made_routine(procedure, at)
            except Unsupported as reason:
                found = reason
            self._prepared[procedure, at] = found
            if at:
                self._waiting.append((procedure, at))
        return found

    def _make_waiting(self) -> None:
        """Make the bodies of instances that are inlined; they may call further instances."""
        while self._waiting:
            procedure, at = self._waiting.pop(0)
            for body in self._implementations.get(procedure, ()):
                if is_marked(body.attributes) or is_marked(procedure.attributes):
                    self._body(body, at)

    def _made_routine(self, procedure: tree.Procedure, at: tuple[Type, ...]) -> Prepared:
        elaborator = self.elaborator
        types_ = dict(zip(procedure.type_variables, at, strict=True))
        own = self.variables((*procedure.ins, *procedure.outs), types_, set(self.global_names))
        scope = Scope(types_, own)
        measure = [expression for one in procedure.measures for expression in one.expressions]
        terms = tuple(elaborator.term(expression, scope) for expression in measure)
        requires = [self._clause(one, scope) for one in procedure.requires]
        requires.extend(
            Clause(
                measures.not_negative(self.bank, term), free=False, position=expression.position, explanation=measures.NEGATIVE
            )
            for term, expression in zip(terms, measure, strict=True)
            if term.sort != BOOL
        )
        routine = Routine(
            name=instance(procedure.name, at),
            ins=tuple(own[one] for one in procedure.ins),
            outs=tuple(own[one] for one in procedure.outs),
            requires=tuple(requires),
            ensures=tuple(self._clause(one, scope) for one in procedure.ensures),
            modifies=tuple(dict.fromkeys(elaborator.global_variable(v.decl) for v in procedure.modifies if v.decl is not None)),
            # Instances have no `where` conditions, as in Boogie: to assume less is always right.
            wheres={}
            if at
            else {own[one]: self.assumed(one.where, scope) for one in (*procedure.ins, *procedure.outs) if one.where},
            attributes=procedure.attributes,
            position=procedure.position,
            inline=count(procedure.attributes, "inline"),
        )
        return Prepared(routine, types_, terms)

    def _clause(self, one: tree.Condition, scope: Scope) -> Clause:
        of = flags(one.attributes)
        term = self.elaborator.term(one.expression, scope)
        checked = self.codes.settled(term, proved=True)
        markers = self.elaborator.pool_markers(one.attributes, scope)
        term = self.bank.conjunction((*markers, self.codes.settled(term, proved=False)))
        return Clause(
            term,
            one.free,
            one.position,
            message=text_of(one.attributes, "msg") or "",
            identifier=text(of, "id"),
            attributes=of,
            checked=None if checked is term else checked,
        )

    # Bodies

    def body_to_inline(self, procedure: tree.Procedure, at: tuple[Type, ...]) -> None:
        """Make sure that the bodies of a routine are there, for a code expression that calls it.

        Raises
        ------
        Unsupported
            If such a body is just being made: it inlines itself in a code expression.
        """
        for one in self._implementations.get(procedure, ()):
            if is_marked(one.attributes) or is_marked(procedure.attributes):
                if (one, at) in self._making:
                    raise Unsupported("a code expression that calls the body it stands in", one.position)
                self._body(one, at)

    def _body(self, one: tree.Implementation, at: tuple[Type, ...]) -> Body:
        found = self._bodies.get((one, at))
        if found is None:
            if one.procedure is None:
                raise TypeError(f"`{one.name}` has no procedure: the program was not checked")
            self._making.add((one, at))
            name = one.name
            try:
                found = _Making(self, one, at, self.prepared(one.procedure, at), self._measure_of(one)).body()
            except Unsupported as reason:
                position = one.position if reason.position is tree.NOWHERE else reason.position
                why = f"{reason.construct} ({position})"
                prepared = self._of(one.procedure, at)
                empty = Routine(name, (), (), (), (), (), {}, one.procedure.attributes, one.procedure.position)
                routine = empty if isinstance(prepared, Unsupported) else prepared.routine
                found = Body(name, routine, (), (), (), {}, [], one.position, one.attributes, unsupported=why)
            self._making.discard((one, at))
            self._bodies[one, at] = found
            found.routine.bodies.append(found)
        return found

    def _measure_of(self, one: tree.Implementation) -> Mapping[tree.Procedure, bool]:
        """Return the procedures whose calls in a body must decrease its measure."""
        procedure = one.procedure
        if procedure is None or not procedure.measures:
            return {}
        return {callee: True for callee, reached in self._recursion.items() if procedure in reached}

    # Code expressions

    def _code(self, code: tree.Code, scope: Scope) -> Term:
        """Return the term of a code expression, not settled."""
        own = {one: self.bank.fresh(one.name, self.elaborator.sort(one.type, scope.types)) for one in code.locals}
        inner = replace(scope, variables={**scope.variables, **own})
        translation = Translation(self, inner, {}, ())
        result = self.bank.fresh(_RESULT, BOOL)
        blocks = []
        for one in code_flow(code):
            commands = translation.plain(one)
            if one.result is not None:
                commands.append(Set((result,), (self.elaborator.term(one.result, inner),), one.end))
            blocks.append(Block(one.name, commands, one.successors, one.position, one.end))
        wheres = {own[one]: self.assumed(one.where, inner) for one in code.locals if one.where is not None}
        for block in blocks:
            for command in block.commands:
                if isinstance(command, Invoke):
                    self._body_of_call(command)
        body = Body(
            "",
            Routine("", (), (), (), (), (), {}, [], code.position),
            (),
            (),
            tuple(own.values()),
            wheres,
            blocks,
            code.position,
            [],
        )
        self._module.routines = [one.routine for one in self._prepared.values() if not isinstance(one, Unsupported)]
        body = inline(body, self._module, self.bank, self.options)
        body = expand(body, self._module, self.bank, self.options)
        return self.codes.term(body.blocks, body.locals, result, body.wheres)

    def _body_of_call(self, call: Invoke) -> None:
        for (procedure, at), prepared in self._prepared.items():
            if not isinstance(prepared, Unsupported) and prepared.routine is call.procedure:
                self.body_to_inline(procedure, at)
                return


class _Making:
    """One implementation at ground types."""

    def __init__(
        self,
        bodies: Bodies,
        one: tree.Implementation,
        at: tuple[Type, ...],
        prepared: Prepared,
        recursive: Mapping[tree.Procedure, bool],
    ) -> None:
        self._bodies = bodies
        self._one = one
        self._at = at
        self._prepared = prepared
        self._recursive = recursive

    def body(self) -> Body:
        bodies, one, routine = self._bodies, self._one, self._prepared.routine
        types_ = dict(zip(one.type_variables, self._at, strict=True))
        own = bodies.variables((*one.ins, *one.outs, *one.locals), types_, set(bodies.global_names))
        scope = Scope(types_, own)
        measure = self._measure(own)
        translation = Translation(bodies, scope, self._recursive, measure)
        drafts = [Draft(each) for each in flow(one.body)]
        for draft in drafts:
            for step in draft.flow.steps:
                draft.commands.extend(translation.step(step))
        kept = measures.loops(drafts, bodies.bank)
        blocks = [_block(draft) for draft in drafts]

        ins, outs = tuple(own[v] for v in one.ins), tuple(own[v] for v in one.outs)
        used = _used(blocks)
        locals_ = tuple(own[v] for v in one.locals if own[v] in used)
        # A local variable that nothing mentions is not there, and neither is its condition, as in Boogie.
        wheres = {own[v]: bodies.assumed(v.where, scope) for v in one.locals if v.where is not None and own[v] in used}
        to_body = Renaming(bodies.bank, dict(zip((*routine.ins, *routine.outs), (*ins, *outs), strict=True)))
        for formal, actual in zip((*routine.ins, *routine.outs), (*ins, *outs), strict=True):
            if formal in routine.wheres:
                wheres[actual] = to_body.term(routine.wheres[formal])
        return Body(
            instance(one.name, () if self._at == bodies.elaborator.opaque(one) else self._at),
            routine,
            ins,
            outs,
            (*locals_, *translation.kept, *kept),
            wheres,
            coalesced(blocks),
            one.position,
            one.attributes,
            end=one.body.end,
            assumptions=tuple(
                own[v] for v in one.locals if v.where is None and tree.flag(v.attributes, "assumption") and own[v] in used
            ),
        )

    def _measure(self, own: Mapping[tree.Variable, Term]) -> tuple[Term, ...]:
        """Return the measure of the procedure as it was at entry."""
        one, bodies = self._one, self._bodies
        procedure = one.procedure
        if procedure is None or not self._recursive:
            return ()
        parameters = {formal: own[actual] for formal, actual in zip(procedure.ins, one.ins, strict=True)}
        scope = Scope(self._prepared.types, parameters, old=True)
        return tuple(bodies.elaborator.term(e, scope) for m in procedure.measures for e in m.expressions)


def _block(draft: Draft) -> Block:
    of = draft.flow
    commands = [one for one in draft.commands if not isinstance(one, Measured)]
    return Block(of.name, commands, of.successors, of.position, of.end, flags(of.attributes), of.header)


def _used(blocks: Iterable[Block]) -> set[Term]:
    terms: list[Term] = []
    for block in blocks:
        for command in block.commands:
            match command:
                case Check() | Know():
                    terms.append(command.term)
                case Set():
                    terms.extend((*command.variables, *command.values))
                case Forget():
                    terms.extend(command.variables)
                case Invoke():
                    terms.extend((*command.arguments, *command.results))
                case Reveal():
                    pass
    return mentioned(terms)


def _priority(one: tree.Implementation) -> int:
    found = count(one.attributes, "priority")
    return 1 if found is None else found
