"""Which sort of the Boogie language stands for a Python type, and how names are made.

Values are their own sort; what Python shares by reference is a `Ref`, and what
it holds is in a map (`heap`): one for each sort of content, so that objects of
different types need no proof that they are different.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from probatum.lower import families
from probatum.lower.unsupported import Unsupported
from probatum.python import types as t
from probatum.python.program import Class, Program

_PLAIN = {
    "int": "int",
    "bool": "bool",
    "float": "float53e11",
    "str": "(Seq char)",
    "bytes": "(Seq byte)",
    "None": "Unit",
    "bytearray": "Ref",
    "object": "Any",
    "unknown": "Any",
    "never": "Unit",
}
_MATCHING = {"re.Pattern": "Pattern", "re.Match": "Match"}  # those for strings; those for bytes are not known
_SHARED = {"list", "set", "deque", "sequence", "iterable", "iterator", "view"}


def mangled(text: str) -> str:
    """Return a name that Boogie accepts, different for different texts."""
    return re.sub(r"[^A-Za-z0-9_.]", lambda m: f"#{ord(m[0]):x}#" if m[0] not in " ()," else "'", text)


@dataclass(slots=True)
class Sorts:
    """Sorts of one program, and which declarations they need.

    Attributes
    ----------
    program : Program
    tuples : set of int
        Numbers of items of the tuples that occur.
    values : dict of str to Class
        Classes whose instances are values (frozen dataclasses, enums), by qualified name.
    """

    program: Program
    tuples: set[int] = field(default_factory=set)
    values: dict[str, Class] = field(default_factory=dict)
    variables: set[str] = field(default_factory=set)
    bounded: set[str] = field(default_factory=set)  # those of them whose values are of a bound, and are compared as such
    optional: bool = False
    derived: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def of(self, type_: t.Type) -> str:
        """Return the sort of a type.

        Raises
        ------
        Unsupported
            If there is none.
        """
        match type_:
            case t.Plain(name=name):
                return _PLAIN[name]
            case t.Ranged():
                return "int"
            case t.Tuple(items=items):
                self.tuples.add(len(items))
                return f"(Tuple_{len(items)} {' '.join(map(self.of, items))})" if items else "Tuple_0"
            case t.Collection(kind="tuple" | "pseq", item=item):
                return f"(Seq {self.of(item)})"
            case t.Collection(kind="range"):
                return "(Seq int)"
            case t.Collection(kind="frozenset" | "pset", item=item):
                return f"(Set {self.of(item)})"
            case t.Collection(kind="pmultiset", item=item):
                return f"([{self.of(item)}]int)"
            case t.Collection() | t.Mapping():
                return "Ref"
            case t.Instance():
                return self._of_instance(type_)
            case t.ClassObject():
                return "Class"
            case t.Union(options=options):
                return self._of_union(options)
            case t.Variable(name=name, bound=bound):
                if bound is not None and self.of(bound) == "Ref":
                    return "Ref"
                self.variables.add(name)
                if bound is not None:
                    self.bounded.add(mangled(name))
                return f"T'{mangled(name)}"
            case _:
                raise Unsupported(f"values of type `{type_}`")

    def content(self, type_: t.Type) -> str:
        """Return the sort of what an object of a type with shared content holds."""
        match type_:
            case t.Plain(name="bytearray"):
                return "(Seq byte)"
            case t.Collection(kind="set", item=item):
                return f"(Set {self.of(item)})"
            case t.Collection(item=item):
                return f"(Seq {self.of(item)})"
            case t.Mapping(key=key, value=value):
                return f"(Map {self.of(key)} {self.of(value)})"
            case _:
                raise Unsupported(f"the content of a `{type_}`")

    def heap(self, type_: t.Type) -> str:
        """Return the name of the map from objects of a type to what they hold."""
        return "H'" + mangled(self.content(type_).strip("()"))

    def shared(self, type_: t.Type) -> bool:
        """Whether values are references to something that can change (or be compared by content), in a map of `heap`."""
        return (isinstance(type_, t.Collection) and type_.kind in _SHARED) or isinstance(type_, t.Mapping) or type_ == t.BYTEARRAY

    def value_class(self, type_: t.Type) -> Class | None:
        """Return the class of a type whose instances are values: enums, and frozen dataclasses that stand alone.

        Those with type variables hold values of different sorts, and are objects.
        """
        if not isinstance(type_, t.Instance):
            return None
        own = self.program.class_(type_.name)
        if own is None:
            return None
        if own.kind == "enum" and any(b in ("enum.Flag", "enum.IntFlag") for b in own.bases):
            raise Unsupported(f"the flags `{own.name}`, whose members can be combined")
        alone = not own.type_variables and not self.derived.get(own.qualified) and self._stands_alone(own)
        return own if own.kind == "enum" or (own.kind == "frozen" and alone) else None

    def _stands_alone(self, class_: Class) -> bool:
        """Whether no class of the program is above one, so that all it has is its own."""
        return not any(self.program.class_(base) is not None for base in class_.bases)

    def _of_instance(self, type_: t.Instance) -> str:
        if type_.arguments == (t.STR,) and type_.name in _MATCHING:
            return _MATCHING[type_.name]
        known = self.program.class_(type_.name)
        for one in known.problems if known is not None else ():
            if one.unsupported and one.function in ("", type_.name):
                raise Unsupported(f"the class `{type_.name.rpartition('.')[2]}`, because of {one.message}")
        if known is not None and (assigned := families.special_patched(self.program, known.qualified)):
            raise Unsupported(f"the class `{known.name}`, because code assigns its `{assigned}`")
        own = self.value_class(type_)
        if own is not None:
            self.values[own.qualified] = own
            return f"V'{mangled(own.qualified)}"
        if known is not None and known.kind == "intenum":
            if own_rules := sorted(name for name in known.methods if name.startswith("__") and name not in TEXTS):
                raise Unsupported(f"the `IntEnum` `{known.name}`, which has a rule of its own: `{own_rules[0]}`")
            return "int"
        return "Ref"

    def _of_union(self, options: Iterable[t.Type]) -> str:
        some = [o for o in options if o != t.NONE]
        sorts = {self.of(o) for o in some}
        if sorts == {"Ref"}:
            return "Ref"
        if len(some) == 1:
            self.optional = True
            return f"(Option {sorts.pop()})"
        if set(some) <= {t.INT, t.BOOL} and t.NONE not in options:
            return "int"  # True is 1
        return "Any"


TEXTS = frozenset({"__str__", "__repr__", "__format__"})
"""Methods that say which text a member of an enumeration has; as a number it is what it is."""


def is_reference(sort: str) -> bool:
    """Whether None is the null reference in a sort."""
    return sort == "Ref"
