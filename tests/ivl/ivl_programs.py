"""Programs in text, elaborated: for tests of blocks, calls and inlining."""

from __future__ import annotations

from dataclasses import dataclass
from textwrap import dedent

from probatum.ivl import showing
from probatum.ivl.blocks import Block, Body, Module, Routine
from probatum.ivl.calls import closed, expand
from probatum.ivl.checking import check
from probatum.ivl.elaborate import elaborate
from probatum.ivl.inlining import inline
from probatum.ivl.options import Options
from probatum.ivl.syntax.parser import parse
from probatum.ivl.terms import Bank
from probatum.ivl.theory import Theory
from probatum.ivl.unrolling import unroll


@dataclass(frozen=True)
class Made:
    """An elaborated program."""

    theory: Theory
    module: Module
    options: Options

    @property
    def bank(self) -> Bank:
        return self.theory.bank

    def body(self, name: str) -> Body:
        [found] = [body for body in self.module.bodies if body.name == name]
        return found

    def routine(self, name: str) -> Routine:
        [found] = [routine for routine in self.module.routines if routine.name == name]
        return found

    def block(self, body: str, name: str) -> Block:
        [found] = [block for block in self.body(body).blocks if block.name == name]
        return found

    def shown(self, name: str) -> str:
        return showing.blocks(self.body(name).blocks)

    def expanded(self, name: str) -> str:
        return showing.blocks(expand(self.body(name), self.module, self.bank, self.options).blocks)

    def closed(self, name: str) -> Body:
        return closed(self.body(name), self.module, self.bank, self.options)

    def inlined(self, name: str, depth: int = -1) -> Body:
        return inline(self.body(name), self.module, self.bank, self.options, depth=depth)

    def unrolled(self, name: str, times: int, *, sound: bool = False) -> Body:
        return unroll(self.body(name), self.bank, times, sound=sound)


def made(text: str, options: Options | None = None) -> Made:
    """Return an elaborated program; the text must be free of errors."""
    text = dedent(text)
    program, errors = parse(text, "t.bpl")
    assert not errors, errors
    errors = check(program)
    assert not errors, errors
    options = options or Options()
    theory, module = elaborate(program, options)
    return Made(theory, module, options)


def lines(text: str) -> str:
    """Return a text without the indentation that it has in a test."""
    return dedent(text).strip("\n")
