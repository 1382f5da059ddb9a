"""Bodies without assignments: each value that a variable takes has a name of its own.

`x := x + 1` becomes the fact `x@1 = x@0 + 1`, a havoc only a new name, and where
paths meet with different names for a variable that is still needed, a new name is
equated with the old one on each of the paths. Literals and plain copies need no
name. What is left are facts and claims over constants, in blocks without cycles.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field

from probatum.ivl.blocks import Block, Body, Check, Forget, Invoke, Know, Label, Reveal, Set
from probatum.ivl.calls import EXIT
from probatum.ivl.conditions import graph
from probatum.ivl.syntax.tree import NOWHERE, Position
from probatum.ivl.terms import Bank, Term, children, is_literal
from probatum.records import dataclass


@dataclass(frozen=True, slots=True)
class Fact:
    """What holds from here on."""

    term: Term


@dataclass(frozen=True, slots=True)
class Claimed:
    """What must be proved here; `known` if it holds from here on."""

    term: Term
    label: Label
    known: bool
    attributes: tuple[tuple[str, str], ...]


Item = Fact | Claimed | Reveal


@dataclass(slots=True, eq=False)
class PassiveBlock:
    """A block over constants.

    Attributes
    ----------
    name, position, end
        Of the source block; both positions NOWHERE and the name empty for an edge that needed equations.
    returns : bool
        The body returns at its end.
    kept : bool
        It is shown even if it is empty: its way out has attributes, or it assumes `true`.
    items : list of Fact, Claimed and Reveal
    after, before : list of int
        Numbers of the blocks that follow and come before.
    entry : mapping of Term to Term
        Names of variables at the start, where they differ from the variable itself.
    changes : list of (int, Term, Term)
        From which item on, which variable has which name.
    """

    name: str
    position: Position
    end: Position
    returns: bool = False
    kept: bool = False
    items: list[Item] = field(default_factory=list)
    after: list[int] = field(default_factory=list)
    before: list[int] = field(default_factory=list)
    entry: Mapping[Term, Term] = field(default_factory=dict)
    changes: list[tuple[int, Term, Term]] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class Passive:
    """A body in passive form.

    Attributes
    ----------
    body : Body
    blocks : list of PassiveBlock
        In an order in which each comes after those before it.
    variables : tuple of Term
        What is assigned in the body, and so may have other names than its own.
    """

    body: Body
    blocks: list[PassiveBlock]
    variables: tuple[Term, ...]

    def claims(self) -> Iterator[tuple[int, int, Claimed]]:
        """Yield block, place in the block, and claim, in the order of the blocks."""
        for number, block in enumerate(self.blocks):
            for place, item in enumerate(block.items):
                if isinstance(item, Claimed):
                    yield number, place, item


def passive(body: Body, bank: Bank, wheres: Mapping[Term, Term], *, remove_empty: bool = True) -> Passive:
    """Return the passive form of a body without calls and loops.

    Parameters
    ----------
    body : Body
    bank : Bank
    wheres : mapping of Term to Term
        `where` conditions of globals; those of parameters and locals are in the body.
    remove_empty : bool
        Leave out blocks in which nothing happens; traces do not show them then.
    """
    return _Conversion(body, bank, {**wheres, **body.wheres}).run(remove_empty=remove_empty)


class _Conversion:
    def __init__(self, body: Body, bank: Bank, wheres: Mapping[Term, Term]) -> None:
        self.body, self.bank, self.wheres = body, bank, wheres
        numbers = {block.name: number for number, block in enumerate(body.blocks)}
        edges = [list(dict.fromkeys(numbers[name] for name in block.successors)) for block in body.blocks]
        order = list(reversed(graph.postorder(edges)))
        places = {old: new for new, old in enumerate(order)}
        self.sources = [body.blocks[old] for old in order]
        self.after = [[places[one] for one in edges[old]] for old in order]
        self.before = graph.predecessors(self.after)
        # Only what is assigned somewhere has more than one name: every other variable is a constant, and has no bit.
        self.bits: dict[Term, int] = {}
        for block in self.sources:
            for command in block.commands:
                if isinstance(command, Set | Forget):
                    for variable in command.variables:
                        self.bits.setdefault(variable, 1 << len(self.bits))
        self.variables = list(self.bits)
        self.masks: dict[Term, int] = {}
        self.counts: dict[str, int] = {}

    def run(self, *, remove_empty: bool) -> Passive:
        live = self.live()
        made = [
            PassiveBlock(block.name, block.position, block.end, returns=block.successors == [EXIT], kept=bool(block.attributes))
            for block in self.sources
        ]
        ends: list[dict[Term, Term]] = []
        edges: list[PassiveBlock] = []
        joins: dict[tuple[int, int], list[Item]] = {}
        for number, block in enumerate(self.sources):
            names = self.met(number, live[number], ends, joins)
            made[number].entry = dict(names)
            ends.append(self.convert(block, made[number], names))
        # Equations of a join stand at the end of what comes before, or on an edge of their own if that leads elsewhere too.
        follow: list[list[PassiveBlock]] = [[made[one] for one in following] for following in self.after]
        for (one, other), equations in joins.items():
            if len(self.after[one]) == 1:
                made[one].items += equations
                continue
            edge = PassiveBlock("", NOWHERE, NOWHERE, items=list(equations), entry=ends[one])
            edges.append(edge)
            follow[one] = [edge if block is made[other] else block for block in follow[one]]
            follow.append([made[other]])
        after = dict(zip(made + edges, follow, strict=True))
        if remove_empty:
            _without_empty(made[0], after)
        return Passive(self.body, _ordered(made[0], after), tuple(self.variables))

    # Variables

    def mask(self, term: Term) -> int:
        """Return the assigned variables in a term, as bits."""
        masks = self.masks
        if (known := masks.get(term)) is not None:
            return known
        stack = [term]
        while stack:
            one = stack[-1]
            if one in masks:
                stack.pop()
                continue
            if one.kind == "variable":
                masks[one] = self.bits.get(one, 0)
                stack.pop()
                continue
            below = children(one)
            if waiting := [child for child in below if child not in masks]:
                stack.extend(waiting)
                continue
            found = 0
            for child in below:
                found |= masks[child]
            masks[one] = found
            stack.pop()
        return masks[term]

    def live(self) -> list[int]:
        """Return the variables whose value at the start of each block may still matter."""
        live = [0] * len(self.sources)
        for number in range(len(self.sources) - 1, -1, -1):
            needed = 0
            for one in self.after[number]:
                needed |= live[one]
            for command in reversed(self.sources[number].commands):
                match command:
                    case Check(term=term) | Know(term=term):
                        needed |= self.mask(term)
                    case Set(variables=variables, values=values):
                        for variable in variables:
                            needed &= ~self.bits[variable]
                        for value in values:
                            needed |= self.mask(value)
                    case Forget(variables=variables):
                        conditions = [self.mask(self.wheres[v]) for v in variables if v in self.wheres]
                        for one in conditions:
                            needed |= one
                        for variable in variables:
                            needed &= ~self.bits[variable]
                    case _:
                        pass
            live[number] = needed
        return live

    def renamed(self, variable: Term) -> Term:
        """Return a name for the next value of a variable."""
        source = str(variable.payload)
        count = self.counts[source] = self.counts.get(source, 0) + 1
        return self.bank.variable(f"{source}@{count}", variable.sort)

    # Blocks

    def met(
        self, number: int, live: int, ends: list[dict[Term, Term]], joins: dict[tuple[int, int], list[Item]]
    ) -> dict[Term, Term]:
        """Return the names at the start of a block, and note the equations that make them those of all paths."""
        before = self.before[number]
        if not before:
            return {}
        if len(before) == 1:
            return dict(ends[before[0]])
        names: dict[Term, Term] = {}
        for place, variable in enumerate(self.variables):
            said = [ends[one].get(variable, variable) for one in before]
            first = said[0]
            if all(one is first for one in said):
                if first is not variable:
                    names[variable] = first
            elif live >> place & 1:
                name = names[variable] = self.renamed(variable)
                for one, value in zip(before, said, strict=True):
                    joins.setdefault((one, number), []).append(Fact(self.bank.equality(name, value)))
            else:
                # Nobody asks for it; the first name would be wrong on other paths, so it gets one without equations.
                names[variable] = self.renamed(variable)
        return names

    def convert(self, block: Block, made: PassiveBlock, names: dict[Term, Term]) -> dict[Term, Term]:
        """Write a block's items, and return the names at its end; `names` are those at its start, and change."""
        self.use(names)
        for command in block.commands:
            match command:
                case Check(term=term, label=label, attributes=attributes, known_afterwards=known):
                    made.items.append(Claimed(self.value(term), label, known, attributes))
                case Know(term=term):
                    self.learn(made, self.value(term))
                case Set(variables=variables, values=values):
                    self.assign(made, variables, [self.value(value) for value in values])
                case Forget(variables=variables):
                    for variable in variables:
                        self.become(made, variable, self.renamed(variable))
                    for variable in variables:
                        if (where := self.wheres.get(variable)) is not None:
                            self.learn(made, self.value(where))
                case Reveal():
                    made.items.append(command)
                case Invoke():
                    raise TypeError("a call is expanded before a body is made passive")
        return self.names

    def use(self, names: dict[Term, Term]) -> None:
        self.names = names
        self.renaming = 0
        for variable in names:
            self.renaming |= self.bits[variable]
        self.known: dict[Term, Term] = {}

    def value(self, term: Term) -> Term:
        """Return a term over the names that are in use."""
        return self.bank.substituted(term, self.names, self.known) if self.mask(term) & self.renaming else term

    def become(self, made: PassiveBlock, variable: Term, name: Term) -> None:
        self.names[variable] = name
        self.renaming |= self.bits[variable]
        made.changes.append((len(made.items), variable, name))
        self.known = {}

    def learn(self, made: PassiveBlock, term: Term) -> None:
        if is_literal(term, "true"):
            made.kept = True  # something happens here, if nothing that matters
        else:
            made.items.append(Fact(term))

    def assign(self, made: PassiveBlock, variables: tuple[Term, ...], values: list[Term]) -> None:
        equations: list[Item] = []
        for variable, value in zip(variables, values, strict=True):
            if not value.arguments and value.kind in ("literal", "variable", "symbol"):
                self.become(made, variable, value)
                continue
            name = self.renamed(variable)
            self.become(made, variable, name)
            equations.append(Fact(self.bank.equality(name, value)))
        made.items += equations


def _without_empty(entry: PassiveBlock, after: dict[PassiveBlock, list[PassiveBlock]]) -> None:
    """Take out blocks in which nothing happens, as Boogie does; one may leave its name to a block that has none."""
    order = _postorder(entry, after)
    before: dict[PassiveBlock, int] = {}
    for following in after.values():
        for one in following:
            before[one] = before.get(one, 0) + 1
    shown = _shown_at_entry(entry, after, order)
    for block in order:
        if block is entry or block.items or block.kept:
            continue
        following = after[block]
        if len(following) == 1 and (next_ := following[0]).name:
            if block.returns and before[next_] == 1:
                next_.end = block.end
            if block.position != NOWHERE and next_.position == NOWHERE and block is not shown:
                next_.name, next_.position = block.name, block.position
        for one, targets in after.items():
            if block in targets:
                others = [other for other in targets if other is not block]
                after[one] = [*others, *(other for other in following if other not in others)]
        after[block] = []
    if shown is not None and all(isinstance(item, Fact) for item in entry.items):
        entry.name, entry.position = shown.name, shown.position


def _shown_at_entry(
    entry: PassiveBlock, after: Mapping[PassiveBlock, list[PassiveBlock]], order: list[PassiveBlock]
) -> PassiveBlock | None:
    """Return the empty block that the entry stands for in traces, if all ways from it lead to the same one first."""
    if entry.position != NOWHERE:
        return None
    first: dict[PassiveBlock, PassiveBlock | None] = {}
    for block in order:
        first[block] = None
        if block is entry or not block.items:
            following = {None if one.kept else first.get(one) for one in after[block]}
            if block.position != NOWHERE:
                first[block] = block
            elif len(following) == 1:
                first[block] = following.pop()
    return first[entry]


def _postorder(entry: PassiveBlock, after: Mapping[PassiveBlock, list[PassiveBlock]]) -> list[PassiveBlock]:
    """Return the blocks so that each comes after those that follow it; of several, the last named first."""
    order: list[PassiveBlock] = []
    seen = {entry}
    stack = [(entry, False)]
    while stack:
        block, done = stack.pop()
        if done:
            order.append(block)
            continue
        stack.append((block, True))
        for one in after[block]:
            if one not in seen:
                seen.add(one)
                stack.append((one, False))
    return order


def _ordered(entry: PassiveBlock, after: Mapping[PassiveBlock, list[PassiveBlock]]) -> list[PassiveBlock]:
    """Number the blocks so that each comes after those before it."""
    blocks = [entry, *(block for block in after if block is not entry)]
    places = {block: place for place, block in enumerate(blocks)}
    edges = [[places[one] for one in after[block]] for block in blocks]
    order = list(reversed(graph.postorder(edges)))
    numbers = {old: new for new, old in enumerate(order)}
    for old in order:
        blocks[old].after = [numbers[one] for one in edges[old]]
    for old in order:
        for one in blocks[old].after:
            blocks[order[one]].before.append(numbers[old])
    return [blocks[old] for old in order]
