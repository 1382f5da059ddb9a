"""What cannot be lowered."""

from __future__ import annotations

import ast


class Unsupported(Exception):
    """A construct outside the language; `node` is where, if it is known here."""

    def __init__(self, construct: str, node: ast.AST | None = None) -> None:
        super().__init__(construct)
        self.construct = construct
        self.node = node
