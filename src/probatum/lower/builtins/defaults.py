"""`collections.defaultdict`, whose lookups put in what is missing."""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager

from probatum.lower.builtins.dicts import Dicts
from probatum.lower.heap import ALLOCATED, Part
from probatum.lower.lowered import Kind
from probatum.lower.terms import Term, apply, conditional, conjunction, disjunction, negation
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t

# What the function returns that `defaultdict` is made with, as a value of the logic; collections are made anew.
_ZEROS = {"int": t.INT, "bool": t.BOOL, "float": t.FLOAT, "str": t.STR}
_EMPTY = ("list", "set", "dict")
_MAKES = "default_of"


def _equivalent(function: ast.expr) -> str:
    """Return the function of which a `lambda` of no parameters does the same: `int` of `lambda: 0`."""
    if not isinstance(function, ast.Lambda) or any(ast.iter_child_nodes(function.args)):
        return ""
    match function.body:
        case ast.Constant(value=value) if value is not None and not value and not isinstance(value, bytes):
            return "" if repr(value) == "-0.0" or isinstance(value, complex) else f"builtins.{type(value).__name__}"
        case ast.List(elts=[]):
            return "builtins.list"
        case ast.Dict(keys=[]):
            return "builtins.dict"
    return ""


def _loads(node: ast.Name) -> bool:
    return isinstance(node.ctx, ast.Load)


class Defaults(Dicts):
    """Dicts that make values for keys that they do not have.

    Which function makes them is known of an object where it was made: nothing here assigns `default_factory`. Only a
    function that made the dict itself may rely on it, so what a lookup puts in is no change that a caller sees.
    """

    _must_find = False

    def library_collections_defaultdict(self, node: ast.Call, expected: t.Type | None) -> Term:
        """`defaultdict(int)`, and of `list`, `set`, `dict`, `str`, `float`, `bool`."""
        if len(node.args) != 1 or node.keywords:
            raise Unsupported("a `defaultdict` of these arguments", node)
        qualified = _equivalent(node.args[0]) or self.qualified(node.args[0]) or ""
        name = qualified.removeprefix("builtins.")
        wanted = t.without_none(expected) if expected is not None else None
        if not qualified.startswith("builtins.") or name not in (*_ZEROS, *_EMPTY):
            raise Unsupported("a `defaultdict` of what this function makes", node)
        if self.in_contract or self.guards or self.strict_frames:
            raise Unsupported("a `defaultdict` inside of this expression", node)
        value = _ZEROS.get(name) or (t.Mapping("dict", t.NEVER, t.NEVER) if name == "dict" else t.Collection(name, t.NEVER))
        own = t.Mapping("defaultdict", t.NEVER, value)
        if isinstance(wanted, t.Mapping) and t.UNKNOWN not in (wanted.key, wanted.value):
            if name == "int" and wanted.value == t.FLOAT:  # 0 is used as a float
                name, value = "float", t.FLOAT
            if not (wanted.value == value if name in _ZEROS else getattr(wanted.value, "kind", "") == name):
                raise Unsupported(f"a `defaultdict` of `{name}` where a `{wanted}` is expected", node)
            own = t.Mapping("defaultdict", wanted.key, wanted.value)
        made = self.materialised(Term(self.empty_content(own), own, content=True), node)
        self._declare_factory()
        self.writer.assume(f"({_MAKES}({made.text}) == {self._factory(name)})")
        return made

    def made_as(self, node: ast.AnnAssign, type_: t.Type) -> t.Type:
        """Return the type of a variable with an annotation: of `d: Mapping[K, V] = defaultdict(int)`, if it never holds another."""
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Call(func=called)) if isinstance(type_, t.Mapping):
                stores = [n for n in ast.walk(self.function.node) if isinstance(n, ast.Name) and n.id == name and not _loads(n)]
                if type_.kind in ("mapping", "dict") and len(stores) == 1 and self.qualified(called) == "collections.defaultdict":
                    return t.Mapping("defaultdict", type_.key, type_.value)
        return type_

    def _lookup(self, collection: Term, own: t.Mapping, index: Term, node: ast.AST) -> Term:
        if own.kind == "defaultdict" and own.key == t.NEVER:
            self._learn_default_key(own, index, node)
        if own.kind in ("dict", "mapping") and own.key != t.NEVER and self.expects("builtins.KeyError") and self.uses_defaults:
            # Where the key is missing, one dict raises and another puts something in: neither is followed.
            has = apply("Map_has", self.content(collection), self.narrowed_to(index, own.key, node))
            self.demand(has, Kind.KEY, node, "the key must be there, as the dict may be a `defaultdict` or a `Counter`")
        return super()._lookup(collection, own, index, node)

    def _learn_default_key(self, own: t.Mapping, index: Term, node: ast.AST) -> None:
        """Begin again with the type of the keys of a dict that was made empty."""
        if not (isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name)) or self.in_contract:
            raise Unsupported("a lookup in a `defaultdict` of which it is not known what it holds", node)
        key = t.INT if isinstance(index.type, t.Ranged) else index.type
        self.learn_type(self.key(node.value.id), t.Mapping(own.kind, key, own.value))

    @property
    def uses_defaults(self) -> bool:
        """Whether the program has dicts that are more than dicts."""
        own = ("collections", "collections.defaultdict", "collections.Counter")
        return any(one in own for module in self.program.modules.values() for one in module.imports.values())

    def puts_in(self, node: ast.expr) -> bool:
        """Whether a lookup in an expression may put something into a dict."""
        if self._must_find or not self.uses_defaults:
            return False
        return any(self._may_make(one) for one in ast.walk(node) if isinstance(one, ast.Subscript))

    @contextmanager
    def lookups_find(self) -> Iterator[None]:
        """Within it, a lookup in a `defaultdict` must find the key: where it put something in, it would have an effect."""
        saved, self._must_find = self._must_find, True
        try:
            yield
        finally:
            self._must_find = saved

    def makes_missing(self, node: ast.expr) -> bool:
        """Whether an expression is known to be a dict whose lookups put in what is missing."""
        known = self.known_type(node)
        own = t.without_none(known) if known is not None else None
        return isinstance(own, t.Mapping) and own.kind == "defaultdict"

    def _may_make(self, node: ast.Subscript) -> bool:
        known = self.known_type(node.value)
        if known is None and isinstance(node.value, ast.Subscript):
            owner = self.known_type(node.value.value)
            known = getattr(owner, "value", getattr(owner, "item", None)) if owner is not None else None
        own = t.without_none(known) if known is not None else None
        return own is None or (isinstance(own, t.Mapping) and own.kind == "defaultdict")

    @abstractmethod
    def expects(self, class_: str) -> bool:
        """Whether something here expects an exception."""

    @abstractmethod
    def known_type(self, node: ast.expr) -> t.Type | None:
        """Return the type of a name or attribute, as far as it is known without evaluating it."""

    @abstractmethod
    def note_write(self, part: Part) -> None:
        """Remember for the loop around that an entry is written."""

    @abstractmethod
    def kept(self, term: Term) -> Term:
        """Return a value that what follows cannot change."""

    @abstractmethod
    def key(self, name: str) -> str:
        """Return under which name the type of a local variable is learnt."""

    @abstractmethod
    def learn_type(self, key: str, type_: t.Type) -> None:
        """Begin again with a more general type."""

    def looked_up_or_made(self, collection: Term, own: t.Mapping, key: str, node: ast.AST) -> Term:
        """Return what a `defaultdict` holds under a key, which is put there if it has none."""
        content = self.content(collection)
        has = apply("Map_has", content, key)
        name = next((n for n, z in _ZEROS.items() if own.value == z), getattr(own.value, "kind", ""))
        found = Term(apply("Map_get", content, key), own.value, state=collection.state)
        inside = self.in_contract or self.guards or self._must_find
        if inside or collection.content or self.strict_frames or name not in (*_ZEROS, *_EMPTY):
            self.demand(has, Kind.KEY, node, "the key must be there, as nothing can be put in here")
            return found
        self._declare_factory()
        new = f"(!entry'{ALLOCATED}[{collection.text}])"
        self.heap(ALLOCATED, "[Ref]bool")
        makes = conjunction(f"({_MAKES}({collection.text}) == {self._factory(name)})", new)
        self.demand(disjunction(has, makes), Kind.KEY, node, "the key must be there, or the `defaultdict` be made here")
        has = self.kept(Term(has, t.BOOL)).text
        if name in _ZEROS:
            zero = {"int": "0", "bool": "false", "str": "(Seq_empty() : Seq char)"}.get(name) or self.float_literal(0.0).text
        else:
            zero = self.materialised(Term(self.empty_content(own.value), own.value, content=True), node).text
        text = conditional(has, content, apply("Map_set", content, key, zero))
        heap = self.heap(self.sorts.heap(own), f"[Ref]{self.sorts.content(own)}")
        self.note_write(Part(heap, collection.text))
        self.writer.assign(heap, f"{heap}[{collection.text} := {text}]")
        kept = self.named(Term(apply("Map_get", self.content(collection), key), own.value))
        self.writer.assume(disjunction(negation(has), self.fact(kept)))
        return kept

    def _factory(self, name: str) -> str:
        return str([*_ZEROS, *_EMPTY].index(name))

    def _declare_factory(self) -> None:
        self.symbols.declarations["function " + _MAKES] = f"function {_MAKES}(r: Ref): int;"
