"""What verbs of `probatum inspection` print: lines in which names that stand in manifests do nothing to a terminal."""

from __future__ import annotations

from collections.abc import Iterable

import click

from probatum.report.quoting import plain


def say(*lines: str) -> None:
    """Print lines, each as one: what would act in a terminal, or break a line, is shown instead."""
    click.echo("\n".join(map(plain, lines)))


def say_all(lines: Iterable[str]) -> None:
    """Print lines that are in a list."""
    say(*lines)
