"""Bodies written down shortly, for tests of what happens to them on the way to conditions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from probatum.ivl.blocks import Block, Body, Check, Claim, Command, Forget, Know, Label, Reveal, Routine, Set
from probatum.ivl.conditions import Condition, Conditions, Context, conditions
from probatum.ivl.syntax.tree import Position
from probatum.ivl.terms import BOOL, INT, Bank, Binder, Sort, Symbol, Term, array
from probatum.ivl.theory import Fact, Theory
from probatum.solve import Question, Sat, Unsat, ask
from probatum.solve.text import expressions

_relations = {"<", "<=", ">", ">=", "=", "distinct"}


class Writing:
    """Makes terms and bodies of one program; names are variables of sort Int unless declared."""

    def __init__(self) -> None:
        self.bank = Bank()
        self.theory = Theory(self.bank)
        self.sorts: dict[str, Sort] = {"m": array(INT, INT)}
        self.symbols: dict[str, Symbol] = {}
        self.lines = 0

    def function(self, name: str, parameters: Sequence[Sort] = (), result: Sort = INT) -> Symbol:
        """Declare a function."""
        symbol = self.symbols[name] = Symbol(name, tuple(parameters), result)
        self.theory.symbols.append(symbol)
        return symbol

    def axiom(self, text: str, **more: object) -> Fact:
        """Add an axiom."""
        fact = Fact(self.term(text), Position("t.bpl", 1, 1), **more)  # type: ignore[arg-type]  # a test names fields as it likes
        self.theory.facts.append(fact)
        return fact

    def variable(self, name: str) -> Term:
        """Return a variable."""
        return self.bank.variable(name, self.sorts.get(name, INT))

    def term(self, text: str) -> Term:
        """Read a term: SMT-LIB over variables; `(forall ((x Int)) body)` and patterns as in the standard."""
        [read] = list(expressions(text))
        return self._term(read, {})

    def _term(self, read: object, bound: Mapping[str, Term]) -> Term:
        bank = self.bank
        match read:
            case "true" | "false":
                return bank.boolean(read == "true")
            case str() if read.isdecimal():
                return bank.integer(int(read))
            case str() if read in bound:
                return bound[read]
            case str() if read in self.symbols:
                return bank.apply(self.symbols[read])
            case str():
                return self.variable(read)
            case ["forall" | "exists" as kind, list(variables), body]:
                own = {name: bank.fresh(name, INT) for name, _ in variables}
                inner = {**bound, **own}
                patterns: list[tuple[Term, ...]] = []
                if isinstance(body, list) and body[0] == "!":
                    [_, body, *attributes] = body
                    patterns = [tuple(self._term(p, inner) for p in attributes[i + 1]) for i in range(0, len(attributes), 2)]
                return bank.quantified(kind, Binder(tuple(own.values()), tuple(patterns)), self._term(body, inner))
            case [str(head), *parts]:
                arguments = [self._term(part, bound) for part in parts]
                if head in self.symbols:
                    return bank.apply(self.symbols[head], arguments)
                match head:
                    case "and":
                        return bank.conjunction(arguments)
                    case "or":
                        return bank.disjunction(arguments)
                    case "not":
                        return bank.negation(arguments[0])
                    case "=>":
                        return bank.implication(*arguments)
                    case "select":
                        return bank.operator(head, arguments, arguments[0].sort.arguments[1])
                    case "store" | "ite":
                        return bank.operator(head, arguments, arguments[-1].sort if head == "ite" else arguments[0].sort)
                    case _:
                        return bank.operator(head, arguments, BOOL if head in _relations else INT)
        raise AssertionError(read)

    def command(self, text: str) -> Command:
        """Read `assert P`, `check P` (not known afterwards), `assume P`, `havoc x y`, `x := e`, `hide f` and the like."""
        self.lines += 1
        at = Position("t.bpl", self.lines, 1)
        word, _, rest = text.partition(" ")
        match word:
            case "assert" | "check":
                return Check(self.term(rest), Label(Claim.ASSERT, at), known_afterwards=word == "assert")
            case "ensures":
                return Check(self.term(rest), Label(Claim.POSTCONDITION, at))
            case "assume":
                return Know(self.term(rest), at)
            case "havoc":
                return Forget(tuple(map(self.variable, rest.split())), at)
            case "hide" | "reveal" | "push" | "pop":
                return Reveal(word, self.symbols[rest] if rest not in ("", "*") else None)
            case _:
                names, _, values = text.partition(" := ")
                targets = tuple(map(self.variable, names.split()))
                found = tuple(self._term(read, {}) for read in expressions(values))
                return Set(targets, found, at)

    def body(self, blocks: Mapping[str, Sequence[str]], wheres: Mapping[str, str] | None = None, name: str = "p") -> Body:
        """Read a body: for each block its commands; the last entry `-> a b` names the blocks that follow."""
        made: list[Block] = []
        for label, lines in blocks.items():
            after: list[str] = []
            commands = []
            position = Position("t.bpl", self.lines + 1, 1)
            for line in lines:
                if line.startswith("->"):
                    after = line[2:].split()
                else:
                    commands.append(self.command(line))
            self.lines += 1
            made.append(Block(label, commands, after, position, Position("t.bpl", self.lines, 9)))
        here = Position("t.bpl", 1, 1)
        routine = Routine(name, (), (), (), (), (), {}, [], here)
        known = {self.variable(v): self.term(t) for v, t in (wheres or {}).items()}
        return Body(name, routine, (), (), (), known, made, here, [])

    def conditions(self, body: Body, *, prune: int = 2) -> Conditions:
        """Return the conditions of a body."""
        return conditions(body, {}, Context(self.theory, prune))

    def open_claims(self, body: Body, *, prune: int = 2) -> list[tuple[Claim, int]]:
        """Return the claims that are not proved, with their lines."""
        return [(one.label.claim, one.label.position.line) for one in self.conditions(body, prune=prune) if not proved(one)]


def proved(condition: Condition) -> bool:
    """Whether a claim is proved, by a solver that was asked now."""
    obligation = condition.obligation()
    answer = ask(Question(obligation.text), solvers=("z3",), timeout_s=5.0)
    assert isinstance(answer, Unsat | Sat), answer
    assert not obligation.trivial or isinstance(answer, Unsat)
    return isinstance(answer, Unsat)
