"""From text to tree.

The parser looks one token ahead and is a chain of classes, each of which reads
what is made of what those before it read: `cursor`, `types`, `expressions`,
`commands`, `bodies`, `procedures`, `concurrency`, `declarations`. Methods that
read something are named after it.

Nesting is limited (`walk.MAXIMUM_NESTING`); chains are not. A chain is what needs
no bracket to go on: `a && b && c`, `a ==> b ==> c`, `!!!a`, `m[i][j]`,
`if a then b else if c then d else e`, and the `else if` of statements. Chains
make deep trees, so what works on trees uses `walk`, or a loop along the chain.
"""

from __future__ import annotations

import gc

from probatum.ivl.outcomes import StaticError
from probatum.ivl.syntax import tokens, tree, walk
from probatum.ivl.syntax.parser.declarations import DeclarationParser


def parse(text: str, file: str, *, defines: frozenset[str] = frozenset()) -> tuple[tree.Program, list[StaticError]]:
    """Parse one text.

    Parameters
    ----------
    text : str
    file : str
        The name for positions.
    defines : frozenset of str
        The names that hold in `#if NAME`.

    Returns
    -------
    Program
        If there are errors it lacks what they are about and is good for nothing but messages.
    list of StaticError
        In the order of their detection, as Boogie reports them. Their phase is `parse`, or
        `resolution` for bit-vector bounds at a place that has none.
    """
    walk.make_room()
    # Nothing that is made here becomes garbage before the end, and looking for some takes longer than parsing.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return DeclarationParser(tokens.tokenise(text, file, defines=defines)).program()
    finally:
        if collecting:
            gc.enable()
