"""From a function with a contract to a program of the Boogie language: `lower`."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from probatum.lower import calling, depth, exactness, families, prelude
from probatum.lower.attempt import Learnt, Restart, Symbols, problem
from probatum.lower.bit_widths import powers_of_two
from probatum.lower.bound_names import assigned_names
from probatum.lower.boxes import of_collections
from probatum.lower.closures import Closures
from probatum.lower.exceptions import ESCAPED
from probatum.lower.heap import Part
from probatum.lower.held_items import fact_of_items
from probatum.lower.loop_measures import decreased
from probatum.lower.lowered import Kind, Lowered, Obligation
from probatum.lower.sorts import Sorts, mangled
from probatum.lower.terms import Term, apply
from probatum.lower.unsupported import Unsupported
from probatum.lower.variables import substituted
from probatum.python import types as t
from probatum.python.annotations import Annotations
from probatum.python.program import Class, Clause, Contract, Function, Module, Place, Problem, Program, Syntax
from probatum.python.scopes import Positions, Scope, walk

_ROUNDS = 40  # times a function is begun again with better types
_INLINED = 4  # bodies that stand for calls, one inside of the other
_WORD = re.compile(r"[A-Za-z_][\w'.#]*")


class Lowerer(Closures):
    """Writes one function."""

    def __init__(self, program: Program, function: Function, learnt: Learnt, symbols: Symbols) -> None:
        super().__init__(program, function, learnt, symbols)
        self.root = function
        self.handlers = []
        self.inner = {}
        self.cleanups = []
        self.loops = []
        self.claimed = {}
        self.patterns = {}
        self.origins = {}
        self._parts = {}
        self.created_as = {}
        self._premises = []
        self.seen = {}
        self.numbers = set()
        self.ordered = {}
        self.entry_names = {}
        self.revealed = {
            n.value.args[0].id
            for s in function.body
            for n in walk(s)
            if isinstance(n, ast.Expr)
            and isinstance(n.value, ast.Call)
            and isinstance(n.value.func, ast.Name)
            and n.value.func.id == "__reveal__"
            and isinstance(n.value.args[0], ast.Name)
        }
        self.revealed = {self.qualified(ast.Name(n, ast.Load())) or n for n in self.revealed}
        self.circle = calling.circle(program, function)
        self.inlined: tuple[str, ...] = ()
        self.prefix = ""
        self.exit = "exit"
        self.returns = None if function.returns == t.UNKNOWN else function.returns
        self.parameters: list[str] = []
        self.result = None

    # --- the whole function ------------------------------------------------------------------

    def procedure(self) -> None:
        """Write the body of the procedure: what is known at entry, the function's body, and what must hold at its ends."""
        function = self.function
        self.begin_module()
        self.cached_in_vain(function, function.node)
        for parameter in function.parameters:
            self._parameter(parameter.name, self._receiver_type(parameter.name, parameter.type), function)
            if parameter.evidence:
                told = f"`{parameter.name}` is a `{parameter.type}`, which nobody declares and `{parameter.evidence}` says"
                self.symbols.assumptions.setdefault(told, None)
        self.old_view = "entry'"
        self.snapshots.add(self.old_view)
        for parameter in function.parameters:
            self.known(self.names[parameter.name])
            if found := fact_of_items(self, self.names[parameter.name]):
                self.writer.assume(found)
        self.entry_names = dict(self.names)
        self.measures = []
        self.conform(function)
        if function.inline:  # verified where it is called
            self.writer.line("return;")
            self.writer.ended = True
            return
        if function.abstract or function.stub:
            self._abstract(function)
            return
        self.begin_permissions(function)
        self._assume_contract(function)
        self._satisfiable(function)
        self.writer.line(lambda: " ".join(f"entry'{name} := {name};" for name in sorted(self.heaps)) or "assume true;")
        self.writer.line(self._closed)
        self._own_measure(function)
        self._writable(function)
        self._shadow(function)
        type_ = self.returns
        if type_ is None:
            type_ = self.learnt.types.get(self.return_key, t.NONE)
        if type_ not in (t.NONE, t.NEVER):
            self.result = Term("result", type_)
            self.writer.locals["result"] = self.sort(type_)
        self.begin_construction()
        self.begin_top_level()
        self.block(function.body)
        if not self.writer.ended:
            self.completed(function.node)
        if not self.writer.ended and self.returns != t.NONE and self.result is not None:
            self._falls_off(type_)
        self.writer.jump(self.exit)
        self.writer.label(self.exit)
        if not self.writer.ended:
            self._ends(function, type_)
            self.writer.line("return;")
            self.writer.ended = True
        self.escaped()
        if not self.writer.ended:
            self.writer.line("return;")
            self.writer.ended = True
        self.no_order_lasts()

    def _closed(self) -> str:
        """Return that what objects hold at entry exists: objects that are created later are none of it."""
        lines = []
        for name, sort in sorted(self.heaps.items()):
            if sort == "[Ref](Seq Ref)":
                held = f"Seq_at({name}[r'], k')"
                within = f"alloc[r'] && 0 <= k' && k' < Seq_len({name}[r']) && {held} != null"
                lines.append(f"assume (forall r': Ref, k': int :: {{{held}}} {within} ==> alloc[{held}]);")
        return " ".join(lines) if "alloc" in self.heaps and lines else "assume true;"

    def _abstract(self, function: Function) -> None:
        """Write what can be said of a method without a body: that its contract has a meaning."""
        self._assume_contract(function)
        self._satisfiable(function)
        self.writer.line("return;")
        self.writer.ended = True

    def _satisfiable(self, function: Function) -> None:
        """Write a probe: if even what is false follows from the preconditions, nothing satisfies them."""
        requires = function.contract.requires
        if not requires or self._uncallable(function):
            return
        text = " and ".join(clause.text for clause in requires)
        self.probe("false", Obligation(Kind.VACUOUS, requires[0].place, text))

    @staticmethod
    def _uncallable(function: Function) -> bool:
        """Whether a function says that nobody may call it: `Requires(False)`, as Nagini's users write it."""
        if function.contract.syntax is not Syntax.NAGINI:
            return False
        return any(
            isinstance(one := clause.expression, ast.Constant) and one.value is False for clause in function.contract.requires
        )

    def _receiver_type(self, name: str, type_: t.Type) -> t.Type:
        function = self.function
        if function.owner and function.kind not in ("static", "class") and function.parameters[0].name == name:
            owner = self.program.class_(f"{function.module}.{function.owner}")
            if owner is not None:
                variables = families.base_arguments(self.program, owner.qualified).get(owner.qualified, {})
                return t.Instance(owner.qualified, tuple(variables[v] for v in owner.type_variables))
        return type_

    def _parameter(self, name: str, type_: t.Type, function: Function) -> None:
        if type_ == t.UNKNOWN:
            raise Unsupported(f"the parameter `{name}`, whose type is neither declared nor plain (`{name}: int` declares one),")
        if isinstance(type_, t.Collection) and type_.kind == "iterable":
            self.symbols.assumptions.setdefault(f"`{name}` can be gone over more than once", None)
        if isinstance(type_, t.Collection) and type_.kind == "iterator":
            uses = [n for s in function.body for n in ast.walk(s) if isinstance(n, ast.Name) and n.id == name]
            if len(uses) > 1:
                raise Unsupported(f"the iterator `{name}`, which is used more than once: what was taken from it is gone", uses[1])
        if isinstance(type_, t.Collection) and type_.kind in ("iterable", "iterator"):
            self.symbols.assumptions.setdefault(f"`{name}` gives the same items whenever something goes over it", None)
        text = f"p'{mangled(name)}"
        self.parameters.append(f"{text}: {self.sort(type_)}")
        self.names[name] = Term(text, type_)
        del function

    def _falls_off(self, type_: t.Type) -> None:
        if self.returns is None:
            self.statement_Return(ast.copy_location(ast.Return(None), self.function.body[-1]))
        elif self.may_be_none(type_) and self.result is not None:
            self.writer.assign(self.result.text, self.coerce(Term("Unit()", t.NONE), type_, self.function.node).text)
        else:
            text = f"it must return a `{type_}` on every path"
            place = self.place(self.function.body[-1]) if self.function.body else self.function.place
            self.writer.claim("false", Obligation(Kind.TYPE, place, text, described=True))

    def _shadow(self, function: Function) -> None:
        """Give parameters that the body assigns a variable of their own."""
        assigned = set()
        for statement in function.body:
            assigned |= assigned_names(statement)
        assigned -= self.global_names(function)
        self.bound = frozenset(assigned) | self.inner_names(function)
        for name in [p.name for p in function.parameters if p.name in assigned]:
            term = self.names.pop(name)
            type_ = self.learnt.types.get(self.key(name), t.INT if isinstance(term.type, t.Ranged) else term.type)
            self.learnt.types[self.key(name)] = type_
            self.locals[name] = type_
            self.writer.locals[self.variable(name)] = self.sort(type_)
            self.writer.assign(self.variable(name), self.coerce(term, type_, function.node).text)
            self.assigned.add(name)
        for name in sorted(assigned - set(self.names)):
            type_or_none = self.learnt.types.get(self.key(name))
            if type_or_none is not None:
                self.locals.setdefault(name, type_or_none)
                self.writer.locals[self.variable(name)] = self.sort(type_or_none)
            if name in self.learnt.unset:
                self.writer.locals[f"set'{name}"] = "bool"
                self.writer.assign(f"set'{name}", "true" if name in self.assigned else "false")

    def _assume_contract(self, function: Function) -> None:
        module = self.module
        names = dict(self.names)
        for condition in self.invariants_at_entry(function, names, ""):
            self.writer.assume(condition)
        for condition, _ in self.owed_to_arguments(function, names, function.node):
            self.writer.assume(condition)
        required = []
        for clause in function.contract.requires:
            with self.contract_of(names, view="", old_view="", module=module) as demands:
                required.append((self.condition_of(clause.expression), list(demands)))
        if function.contract.syntax in (Syntax.ICONTRACT, Syntax.DEAL):
            # Each precondition is a decorator of its own: a call that breaks one is refused, whichever is looked at first,
            # and one that raises does the same. So those that have a value for all arguments say when the others must.
            required.sort(key=lambda one: bool(one[1]))
        for condition, found in required:
            for demand in found:
                self.writer.claim(demand.condition, demand.obligation)
            # What comes after the literal `false` is taken for dead, and the probe of the contract with it.
            self.writer.assume(condition if condition != "false" else "(0 == 1)")

    def _own_measure(self, function: Function) -> None:
        self.measures: list[str] = []
        decreases = function.contract.decreases
        if decreases is None:
            decreases = self._guessed_measure(function)
        for clause in decreases:
            with self.contract_of(self.names, view="", old_view="", module=self.module):
                value = self.as_measure(self.evaluate(clause.expression), clause.expression)
            variable = self.writer.local("bound", "int")
            self.writer.assign(variable, value)
            self.measures.append(variable)

    def _guessed_measure(self, function: Function) -> tuple[Clause, ...]:
        """Return a measure for a recursive function: a parameter that is a number or has items, or how deep trees are.

        It is the first of which every call passes what is written as less, else the first of which it passes something else.
        """
        if function.qualified not in self.circle:
            return ()
        own = [p for p in function.parameters if (self._is_int(p.type) and p.type != t.BOOL) or self.has_length(p.type)]
        calls = calling.recursive_calls(function)
        for found in (calling.is_less, calling.shrinks):
            for parameter in own:
                if (calls or found is calling.shrinks) and all(found(c, parameter.name, function) for c in calls):
                    node = ast.copy_location(ast.Name(parameter.name, ast.Load()), function.node)
                    return (Clause(node, function.place, parameter.name),)
        return self.depth_measure(function)

    def check_decreases(self, function: Function, arguments: Mapping[str, Term], node: ast.AST) -> None:
        """Demand that a call ends, and that a recursive one makes progress."""
        if self.root.contract.may_diverge:
            return
        if function.contract.may_diverge:
            text = f"`{function.name}` must be one that terminates"
            self.writer.claim("false", Obligation(Kind.TERMINATION, self.place(node), text, described=True))
            return
        if function.qualified not in self.circle or self._runs_outside(function, node):
            return
        decreases = function.contract.decreases
        if decreases is None:
            decreases = self._guessed_measure(function)
        if not decreases or not self.measures or len(decreases) != len(self.measures):
            text = f"a measure that decreases with every recursive call is needed: write `decreases(...)` in `{function.name}`"
            self.writer.claim("false", Obligation(Kind.TERMINATION, self.place(node), text, described=True))
            return
        now = []
        for clause in decreases:
            with self.contract_of(arguments, view="", old_view="", module=self.program.modules[function.module]):
                now.append(self.as_measure(self.evaluate(clause.expression), clause.expression))
        text = ", ".join(c.text for c in decreases)
        self.demand(decreased(now, self.measures), Kind.TERMINATION, node, text)

    def _runs_outside(self, function: Function, node: ast.AST) -> bool:
        """Whether a call is of `super()`, so that it runs this method and none that overrides it, which calls nothing back."""
        if not isinstance(node, ast.Call) or not calling.is_super(node.func):
            return False
        return function.qualified not in calling.bodies_in_circle(self.program, self.function)

    # --- frames -----------------------------------------------------------------------------------

    def _writable(self, function: Function) -> None:
        if self.strict_frames or self.top_level:
            return  # permissions say it, or nobody asks
        modifies = () if function.pure else function.contract.modifies
        if modifies is None:
            modifies = self.inferred_modifies(function)
        if modifies is None:
            return  # no caller knows what it changes, so none relies on it
        parts: list[Part] = []
        # What a field held at entry is meant: it may hold another object later.
        with self.contract_of(self.entry_names, view=self.old_view, old_view=self.old_view, module=self.module):
            for clause in modifies:
                parts.extend(self.parts(clause.expression))
        if function.name.split(".")[-1] == "__init__":
            parts.append(Part(None, self.names[function.parameters[0].name].text))
        self.writable = parts

    def inferred_modifies(self, function: Function) -> tuple[Clause, ...] | None:
        """Return what a function changes, worked out from its body: objects that its parameters name."""
        return calling.modified(self.program, function)

    # --- the end --------------------------------------------------------------------------------------

    def _ends(self, function: Function, type_: t.Type) -> None:
        self.ahead = False
        self.keep_invariants(function)
        exact = exactness.returns_floats(self.program, function)
        result = Term("result", type_, exact=exact) if self.result is not None else Term("Unit()", t.NONE)
        self.returned(function, {**self.entry_names, "__result__": result})

    def base_arguments(self, class_: object, base: Function) -> Mapping[str, t.Type]:
        """Return what the type variables of the class of a method stand for in a class derived from it."""
        owner = families.owner(self.program, base)
        if not isinstance(class_, Class) or owner is None or not owner.type_variables:
            return {}
        return families.base_arguments(self.program, class_.qualified).get(owner.qualified, {})

    # --- bodies that stand for calls ------------------------------------------------------------------------

    def call_uncontracted(
        self, function: Function, arguments: Mapping[str, Term], node: ast.AST, variables: Mapping[str, t.Type]
    ) -> Term:
        """Return what a call of a function without contract returns: its body stands for the call."""
        if function.qualified in (*self.inlined, self.root.qualified) or len(self.inlined) >= _INLINED:
            raise Unsupported(f"a call of `{function.name}`, which has no contract and is recursive or calls deeply", node)
        self.well_formed(function, node)
        saved = (
            self.function, self.module, self.names, self.locals, self.assigned, self.narrowed, self.origins, self.loops,
            self.returns, self.result, self.exit, self.prefix, self.inlined, self.cleanup_depth, self.entry_names, self.old_view,
            self.bound, self.inner,
        )  # fmt: skip
        number = self.writer.fresh("call")
        self.function, self.module = function, self.program.modules[function.module]
        self.inlined = (*self.inlined, function.qualified)
        self.inner = self.inner if self.is_inner(function) else {}
        self.prefix = f"{number}'"
        self.names = {name: self.fixed(term) for name, term in arguments.items()}
        self.locals, self.assigned, self.narrowed, self.origins = {}, set(), {}, {}
        self.exit = self.writer.fresh("returned")
        self.cleanup_depth = len(self.cleanups)
        self.entry_names = dict(self.names)
        outer = self.loops
        self.loops = []
        type_ = substituted(function.returns, dict(variables))
        if type_ == t.UNKNOWN:
            type_ = self.learnt.types.get(self.return_key, t.NONE)
            self.returns = None
        else:
            self.returns = type_
        self.result = None
        if type_ not in (t.NONE, t.NEVER):
            name = self.writer.local("result", self.sort(type_))
            self.result = Term(name, type_)
        begin = self.writer.count()
        try:
            self.old_view = self.snapshot("called")
            # Writes inside count for the loop around the call.
            self.loops = outer
            depth = len(outer)
            self._shadow(function)
            self.begin_construction()
            self.block(function.body)
            if not self.writer.ended:
                self.completed(function.node)
            if not self.writer.ended and self.returns != t.NONE and self.result is not None:
                self._falls_off(type_)
            self.writer.jump(self.exit)
            self.writer.label(self.exit)
            assert len(self.loops) == depth
            answer = self.result or Term("Unit()", t.NONE)
        finally:
            (
                self.function, self.module, self.names, self.locals, self.assigned, self.narrowed, self.origins, self.loops,
                self.returns, self.result, self.exit, self.prefix, self.inlined, self.cleanup_depth, self.entry_names,
                self.old_view, self.bound, self.inner,
            ) = saved  # fmt: skip
        elsewhere = self._claimed_elsewhere(function, node)
        if function.module != self.function.module:
            self.writer.reword(begin, elsewhere)
        elif function.inline:  # what escapes, escapes from the call
            self.writer.reword(begin, lambda own: elsewhere(own) if own.kind is Kind.EXCEPTION else own)
        self.invalidate()
        return answer

    def _claimed_elsewhere(self, function: Function, node: ast.AST) -> Callable[[Obligation], Obligation]:
        """Return how obligations in a body of another module are said of the call for which it stands."""
        place = self.place(node)
        path = self.program.modules[function.module].path if function.module != self.root.module else ""

        def said(own: Obligation) -> Obligation:
            return replace(own, place=place, clause=own.clause or own.place, path=own.path or path)

        return said

    def key(self, name: str) -> str:
        """Return under which name the type of a local variable is learnt."""
        return f"{self.prefix}{name}"

    def variable(self, name: str) -> str:
        """Return the variable that holds a local variable of Python's."""
        return f"v'{self.prefix}{mangled(name)}"

    def annotation(self, node: ast.expr) -> t.Type | None:
        """Return the type that an annotation in a body names."""
        variables = families.variables_of(self.program, self.function)
        return Annotations(self.scope_of(self.module), variables=variables).read(node)

    def scope_of(self, module: Module) -> Scope:
        """Return the scope of a module's top level."""
        return Scope(
            module.name,
            module.path,
            Positions(module.text),
            imports=module.imports,
            defined=frozenset({*module.classes, *module.functions}),
            alias=lambda name: families.alias_of(self.program, module, name),
        )


def lower(program: Program, function: Function, *, guess: bool = False) -> Lowered:
    """Return a function as a program of the Boogie language.

    Parameters
    ----------
    program : Program
        The function's module, and what it imports.
    function : Function
    guess : bool
        Whether invariants of loops are guessed: candidates, of which `probatum.ivl` keeps those that hold (`infer`).

    Returns
    -------
    Lowered
        Without text, and with `unsupported`, if the function uses what is not in the language.
    """
    program = families.combined(program)
    function = families.counterpart(program, function)
    for one in function.problems:
        if one.unsupported:
            return Lowered(function.qualified, "", {}, unsupported=one)
    learnt = Learnt()
    try:
        for _ in range(_ROUNDS):
            lowerer = Lowerer(program, function, learnt, Symbols(Sorts(program, derived=families.derived(program))))
            lowerer.guess = guess
            try:
                lowerer.procedure()
                unset = set(learnt.unset)
                if unset != learnt.unset or any(f"set'{n}" not in lowerer.writer.locals for n in learnt.unset):
                    continue
            except Restart:
                continue
            return _assembled(lowerer)
    except Unsupported as error:
        return Lowered(function.qualified, "", {}, unsupported=problem(error, function))
    except RecursionError:
        return _not_lowered(function, "it is nested too deeply")
    return _not_lowered(function, "types of local variables that do not settle are not supported")


def _not_lowered(function: Function, reason: str) -> Lowered:
    return Lowered(function.qualified, "", {}, unsupported=Problem(function.place, reason, function.name))


def _assembled(lowerer: Lowerer) -> Lowered:
    body: list[tuple[str, Obligation | None]] = list(lowerer.writer.lines())
    declared = dict(lowerer.writer.locals)
    for name, sort in lowerer.heaps.items():
        declared[name] = sort
        for prefix in lowerer.snapshots:
            declared[prefix + name] = sort
    head = [f"procedure run'{mangled(lowerer.function.name)}({', '.join(lowerer.parameters)})", "{"]
    head += [f"  var {name}: {sort};" for name, sort in sorted(declared.items())]
    own = "\n".join([*head, *(text for text, _ in body)])
    declarations = [*_declarations(lowerer, own), *powers_of_two(own)]
    text = "\n".join(declarations)
    words = set(_WORD.findall(text + own))
    before = prelude.reduced(words | {"Ref", "null"}) + "\n" + text
    lines = before.split("\n") + head
    obligations = {}
    for line, obligation in body:
        lines.append(f"  {line}" if not line.endswith(":") else line)
        if obligation is not None:
            obligations[len(lines)] = obligation
    lines.append("}")
    return Lowered(
        lowerer.function.qualified,
        "\n".join(lines) + "\n",
        obligations,
        assumptions=tuple(lowerer.symbols.assumptions),
        warnings=tuple(lowerer.warnings),
        rests_on=tuple(name for name in lowerer.symbols.rests_on if name != lowerer.root.qualified),
        guesses=dict(lowerer.symbols.guesses),
    )


_ANY = """datatype Any { Any_none(), Any_int(any_int: int), Any_bool(any_bool: bool), Any_float(any_float: float53e11), \
Any_str(any_str: Seq char), Any_bytes(any_bytes: Seq byte), Any_ref(any_ref: Ref), Any_class(any_class: Class)BOXES }
function {:inline} Any_number(a: Any): int { if a is Any_bool then (if a->any_bool then 1 else 0) else a->any_int }
function {:inline} Any_plain(a: Any): bool {  // what no class outside decides on
  a is Any_none || a is Any_int || a is Any_bool || a is Any_float || a is Any_str || a is Any_bytes || a is Any_class }
function Any_equal(a: Any, b: Any): bool;
axiom (forall a: Any :: {Any_equal(a, a)} a is Any_none || a is Any_int || a is Any_bool || a is Any_str || a is Any_bytes \
|| a is Any_class ==> Any_equal(a, a));
axiom (forall a: Any, b: Any :: {Any_equal(a, b)} (a is Any_none || a is Any_str || a is Any_bytes) && Any_plain(b)
  ==> (Any_equal(a, b) <==> a == b));
axiom (forall a: Any, b: Any :: {Any_equal(a, b)} (a is Any_int || a is Any_bool) && (b is Any_int || b is Any_bool)
  ==> (Any_equal(a, b) <==> Any_number(a) == Any_number(b)));
axiom (forall a: Any, b: Any :: {Any_equal(a, b)} (b is Any_none || b is Any_str || b is Any_bytes) && Any_plain(a)
  ==> (Any_equal(a, b) <==> a == b));"""


def _declarations(lowerer: Lowerer, own: str) -> list[str]:
    symbols = lowerer.symbols
    parts: list[str] = []
    for class_ in list(lowerer.sorts.values.values()):  # which may need more sorts for their fields
        lowerer.declare_value(class_)
    everything = own + "\n".join(symbols.declarations.values())
    words = set(_WORD.findall(everything))
    parts.append("datatype Unit { Unit() }")
    parts.append("type Class; function class_of(r: Ref): Class; function Sub(a: Class, b: Class): bool;")
    if words & {"Option", "None_", "Some"}:
        parts.append("datatype Option<T> { None_(), Some(value: T) }")
    for number in sorted(lowerer.sorts.tuples):
        variables = ", ".join(f"T{n}" for n in range(number))
        fields = ", ".join(f"item{n}_{number}: T{n}" for n in range(number))
        parts.append(f"datatype Tuple_{number}{f'<{variables}>' if number else ''} {{ Tuple_{number}({fields}) }}")
    if any(word == "Any" or word.startswith("Any_") for word in words):
        boxes = "".join(
            f", {name}({name.lower()}: {sort.removeprefix('(').removesuffix(')') if sort.startswith('(') else sort})"
            for sort, name in symbols.boxes.items()
        )
        parts.append(_ANY.replace("BOXES", boxes))
    parts += [f"type T'{mangled(name)};" for name in sorted(lowerer.sorts.variables)]
    parts += [text for text in symbols.declarations.values() if text]
    named = {f"V'{mangled(name)}" for name in lowerer.sorts.values if families.is_named_tuple(lowerer.program, name)}
    for function in ("Any_tuple", "Any_frozenset"):
        if function in symbols.declarations:
            parts += of_collections(function, symbols.boxes, named)
    parts += depth.axioms(lowerer)
    parts += _classes(lowerer)
    return parts


def _classes(lowerer: Lowerer) -> list[str]:
    """Return the constants for classes, and which is derived from which."""
    names = list(lowerer.symbols.classes)
    if not names:
        return []
    parts = [f"const unique {lowerer.symbols.class_name(name)}: Class;" for name in names]
    for name in names:
        above = set(lowerer.ancestors(name))
        for other in names:
            holds = other in above
            left, right = lowerer.symbols.class_name(name), lowerer.symbols.class_name(other)
            parts.append(f"axiom {'' if holds else '!'}Sub({left}, {right});")
    if "Other_class" in lowerer.symbols.declarations:
        # Instances of these classes are references, whatever class is derived from them.
        for name in names:
            if lowerer.program.class_(name) is not None and _is_referred_to(lowerer, name):
                own = lowerer.symbols.class_name(name)
                parts.append(f"axiom (forall o: Other :: {{Sub(Other_class(o), {own})}} !Sub(Other_class(o), {own}));")
    for pair in lowerer.symbols.apart:
        left, right = map(lowerer.symbols.class_name, pair)
        parts.append(f"axiom (forall c: Class :: {{Sub(c, {left}), Sub(c, {right})}} !(Sub(c, {left}) && Sub(c, {right})));")
    parts.append("axiom (forall a: Class, b: Class, c: Class :: {Sub(a, b), Sub(b, c)} Sub(a, b) && Sub(b, c) ==> Sub(a, c));")
    return parts


def _is_referred_to(lowerer: Lowerer, name: str) -> bool:
    """Whether instances of a class are certainly references."""
    try:
        return lowerer.sorts.of(t.Instance(name)) == "Ref"
    except Unsupported:
        return False


__all__ = ["ESCAPED", "Class", "Contract", "Lowerer", "Place", "Syntax", "apply", "lower"]
