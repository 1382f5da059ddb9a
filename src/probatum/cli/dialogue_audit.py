"""`probatum dialogue audit`: a sheet for people, and what comes of it."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import delivery
from probatum.cli.dialogue_files import AS_JSON, CONVERSATIONS, SERVICE_IF_ANY, keep_unchanged, read, registry_of
from probatum.errors import UsageError

if TYPE_CHECKING:
    from probatum.dialogue.service.auditing.audit import Audit


@click.group("audit")
def command() -> None:
    """Let people judge answers without knowing whose they are, and take in what they say."""


@command.command()
@click.argument("many", metavar="N", type=click.IntRange(4, 2_000))
@CONVERSATIONS
@SERVICE_IF_ANY
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("audit"),
    show_default=True,
    help="Folder for `sheet.csv` and `plan.json`.",
)
@click.option(
    "--users", default=20, show_default=True, type=click.IntRange(1), help="Show only what so many users said or were answered."
)
@click.option("--seed", type=click.IntRange(0), help="Of the sample; drawn, if not said.")
def sample(many: int, conversations: Path, service: Path, folder: Path, users: int, seed: int | None) -> None:  # noqa: PLR0917 - click names them
    """Draw about N requests for people to judge, each by itself, and rather those of which it is open how they went.

    `sheet.csv` is for them: it says for each row what was asked, and one answer or
    two. They write `yes`, `no`, `cannot` (the assistant is not made for it) or
    `unclear` into `a_ok` and `b_ok`, and may say which is `better`. `plan.json` says
    what stands where, and with which probability each row was drawn: keep it from them.
    """
    from probatum.dialogue.model.learning import judged_goals
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.service.auditing.drawing import sample as draw
    from probatum.dialogue.service.made import PLAN, SHEET, note

    places = folder / "plan.json", folder / "sheet.csv"
    for place in places:
        if place.exists():
            raise UsageError(f"`{place}` is there already", help="name another folder with `--to`, or remove it")
    keep_unchanged(conversations)
    with stored(conversations) as opened:
        table, _ = judged_goals(opened)
        plan, sheet = draw(opened, table, registry_of(service).rewrites(), many, users=users, seed=seed)
    folder.mkdir(parents=True, exist_ok=True)
    delivery.write_file(places[0], (json.dumps(plan.to_json(), indent=1) + "\n").encode())
    delivery.write_file(places[1], sheet.encode("utf-8-sig"))
    for kind, place in zip((PLAN, SHEET), places, strict=True):
        note(conversations, kind, place)
    two = sum(bool(one.other) for one in plan.rows)
    click.echo(f"{places[1]}: {len(plan.rows):,} rows, {two:,} of them with two answers, in an order that was drawn")
    click.echo(
        f"drawn from {plan.frame:,} requests; {plan.hidden:,} others are not shown, as fewer than {users:,} users said them or got their answer"
    )
    click.echo(f"{places[0]}: not for those who judge")


@command.command("import")
@CONVERSATIONS
@click.argument("plan", type=click.Path(path_type=Path, dir_okay=False))
@click.argument("sheets", metavar="SHEET...", nargs=-1, required=True, type=click.Path(path_type=Path, dir_okay=False))
@SERVICE_IF_ANY
@click.option("--apply", "take", is_flag=True, help="Take the steps that audits support; otherwise they are only shown.")
@AS_JSON
def take_in(conversations: Path, plan: Path, sheets: tuple[Path, ...], service: Path, take: bool, as_json: bool) -> None:  # noqa: PLR0917 - click names them
    """Take in SHEETs that were filled in, one or more for the same PLAN.

    Who filled in a row stands in `annotator`; where that is empty, the name of the
    file does. What cannot be used is told with its line, and the rest is taken in.
    """
    from probatum.dialogue.artefacts.store import read_manifest
    from probatum.dialogue.artefacts.unfinished import refuse_unfinished
    from probatum.dialogue.service.auditing.audit import audited
    from probatum.dialogue.service.auditing.kept import keep, steps, tallies, there
    from probatum.dialogue.service.auditing.plan import read_plan
    from probatum.dialogue.service.auditing.sheet import read_sheet
    from probatum.dialogue.service.made import PLAN, SHEET, note

    if read_manifest(conversations) is None:
        raise UsageError(f"nothing was imported into `{conversations}`", help="name the folder that the sheet was drawn from")
    keep_unchanged(conversations)
    refuse_unfinished(conversations)
    planned = there(read_plan(plan), conversations)
    judgements, wrong = [], []
    for path in sheets:
        found, bad = read_sheet(_text(path), planned, named=path.stem)
        judgements += found
        wrong += [f"`{path}`, {one}" for one in bad]
    audit = audited(planned, judgements)
    at = time.time()
    note(conversations, PLAN, plan)
    for path in sheets:
        note(conversations, SHEET, path)
    fresh = keep(audit, planned, judgements, conversations=conversations, service=service, at=at)
    counted = tallies(service)
    taken = steps(registry_of(service), counted, at=at, take=take)
    if as_json:
        click.echo(json.dumps(_said(audit, fresh, wrong, counted, taken), indent=2, ensure_ascii=False))
        return
    for one in wrong:
        click.echo(f"not taken in: {one}", err=True)
    click.echo(
        f"{fresh:,} new judgements, labels of {len(audit.labels):,} turns; {audit.disputed:,} disputed, {audit.unclear:,} unclear"
    )
    click.echo(_defects(audit))
    click.echo(_agreement(audit))
    for name, (wins, losses) in counted.items():
        click.echo(f"{name}  {wins} wins, {losses} losses in all audits, each user once")
    for name, state in taken:
        click.echo(f"{name} {'is now' if take else 'can become'} {state}, by audits alone")


def _text(path: Path) -> str:
    raw = read(path, help="name the sheet that was filled in, saved as CSV")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")  # as spreadsheets save it where they are not asked


def _defects(audit: Audit) -> str:
    one = audit.defects
    if one is None:
        return "share of requests that failed: not known, for fewer than two users were judged"
    return (
        f"share of requests that failed, of those that could be shown: {one.value:.1%}, {one.low:.1%} to {one.high:.1%} "
        f"({one.confidence:.0%}, by user; {one.sampled:,} judged of {one.users:,} users, as good as {one.effective:.0f} drawn alike)"
    )


def _agreement(audit: Audit) -> str:
    one = audit.agreement
    if not one.units:
        return "agreement: not known, nothing was judged by two"
    if one.alpha is None:
        return f"agreement: not known, all {one.units:,} that were judged twice got the same word"
    bounds = f", {one.low:.2f} to {one.high:.2f}" if one.low is not None and one.high is not None else "; too few for an interval"
    return f"agreement beyond chance (Krippendorff's alpha): {one.alpha:.2f}{bounds}, {one.units:,} judged by two or more"


def _said(
    audit: Audit, fresh: int, wrong: list[str], counted: dict[str, tuple[int, int]], taken: list[tuple[str, str]]
) -> dict[str, Any]:
    from dataclasses import asdict

    return {
        "schema": "probatum-dialogue-audit/1",
        "new_judgements": fresh,
        "not_taken_in": wrong,
        "labels": len(audit.labels),
        "disputed": audit.disputed,
        "unclear": audit.unclear,
        "defects": asdict(audit.defects) if audit.defects is not None else None,
        "agreement": asdict(audit.agreement),
        "rewrites": {name: {"wins": wins, "losses": losses} for name, (wins, losses) in counted.items()},
        "steps": [{"rewrite": name, "to": state} for name, state in taken],
    }
