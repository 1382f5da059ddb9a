"""`probatum dialogue forget`: a user who asks for it is gone."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click

from probatum.cli.dialogue_files import (
    PRIVACY,
    SERVICE,
    UNTIL,
    keep_noise,
    learnt,
    moment,
    privacy_of,
    put,
    spend_for,
    thresholds,
)


@click.command("forget")
@click.argument("user")
@click.option(
    "--conversations",
    required=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder into which logs were imported.",
)
@click.option(
    "--key", "key_file", type=click.Path(path_type=Path, dir_okay=False), help="Its key. By default beside it, FOLDER.key."
)
@SERVICE
@thresholds
@PRIVACY
@UNTIL
@click.option("--receipt", type=click.Path(path_type=Path, dir_okay=False), help="Write the receipt there, as JSON.")
def command(  # noqa: PLR0917 - click names them
    user: str,
    conversations: Path,
    key_file: Path | None,
    service: Path,
    users: int,
    households: int,
    policy: Path | None,
    until: str,
    receipt: Path | None,
) -> None:
    """Forget USER, as logs name them: in imported conversations, and in what was learnt from them.

    What is left is what would have been without the user. Rewrites for all users
    that would then have come from too few are retired, and the policy that is
    served is made again. Models, labels, training data and tables that were made of
    the conversations cannot be edited: they are removed, to be made again. What
    people said of the turns of others stays.
    """
    from probatum.dialogue.artefacts.store import key_of
    from probatum.dialogue.model.learning import Learnt
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.service.forgetting import forget
    from probatum.engine.state import clear_results
    from probatum.errors import UnreadableArtefact
    from probatum.source import Location

    if until:
        moment(until)
    place = key_file or conversations.with_name(f"{conversations.name}.key")
    if not place.is_file():
        raise UnreadableArtefact(
            f"the key `{place}` is not there, and without it nobody can tell whose turns are whose",
            help="name it with `--key`",
            location=Location(place.as_posix()),
        )
    privacy = privacy_of(users, households, policy)
    keep_noise(service, privacy)

    def learn() -> Learnt:
        with stored(conversations) as opened:
            spend_for(service, privacy, "forget", until)
            return learnt(opened, privacy, until)

    done = forget(
        user,
        key=key_of(place),
        conversations=conversations,
        service=service,
        privacy=privacy,
        learn=learn,
        clear=lambda: clear_results(conversations),
        at=time.time(),
    )
    written = json.dumps(done.to_json(), indent=2)
    if receipt is not None:
        put(receipt, written + "\n")
    gone = done.removed
    click.echo(f"{gone.turns:,} turns, {gone.texts:,} texts, {gone.unknown + gone.quarantine:,} other records are gone")
    if service.is_dir():
        click.echo(f"the service {'knew the user, and does no longer' if done.known else 'knew nothing of the user'}")
    if done.taught:
        click.echo(f"{done.taught} things that the user taught are gone")
    if done.labels or done.verdicts:
        click.echo(f"{done.labels} labels of people and {done.verdicts} verdicts about rewrites are gone")
    for one in done.files:
        click.echo(f"{one.path}: {one.kind}, {one.done}{f'; make it again with `{one.again}`' if one.again else ''}")
    if done.results:
        click.echo(f"{done.results:,} stored results of checks are gone, and are made again")
    if done.retired:
        click.echo(f"retired, for too few users are left: {', '.join(done.retired)}")
    if done.policies[0] != done.policies[1]:
        click.echo(f"{done.policies[1]} is served now, and earlier policies are removed")
    if not gone.turns and not done.known:
        click.echo("nothing was there: is it written as in the logs?", err=True)
