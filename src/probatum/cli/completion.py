"""`probatum completion`: a script that completes commands and options in a shell."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from probatum.cli import delivery, program


@click.command("completion")
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def command(*, shell: str) -> int:
    """Print a script that completes commands and options.

    bash: `probatum completion bash > ~/.local/share/bash-completion/completions/probatum`;
    zsh: into a directory of `$fpath`, as `_probatum`;
    fish: `probatum completion fish > ~/.config/fish/completions/probatum.fish`.
    """
    kind = get_completion_class(shell)
    assert kind is not None  # noqa: S101 - click has all three
    delivery.say(kind(program, {}, "probatum", "_PROBATUM_COMPLETE").source() + "\n")
    return 0
