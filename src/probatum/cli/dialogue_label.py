"""`probatum dialogue label`: labels of turns that nobody wrote, from what their users did next."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.dialogue_files import CONVERSATIONS

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.dialogue.semantics.rephrases import Detector


@click.group("label")
def command() -> None:
    """Label turns of imported conversations by models, each with its probability and what it is from."""


@command.command()
@CONVERSATIONS
@click.option(
    "--detector",
    type=click.Choice(("auto", "minilm", "letters")),
    default="auto",
    show_default=True,
    help="What tells rephrases: by meaning, with the weights of a package, or by letters and sounds.",
)
@click.option("--at-least", type=click.FloatRange(0, 1), help="Probability; by default that of the detector's best F1.")
@click.option("--to", "path", type=click.Path(path_type=Path, dir_okay=False), help="Write here instead of standard output.")
def rephrases(conversations: Path, detector: str, at_least: float | None, path: Path | None) -> None:
    """Write which later turn says the request of a turn again, as JSON lines.

    The first line says which detector it was, and what it was fitted to. Turns are
    named by `turn_id`; texts are not written. Probabilities are those of
    the windows that the detector was fitted to, not of these logs: audit some
    before they are used as labels.
    """
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.semantics.rephrases import detector as detector_named
    from probatum.dialogue.semantics.rephrases import missing

    name = detector if detector != "auto" else "letters" if missing() else "minilm"
    used = detector_named(name)
    if name != "minilm" and missing():
        click.echo(f"note: rephrases are told by letters and sounds, as {missing()}", err=True)
    with stored(conversations) as opened:
        lines = _lines(opened, used, used.head.threshold if at_least is None else at_least)
    text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
    if path is None:
        click.echo(text, nl=False)
        return
    path.write_text(text, encoding="utf-8")
    click.echo(f"{path}: {lines[0]['rephrases']:,} rephrases in {lines[0]['turns']:,} turns, by `{used.name}`")


def _lines(conversations: Conversations, used: Detector, at_least: float) -> list[dict[str, Any]]:
    from probatum.dialogue.artefacts.policy import SessionRule
    from probatum.dialogue.model.requests import window
    from probatum.dialogue.semantics.rephrased import rephrased

    rule = SessionRule()
    window_s = window(conversations, rule)
    found = [
        {"turn": one.turn, "rephrased_by": one.later, "p": round(one.probability, 4)}
        for one in rephrased(conversations, used, gap_s=rule.gap_s, window_s=window_s, at_least=at_least)
    ]
    [counted] = conversations.sql("select count(*) as turns from {turns}")
    head = {
        "schema": "probatum-dialogue-rephrases/1",
        "detector": used.name,
        "head": used.digest,
        "vectors": used.vectors.digest,
        "at_least": at_least,
        "window_s": window_s,
        "turns": counted["turns"],
        "rephrases": len(found),
        "card": dict(used.head.card),
    }
    return [head, *found]
