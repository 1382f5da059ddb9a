"""Decisions about people: which groups they treat differently, by how much at least, and why.

A policy (`artefacts`) says what a table of decisions must keep: which quantity
may differ between which groups, and how much. `semantics` counts the table once
and says what each quantity is for one table of counts. `model` bounds what these
say about everyone who could have been decided on. `recheck` counts again, by
other means, and never looks at `model`.

Start reading at `rules/group_gap.py`. Programs record how they decide with `record` and `step`.
"""

from __future__ import annotations

import importlib

_home = {"record": "service.record", "step": "service.record"}


def __getattr__(name: str) -> object:
    if name not in _home:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_home[name]}"), name)
