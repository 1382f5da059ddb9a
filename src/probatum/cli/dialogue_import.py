"""`probatum dialogue import`: logs of any format to one folder of tables."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.dialogue_files import read
from probatum.errors import UsageError
from probatum.report.words import count
from probatum.source import Source

if TYPE_CHECKING:
    from collections.abc import Mapping

    from probatum.dialogue.artefacts.importers import Importer
    from probatum.dialogue.artefacts.intake import Intake
    from probatum.dialogue.semantics.coverage import Coverage

_locale = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8})*")  # `en_GB` too, as systems write it


@click.command("import")
@click.argument("logs", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--to",
    "folder",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for the tables; made if need be.",
)
@click.option(
    "--format", "named", default="auto", show_default=True, help="How the logs are read; an unknown one lists those there are."
)
@click.option(
    "--mapping", type=click.Path(path_type=Path, dir_okay=False), help="YAML or JSON: field of a turn -> column, or path of keys."
)
@click.option("--locale", default="", help="BCP 47, of turns that do not say theirs.")
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File with the key of pseudonyms; made if need be. By default beside the folder, FOLDER.key.",
)
@click.option("--json", "as_json", is_flag=True, help="Write what was found as JSON.")
def command(  # noqa: PLR0917 - click names them
    logs: tuple[Path, ...], folder: Path, named: str, mapping: Path | None, locale: str, key_file: Path | None, as_json: bool
) -> None:
    """Read LOGS into one folder of tables, and say what they can support.

    Users, devices and conversations become pseudonyms under a key. Lines that
    cannot be read are kept apart with their reasons, and a log that was
    imported before is not imported again. Exit status: 2 also if nothing of a
    log could be read, whatever of others was.
    """
    from probatum.dialogue.artefacts.importers.formats import IMPORTERS
    from probatum.dialogue.artefacts.intake import LogFile
    from probatum.dialogue.artefacts.store import import_logs, key_of
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.semantics.coverage import coverage

    importer = _importer(named, mapping)
    key = key_of(key_file or folder.with_name(f"{folder.name}.key"))
    if locale and not _locale.fullmatch(locale):
        raise UsageError(f"`{locale}` is no locale", help="give a language tag of BCP 47, such as `en`, `en-GB` or `zh-Hant-TW`")
    files = [LogFile(path.as_posix(), path, importer, locale) for path in logs]
    held, there = import_logs(files, folder, IMPORTERS, key=key)
    with stored(folder) as conversations:
        found = coverage(conversations)
    if as_json:
        click.echo(json.dumps(_said(held.intake, there, found), indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(held.intake, there, found)))
    fresh = held.intake.logs[len(held.intake.logs) - len(files) + len(there) :]  # the last, after those of earlier imports
    nothing = [log.path for log in fresh if log.unread and not log.events + log.unknown]
    if nothing:
        raise UsageError(
            f"nothing of `{nothing[0]}` could be read" + (f", nor of {len(nothing) - 1:,} more logs" if nothing[1:] else ""),
            help="see why above; import it again with the right `--format` or `--mapping`, or write it again in UTF-8",
        )


def _importer(named: str, mapping: Path | None) -> Importer | None:
    from probatum.dialogue.artefacts.importers.formats import importer_of
    from probatum.dialogue.artefacts.importers.notation import Notation
    from probatum.dialogue.artefacts.mapping import read_mapping

    fields: Mapping[str, str] = {}
    notation = Notation()
    if mapping is not None:
        raw = read(mapping, help="name a file with lines such as `text: utterance`")
        fields, notation = read_mapping(Source(mapping.as_posix(), raw).text())
        named = "mapping" if named == "auto" else named
    try:
        return importer_of(named, fields, notation)
    except LookupError as problem:
        raise click.BadParameter(f"{problem.args[0]}; {problem.args[1]}", param_hint="--format") from None


def _said(taken: Intake, there: list[str], found: Coverage) -> dict[str, Any]:
    return {
        "schema": "probatum-dialogue-import/1",
        "logs": [asdict(log) for log in taken.logs],
        "already_there": there,
        "coverage": asdict(found),
    }


def _lines(taken: Intake, there: list[str], found: Coverage) -> list[str]:
    from probatum.dialogue.semantics.rephrases import missing

    lines = [
        f"{log.path}: {log.format or 'nothing'}, {count(log.records, 'record')}, {log.unread:,} unread, "
        f"{count(log.unknown, 'unknown event')}"
        for log in taken.logs
    ]
    lines += [f"{path}: was imported before" for path in there]
    if not found.turns and any(log.events for log in taken.logs):
        lines.append("nobody asks anything in what could be read: where `role` is mapped, requests are of the role `user`")
    lines.append(f"{count(found.turns, 'turn')} in {count(found.conversations, 'conversation')} of {count(found.users, 'user')}")
    for many, what, meaning in (
        (found.no_user, "have no user", "nothing is learnt for or counted by their users"),
        (found.no_time, "have no time", "silences say nothing there"),
        (found.no_response, "have no answer", "refusals in answers are not seen there"),
        (
            found.no_confidence,
            "have stages without confidence",
            "their failing stage is told by replay, or by what users did next",
        ),
        (found.answered_early, "were answered before they were asked", "clocks disagree"),
    ):
        if many:
            lines.append(f"{_share(many, found.turns)} of turns ({many:,}) {what}: {meaning}")
    if found.first_unread is not None:
        log, line, reason = found.first_unread
        lines.append(f"{count(found.unread, 'record')} cannot be read, the first is `{log}`, line {line}: {reason}")
    if found.unknown:
        lines.append(f"{sum(found.unknown.values()):,} events of unknown kind are kept as they are")
    if found.backwards:
        lines.append(f"{found.backwards:,} events stand after later ones of their conversation; they are read by their times")
    if found.duplicates:
        lines.append(f"{found.duplicates:,} events or turns were there already and count once")
    if found.single:
        lines.append(f"{found.single:,} conversations have one turn, so nothing follows it there")
    named = {name or "not said": many for name, many in found.locales.items()}
    if named and (len(named) > 1 or "not said" not in named):
        lines.append("turns by locale: " + ", ".join(f"{name} {many:,}" for name, many in named.items()))
    reason = missing()
    more = (
        f"`letters` does where it is asked for, and `minilm` cannot, as {reason}"
        if reason
        else "`minilm` and `letters` do where they are asked for"
    )
    lines.append(f"rephrases are told by `{found.detector}`; {more}")
    return lines


def _share(many: int, of: int) -> str:
    # Never 100 % of what is not all, nor 0 % of what is some.
    share = 100 * many / of if of else 0.0
    return "100 %" if many == of else f"{min(max(share, 0.1), 99.9):.1f} %"
