"""Renderings of one `Report`: text, JSON, SARIF, JUnit, workflow commands, HTML.

A rendering is a function from values to a string. It reads no clock and no
environment, decides nothing and hides nothing that it does not count. What it
quotes was written by strangers: every rendering makes it harmless in its own
medium (`quoting.plain` for terminals, text nodes for HTML, escapes elsewhere).

Start reading at `text.py`; `html.py` is the one that people look at longest.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import field
from json import loads  # the name of the module is taken here by our rendering
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import UsageError
from probatum.records import dataclass

if TYPE_CHECKING:  # naming the formats must not cost what a report costs
    from probatum.findings import Report

# Name -> one line for `--help`. One module of the same name each.
FORMATS: Mapping[str, str] = {
    "text": "for people at a terminal",
    "json": "everything, in the published schema; what `recheck` reads",
    "sarif": "SARIF 2.1.0, for code scanning and editors",
    "junit": "JUnit XML, for dashboards of tests",
    "github": "workflow commands, for annotations on a pull request",
    "html": "one self-contained page, for people who read at leisure",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How to show a report; nothing here changes what it says.

    Attributes
    ----------
    color : bool
        Whether escape sequences for colour are welcome.
    verbose : bool
        List what is otherwise only counted: cleared outcomes, all undecided ones.
    quiet : bool
        Only the last line, where the format has one.
    hidden : bool
        List findings that the baseline or a suppression hides.
    texts : mapping of str to str
        Path -> decoded content, of files whose digest is still the checked one.
    docs : mapping of str to str
        Rule -> its docstring.
    written : tuple of str
        Files that were written besides, for the last line.
    named : str
        What was checked, as the reader named it; empty for the current directory.
        Commands that are suggested repeat it, so that they can be copied.
    """

    color: bool = False
    verbose: bool = False
    quiet: bool = False
    hidden: bool = False
    texts: Mapping[str, str] = field(default_factory=dict)
    docs: Mapping[str, str] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    named: str = ""


def render(
    report: Report,
    format: str,  # noqa: A002 - what users call it
    *,
    root: Path | None = None,
    color: bool = False,
    verbose: bool = False,
    quiet: bool = False,
    hidden: bool = False,
    docs: Mapping[str, str] | None = None,
    written: tuple[str, ...] = (),
    named: str = "",
) -> str:
    """Return the report in one of `FORMATS`, ending in a newline.

    With `root`, source lines and repairs are quoted from the files below it, as
    far as their content is still the one that was checked.

    Raises
    ------
    UsageError
        If there is no such format.
    """
    if format not in FORMATS:
        raise UsageError(f"`{format}` is not a format of reports", help=f"use one of {', '.join(FORMATS)}")
    texts: Mapping[str, str] = {}
    if root is not None and format in ("html", "sarif"):
        from probatum.report import excerpts

        texts = excerpts.read(report, root)
    look = Look(
        color=color,
        verbose=verbose,
        quiet=quiet,
        hidden=hidden,
        texts=texts,
        docs=docs if docs is not None else {},
        written=written,
        named=named,
    )
    module = importlib.import_module(f"{__name__}.{format}")
    write: Callable[[Report, Look], str] = module.render
    return write(report, look)


def schema() -> dict[str, Any]:
    """Return the published JSON Schema (draft 2020-12) of the JSON rendering."""
    text = (Path(__file__).parent / "schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = loads(text)
    return loaded
