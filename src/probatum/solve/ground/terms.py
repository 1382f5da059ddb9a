"""Terms of obligations: equal ones are one object, and what a quantifier binds has names of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

OURS = "ground!"

# More than any obligation has, and few enough that renaming at each binder stays cheap.
DEEPEST_QUANTIFIERS = 100


class Rejected(ValueError):
    """An obligation or a certificate contains what this module does not understand or allow."""


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """A term. Equal terms (up to names of bound variables) of one `Terms` are the same object.

    Attributes
    ----------
    kind : str
        ``leaf`` (constant or literal), ``apply``, ``variable`` (bound), ``forall`` or ``exists``; with
        `Reader.keep_patterns` also ``pattern`` (after the body of a quantified formula).
    text : str
        The symbol, literal or function; of a variable, its name.
    args : tuple of Node
        Arguments; of a quantified formula, its body (and patterns).
    sorts : tuple of str
        Of a quantified formula: the sorts of its variables.
    free : frozenset of str
        Names of variables that occur and are bound outside.
    rank : int
        How deep quantifiers are nested; 0 if there are none.
    """

    kind: str
    text: str
    args: tuple[Node, ...] = ()
    sorts: tuple[str, ...] = ()
    free: frozenset[str] = frozenset()
    rank: int = 0

    @property
    def quantified(self) -> bool:
        """Whether it is a quantified formula."""
        return self.kind in ("forall", "exists")


_nothing: frozenset[str] = frozenset()


class Terms:
    """Makes nodes, each term once."""

    def __init__(self) -> None:
        self._nodes: dict[tuple[str, str, tuple[int, ...], tuple[str, ...]], Node] = {}
        self._digests: dict[Node, bytes] = {}
        self._variables = 0

    def make(self, kind: str, text: str, args: tuple[Node, ...] = (), sorts: tuple[str, ...] = ()) -> Node:
        """Return the node; its variables are what its parts leave free."""
        key = (kind, text, tuple(map(id, args)), sorts)
        found = self._nodes.get(key)
        if found is None:
            open_parts = {part.free for part in args if part.free}
            free = next(iter(open_parts)) if len(open_parts) == 1 else _nothing.union(*open_parts)
            rank = max((part.rank for part in args), default=0)
            if kind == "variable":
                free = frozenset({text})
            elif kind in ("forall", "exists"):
                rank += 1
                free -= set(_bound(rank, len(sorts)))
            found = self._nodes[key] = Node(kind, text, args, sorts, free, rank)
        return found

    def variable(self) -> Node:
        """Return a variable that occurs nowhere, for a binder that is being read."""
        self._variables += 1
        return self.make("variable", f"new {self._variables}")

    def close(self, kind: str, variables: Sequence[Node], sorts: tuple[str, ...], parts: tuple[Node, ...]) -> Node:
        """Bind variables: `parts` are the body and patterns.

        The bound names say how deep quantifiers are nested *below*. So they differ
        from all names bound inside, formulas that differ in names are one node, and
        the names stay right when terms without quantifiers replace variables.
        """
        rank = 1 + max(part.rank for part in parts)
        if rank > DEEPEST_QUANTIFIERS:
            raise Rejected(f"quantifiers are nested more than {DEEPEST_QUANTIFIERS} deep")
        names = _bound(rank, len(sorts))
        bound = {variable.text: self.make("variable", name) for variable, name in zip(variables, names, strict=True)}
        return self.make(kind, "", tuple(self.replace(part, bound) for part in parts), sorts)

    def body(self, formula: Node, terms: Sequence[Node]) -> Node:
        """Return the body of a closed formula with terms (closed, without quantifiers) for its variables."""
        if not formula.quantified or formula.free or len(terms) != len(formula.sorts):
            raise Rejected("an instance needs a closed quantified formula and one term for each of its variables")
        if any(term.free or term.rank for term in terms):
            raise Rejected("a term of an instance contains a quantifier")
        return self.replace(formula.args[0], dict(zip(_bound(formula.rank, len(terms)), terms, strict=True)))

    def replace(self, node: Node, by: Mapping[str, Node]) -> Node:
        """Put terms for variables, everywhere."""
        done: dict[Node, Node] = {self.make("variable", name): term for name, term in by.items()}
        todo = [node]
        while todo:
            now = todo[-1]
            if now in done:
                todo.pop()
            elif now.free.isdisjoint(by):
                done[now] = now
            elif missing := [part for part in now.args if part not in done]:
                todo.extend(missing)
            else:
                done[now] = self.make(now.kind, now.text, tuple(done[part] for part in now.args), now.sorts)
        return done[node]

    def digest(self, node: Node) -> str:
        """Return the name of a formula: a digest of all that it says, without patterns."""
        todo = [node]
        while todo:
            now = todo[-1]
            parts = now.args[:1] if now.quantified else now.args
            if now in self._digests:
                todo.pop()
            elif missing := [part for part in parts if part not in self._digests]:
                todo.extend(missing)
            else:
                said = "\0".join([now.kind, now.text, str(len(now.sorts)), *now.sorts])
                self._digests[now] = sha256(said.encode() + b"\0" + b"".join(self._digests[part] for part in parts)).digest()
        return self._digests[node].hex()[:32]


def _bound(rank: int, count: int) -> list[str]:
    """Return the names of the variables of a quantified formula."""
    return [f"{rank}.{place}" for place in range(count)]


def reachable(roots: Sequence[Node]) -> Iterator[Node]:
    """Yield every node outside quantified formulas, and those formulas, once: parts after what contains them."""
    seen = set(roots)
    todo = list(seen)
    while todo:
        node = todo.pop()
        yield node
        if not node.quantified:
            new = [part for part in node.args if part not in seen]
            seen.update(new)
            todo.extend(dict.fromkeys(new))


def write_term(root: Node, special: Callable[[Node], str], prefix: str) -> str:
    """Write a term; what occurs twice is said once, by `let`.

    Parameters
    ----------
    root : Node
        The term.
    special : function of Node to str
        Text of a quantified formula, or of a variable.
    prefix : str
        Of the names that `let` gives; no other name in the term starts with it.
    """
    uses: dict[Node, int] = {}
    for node in reachable([root]):
        for part in () if node.quantified else node.args:
            uses[part] = uses.get(part, 0) + 1
    level: dict[Node, int] = {}  # how deep `let`s are nested when all parts have their names
    texts: dict[Node, str] = {}
    bindings: dict[int, list[str]] = {}
    todo = [root]
    while todo:
        node = todo[-1]
        if node in texts:
            todo.pop()
        elif node.quantified or node.kind == "variable":
            texts[node], level[node] = special(node), 0
        elif not node.args:
            texts[node], level[node] = node.text, 0
        elif missing := [part for part in node.args if part not in texts]:
            todo.extend(missing)
        else:
            text = f"({node.text} {' '.join(texts[part] for part in node.args)})"
            level[node] = max(level[part] for part in node.args)
            # Long texts get a name too: copying them at every level above would take quadratic time.
            if (uses.get(node, 0) > 1 or len(text) > 1000) and node is not root:
                name = f"{prefix}{len(texts)}"
                bindings.setdefault(level[node], []).append(f"({name} {text})")
                text = name
                level[node] += 1
            texts[node] = text
    opening = "".join(f"(let ({' '.join(bindings[depth])}) " for depth in sorted(bindings))
    return opening + texts[root] + ")" * len(bindings)
