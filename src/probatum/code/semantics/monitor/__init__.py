"""What instrumented code calls while it runs: contracts, loops, steps, and how a run ended.

Runs in the child process, on the standard library alone. One run at a time:
`state` holds what it may still do, and how it ended. The first thing that ends a
run counts, whatever the code does with the exception that stops it.

The parts name each other by their places in this folder: in the child, it has
another name, and no other part of this package is beside it.
"""

from __future__ import annotations

from copy import deepcopy

from .activations import entry, fresh, olds, refs
from .bodies import Loop, assume, check, failed
from .calls import function
from .classes import class_
from .heap import each_of, everything
from .logic import Multiset, Sequence_, Set_, exists, forall, implies, let, same, seen, separate
from .places import described, origin, ours, tick
from .progress import NotExecutable, Stop, begin, bodiless, clauses, columns, end, functions, paths, state, wrappers
from .values import at_entry, object_at_entry, show

__all__ = [
    "Loop",
    "Multiset",
    "NotExecutable",
    "Sequence_",
    "Set_",
    "Stop",
    "assume",
    "at_entry",
    "begin",
    "bodiless",
    "check",
    "class_",
    "clauses",
    "columns",
    "deepcopy",
    "described",
    "each_of",
    "end",
    "entry",
    "everything",
    "exists",
    "failed",
    "forall",
    "fresh",
    "function",
    "functions",
    "implies",
    "let",
    "object_at_entry",
    "olds",
    "origin",
    "ours",
    "paths",
    "refs",
    "same",
    "seen",
    "separate",
    "show",
    "state",
    "tick",
    "wrappers",
]
