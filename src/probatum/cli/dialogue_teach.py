"""`probatum dialogue teach`: what users taught, and a lesson to try."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.dialogue_files import AS_JSON, SERVICE_THERE, say_unfinished
from probatum.cli.dialogue_pipelines import Named, pipeline

if TYPE_CHECKING:
    from probatum.dialogue.service.serving.personal import Personal
    from probatum.dialogue.service.serving.rewriter import Answer, Rewriter
    from probatum.dialogue.service.serving.teacher import Teaching

_KEY = click.option(
    "--key",
    "key_file",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The key of the conversations that were imported: users are known by their pseudonyms under it.",
)
_USER = click.option("--user", required=True, help="The user, as logs and the service name them.")


@click.group("teach")
def command() -> None:
    """Show and forget what a user taught, and try a lesson.

    Users teach the service in conversation, see `probatum dialogue serve`.
    """


@command.command("list")
@SERVICE_THERE
@_KEY
@_USER
@AS_JSON
def list_(service: Path, key_file: Path, user: str, as_json: bool) -> None:
    """List what a user taught, and what gave way to what."""
    people, own = _opened(service, key_file, user)
    taught = people.get(own).taught
    people.close()
    if as_json:
        click.echo(json.dumps(taught.to_json(), indent=2, ensure_ascii=False))
        return
    now = time.time()
    for one in taught.current:
        where = f"  only {', '.join(one.circumstances)}" if one.circumstances else ""
        whose = "  for the household" if one.reach == "household" else ""
        how = "" if one.grounded is not None else "  not checked"
        over = "" if one.holds(now) else "  expired"
        click.echo(f"{one.identifier}  {one.kind:11}  {one.phrase} -> {one.means}{where}{whose}{how}{over}")
    for past in taught.past:
        to = f", gave way to {past.to}" if past.to else ""
        click.echo(
            f"{past.preference.identifier}  no longer    {past.preference.phrase} -> {past.preference.means}  ({past.why}{to})"
        )
    click.echo(f"{len(taught.current)} hold, {len(taught.past)} did")


@command.command()
@SERVICE_THERE
@_KEY
@_USER
@click.argument("preference")
def show(service: Path, key_file: Path, user: str, preference: str) -> None:
    """Show PREFERENCE, an identifier that `list` tells, with what it was checked against, as JSON."""
    people, own = _opened(service, key_file, user)
    found = people.get(own).taught.to_json()
    people.close()
    for one in (*found["taught"], *found["past"]):
        if one["id"] == preference:
            click.echo(json.dumps(one, indent=2, ensure_ascii=False))
            return
    raise click.BadParameter(f"the user taught nothing that is called `{preference}`", param_hint="PREFERENCE")


@command.command()
@SERVICE_THERE
@_KEY
@_USER
@click.argument("preference", required=False)
@click.option("--about", default="", help="Forget all that contains these words.")
@click.option("--all", "every", is_flag=True, help="Forget all that the user taught.")
def forget(service: Path, key_file: Path, user: str, preference: str | None, about: str, every: bool) -> None:  # noqa: PLR0917 - click names them
    """Forget PREFERENCE, or what contains some words, or all that a user taught; habits from logs stay."""
    from probatum.dialogue.artefacts.utterance import normalised

    if sum([preference is not None, bool(about), every]) != 1:
        raise click.UsageError("name a preference, or say `--about WORDS` or `--all`")
    words = normalised(about)
    if about and not words:
        raise click.BadParameter(f"there are no words in `{about}`", param_hint="--about")
    people, own = _opened(service, key_file, user)
    many = int(people.unteach(own, preference)) if preference is not None else people.unteach_about(own, words)
    people.close()
    click.echo(f"{many} forgotten")
    if not many:
        click.echo("nothing was there: `probatum dialogue teach list` tells what is", err=True)


@command.command()
@SERVICE_THERE
@_KEY
@_USER
def export(service: Path, key_file: Path, user: str) -> None:
    """Write all that a user taught as JSON lines, for the user to take along."""
    people, own = _opened(service, key_file, user)
    found = people.get(own).taught.to_json()
    people.close()
    for one in found["taught"]:
        click.echo(json.dumps({"schema": "probatum-preference/1", **one}, ensure_ascii=False, sort_keys=True))


@command.command("try")
@click.option(
    "--script",
    type=click.File(encoding="utf-8"),
    default=None,
    help="File with a line for each thing that is said; by default from standard input.",
)
@click.option(
    "--teaching", "teaching_file", type=click.Path(path_type=Path, dir_okay=False, exists=True), help="Rules of teaching."
)
@pipeline
def try_(script: Iterable[str] | None, teaching_file: Path | None, named: Named) -> None:
    """Play a conversation in which something is taught, and store nothing beyond it.

    Each line is said by one user. A request that the assistant does not
    understand fails, and after the second failure it is asked what it means.
    A line `# room=kitchen` changes the context, `# +1d` lets a day go by, and an empty line is silence.
    """
    import tempfile
    from contextlib import closing

    from probatum.cli.dialogue_files import teacher_of, teaching_rules
    from probatum.dialogue.service.serving.personal import Personal
    from probatum.dialogue.service.serving.policies import Policies
    from probatum.dialogue.service.serving.rewriter import Rewriter

    rules = teaching_rules(teaching_file)
    if rules.catalogue is None and named.assistant() is None:
        raise click.UsageError("nothing could be checked: name an assistant, such as `--hassil`, or rules with a catalogue")
    with (
        tempfile.TemporaryDirectory(prefix="probatum-") as folder,
        closing(Personal(Path(folder) / "people.db")) as people,
        teacher_of(people, rules, named, None) as teacher,
    ):
        rewriter = Rewriter(Policies(Path(folder)), b"try", people, teacher)
        _play(rewriter, sys.stdin if script is None else script)
        rewriter.close()


def _play(rewriter: Rewriter, lines: Iterable[str]) -> None:
    from probatum.dialogue.service.serving.rewriter import Report, Request

    at, context, answering = 1_700_000_000.0, dict[str, str](), False
    for number, line in enumerate(lines):
        said = line.strip()
        at += 5
        if said.startswith("#"):
            name, _, value = said.lstrip("# ").partition("=")
            if name == "+1d":
                at += 86400
            elif name:
                context[name] = value
            continue
        click.echo(f"user       {said or '(silence)'}")
        if answering:
            taught = rewriter.lesson("user", said, at=at)
            answering = _told(taught)
            if taught.act:
                click.echo(f"acted on   {taught.act}")
            continue
        if not said:
            continue
        answer: Answer = rewriter.answer(Request(text=said, user="user", session=f"{number}", context=dict(context), at=at))
        if answer.teaching is not None:
            answering = _told(answer.teaching)
            continue
        understood = rewriter.taught_by().understood(answer.text)
        if answer.action == "rewrite":
            click.echo(f"taken for  {answer.text}")
        click.echo(f"acted on   {answer.text}" if understood else "assistant  (does not understand)")
        asked = rewriter.report(answer.turn, Report(well=understood is not None, session=f"{number} told", at=at + 1))
        answering = _told(asked) if asked is not None else False


def _told(taught: Teaching) -> bool:
    """Say what a lesson says; return whether what is said next belongs to it."""
    if taught.say:
        click.echo(f"assistant  {taught.say}")
    if taught.learnt is not None:
        own: dict[str, Any] = taught.learnt
        click.echo(f"stored     {own['id']}  {own['kind']}  {own['phrase']} -> {own['means']}")
    return taught.state in {"asked", "confirming"}


def _opened(service: Path, key_file: Path, user: str) -> tuple[Personal, str]:
    from probatum.dialogue.artefacts.store import key_of
    from probatum.dialogue.artefacts.tables import pseudonym
    from probatum.dialogue.service.serving.personal import PATIENCE_S, Personal
    from probatum.errors import UnreadableArtefact
    from probatum.source import Location

    say_unfinished(service)
    place = service / "people.db"
    if not place.is_file():
        raise UnreadableArtefact(
            f"`{place}` is not there: nobody taught anything there",
            help="name the folder of the service with `--service`",
            location=Location(place.as_posix()),
        )
    own = pseudonym(user, key_of(key_file), "user")
    if own is None:
        raise click.BadParameter(f"`{user}` is nobody's name", param_hint="--user")
    return Personal(place, PATIENCE_S), own
