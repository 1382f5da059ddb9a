"""The Boogie verification language: programs with assertions, and whether all of them hold for all inputs.

A text becomes a tree (`syntax`), the tree is resolved and typed (`checking`),
types and procedures become ground (`elaborate`: a `Theory` and a `Module` of
blocks over shared `terms`), calls and loops go (`calls`, `unrolling`, `loops`),
and what is left becomes one question to solvers per assertion (`conditions`).
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from probatum.ivl.options import Options
    from probatum.ivl.outcomes import BodyResult, Outcome, StaticError, Trace, Verdict, Verification
    from probatum.ivl.verification import bodies, compile_text, verify

__all__ = [
    "BodyResult",
    "Options",
    "Outcome",
    "StaticError",
    "Trace",
    "Verdict",
    "Verification",
    "bodies",
    "compile_text",
    "verify",
]

# Name -> where it is: who only parses loads no solver.
_homes = dict.fromkeys(("bodies", "compile_text", "verify"), "verification") | {"Options": "options"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module `probatum.ivl` has no attribute `{name}`")
    return getattr(importlib.import_module(f"probatum.ivl.{_homes.get(name, 'outcomes')}"), name)
