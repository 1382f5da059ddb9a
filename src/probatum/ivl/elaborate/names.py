"""Names for what a theory declares: readable, unique, and none that SMT-LIB has already."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from probatum.ivl.types import Type

_SIMPLE: Final = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789~!$^&*_-+=<>.?/")
_BRACKETS: Final = str.maketrans({"[": "{", "]": "}", " ": ".", "(": "<", ")": ">", ",": "."})
_SORTS: Final = frozenset(
    {"Bool", "Int", "Real", "Array", "String", "RegLan", "RegEx", "Seq", "Set", "Bag", "List", "Pair", "Tuple", "UnitTuple"}
    | {"Relation", "FiniteSet", "Char", "Unicode", "BitVec", "FloatingPoint", "RoundingMode"}
    | {"Float16", "Float32", "Float64", "Float128"}
)


@dataclass(slots=True)
class Names:
    """Hands out each name once; a second one that would be equal gets a number after `!`."""

    _used: set[str] = field(default_factory=set)

    def unique(self, name: str) -> str:
        """Return the name, or the name with a number if it was given away before."""
        chosen, count = name, 1
        while chosen in self._used:
            count += 1
            chosen = f"{name}!{count}"
        self._used.add(chosen)
        return chosen

    def sort(self, name: str, arguments: Iterable[Type] = ()) -> str:
        """Return a name for a declared sort or datatype, which needs no quotes in SMT-LIB."""
        text = simple(instance(name, arguments))
        return self.unique(f"{text}!" if text in _SORTS else text)


def instance(name: str, arguments: Iterable[Type]) -> str:
    """Return the name of an instance: `Pair<int,bool>`."""
    parts = ",".join(str(argument) for argument in arguments)
    return f"{name}<{parts}>" if parts else name


def simple(name: str) -> str:
    """Return a simple symbol of SMT-LIB that looks like this name; different names may become equal."""
    text = "".join(c if c in _SIMPLE else "_" for c in name.translate(_BRACKETS).replace("{", "<").replace("}", ">"))
    return f"_{text}" if not text or text[0].isdigit() else text
