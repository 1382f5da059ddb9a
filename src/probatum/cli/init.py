"""`probatum init`: a configuration in which every option is explained and none is changed."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from probatum.cli import asked, delivery
from probatum.errors import UsageError


@click.command("init")
@asked.root_argument
@click.option("--force", is_flag=True, help="Replace a configuration that is there.")
@click.option("--print", "printed", is_flag=True, help="Print it instead of writing a file.")
def command(*, root: Path, force: bool, printed: bool) -> int:
    """Write PATH/probatum.toml with every option explained, all at their defaults."""
    text = configuration()
    if printed:
        delivery.say(text)
        return 0
    if not root.is_dir():
        raise UsageError(f"`{root}` is not a directory", help="name the directory that holds your project")
    file = root / "probatum.toml"
    if file.exists() and not force:
        raise UsageError(f"`{file}` is there already", help="`--force` replaces it; `--print` shows what would be written")
    try:
        delivery.write_file(file, text.encode())
    except OSError as error:
        raise UsageError(
            f"cannot write `{file}`: {(error.strerror or str(error)).lower()}", help="write it where you may"
        ) from None
    delivery.say(f"{file} written; every line in it is a comment until you change it   next: probatum check {root}\n")
    return 0


def configuration() -> str:
    """Return the commented configuration."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    from probatum.project.options import options_of, tables

    yield "# What probatum checks here, and how. Remove the `#` before an option to set it."
    for table in tables():
        yield ""
        yield f"[{table}]"
        for option in options_of(table):
            words = option.help + (f" One of {', '.join(option.choices)}." if option.choices else "")
            yield ""
            yield from textwrap.wrap(words, 100, initial_indent="# ", subsequent_indent="# ")
            if option.default:
                yield f"#{option.name} = {_toml(option.default)}"
            else:  # an empty default shows nothing of the shape
                yield f"#{option.name} = {option.example}  # an example; default: {_toml(option.default)}"


def _toml(value: Any) -> str:
    """Return a value as TOML; JSON is the same for texts, numbers, truth values and lists of them."""
    return json.dumps(value, ensure_ascii=False)
