"""`probatum dialogue forget`: a user who asks for it is gone."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.delivery import put
from probatum.cli.dialogue_files import (
    PRIVACY,
    SERVICE_IF_ANY,
    UNTIL,
    keep_noise,
    learnt,
    moment,
    privacy_of,
    spend_for,
    target,
    thresholds,
)
from probatum.errors import UnreadableArtefact, UsageError
from probatum.source import Location

if TYPE_CHECKING:
    from probatum.dialogue.artefacts.policy import Privacy
    from probatum.dialogue.model.learning import Learnt
    from probatum.dialogue.service.forgetting import Receipt


@click.command("forget")
@click.argument("user", required=False)
@click.option(
    "--conversations",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder into which logs were imported.",
)
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path, dir_okay=False), help="Its key. By default beside it, FOLDER.key."
)
@SERVICE_IF_ANY
@thresholds
@PRIVACY
@UNTIL
@target("--receipt", help="Write the receipt there, as JSON.")
@click.option("--resume", "again", is_flag=True, help="Go on where this was interrupted, with the options of then; without USER.")
def command(  # noqa: PLR0917 - click names them
    user: str | None,
    conversations: Path,
    key_file: Path | None,
    service: Path,
    users: int,
    households: int,
    policy: Path | None,
    until: str,
    receipt: Path | None,
    again: bool,
) -> None:
    """Forget USER, as logs name them: in imported conversations, and in what was learnt from them.

    What is left is what would have been without the user. Rewrites for all users
    that would then have come from too few are retired, and the policy that is
    served is made again. Models, labels, training data and tables that were made of
    the conversations cannot be edited: they are removed, to be made again. What
    people said of the turns of others stays.

    Where this is interrupted, the conversations are half without the user: other
    commands refuse them until it is finished, by the same command or by `--resume`.
    """
    from probatum.dialogue.artefacts.store import key_of
    from probatum.dialogue.service.forgetting import Means, forget, interrupted, resume
    from probatum.engine.state import clear_results

    if (user is None) != again:
        raise UsageError("name one user, or say `--resume`", help="`--resume` needs no user: it goes on with whoever it was")
    if until:
        moment(until)
    if user is None:
        service = interrupted(conversations)

    def tell(done: Receipt) -> None:
        written = json.dumps(done.to_json(), indent=2)
        if receipt is not None:
            put(receipt, written + "\n")
        click.echo("\n".join(_said(done, service.is_dir())))
        if not done.removed.turns and not done.known:
            click.echo("nothing was there: is it written as in the logs?", err=True)

    means = Means(
        privacy=_privacy,
        learn=lambda options: _learn(conversations, service, options),
        clear=lambda: clear_results(conversations),
        tell=tell,
        at=time.time(),
    )
    if user is None:
        resume(means, conversations=conversations)
        return
    place = key_file or conversations.with_name(f"{conversations.name}.key")
    if not place.is_file():
        raise UnreadableArtefact(
            f"the key `{place}` is not there, and without it nobody can tell whose turns are whose",
            help="name it with `--key`",
            location=Location(place.as_posix()),
        )
    named = policy.resolve().as_posix() if policy is not None else None
    options = {"users": users, "households": households, "policy": named, "until": until}
    keep_noise(service, _privacy(options))
    forget(user, means, key=key_of(place), conversations=conversations, service=service, options=options)


def _privacy(options: Mapping[str, Any]) -> Privacy:
    policy = Path(options["policy"]) if options["policy"] is not None else None
    return privacy_of(options["users"], options["households"], policy)


def _learn(conversations: Path, service: Path, options: Mapping[str, Any]) -> Learnt:
    from probatum.dialogue.semantics.conversations import stored

    privacy = _privacy(options)
    with stored(conversations, half_forgotten=True) as opened:
        spend_for(service, privacy, "forget", options["until"])
        return learnt(opened, privacy, options["until"])


def _said(done: Receipt, service: bool) -> list[str]:
    gone = done.removed
    lines = [f"{gone.turns:,} turns, {gone.texts:,} texts, {gone.unknown + gone.quarantine:,} other records are gone"]
    if service:
        lines.append(f"the service {'knew the user, and does no longer' if done.known else 'knew nothing of the user'}")
    if done.taught:
        lines.append(f"{done.taught} things that the user taught are gone")
    if done.labels or done.verdicts:
        lines.append(f"{done.labels} labels of people and {done.verdicts} verdicts about rewrites are gone")
    lines += [
        f"{one.path}: {one.kind}, {one.done}{f'; make it again with `{one.again}`' if one.again else ''}" for one in done.files
    ]
    if done.results:
        lines.append(f"{done.results:,} stored results of checks are gone, and are made again")
    if done.retired:
        lines.append(f"retired, for too few users are left: {', '.join(done.retired)}")
    if done.policies[0] != done.policies[1]:
        lines.append(f"{done.policies[1]} is served now, and earlier policies are removed")
    return lines
