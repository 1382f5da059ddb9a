"""Variables of modules, and code that runs when a module is imported.

A variable that code assigns in several places is an entry of a map of the heap,
under an object that stands for its module: so it is part of every state, of what
`modifies` names, and of what permissions are for. A variable that is assigned once
is a constant: its expression where that always has the same value, else a symbol of
which its type is known. The items of a collection that nobody changes are those that
are written where it is made.

Code at the top level of a module is a function. Names that only this code mentions
are its local variables. A proof about a function takes for granted that the names it
uses have their values; so before each statement of such code it is claimed that all
names have one which that statement may look up, in whatever it calls.
"""

from __future__ import annotations

import ast
import re
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from probatum.lower import calling, naming, terms
from probatum.lower.constructors import DataField
from probatum.lower.heap import ALLOCATED, Part
from probatum.lower.lowered import Kind
from probatum.lower.overriding import Overriding
from probatum.lower.permissions import CHANGE, Permitted
from probatum.lower.pure import Symbol
from probatum.lower.sorts import mangled
from probatum.lower.terms import Term
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class, Clause, Function, Module, ModuleCode, Parameter
from probatum.python.reading.decorators import is_cached
from probatum.python.scopes import Scope

_WORD = re.compile(r"[A-Za-z_][\w'.#]*")
_LONGEST = 64  # items of a table that is written out wherever it is mentioned
_GIVEN = frozenset({"__name__", "__file__"})  # what every module has from the start


class ModuleState(Overriding):
    """What modules hold."""

    once = False  # what is under way was evaluated when the module was imported, and never again

    # --- names -------------------------------------------------------------------------------

    @property
    def top_level(self) -> bool:
        """Whether a statement of a module's top level is under way."""
        return isinstance(self.function, ModuleCode)

    def global_names(self, function: Function) -> frozenset[str]:
        """Return the names that a body assigns and that are variables of its module."""
        if isinstance(function, ModuleCode):
            return naming.shared(self.program, function)
        return naming.declared_global(function.node)

    def begin_module(self) -> None:
        """Write what is known of modules wherever something begins, and what code at the top level begins with."""
        self.facts: dict[str, str] = {}
        self.writer.line(lambda: f"assume {terms.conjunction(*self.facts.values())};" if self.facts else "assume true;")
        if not isinstance(self.function, ModuleCode):
            return
        own = self._module_object(self.module)
        prefix = f"perm'{_stem(self.module)}"
        self.writer.line(
            lambda: (
                " ".join(f"assume {name}[{own}] >= {CHANGE};" for name in sorted(self.heaps) if name.startswith(prefix))
                or "assume true;"
            )
        )

    def begin_top_level(self) -> None:
        """Give names their values that Python itself gives to every module and that its code assigns again."""
        if self.top_level:
            for name in sorted(_GIVEN & self.bound):
                self.bind_local(name, self._from_start(name), self.function.node)

    def _from_start(self, name: str) -> Term:
        """Return what Python itself puts into a module: its name is that of the module, unless it is run as a script."""
        symbol = f"given'{name.strip('_')}'{mangled(self.module.name)}"
        self.symbols.declarations.setdefault(symbol, f"const {symbol}: Seq char;")
        if name == "__name__":
            own = [self.text_literal(text).text for text in ("__main__", self.module.name)]
            self.facts[symbol] = terms.disjunction(*(f"({symbol} == {text})" for text in own))
        return Term(symbol, t.STR)

    def qualified(self, node: ast.expr) -> str | None:
        """Return the qualified name that a name or dotted name stands for; None if it is a value."""
        if isinstance(node, ast.Attribute) and self._holds_value(node.value):
            return None
        return super().qualified(node)

    def _holds_value(self, node: ast.expr) -> bool:
        """Whether a name or dotted name stands for what a variable of a module holds, and not for a class or a module."""
        if not isinstance(node, ast.Name | ast.Attribute):
            return False
        owner, _, name = (self.qualified(node) or "").rpartition(".")
        module = self.program.modules.get(owner)
        if module is None or name in module.aliases or name in module.imports:
            return False
        value = module.constants.get(name)
        if isinstance(value, ast.Name | ast.Attribute):
            with self.contract_of({}, view="", old_view="", module=module):
                qualified = self.qualified(value)
                if qualified is not None and not self._holds_value(value):
                    return False
        return value is not None or name in module.variables

    def expression_Name(self, node: ast.Name, expected: t.Type | None) -> Term:  # noqa: N802 - named after the node
        """A name."""
        if not (node.id in self.names or node.id in self.locals or node.id in self.bound):
            module = self.module
            if node.id in module.variables and node.id not in module.imports:
                return self._variable(module, node.id, node)
            if node.id in _GIVEN and node.id not in module.constants:
                return self._from_start(node.id)
        return super().expression_Name(node, expected)

    def imported_constant(self, qualified: str, node: ast.AST, expected: t.Type | None) -> Term | None:
        """Return what a name of another module or of a class stands for."""
        owner, _, name = qualified.rpartition(".")
        module = self.program.modules.get(owner)
        if module is not None and name in module.variables and name not in module.constants:
            if isinstance(node, ast.Name):
                raise Unsupported(f"`{node.id}`, which was copied from `{qualified}` when the module was imported", node)
            return self._variable(module, name, node)
        return super().imported_constant(qualified, node, expected)

    # --- variables -----------------------------------------------------------------------------

    def _module_object(self, module: Module) -> str:
        """Return the object under which the variables of a module are kept."""
        name = f"module'{mangled(module.name)}"
        self.symbols.declarations.setdefault(name, f"const {name}: Ref;")
        with self.in_state(""):
            self.facts.setdefault(name, f"({name} != null && {self.heap(ALLOCATED, '[Ref]bool')}[{name}])")
        return name

    def _place_of(self, module: Module, name: str, node: ast.AST) -> tuple[str, str, t.Type]:
        """Return the map of a variable in the state that is meant, the object of its module, and its type."""
        type_ = module.variables[name]
        if type_ == t.UNKNOWN:
            raise Unsupported(f"the global variable `{name}`, whose type is not declared", node)
        sort = self.sort(type_)
        return self.heap(f"{_stem(module)}{name}'{mangled(sort)}", f"[Ref]{sort}"), self._module_object(module), type_

    def _variable(self, module: Module, name: str, node: ast.AST) -> Term:
        if self.once:
            raise Unsupported(f"the value that the global variable `{name}` had when this was defined", node)
        importing = isinstance(self.root, ModuleCode) and self.root.module == module.name  # then it was looked at before
        if not importing and name not in naming.surely_bound(module.tree):
            raise Unsupported(f"the global variable `{name}`, which may have no value", node)
        heap, owner, type_ = self._place_of(module, name, node)
        self.may_look(heap, owner)
        term = Term(f"{heap}[{owner}]", type_)
        self.known(term)
        return term

    def variable_named(self, node: ast.expr) -> tuple[Module, str] | None:
        """Return the variable of a module that a name or dotted name stands for."""
        match node:
            case ast.Call(func=ast.Name(id="__variable__"), args=[inner]):
                return self.variable_named(inner)
            case ast.Name(id=name):
                local = name in self.names or name in self.locals or name in self.bound
                here = not local and name in self.module.variables and name not in self.module.imports
                return (self.module, name) if here else None
            case ast.Attribute(attr=name):
                owner, _, _ = (self.qualified(node) or "").rpartition(".")
                module = self.program.modules.get(owner)
                return (module, name) if module is not None and name in module.variables else None
        return None

    def bind_local(self, name: str, value: Term, node: ast.AST) -> None:
        """Assign a value to a variable: a local one, or one of the module."""
        if name not in self.global_names(self.function):
            super().bind_local(name, value, node)
            return
        module = self.module
        if isinstance(node, ast.ExceptHandler | ast.pattern) or name in module.imports:
            raise Unsupported(f"an assignment to the global variable `{name}` here", node)
        value = self.materialised(value, node)
        if name in module.constants:
            self._settle(name, value, node)
        else:
            heap, owner, type_ = self._place_of(module, name, node)
            self.write(heap, owner, self.coerce(value, type_, node).text, node)
        self.forget(name)
        self.assigned.add(f"bound {name}")

    def declared(self, target: ast.expr) -> t.Type | None:
        """Return the type that a target is known to have."""
        if isinstance(target, ast.Name) and target.id in self.global_names(self.function):
            known = self.module.variables.get(target.id, self.module.constant_types.get(target.id, t.UNKNOWN))
            return None if known == t.UNKNOWN else known
        return super().declared(target)

    def assign_attribute(self, target: ast.Attribute, value: Term) -> None:
        """Assign to an attribute, or to a variable of another module."""
        found = self.variable_named(target)
        if found is None:
            super().assign_attribute(target, value)
            return
        heap, owner, type_ = self._place_of(*found, target)
        self.write(heap, owner, self.coerce(self.materialised(value, target), type_, target).text, target)

    def statement_Global(self, node: ast.Global) -> None:  # noqa: N802 - named after the node
        """`global`: `global_names` knows."""

    def statement_Delete(self, node: ast.Delete) -> None:  # noqa: N802 - named after the node
        """`del`."""
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id in self.global_names(self.function):
                raise Unsupported(f"`del` of the global variable `{target.id}`", node)
        super().statement_Delete(node)

    def statement_For(self, node: ast.For) -> None:  # noqa: N802 - named after the node
        """`for`."""
        wrong = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)} & self.global_names(self.function)
        if wrong:
            raise Unsupported(f"the global variable `{min(wrong)}` as the target of a loop", node)
        super().statement_For(node)

    def parts(self, node: ast.expr) -> list[Part]:
        """Return the entries of the heap that an expression in `modifies` names."""
        found = self.variable_named(node)
        if found is None:
            return super().parts(node)
        with self.in_state(""):
            heap, owner, type_ = self._place_of(*found, node)
        own = [Part(heap, owner)]
        plain = isinstance(node, ast.Call) or self.strict_frames or not self.sorts.shared(t.without_none(type_))
        return own if plain else [*own, *self._content_part(self._variable(*found, node))]

    def _places(
        self, node: ast.expr, level: int, clause: Clause, condition: str, binders: tuple[tuple[str, str], ...]
    ) -> Iterator[Permitted]:
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "__variable__"):
            yield from super()._places(node, level, clause, condition, binders)
            return
        found = self.variable_named(node)
        if found is None:
            (inner,) = node.args
            if isinstance(inner, ast.Name) and isinstance(self.function, ModuleCode) and inner.id in {*self.names, *self.bound}:
                return  # nobody else can touch it
            raise Unsupported(f"a permission to `{ast.unparse(inner)}`", node)
        heap, owner, _ = self._place_of(*found, node)
        yield Permitted(heap.removeprefix(self.view), owner, condition, binders, level, clause)

    # --- constants ---------------------------------------------------------------------------------

    @contextmanager
    def at_definition(self) -> Iterator[None]:
        """Evaluate what was evaluated when the module was imported."""
        outer, self.once = self.once, True
        try:
            yield
        finally:
            self.once = outer

    def default_of(self, parameter: Parameter, function: Function) -> Term:
        """Return the default of a parameter."""
        with self.at_definition():
            return super().default_of(parameter, function)

    def class_constant(self, qualified: str, name: str) -> Term | None:
        """Return a constant of a class, or a member of an enumeration."""
        with self.at_definition():
            term = super().class_constant(qualified, name)
        if term is not None and term.content and self.sorts.shared(t.without_none(term.type)):
            if any(name in said for m in self.program.modules.values() for said in naming.exposed_names(m.tree)):
                raise Unsupported(f"`{name}`, a collection that all instances of `{qualified}` share")
            self.symbols.assumptions.setdefault(f"nothing outside of the program changes `{qualified}.{name}`", None)
        return term

    def _field_default(self, one: DataField) -> Term:
        """Return the default of a field."""
        if one.field.made:
            return super()._field_default(one)
        with self.at_definition():
            return super()._field_default(one)

    def _enum_value(self, class_: Class, name: str, node: ast.expr, before: list[object]) -> object:
        with self.at_definition():
            return super()._enum_value(class_, name, node, before)

    def module_constant(self, name: str, module: Module, node: ast.AST, expected: t.Type | None) -> Term:
        """Return a constant of a module."""
        value, type_ = module.constants[name], module.constant_types.get(name, t.UNKNOWN)
        if self._is_table(module, name):
            with self.contract_of({}, view=self.view, old_view=self.view, module=module):
                return self.evaluate(value, type_)
        alias = isinstance(value, ast.Name | ast.Attribute)
        if alias or type_ == t.UNKNOWN or "Ref" not in self.sort(type_):
            try:
                with self.at_definition():
                    term = super().module_constant(name, module, node, expected)
                self._never_changed(term, module, name, node)
                if alias or not self._reads_state(term.text):
                    return term
            except Unsupported:
                if type_ == t.UNKNOWN:
                    raise
        if type_ == t.UNKNOWN or (isinstance(type_, t.Collection) and type_.item in (t.NEVER, t.UNKNOWN)):
            raise Unsupported(f"`{name}`, whose type is not declared", node)
        return self._symbol_of(module, name, type_)

    def _never_changed(self, term: Term, module: Module, name: str, node: ast.AST) -> None:
        """Demand of a collection, which is evaluated anew wherever it is mentioned, that nobody could tell."""
        if not term.content or not self.sorts.shared(t.without_none(term.type)):
            return
        if not naming.never_changed(self.program, module, name):
            raise Unsupported(f"`{name}`, a collection that all functions share", node)
        self.symbols.assumptions.setdefault(f"nothing outside of the program changes `{module.name}.{name}`", None)

    def _reads_state(self, text: str) -> bool:
        known = {*self.heaps, *(self.reading or {})}
        views = {self.view, "h'", ""}
        return any(word.removeprefix(view) in known for word in _WORD.findall(text) for view in views)

    def _symbol_of(self, module: Module, name: str, type_: t.Type) -> Term:
        symbol = f"K'{mangled(module.name)}'{name}"
        self.symbols.declarations.setdefault(symbol, f"const {symbol}: {self.sort(type_)};")
        term = Term(symbol, type_)
        if symbol not in self.facts and not (isinstance(self.root, ModuleCode) and self.root.module == module.name):
            self.facts[symbol] = "true"
            with self.in_state(""):
                parts = [self.fact(term)]
                if self.makes_new(module.constants[name]):
                    others = [n for n in module.constants if n != name and f"K'{mangled(module.name)}'{n}" in self.facts]
                    value = module.constants[name]
                    apart = [
                        n
                        for n in others
                        if self.makes_new(module.constants[n])
                        and not _same_place(module.constants[n], value)  # else one object was given to both
                        and self.sort(module.constant_types[n]) == "Ref"
                    ]
                    parts += [f"({symbol} != K'{mangled(module.name)}'{n})" for n in apart]
                self.facts[symbol] = terms.conjunction(*parts)
        return term

    def makes_new(self, value: ast.expr) -> bool:
        """Whether an expression makes an object that nothing else is."""
        return isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp)

    def _is_table(self, module: Module, name: str) -> bool:
        """Whether a constant is a collection of plain values that nobody changes, all of them written out."""
        value, type_ = module.constants[name], module.constant_types.get(name, t.UNKNOWN)
        match value, type_:
            case ((ast.List(elts=items) | ast.Set(elts=items)), t.Collection(item=item)):
                held = [item]
            case ast.Dict(keys=keys, values=values), t.Mapping(key=key, value=inner):
                items, held = [*(k for k in keys if k is not None), *values], [key, inner]
                if None in keys:
                    return False
            case _:
                return False
        plain = all(isinstance(i, ast.Constant | ast.Tuple | ast.UnaryOp) for i in items) and len(items) <= _LONGEST
        if not plain or any(i in (t.NEVER, t.UNKNOWN) or "Ref" in self.sort(i) or "Any" in self.sort(i) for i in held):
            return False
        if not naming.never_changed(self.program, module, name):
            return False
        self.symbols.assumptions.setdefault(f"nothing outside of the program changes `{module.name}.{name}`", None)
        return True

    def _settle(self, name: str, value: Term, node: ast.AST) -> None:
        """Write that a constant has its value from here on."""
        type_ = self.module.constant_types.get(name, t.UNKNOWN)
        if self._is_table(self.module, name):
            return
        if type_ == t.UNKNOWN:
            return  # whoever mentions it is refused
        known = self._symbol_of(self.module, name, type_)
        self.writer.assume(f"({known.text} == {self.coerce(value, type_, node).text})")

    # --- code at the top level --------------------------------------------------------------------------

    def block(self, statements: Sequence[ast.stmt]) -> None:
        """Write statements."""
        if not self.top_level:
            super().block(statements)
            return
        for statement in statements:
            if self.writer.ended:
                return
            if not self._only_names(statement):
                self._all_bound(statement)
                super().block([statement])

    @abstractmethod
    def scope_of(self, module: Module) -> Scope:
        """Return the scope of a module's top level."""

    def _only_names(self, statement: ast.stmt) -> bool:
        """Whether a statement only gives names to types, functions and modules; then they are bound from here on."""
        from probatum.python.module_code import only_for_types

        module = self.module
        if only_for_types(statement, self.scope_of(module)):
            return True
        targets: list[ast.expr] = []
        value: ast.expr | None = None
        match statement:
            case ast.Assign(targets=own, value=value):
                targets = own
            case ast.AnnAssign(target=target, value=value):
                targets = [target]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if not names or len(names) != len(targets) or value is None:
            return type(statement).__name__ == "TypeAlias"
        alias = all(name in module.aliases or name == "__all__" for name in names)
        if isinstance(value, ast.Name | ast.Attribute) and not alias:
            qualified = self.qualified(value) or ""
            alias = qualified in self.program.modules or self.program.function(qualified) is not None
            alias |= self.program.class_(qualified) is not None
        if alias:
            self.assigned |= {f"bound {name}" for name in names}
        return alias

    def _all_bound(self, statement: ast.stmt) -> None:
        """Claim that all names have a value that a statement may look up before the statements in it run."""
        if isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Import | ast.ImportFrom):
            return
        parts = [c for c in ast.iter_child_nodes(statement) if isinstance(c, ast.expr | ast.withitem)]
        parts = [p.context_expr if isinstance(p, ast.withitem) else p for p in parts]
        bound = frozenset(n.removeprefix("bound ") for n in self.assigned if n.startswith("bound "))
        module = self.module
        own = {*module.functions, *module.classes, *module.imports, *self.global_names(self.function)}
        stored = {n.id for p in parts for n in ast.walk(p) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
        if isinstance(statement, ast.AugAssign):
            stored = set()
        for name, part in naming.needed(module, parts, bound).items():
            if name in own and name not in bound and name not in stored and name not in module.aliases:
                text = f"`{name}` must have its value when this runs"
                self.demand("false", Kind.ATTRIBUTE, part, text, "NameError")
                return

    def statement_FunctionDef(self, node: ast.FunctionDef) -> None:  # noqa: N802 - named after the node
        """A definition: its name is bound from here on."""
        self._defined(node, node.name)

    def statement_ClassDef(self, node: ast.ClassDef) -> None:  # noqa: N802 - named after the node
        """A definition: its name is bound from here on."""
        self._defined(node, node.name)

    def _defined(self, node: ast.stmt, name: str) -> None:
        if not self.top_level:
            raise Unsupported(f"`{type(node).__name__}`", node)
        self.assigned.add(f"bound {name}")

    def statement_Import(self, node: ast.Import) -> None:  # noqa: N802 - named after the node
        """An import."""
        if not self.top_level:
            super().statement_Import(node)
            return
        self._imported(node, [a.name for a in node.names])
        self.assigned |= {f"bound {a.asname or a.name.partition('.')[0]}" for a in node.names}

    def statement_ImportFrom(self, node: ast.ImportFrom) -> None:  # noqa: N802 - named after the node
        """An import."""
        if not self.top_level:
            raise Unsupported("an import inside of a function", node)
        names = [self.module.imports.get(a.asname or a.name, node.module or "") for a in node.names]
        self._imported(node, names)
        bound = [n for a in node.names for n in ([a.asname or a.name] if a.name != "*" else self.module.imports)]
        self.assigned |= {f"bound {name}" for name in bound}

    def _imported(self, node: ast.stmt, names: Sequence[str]) -> None:
        """Write what importing modules may do: it may fail, and code that they run may change what is not this module's."""
        found = self.writer.local("imported", "bool")
        self.writer.line(f"havoc {found};")
        self.raise_builtin("ImportError", f"(!{found})")
        reached = self._reached(names)
        if self.module.name in reached:
            raise Unsupported("code that runs while modules import one another in a circle", node)
        if not any(self.program.modules[name].code is not None for name in reached):
            return
        if self.loops:
            raise Unsupported("an import of a module that runs code, in a loop", node)
        before = self.snapshot("imported")
        alloc = self.heap(ALLOCATED, "[Ref]bool")
        own = _stem(self.module)

        def changed() -> str:
            others = [n for n in sorted(self.heaps) if not n.startswith((own, "perm'", "in'", "post'"))]
            more = f"assume (forall r': Ref :: {{{alloc}[r']}} {before}{alloc}[r'] ==> {alloc}[r']);"
            return " ".join([*(f"havoc {n};" for n in others), more])

        self.writer.line(changed)
        self.invalidate()

    def _reached(self, names: Sequence[str]) -> set[str]:
        """Return the modules of the program that are imported with some names, directly or not."""
        found: set[str] = set()
        waiting = list(names)
        while waiting:
            parts = waiting.pop().split(".")
            for cut in range(1, len(parts) + 1):
                name = ".".join(parts[:cut])
                if name in self.program.modules and name not in found:
                    found.add(name)
                    waiting.extend(self.program.modules[name].imports.values())
        return found

    # --- pure functions -----------------------------------------------------------------------------------

    def symbol(self, function: Function, node: ast.AST) -> Symbol:
        """Return the symbol of a pure function; its body is evaluated where it is called."""
        outer, self.once = self.once, False
        try:
            return super().symbol(function, node)
        finally:
            self.once = outer

    def well_formed(self, function: Function, node: ast.AST) -> None:
        """Refuse a call of a function that cannot be proved."""
        super().well_formed(function, node)
        self.cached_in_vain(function, node)

    def cached_in_vain(self, function: Function, node: ast.AST) -> None:
        """Refuse a function that is run once for equal arguments, though what it computes may be another each time."""
        kept = bool(function.node.decorator_list) and is_cached(function, self.scope_of(self.program.modules[function.module]))
        if kept and (calling.prints(self.program, function) or self.reads_state(function)):
            raise Unsupported(
                f"`{function.name}`, of which results are kept, though it uses what the module's variables hold,", node
            )

    def reads_state(self, function: Function) -> bool:
        """Whether what a function mentions, itself or through others, is a variable of a module or what one holds."""
        return self._reaches_state([(naming.mentions(function.node), self.program.modules[function.module])])

    def _reaches_state(self, waiting: list[tuple[naming.Mentions, Module]]) -> bool:
        seen: set[str] = set()
        while waiting:
            said, module = waiting.pop()
            if said.names & {*module.variables} or any(self._is_elsewhere(path, module) for path in said.paths):
                return True
            shared = {n for n in said.names & {*module.constants} if "Ref" in self._sort_of(module, n)}
            if any(not self._is_table(module, n) for n in shared):
                return True
            called = [self.program.function(module.imports.get(n, f"{module.name}.{n}")) for n in said.names]
            called += [m for a in said.attributes for m in calling.methods(self.program, a)]
            for one in called:
                if one is not None and one.qualified not in seen:
                    seen.add(one.qualified)
                    waiting.append((naming.mentions(one.node), self.program.modules[one.module]))
        return False

    def _is_elsewhere(self, path: str, module: Module) -> bool:
        """Whether a dotted name leads to what another module holds and may change."""
        first, *rest = path.split(".")
        parts = [*module.imports.get(first, "").split("."), *rest]
        for cut in range(1, len(parts)):
            other = self.program.modules.get(".".join(parts[:cut]))
            if other is None or first not in module.imports:
                continue
            name = parts[cut]
            if name in other.variables:
                return True
            if name in other.constants and "Ref" in self._sort_of(other, name) and not self._is_table(other, name):
                return True
        return False

    def class_invariants(self, class_: Class, *, at_assignments: bool = False) -> list[tuple[Clause, Module]]:
        """Return the invariants of a class and of those above it; whoever changes a variable would have to keep them all."""
        found = super().class_invariants(class_, at_assignments=at_assignments)
        if any(self._reaches_state([(naming.mentioned(clause.expression), module)]) for clause, module in found):
            raise Unsupported(f"the invariant of `{class_.name}`, which depends on variables of a module")
        return found

    def lasting_invariants(self, class_: Class, term: Term) -> Sequence[str]:
        """Return the invariants of a value that nothing can break, once it was constructed."""
        module = self.program.modules[class_.module]
        if any(self._reaches_state([(naming.mentioned(c.expression), module)]) for c in class_.invariants):
            return ()
        return super().lasting_invariants(class_, term)

    def _sort_of(self, module: Module, name: str) -> str:
        type_ = module.constant_types.get(name, t.UNKNOWN)
        return "" if type_ == t.UNKNOWN else self.sort(type_)


def _stem(module: Module) -> str:
    """Return how the maps of a module's variables begin."""
    return f"G'{mangled(module.name)}'"


def _same_place(one: ast.expr, other: ast.expr) -> bool:
    """Whether two expressions are one in the text."""
    return (one.lineno, one.col_offset) == (other.lineno, other.col_offset)
