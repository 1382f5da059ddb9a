"""`probatum dialogue label`: labels of turns that nobody wrote, from what their users did next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.delivery import put
from probatum.cli.dialogue_files import (
    CONVERSATIONS,
    FILE,
    TO,
    json_lines,
    keep_unchanged,
    privacy_of,
    read,
    thresholds,
    to,
    words_by,
)

if TYPE_CHECKING:
    from probatum.dialogue.artefacts.audited import Audited
    from probatum.dialogue.semantics.conversations import Conversations
    from probatum.dialogue.semantics.rephrases import Detector


@click.group("label")
def command() -> None:
    """Label turns of imported conversations by models, each with its probability and what it is from."""


@command.command()
@CONVERSATIONS
@words_by("--detector", "What tells rephrases")
@click.option("--at-least", type=click.FloatRange(0, 1), help="Probability; by default that of the detector's best F1.")
@TO
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
    from probatum.dialogue.service.made import note

    name = detector if detector != "auto" else "letters" if missing() else "minilm"
    used = detector_named(name)
    if name != "minilm" and missing():
        click.echo(f"note: rephrases are told by letters and sounds, as {missing()}", err=True)
    keep_unchanged(conversations)
    with stored(conversations) as opened:
        lines = _lines(opened, used, used.head.threshold if at_least is None else at_least)
    text = json_lines(lines)
    if path is None:
        click.echo(text, nl=False)
        return
    put(path, text)
    note(conversations, "rephrases", path)
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


MODEL = click.option("--model", "model_file", required=True, type=FILE, help="As `fit` wrote it.")


@command.command()
@CONVERSATIONS
@to("the model")
@click.option(
    "--kind",
    type=click.Choice(("auto", "network", "logistic")),
    default="auto",
    show_default=True,
    help="A Transformer, which torch fits, or regressions; by default the first if torch is installed.",
)
@words_by("--vectors", "How it compares words")
@click.option("--seed", default=0, show_default=True)
@click.option(
    "--pretraining",
    default=0,
    show_default=True,
    type=click.IntRange(0, 100),
    help="Passes in which a network first learns to tell dialogues from corrupted ones: not shown to help.",
)
def fit(  # noqa: PLR0917 - click names them
    conversations: Path, path: Path, kind: str, vectors: str, seed: int, pretraining: int
) -> None:
    """Fit a model of how turns went and what was meant, to half of the users.

    It learns from what the log tells of itself, without a label that anybody wrote;
    where the log has slots, also which words say them.
    It is as private as the logs are.
    """
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.semantics.dialogue_file import digest_of, model_bytes
    from probatum.dialogue.service.labelling import choose_vectors
    from probatum.dialogue.service.labelling import fit as fit_model
    from probatum.dialogue.service.made import note

    keep_unchanged(conversations)
    with stored(conversations) as opened:
        model = fit_model(
            opened,
            vectors=choose_vectors(opened, vectors),
            network=None if kind == "auto" else kind == "network",
            seed=seed,
            pretraining=pretraining,
        )
    put(path, model_bytes(model))
    note(conversations, "dialogue model", path, model=digest_of(model))
    click.echo(f"{path}: a {model.kind} model {digest_of(model)}, fitted to {model.card['turns']:,} turns of half of the users")
    if model.slots is not None:
        click.echo(f"it reads {len(model.slots.verbatim):,} slots in words")


@command.command()
@CONVERSATIONS
@MODEL
@click.option("--audit", type=FILE, help="JSON lines or CSV: what people say who checked turns.")
@click.option(
    "--precision", default=0.95, show_default=True, type=click.FloatRange(0.5, 0.999), help="Of what is released, at least."
)
@click.option(
    "--confidence",
    default=0.95,
    show_default=True,
    type=click.FloatRange(0.5, 0.999),
    help="With which that is shown, for each task.",
)
@click.option("--all", "every", is_flag=True, help="Write labels that are not released as well.")
@to("the labels")
def turns(  # noqa: PLR0917 - click names them
    conversations: Path, model_file: Path, audit: Path | None, precision: float, confidence: float, every: bool, path: Path
) -> None:
    """Label the turns of users that a model was not fitted to.

    Labels say how a turn went, what was meant, whether a goal began, what failed,
    and, where the log has slots, which of them its words say, all or none right.

    Released are labels of a probability whose precision is shown by turns that
    somebody checked; where nobody did, by what users said about turns by
    themselves. Too few of these release nothing, and it is said how many are
    needed.
    """
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.semantics.dialogue_file import digest_of, read_model
    from probatum.dialogue.service.labelling import label, table
    from probatum.dialogue.service.made import CHECKED, note, refuse_stale

    keep_unchanged(conversations)
    model = read_model(model_file)
    refuse_stale(conversations, digest_of(model))
    known = _audit(audit)
    if audit is not None:
        note(conversations, CHECKED, audit)
    with stored(conversations) as opened:
        try:
            done = label(opened, model, known, precision=precision, confidence=confidence)
        except ValueError as problem:
            raise click.BadParameter(f"{problem}", param_hint="--audit") from None
    lines = table(done, model, every=every)
    put(path, json_lines(lines))
    note(conversations, "labels", path, model=digest_of(model))
    click.echo(f"{path}: {len(lines) - 1:,} labels of {done.judged:,} turns, of {done.turns:,} in the log")
    for task, own in lines[0]["tasks"].items():
        if own["refused"]:
            click.echo(f"{task}: none released, as {own['refused']}")
        else:
            click.echo(
                f"{task}: {own['released_per_1000_turns']:.0f} of 1,000 turns, from p = {own['threshold']:.3f}: right for at least "
                f"{precision:.0%} of users ({confidence:.0%} sure; {own['right_at_threshold']} of {own['users_at_threshold']} checked)"
            )
        calibration = done.reliabilities[task]
        if calibration.labels:
            click.echo(f"  {calibration.told}")
            click.echo(f"  right of those checked, by p: {calibration.line}")
        for assumption in own["assumptions"][2:]:
            click.echo(f"  assumes that {assumption}" if assumption.startswith("turns") else f"  {assumption}")
    if done.aside:
        click.echo(
            f"{done.aside:,} checked turns do not count: the model was fitted to their users, or they are not in these conversations"
        )


@command.command()
@CONVERSATIONS
@MODEL
@click.option("--budget", default=200, show_default=True, type=click.IntRange(1), help="How many turns, on average.")
@click.option("--seed", default="0", show_default=True, help="The same seed draws the same turns.")
@click.option("--alike", is_flag=True, help="Draw all turns with the same probability: what thresholds are best shown by.")
@to("the turns")
def ask(  # noqa: PLR0917 - click names them
    conversations: Path, model_file: Path, budget: int, seed: str, alike: bool, path: Path
) -> None:
    """Draw turns to ask somebody about, with the probability of each.

    Those are likelier about which it is open how they went, about which signs
    disagree, and whose request is frequent; but every turn can be drawn. What
    people answer goes into the same lines, for `label turns --audit`.
    """
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.semantics.dialogue_file import digest_of, read_model
    from probatum.dialogue.service.labelling import to_ask
    from probatum.dialogue.service.made import CHECKED, note, refuse_stale

    keep_unchanged(conversations)
    model = read_model(model_file)
    refuse_stale(conversations, digest_of(model))
    with stored(conversations) as opened:
        drawn = to_ask(opened, model, budget=budget, seed=seed, floor=1.0 if alike else None)
        places = {row["turn_id"]: row for row in opened.sql("select turn_id, source, line from {turns}")}
    rows = [
        {"turn": one.turn, "chance": one.chance, "source": places[one.turn]["source"], "line": places[one.turn]["line"]}
        for one in drawn
    ]
    put(path, json_lines(rows))
    note(conversations, CHECKED, path)
    click.echo(f"{path}: {len(rows):,} turns of {len({one.user for one in drawn}):,} users to ask about")


@command.command()
@click.argument("labels", type=FILE)
@CONVERSATIONS
@click.option("--format", "named", default="jsonl", show_default=True, help="rasa, jsonl, csv or home-assistant.")
@thresholds
@TO
def export(  # noqa: PLR0917 - click names them
    labels: Path, conversations: Path, named: str, users: int, households: int, path: Path | None
) -> None:
    """Write what was meant, of LABELS that were released, as training data.

    Requests of which only the slots are known have no intent: `jsonl` and `csv`
    take them, the other formats do not.

    Texts and values that fewer users said stay out. With `--users 1
    --households 1` all are in: that is for the assistant of one site, and not to
    be shared.
    """
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.service.made import note, refuse_stale
    from probatum.dialogue.service.training_data import FORMATS, examples, read_labels, with_intent

    if named not in FORMATS:
        known = "; ".join(f"{name}: {what}" for name, (what, _) in FORMATS.items())
        raise click.BadParameter(f"there is no `{named}`; {known}", param_hint="--format")
    keep_unchanged(conversations)
    head, rows = read_labels(read(labels), labels.as_posix())
    made_by = str(head.get("model", ""))
    refuse_stale(conversations, made_by)
    with stored(conversations) as opened:
        found = examples(opened, rows, privacy_of(users, households))
    text = FORMATS[named][1](found.kept)
    if path is None:
        click.echo(text, nl=False)
    else:
        put(path, text)
        note(conversations, "training data", path, model=made_by)
    click.echo(
        f"{len(found.kept):,} examples; {found.private:,} labels stay out, as too few users said what they are about", err=True
    )
    if bare := len(found.kept) - len(with_intent(found.kept)):
        click.echo(f"{bare:,} examples have slots and no intent: `rasa` and `home-assistant` leave them out", err=True)
    if found.gone:
        click.echo(f"{found.gone:,} labels are of turns that are not in these conversations", err=True)


def _audit(path: Path | None) -> dict[str, Audited]:
    from probatum.dialogue.artefacts.audited import read_audit

    return {} if path is None else read_audit(read(path), path.as_posix())
