"""One obligation per claim: what its negation says about the paths to it.

Every block that is not on all paths has a Boolean constant: the path goes through
it. Then its facts hold, and the path goes on through one of the blocks that
follow. Blocks on all paths need none, and what holds there is said outright.
Claims that come before are facts like others. Last comes that the claim is
false. This is the negation of the weakest precondition, with a name for the
condition of each block, so it grows with the blocks and not with the paths; if
it is unsatisfiable, the claim holds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import field

from probatum.ivl.blocks import Body, Label, Reveal
from probatum.ivl.conditions.passive import Claimed, Fact, Item, Passive
from probatum.ivl.conditions.pruning import NOTHING, Axioms
from probatum.ivl.conditions.slicing import Paths, Slice
from probatum.ivl.conditions.smtlib import Fragment, Name, Named, Naming, Writer, distinct
from probatum.ivl.pools import instantiate
from probatum.ivl.terms import Bank, Symbol, Term, is_literal
from probatum.ivl.theory import Theory
from probatum.records import dataclass

# A claim that needs no solver has this text, which is unsatisfiable in one step.
TRIVIAL = "(assert false)\n"


@dataclass(frozen=True, slots=True)
class Obligation:
    """What a solver is asked: unsatisfiable if the claim holds.

    Attributes
    ----------
    text : str
    naming : Naming
        From the program's things to names in the text.
    trivial : bool
        The claim holds by simplification; the text says no more than that.
    """

    text: str
    naming: Naming
    trivial: bool = False

    def values(self, *, blocks_only: bool = False) -> tuple[str, ...]:
        """Return the names whose values make a trace: those of blocks, and of variables."""
        kinds = Name if blocks_only else (Name, Term)
        return tuple(text for what, text in self.naming.items() if isinstance(what, kinds) and text[0] in "bv")


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """A claim of a body, and where it stands."""

    conditions: Conditions
    block: int
    place: int
    claim: Claimed

    @property
    def label(self) -> Label:
        """What the claim is called when it fails."""
        return self.claim.label

    def obligation(self) -> Obligation:
        """Write the question; the same every time."""
        return self.conditions.obligation(self)

    def slice(self) -> Slice:
        """Return the blocks on paths to the claim."""
        return self.conditions.paths.slice(self.block)


@dataclass(slots=True)
class Context:
    """What all conditions of a theory share: texts of terms, choices of axioms, and beginnings of obligations."""

    theory: Theory
    prune: int
    writer: Writer = field(init=False)
    axioms: Axioms = field(init=False)
    _beginnings: dict[tuple[int, ...], tuple[Naming, frozenset[Named], str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.writer = Writer(self.theory)
        self.axioms = Axioms(self.theory, self.writer, self.prune)

    @property
    def bank(self) -> Bank:
        """Where terms come from."""
        return self.theory.bank

    def beginning(self, axioms: tuple[int, ...]) -> tuple[Naming, frozenset[Named], str]:
        """Return names, what is declared, and text of a set of axioms; kept, because many claims need the same."""
        known = self._beginnings.get(axioms)
        if known is None:
            naming = Naming()
            lines = [f"(assert {naming.text(self.writer.fragment(self.theory.facts[number].term))})" for number in axioms]
            declared: set[Named] = set()
            declarations = list(self.writer.declarations(naming, declared))
            text = "".join(f"{line}\n" for line in [*declarations, *lines])
            if len(self._beginnings) > 256:
                self._beginnings.clear()
            known = self._beginnings[axioms] = (naming, frozenset(declared), text)
        return known


class Conditions:
    """The conditions of one body in passive form."""

    def __init__(self, passive: Passive, context: Context, *, merge_reveals: bool = True) -> None:
        self.passive = passive
        self.context = context
        self.paths = Paths(passive)
        self.booleans = [Name("b", block.name) for block in passive.blocks]
        known = {*passive.variables, *passive.body.ins, *passive.body.outs, *passive.body.locals}
        self.variables = sorted(known, key=lambda variable: variable.number)
        self._facts: list[list[tuple[int, Fragment]] | None] = [None] * len(passive.blocks)
        self._ending = 0  # blocks in which `false` is known
        for number, block in enumerate(passive.blocks):
            if any(map(_ends, block.items)):
                self._ending |= 1 << number
        self._hidden = {} if context.prune == NOTHING else Hiding(passive, context.theory, merge=merge_reveals).hidden()

    @property
    def body(self) -> Body:
        """The body that the conditions are about."""
        return self.passive.body

    def __iter__(self) -> Iterator[Condition]:
        for block, place, claim in self.passive.claims():
            yield Condition(self, block, place, claim)

    def facts(self, block: int) -> list[tuple[int, Fragment]]:
        """Return what holds after the items of a block, each with its place."""
        known = self._facts[block]
        if known is None:
            fragment = self.context.writer.fragment
            known = self._facts[block] = [
                (place, fragment(item.term))
                for place, item in enumerate(self.passive.blocks[block].items)
                if isinstance(item, Fact) or (isinstance(item, Claimed) and item.known and not is_literal(item.term, "true"))
            ]
        return known

    def obligation(self, condition: Condition) -> Obligation:
        """Write the question for one of the claims."""
        if is_literal(condition.claim.term, "true") or self.unreachable(condition):
            return Obligation(TRIVIAL, Naming(), trivial=True)
        writer = self.context.writer
        slice_ = condition.slice()
        goal = writer.fragment(condition.claim.term)
        mentioned: set[Named] = set(goal.symbols)
        parts: list[tuple[int, list[Fragment]]] = []
        said: set[Fragment] = set()  # outright, so that saying it again adds nothing
        if self.context.theory.pools:
            return self.pooled(condition, slice_)
        for number in slice_:
            facts: list[Fragment] = []
            certain = slice_.certain >> number & 1
            for place, fragment in self.facts(number):
                if number == condition.block and place >= condition.place:
                    break
                if fragment in said:
                    continue
                if certain:
                    said.add(fragment)
                facts.append(fragment)
                mentioned |= fragment.symbols
            parts.append((number, facts))
        hidden = self._hidden.get((condition.block, condition.place))
        axioms = self.context.axioms.needed(frozenset(mentioned), hidden)
        naming, declared, beginning = self.context.beginning(axioms)
        naming = naming.branch()
        lines: list[str] = []
        for number, facts in parts:
            lines.extend(self.said(number, facts, slice_, naming))
        lines.append(f"(assert (not {naming.text(goal)}))")
        declarations = list(writer.declarations(naming, set(declared)))
        differ = distinct(self.context.theory.uniques, naming)
        text = beginning + "\n".join([*declarations, *differ, *lines]) + "\n"
        return Obligation(text, naming)

    def pooled(self, condition: Condition, slice_: Slice) -> Obligation:
        """Write the question for a claim, with the instances that the pools of the program ask for."""
        bank, theory, writer = self.context.bank, self.context.theory, self.context.writer
        blocks: list[tuple[int, int]] = []  # a block, and how many facts it has
        terms: list[Term] = []
        for number in slice_:
            items = self.passive.blocks[number].items
            before = items[: condition.place] if number == condition.block else items
            known = [one.term for one in before if isinstance(one, Fact) or (isinstance(one, Claimed) and one.known)]
            blocks.append((number, len(known)))
            terms.extend(known)
        terms.append(bank.negation(condition.claim.term))
        # Whatever block a term stands in: what is added holds in all of them, and names for what exists are new ones.
        fragments = [writer.fragment(one) for one in instantiate(bank, theory.pools, terms)]
        goal, added = fragments[len(terms) - 1], fragments[len(terms) :]
        mentioned = {symbol for fragment in fragments for symbol in fragment.symbols}
        axioms = self.context.axioms.needed(frozenset(mentioned), self._hidden.get((condition.block, condition.place)))
        naming, declared, beginning = self.context.beginning(axioms)
        naming = naming.branch()
        lines: list[str] = []
        place = 0
        for number, count in blocks:
            lines.extend(self.said(number, fragments[place : place + count], slice_, naming))
            place += count
        lines.extend(f"(assert {naming.text(fragment)})" for fragment in (*added, goal))
        declarations = list(writer.declarations(naming, set(declared)))
        text = beginning + "\n".join([*declarations, *distinct(theory.uniques, naming), *lines]) + "\n"
        return Obligation(text, naming)

    def said(self, number: int, facts: Sequence[Fragment], slice_: Slice, naming: Naming) -> Iterator[str]:
        """Yield what a block says: its facts, and where a path goes on."""
        certain = slice_.certain >> number & 1
        guard = "" if certain else naming[self.booleans[number]]
        for fragment in facts:
            text = naming.text(fragment)
            yield f"(assert (=> {guard} {text}))" if guard else f"(assert {text})"
        if number == slice_.target:
            return
        following = [one for one in self.passive.blocks[number].after if slice_.inside >> one & 1]
        # A path that goes on to a block on all paths is restricted by that block only.
        if any(slice_.certain >> one & 1 for one in following):
            return
        names = [naming[self.booleans[one]] for one in reversed(following)]
        onwards = names[0] if len(names) == 1 else f"(or {' '.join(names)})"
        yield f"(assert (=> {guard} {onwards}))" if guard else f"(assert {onwards})"

    def unreachable(self, condition: Condition) -> bool:
        """Whether `false` is known on every path to a claim, as a literal."""
        ending = condition.slice().certain & self._ending
        if ending & ~(1 << condition.block):
            return True
        items = self.passive.blocks[condition.block].items[: condition.place] if ending else []
        return any(_ends(item) for item in items)


def _ends(item: Item) -> bool:
    return isinstance(item, Fact) and is_literal(item.term, "false")


@dataclass(slots=True)
class Hiding:
    """What `hide` and `reveal` leave known at each claim.

    A state says which functions are the exception: revealed ones where all are
    hidden, hidden ones where none is. Where paths meet, what one of them reveals
    is revealed. With `merge`, all claims of a body know what one of them knows,
    as if they were one question.
    """

    passive: Passive
    theory: Theory
    merge: bool

    def hidden(self) -> dict[tuple[int, int], frozenset[Symbol]]:
        """Return the functions whose axioms are hidden, for each claim by its block and place."""
        blocks = self.passive.blocks
        if not any(isinstance(item, Reveal) for block in blocks for item in block.items):
            return {}
        every = frozenset(owner for fact in self.theory.facts if fact.hideable for owner in fact.owners)
        nothing: frozenset[Symbol] = frozenset()
        ends: list[list[frozenset[Symbol]]] = []
        found: dict[tuple[int, int], frozenset[Symbol]] = {}
        for number, block in enumerate(blocks):
            states = _met([ends[one] for one in block.before]) if block.before else [nothing]
            for place, item in enumerate(block.items):
                if isinstance(item, Claimed):
                    found[number, place] = states[-1]
                elif isinstance(item, Reveal):
                    functions = every if item.function is None else _functions(item.function)
                    match item.what:
                        case "push":
                            states = [*states, states[-1]]
                        case "pop":
                            states = states[:-1] or [nothing]
                        case "hide":
                            states = [*states[:-1], states[-1] | functions]
                        case _:
                            states = [*states[:-1], states[-1] - functions]
            ends.append(states)
        if self.merge and found:
            common = frozenset.intersection(*found.values())
            return dict.fromkeys(found, common)
        return found


def _functions(what: object) -> frozenset[Symbol]:
    if isinstance(what, Symbol):
        return frozenset((what,))
    if isinstance(what, tuple | list | set | frozenset):
        return frozenset(one for one in what if isinstance(one, Symbol))
    raise TypeError(f"`{what}` is not a function that can be hidden")


def _met(states: list[list[frozenset[Symbol]]]) -> list[frozenset[Symbol]]:
    depth = min(len(one) for one in states)
    return [frozenset.intersection(*(one[level] for one in states)) for level in range(depth)]
