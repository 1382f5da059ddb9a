"""Bodies in text, for tests and for people who debug: names, commands and successors of blocks."""

from __future__ import annotations

from collections.abc import Sequence

from probatum.ivl.blocks import OLD, Block, Body, Check, Command, Forget, Invoke, Know, Reveal, Set
from probatum.ivl.terms import Term, shown


def body(of: Body) -> str:
    """Return a body with its blocks, one line per command."""
    if of.unsupported:
        return f"{of.name}: unsupported: {of.unsupported}"
    return f"{of.name}({_names(of.ins)}) returns ({_names(of.outs)}) var {_names(of.locals)}\n{blocks(of.blocks)}"


def blocks(of: Sequence[Block]) -> str:
    """Return blocks; the entry comes first."""
    return "\n".join(line for block in of for line in _block(block))


def command(of: Command) -> str:
    """Return a command in one line."""
    match of:
        case Check(term=term, label=label):
            unknown = "" if of.known_afterwards else " and forget"
            return f"check {label.claim.name.lower()} {_shown(term)}{unknown}"
        case Know(term=term):
            return f"know {_shown(term)}"
        case Set(variables=variables, values=values):
            return f"{_names(variables)} := {', '.join(_shown(value) for value in values)}"
        case Forget(variables=variables):
            return f"forget {_names(variables)}"
        case Invoke(procedure=procedure, arguments=arguments, results=results):
            arrow = f"{_names(results)} := " if results else ""
            return f"{arrow}call {procedure.name}({', '.join(_shown(one) for one in arguments)})"
        case Reveal(what=what, function=function):
            named = function if isinstance(function, tuple) else ()
            return " ".join([what, *(str(one.name) for one in named)])


def _block(of: Block) -> list[str]:
    return [f"{of.name}:", *(f"  {command(one)}" for one in of.commands), f"  {_leaving(of)}"]


def _leaving(of: Block) -> str:
    return f"goto {', '.join(of.successors)}" if of.successors else "return"


def _shown(term: Term) -> str:
    return shown(term).replace(OLD, "'")


def _names(variables: Sequence[Term]) -> str:
    return ", ".join(_shown(one) for one in variables)
