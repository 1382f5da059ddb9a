"""What may hold at the head of a loop though nobody wrote it: each claim under a constant that inference sets."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Mapping, Sequence

from probatum.lower import loop_permissions
from probatum.lower.courses import Course
from probatum.lower.forms import AT, SEEN, entry, start_of
from probatum.lower.fresh_items import fresh_items
from probatum.lower.guess_texts import written
from probatum.lower.guessing import candidates, mutated
from probatum.lower.loop_heads import LoopHeads
from probatum.lower.permissions import CHANGE
from probatum.lower.substitution import apart, names_of, replaced
from probatum.lower.terms import Term, conjunction
from probatum.lower.trials import survivors
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import LoopContract

_BUILTINS = frozenset(dir(builtins))


class LoopGuesses(LoopHeads):
    """Guesses of invariants, and of what a loop may touch."""

    guess = False
    patterns: dict[ast.AST, ast.expr]  # of loops for whose end a pattern of remainders is the reason: which ones occur
    _under_way: Sequence[ast.While | ast.For] = ()  # the loops that are being written, the outermost first

    def _kinds(self) -> dict[str, str]:
        """Return the local variables that have a value: `int`, `bool`, `collection` or something else."""
        types = {}
        for name in sorted((self.assigned & self.locals.keys()) | {n for n in self.names if n.isidentifier()}):
            own = t.without_none(self.locals[name] if name in self.locals else self.names[name].type)
            types[name] = (
                "bool" if own == t.BOOL else "int" if self._is_int(own) else "collection" if self.has_length(own) else "other"
            )
        return types

    def _begin_guesses(self, names: set[str], node: ast.While | ast.For) -> dict[str, Term]:
        """Keep what variables hold where a loop within another begins."""
        if not (self.guess and self._under_way):
            return {}
        kinds, found = self._kinds(), {}
        for name in sorted((names | mutated(node)) & self.assigned):
            if kinds.get(name) in ("int", "collection"):
                value = self.evaluate(ast.copy_location(ast.Name(name, ast.Load()), node))
                own = t.without_none(value.type)
                if isinstance(own, t.Mapping) or self.may_be_none(value.type):
                    continue
                if kinds[name] == "collection" and self.sorts.shared(own):
                    value = Term(self.content(value), own, content=True)
                found[start_of(name)] = self.kept(value)
        return found

    def _guesses(self, node: ast.While | ast.For, course: Course, begun: Mapping[str, Term]) -> None:
        """Claim what may hold at the head, each under a constant that inference sets."""
        types = self._kinds()
        bound = {entry(n): term for n, term in self.entry_names.items()} | course.bound() | dict(begun)
        if course.seen is not None:
            bound |= dict(zip((AT, SEEN), course.seen(), strict=True))
        positive: list[ast.expr] = [
            ast.Compare(ast.Constant(0), [ast.LtE()], [m.expression]) for m in course.measures if isinstance(node, ast.While)
        ]
        if node in self.patterns:
            positive.append(ast.fix_missing_locations(ast.copy_location(self.patterns[node], node)))
        around = [one for one in self._under_way if one is not node]
        found = candidates(
            self.function,
            node,
            types,
            around=around,
            unfolded=self._unfolded,
            is_function=self._calls_function,
            promised=self._promised_of_result,
            required=self._required_of_arguments,
        )
        made = {n: self.locals[n] for n in self.assigned & self.locals.keys() if n not in self.names}
        fresh = [
            ast.fix_missing_locations(ast.copy_location(one, node))
            for one in fresh_items(made, lambda type_: self.sorts.shared(t.without_none(type_)) and not self.may_be_none(type_))
        ]
        parameters = [p.name for p in self.function.parameters]
        for claim in [*survivors(self.program, self.function, node, [*positive, *found]), *fresh]:
            try:
                condition = self._guessed(claim, bound)
            except Unsupported:
                continue
            if condition in ("true", "false"):
                continue  # of a postcondition about another type than what is tried in its place
            constant = self._claim_guess(condition)
            self.symbols.guesses[constant] = written(claim, node, self.place(node), parameters=parameters)

    def _with_permissions(self, node: ast.While | ast.For, contract: LoopContract) -> LoopContract:
        """Return a contract that says what the loop may touch, guessed where invariants are and nobody wrote any."""
        if not (self.guess and self.strict_frames):
            return contract
        own = {n for n in self.assigned if n in self.locals and self.sorts.shared(t.without_none(self.locals[n]))}
        called = {n.func.id for n in ast.walk(node) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        known = {n: self.program.function(self.qualified(ast.Name(n, ast.Load())) or "") for n in called}
        quiet = {n for n, f in known.items() if f is None or self.is_pure(f)}
        return loop_permissions.guessed(self.function, node, contract, own=own, quiet=quiet, place=self.place(node))

    def _guess_changeable(self, contract: LoopContract, course: Course) -> None:
        """Guess of what a loop only looks at that it may be changed all the same when the loop is over."""
        for place in self.permitted(contract.reads, CHANGE, self._all_names(course.bound()), "", self.module):
            if not place.binders:
                self._claim_guess(self._at_least(place, "perm'"))

    def _claim_guess(self, condition: str) -> str:
        constant = self.writer.fresh("guess")
        self.symbols.declarations[constant] = f"const {{:existential true}} {constant}: bool;"
        self.writer.line(f"assert {constant} ==> {condition};")
        return constant

    def _calls_function(self, node: ast.Call) -> bool:
        return self.program.function(self.qualified(node.func) or "") is not None

    def _promised_of_result(self, node: ast.Call) -> list[ast.expr]:
        """Return the postconditions of a function that is called, as far as they mention nothing but its result."""
        function = self.program.function(self.qualified(node.func) or "")
        if function is None:
            return []
        claims = [clause.expression for clause in function.contract.ensures]
        return [c for c in claims if {n for n in names_of(c) if n not in _BUILTINS} == {"__result__"}]

    def _required_of_arguments(self, node: ast.Call) -> list[ast.expr]:
        """Return what a function or constructor that is called requires of its arguments, as far as it mentions nothing else."""
        qualified = self.qualified(node.func) or ""
        function, offset = self.program.function(qualified), 0
        if function is None and (class_ := self.program.class_(qualified)) is not None:
            function, offset = class_.methods.get("__init__") or class_.methods.get("__new__"), 1
        if function is None or any(isinstance(a, ast.Starred) for a in node.args):
            return []
        names = [p.name for p in function.parameters][offset:]
        given = dict(zip(names, node.args, strict=False)) | {k.arg: k.value for k in node.keywords if k.arg is not None}
        given = {name: value for name, value in given.items() if isinstance(value, ast.Name | ast.Constant)}
        taken = set().union(*(names_of(value) for value in given.values()), self.names)
        claims = [clause.expression for clause in function.contract.requires]
        own = [c for c in claims if {n for n in names_of(c) if n not in _BUILTINS} <= given.keys()]
        return [replaced(apart(c, taken), given) for c in own]

    def _unfolded(self, node: ast.Call) -> ast.expr | None:
        """Return the body of a function that is called, if it is one expression of its parameters."""
        function = self.program.function(self.qualified(node.func) or "")
        if function is None or function.module != self.function.module or len(function.parameters) != len(node.args):
            return None
        match [s for s in function.body if not isinstance(s, ast.Pass)]:
            case [ast.Return(value=ast.expr() as value)] if not node.keywords:
                arguments = dict(zip((p.name for p in function.parameters), node.args, strict=True))
                return replaced(apart(value, set().union(*(names_of(a) for a in node.args), self.names)), arguments)
        return None

    def _guessed(self, claim: ast.expr, bound: dict[str, Term]) -> str:
        with self.contract_of(self._all_names(bound), view="", old_view=self.old_view, module=self.module) as demands:
            condition = self.truth(self.evaluate(claim), claim)
            return conjunction(*(d.condition for d in demands), condition)
