"""Terms as SMT-LIB text, in names that do not depend on those of the program.

The text of a term is made once, as a template with places for names; each
obligation gives its own names, numbered in the order in which it first needs
them. So obligations that differ in the names of the program only, or in
declarations that they do not need, have the same text, and with it the same key
in a cache and the same answer.

Names: `v` variables, `b` blocks, `f` functions and constants, `T` sorts, `C`
constructors, `s` selectors, `q` quantifiers; inside a term, `x` bound variables
and `l` what `let` shares.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import field

from probatum.ivl.terms import Binder, Sort, Symbol, Term, children, visit
from probatum.ivl.theory import DatatypeSort, Theory
from probatum.records import dataclass

# Terms whose text without sharing has no more parts than this are written without `let`.
SMALL = 48


@dataclass(slots=True, eq=False)
class Name:
    """Something that is neither a term nor a symbol and gets a name: its letter, and what the source calls it."""

    letter: str
    source: str
    datatype: DatatypeSort | None = None


Named = Term | Symbol | Name


@dataclass(slots=True, eq=False)
class Fragment:
    """Text with a place for each name; `symbols` are those that decide which axioms matter."""

    template: str
    names: tuple[Named, ...]
    symbols: frozenset[Named]


class Naming(dict[Named, str]):
    """Names as one obligation gives them, in order of first use."""

    def __init__(self, *given: dict[Named, str]) -> None:
        super().__init__(*given)
        self.counts: dict[str, int] = {}

    def __missing__(self, what: Named) -> str:
        letter = "v" if isinstance(what, Term) else "f" if isinstance(what, Symbol) else what.letter
        count = self.counts.get(letter, 0)
        self.counts[letter] = count + 1
        text = self[what] = f"{letter}{count}"
        return text

    def branch(self) -> Naming:
        """Return a copy that goes on by itself."""
        other = Naming(self)
        other.counts = dict(self.counts)
        return other

    def text(self, fragment: Fragment) -> str:
        """Fill in the names of a fragment."""
        return fragment.template % tuple(map(self.__getitem__, fragment.names)) if fragment.names else fragment.template % ()

    def sources(self) -> dict[str, str]:
        """Return what the source calls each name."""
        return {text: source_of(what) for what, text in self.items()}


def source_of(what: Named) -> str:
    """Return what the source calls something."""
    match what:
        case Term():
            return str(what.payload)
        case Symbol(name=name):
            return name
        case Name(source=source):
            return source


@dataclass(slots=True)
class Writer:
    """Writes terms and declarations of one theory."""

    theory: Theory
    _fragments: dict[Term, Fragment] = field(default_factory=dict)
    _bodies: dict[Symbol, Fragment] = field(default_factory=dict)  # of definitions
    _sorts: dict[Sort, tuple[str, tuple[Name, ...]]] = field(default_factory=dict)
    _declared: dict[str, Name] = field(default_factory=dict)  # sorts and datatypes by their head
    _heads: dict[str, Name] = field(default_factory=dict)  # constructors and selectors
    _quantifiers: dict[str, Name] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for sort in self.theory.sorts:
            self._declared[sort.head] = Name("T", sort.head)
        for datatype in self.theory.datatypes:
            self._declared[datatype.sort.head] = Name("T", datatype.sort.head, datatype)
            for constructor, fields in datatype.constructors:
                self._heads[constructor] = Name("C", constructor, datatype)
                for selector, _ in fields:
                    self._heads[selector] = Name("s", selector, datatype)

    # Sorts

    def sort(self, sort: Sort) -> tuple[str, tuple[Name, ...]]:
        """Return a template of a sort, and its names."""
        if (known := self._sorts.get(sort)) is None:
            names: list[Name] = []
            head = sort.head.replace("%", "%%")
            if (declared := self._declared.get(sort.head)) is not None:
                head = "%s"
                names.append(declared)
            elif sort.indices:
                head = f"({head} {' '.join(map(str, sort.indices))})"
            parts = [head]
            for argument in sort.arguments:
                text, more = self.sort(argument)
                parts.append(text)
                names.extend(more)
            known = self._sorts[sort] = (f"({' '.join(parts)})" if sort.arguments else head, tuple(names))
        return known

    def named_sort(self, sort: Sort, naming: Naming) -> str:
        """Return the text of a sort."""
        template, names = self.sort(sort)
        return template % tuple(map(naming.__getitem__, names))

    # Terms

    def fragment(self, term: Term) -> Fragment:
        """Return the text of a closed term (program variables are constants here)."""
        if (known := self._fragments.get(term)) is None:
            known = self._fragments[term] = _Writing(self, term).run()
        return known

    def symbols(self, term: Term) -> frozenset[Named]:
        """Return the functions, constants, constructors and selectors in a term, which may have variables."""
        found: set[Named] = set()

        def see(one: Term) -> None:
            if one.kind in ("symbol", "operator"):
                found.update(name for name in self.head(one)[1] if not isinstance(name, Name) or name.letter in "Cs")

        visit((term,), see)
        return frozenset(found)

    def head(self, term: Term) -> tuple[str, tuple[Named, ...]]:
        """Return a template of what stands before the arguments of a symbol or operator, and its names."""
        payload = term.payload
        if isinstance(payload, Symbol):
            return "%s", (payload,)
        text = str(payload)
        if (name := self._heads.get(text)) is not None:
            return "%s", (name,)
        if text.startswith("("):
            if text.startswith("(_ is ") and (name := self._heads.get(text[6:-1])) is not None:
                return "(_ is %s)", (name,)
            if match := re.match(r"\(as (\S+) ", text):
                # The sort is that of the term, whatever the text calls it.
                sort, names = self.sort(term.sort)
                return f"(as {match[1].replace('%', '%%')} {sort})", names
            if match := re.match(r"\(_ map \((=|ite) ", text):
                # Likewise the sort of the elements, which tells which equality or choice is meant.
                sort, names = self.sort((term.arguments[0] if match[1] == "=" else term).sort.arguments[1])
                if match[1] == "=":
                    return f"(_ map (= ({sort} {sort}) Bool))", (*names, *names)
                return f"(_ map (ite (Bool {sort} {sort}) {sort}))", (*names, *names, *names)
        return text.replace("%", "%%"), ()

    def quantifier(self, name: str) -> Name:
        """Return what stands for the name of a quantifier."""
        if (known := self._quantifiers.get(name)) is None:
            known = self._quantifiers[name] = Name("q", name)
        return known

    # Declarations

    def declarations(self, naming: Naming, declared: set[Named], *, used: Iterable[Named] | None = None) -> Iterator[str]:
        """Yield declarations of what has a name and is not among `declared`, and add it there.

        Definitions come after everything that they mention. Block names are
        Boolean constants; variables and undefined symbols are declared.
        """
        functions: list[str] = []
        waiting = list(naming if used is None else used)
        defined: list[Symbol] = []
        sorts: list[Name] = []
        place = 0
        while place < len(waiting):
            what = waiting[place]
            place += 1
            if what in declared:
                continue
            match what:
                case Term(sort=sort):
                    declared.add(what)
                    functions.append(f"(declare-fun {naming[what]} () {self._use(sort, naming, waiting)})")
                case Symbol(definition=None):
                    declared.add(what)
                    parameters = " ".join(self._use(sort, naming, waiting) for sort in what.parameters)
                    functions.append(f"(declare-fun {naming[what]} ({parameters}) {self._use(what.result, naming, waiting)})")
                case Symbol(definition=(variables, body)):
                    declared.add(what)
                    defined.append(what)
                    waiting.extend(self._definition(what, variables, body).names)
                case Name(letter="b"):
                    declared.add(what)
                    functions.append(f"(declare-fun {naming[what]} () Bool)")
                case Name(letter="q"):
                    declared.add(what)
                case Name():
                    declared.add(what)
                    sorts.append(what)
                    if what.datatype is not None:
                        waiting.extend(self._parts(what.datatype))
                case _:
                    raise TypeError(f"`{what}` cannot be declared")
        yield from self._sorts_and_datatypes(sorts, naming)
        yield from functions
        yield from self._definitions(defined, naming)

    def _use(self, sort: Sort, naming: Naming, waiting: list[Named]) -> str:
        template, names = self.sort(sort)
        waiting.extend(names)
        return template % tuple(map(naming.__getitem__, names))

    def _definition(self, symbol: Symbol, variables: tuple[Term, ...], body: Term) -> Fragment:
        if (known := self._bodies.get(symbol)) is None:
            known = self._bodies[symbol] = _Writing(self, body, parameters=variables).run()
        return known

    def _parts(self, datatype: DatatypeSort) -> Iterator[Name]:
        """Yield the names in the declaration of a datatype: its own and the sorts of its fields."""
        yield self._declared[datatype.sort.head]
        for constructor, fields in datatype.constructors:
            yield self._heads[constructor]
            for selector, sort in fields:
                yield self._heads[selector]
                yield from self.sort(sort)[1]

    def _sorts_and_datatypes(self, names: list[Name], naming: Naming) -> Iterator[str]:
        datatypes: dict[DatatypeSort, None] = {}
        for name in names:
            if name.datatype is not None:
                datatypes[name.datatype] = None
            elif name.letter == "T":
                yield f"(declare-sort {naming[name]} 0)"
        for group in self._groups(list(datatypes)):
            heads = " ".join(f"({naming[self._declared[one.sort.head]]} 0)" for one in group)
            bodies = " ".join(self._constructors(one, naming) for one in group)
            yield f"(declare-datatypes ({heads}) ({bodies}))"

    def _constructors(self, datatype: DatatypeSort, naming: Naming) -> str:
        parts = []
        for constructor, fields in datatype.constructors:
            inner = "".join(f" ({naming[self._heads[s]]} {self.named_sort(sort, naming)})" for s, sort in fields)
            parts.append(f"({naming[self._heads[constructor]]}{inner})")
        return f"({' '.join(parts)})"

    def _groups(self, datatypes: list[DatatypeSort]) -> Iterator[list[DatatypeSort]]:
        """Yield the datatypes so that each comes after those it uses, with those that use each other together."""
        inside = set(datatypes)
        needs = {
            one: list(dict.fromkeys(n.datatype for n in self._parts(one) if n.datatype is not None and n.datatype in inside))
            for one in datatypes
        }
        number: dict[DatatypeSort, int] = {}
        low: dict[DatatypeSort, int] = {}
        open_: list[DatatypeSort] = []
        for root in datatypes:
            if root in number:
                continue
            number[root] = low[root] = len(number)
            open_.append(root)
            stack = [(root, 0)]
            while stack:
                one, place = stack.pop()
                if place < len(needs[one]):
                    stack.append((one, place + 1))
                    other = needs[one][place]
                    if other is one:
                        continue
                    if other not in number:
                        number[other] = low[other] = len(number)
                        open_.append(other)
                        stack.append((other, 0))
                    elif other in open_:
                        low[one] = min(low[one], number[other])
                    continue
                if stack:
                    low[stack[-1][0]] = min(low[stack[-1][0]], low[one])
                if low[one] == number[one]:
                    place = open_.index(one)
                    yield open_[place:]
                    del open_[place:]

    def _definitions(self, symbols: list[Symbol], naming: Naming) -> Iterator[str]:
        """Yield definitions, each after those that its body mentions."""
        waiting = set(symbols)
        stack = [(symbol, False) for symbol in reversed(symbols)]
        while stack:
            symbol, ready = stack.pop()
            if symbol not in waiting or symbol.definition is None:
                continue
            variables, body = symbol.definition
            fragment = self._definition(symbol, variables, body)
            if not ready:
                stack.append((symbol, True))
                stack.extend((n, False) for n in fragment.names if isinstance(n, Symbol) and n in waiting and n is not symbol)
                continue
            waiting.discard(symbol)
            parameters = " ".join(f"(x{i} {self.named_sort(v.sort, naming)})" for i, v in enumerate(variables))
            result = self.named_sort(symbol.result, naming)
            yield f"(define-fun {naming[symbol]} ({parameters}) {result} {naming.text(fragment)})"


class _Writing:
    """The text of one term: shared parts in `let`, bound variables named by how many are bound around them."""

    def __init__(self, writer: Writer, term: Term, parameters: tuple[Term, ...] = ()) -> None:
        self.writer, self.term = writer, term
        self.parameters = parameters
        self.bound: dict[Term, str] = {variable: f"x{i}" for i, variable in enumerate(parameters)}
        self.shared: dict[Term | None, list[Term]] = {}  # by the quantifier in which they are bound; None: outside
        self.lets: dict[Term, str] = {}
        self.out: list[str] = []
        self.names: list[Named] = []
        self.count = 0

    def run(self) -> Fragment:
        self.find_shared()
        stack: list[object] = []
        self.scope(self.term, None, stack)
        depth = len(self.parameters)
        out, names, bound = self.out, self.names, self.bound
        plain = 0  # inside a pattern nothing is shared: a pattern is matched as it is written
        while stack:
            one = stack.pop()
            if isinstance(one, str):
                out.append(one)
                continue
            if isinstance(one, tuple):
                what, *more = one
                if what == "depth":
                    depth = more[0]
                elif what == "plain":
                    plain += more[0]
                elif what == "bind":
                    self.lets[more[0]] = more[1]
                elif what == "name":
                    out.append("%s")
                    names.append(more[0])
                elif isinstance(more[0].payload, Binder):
                    depth = self.quantifier(more[0], depth, stack)
                else:
                    self.write(more[0], stack)
                continue
            assert isinstance(one, Term)
            if one in self.lets and not plain:
                out.append(self.lets[one])
                continue
            if isinstance(one.payload, Binder):
                depth = self.quantifier(one, depth, stack)
                continue
            if (local := bound.get(one)) is not None:
                out.append(local)
                continue
            self.write(one, stack)
        symbols = frozenset(n for n in names if isinstance(n, Symbol) or (isinstance(n, Name) and n.letter in "Cs"))
        return Fragment("".join(out), tuple(names), symbols)

    def write(self, one: Term, stack: list[object]) -> None:
        """Write a leaf, or the head of an application whose arguments follow."""
        if one.kind == "literal":
            self.out.append(str(one.payload).replace("%", "%%"))
            return
        if one.kind == "variable":
            self.out.append("%s")
            self.names.append(one)
            return
        head, names = self.writer.head(one)
        self.names.extend(names)
        if not one.arguments:
            self.out.append(head)
            return
        self.out.append(f"({head}")
        stack.append(")")
        for argument in reversed(one.arguments):
            stack.append(argument)
            stack.append(" ")

    def scope(self, body: Term, owner: Term | None, stack: list[object]) -> None:
        """Put what is shared in a scope, and then its body, on the stack."""
        shared = self.shared.get(owner, ())
        todo: list[object] = []
        for one in shared:
            name = f"l{self.count}"
            self.count += 1
            todo.extend((f"(let (({name} ", ("whole", one), ")) ", ("bind", one, name)))
        todo.append(body)
        todo.append(")" * len(shared))
        stack.extend(entry for entry in reversed(todo) if entry != "")

    def quantifier(self, term: Term, depth: int, stack: list[object]) -> int:
        binder = term.payload
        assert isinstance(binder, Binder)
        inner = depth
        parts = []
        for variable in binder.variables:
            self.bound[variable] = f"x{inner}"
            sort, names = self.writer.sort(variable.sort)
            parts.append(f"(x{inner} {sort})")
            self.names.extend(names)
            inner += 1
        self.out.append(f"({term.kind} ({' '.join(parts)}) ")
        attributes: list[object] = []
        if binder.name:
            attributes.extend((" :qid ", self.writer.quantifier(binder.name)))
        if binder.skolem:
            attributes.extend((" :skolemid ", self.writer.quantifier(binder.skolem)))
        if binder.weight is not None:
            attributes.append(f" :weight {binder.weight}")
        for pattern in filter(None, binder.patterns):
            attributes.append(" :pattern (")
            for place, part in enumerate(pattern):
                attributes.extend((" ", part) if place else (part,))
            attributes.append(")")
        for one in binder.forbidden:
            attributes.extend((" :no-pattern ", one))
        todo: list[object] = [("depth", depth), ")"]
        if attributes:
            self.out.append("(! ")
            todo.append(")")
            todo.append(("plain", -1))
            todo.extend(("name", one) if isinstance(one, Name) else one for one in reversed(attributes))
            todo.append(("plain", 1))
        stack.extend(todo)
        self.scope(term.arguments[0], term, stack)
        return inner

    def find_shared(self) -> None:
        """Decide what `let` shares: parts that occur more than once, if the whole is not small anyway."""
        order: list[Term] = []
        sizes: dict[Term, int] = {}
        stack = [self.term]
        while stack:
            one = stack[-1]
            if one in sizes:
                stack.pop()
                continue
            below = children(one)
            if waiting := [child for child in below if child not in sizes]:
                stack.extend(waiting)
                continue
            stack.pop()
            sizes[one] = 1 + sum(sizes[child] for child in below)
            order.append(one)
        if sizes[self.term] <= SMALL or sizes[self.term] <= len(sizes) + SMALL // 4:
            return
        counts: dict[Term, int] = {}
        ranks: dict[Term, int] = {}  # of quantifiers and of their variables: less inside than outside
        owners: dict[Term, Term] = {}
        for one in order:
            # Patterns do not count: nothing is shared in them.
            for child in one.arguments:
                counts[child] = counts.get(child, 0) + 1
        free: dict[Term, frozenset[Term]] = {}
        nothing: frozenset[Term] = frozenset()
        rank = 0
        for one in order:
            if isinstance(binder := one.payload, Binder):
                rank += 1
                for variable in binder.variables:
                    owners[variable] = one
                    ranks[variable] = rank
        bound = set(owners)
        for one in order:
            if one.kind == "variable":
                free[one] = frozenset((one,)) if one in bound else nothing
                continue
            found = {free[child] for child in one.arguments if free[child]}
            mine = next(iter(found)) if len(found) == 1 else nothing.union(*found)
            if isinstance(binder := one.payload, Binder):
                mine = mine.difference(binder.variables)
            free[one] = mine
        for one in order:
            if one.arguments and counts.get(one, 0) > 1 and sizes[one] > 4:
                mine = free[one]
                owner = owners[min(mine, key=lambda v: ranks[v])] if mine else None
                self.shared.setdefault(owner, []).append(one)


def distinct(groups: Iterable[tuple[Symbol, ...]], naming: Naming) -> Iterator[str]:
    """Yield that the constants of each group that have names differ from each other."""
    for group in groups:
        used = [naming[symbol] for symbol in group if symbol in naming]
        if len(used) > 1:
            yield f"(assert (distinct {' '.join(used)}))"


def readable(text: str, sources: dict[str, str]) -> str:
    """Return a value as a person reads it: in the source's names, and with negative numbers as one writes them."""
    found = re.sub(r"(?<![\w.!])[A-Za-z]\d+(?=$|[\s()!])", lambda m: sources.get(m[0], m[0]), text)
    return re.sub(r"\(- ([\d.]+)\)", r"-\1", found)
