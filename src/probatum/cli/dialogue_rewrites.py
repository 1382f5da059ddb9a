"""`probatum dialogue rewrites`: from logs to rewrites on record, to a policy that is served, and to files for an assistant."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.dialogue_files import (
    AS_JSON,
    CONVERSATIONS,
    PRIVACY,
    SERVICE,
    SERVICE_THERE,
    UNTIL,
    keep_unchanged,
    learnt,
    moment,
    privacy_of,
    registry_of,
    spend_for,
    thresholds,
)
from probatum.cli.dialogue_rewrites_told import identifier_of, proposals_json, recovery_told, said, summary, weighing_told

if TYPE_CHECKING:
    from probatum.dialogue.service.registry import Registry

_STATES = ("candidate", "shadow", "canary", "active", "blocked", "retired")


@click.group("rewrites")
def command() -> None:
    """Propose, show, stop, compile and export rewrites.

    A rewrite is tried without effect (shadow), with half of the users (canary),
    and then with all but a twentieth (active); `probatum dialogue monitor` takes
    it from one to the next, by evidence.
    """


@command.command()
@CONVERSATIONS
@SERVICE
@thresholds
@PRIVACY
@UNTIL
@click.option("--json", "as_json", is_flag=True, help="Write what was found as JSON.")
def propose(  # noqa: PLR0917 - click names them
    conversations: Path, service: Path, users: int, households: int, policy: Path | None, until: str, as_json: bool
) -> None:
    """Propose what CONVERSATIONS show that users meant.

    Pairs that pass all guards enter the registry, in shadow, and so does acting on
    what a refused request could have been, if users went on to say it often enough.
    Only what is logged after `--until` counts for or against them, so keep some of
    the log for that.
    """
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.service.recoveries import enter
    from probatum.dialogue.service.registry import RECOVERY, NotAllowed, Passed

    if until:
        moment(until)
    privacy = privacy_of(users, households, policy)
    keep_unchanged(conversations)
    with stored(conversations) as opened:
        cost = spend_for(service, privacy, "propose", until)
        found = learnt(opened, privacy, until)
    noise = cost.told(privacy.noise, privacy.users) if cost is not None and privacy.noise is not None else ""
    registry = registry_of(service)
    at = moment(found.until)
    entered, refused = [], []
    known = registry.rewrites()
    for one in found.candidates:
        own = identifier_of(one.pair.source, one.pair.target)
        if own in known:
            continue
        try:
            registry.propose(one.pair.source, one.pair.target, at=at)
            registry.move(own, "shadow", at=at, evidence=Passed(one.pair.users, one.judged.unasked))
            entered.append(one)
        except NotAllowed as problem:
            refused.append(str(problem))
    recovering = enter(registry, found.recovery, at=at)
    if as_json:
        told = proposals_json(found, [identifier_of(o.pair.source, o.pair.target) for o in entered], refused)
        click.echo(json.dumps({**told, "noise": noise or None}, indent=2))
        return
    for one in entered:
        click.echo(
            f"{identifier_of(one.pair.source, one.pair.target)}  {one.pair.source} -> {one.pair.target}  "
            f"{one.pair.users} users, {one.share:.0%} of goals that begin so and end well"
        )
    if recovering:
        click.echo(f"{RECOVERY.identifier}  {said(RECOVERY)}")
    lines = [*summary(found, len(entered), len(known), refused, privacy.users), recovery_told(found)]
    click.echo("\n".join([*lines, *([noise] if noise else [])]))


@command.command()
@SERVICE_THERE
@click.argument("rewrite", required=False)
@click.option("--state", type=click.Choice(_STATES), help="Only those in this state.")
@AS_JSON
def show(service: Path, rewrite: str | None, state: str | None, as_json: bool) -> None:
    """Show all rewrites, or the history of REWRITE with its evidence."""
    registry = registry_of(service)
    if rewrite is not None:
        history = registry.history(rewrite)
        if not history:
            raise click.BadParameter(f"there is no rewrite `{rewrite}`", param_hint="REWRITE")
        click.echo(json.dumps(history, indent=2, ensure_ascii=False))
        return
    found = {name: one for name, one in registry.rewrites().items() if state is None or one.state == state}
    if as_json:
        rows = [
            {"rewrite": name, "source": r.source, "target": r.target, "scope": r.scope, "state": r.state}
            for name, r in found.items()
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    for name, one in found.items():
        click.echo(f"{name}  {one.state:9}  {said(one)}")
    click.echo(f"{len(found)} rewrites, digest of their history {registry.digest[:16]}")


def _decide(service: Path, rewrite: str, to: Any, by: str, reason: str) -> None:
    import time

    from probatum.dialogue.service.registry import Person

    registry_of(service).move(rewrite, to, at=time.time(), evidence=Person(by, reason))
    click.echo(f"{rewrite} is {to}; what is served changes with the next `probatum dialogue rewrites compile`")


_by = click.option("--by", required=True, help="Who decides.")
_reason = click.option("--reason", required=True, help="Why.")


@command.command()
@SERVICE_THERE
@click.argument("rewrite")
@_by
@_reason
def block(service: Path, rewrite: str, by: str, reason: str) -> None:
    """Stop REWRITE; it cannot be proposed again for 90 days."""
    _decide(service, rewrite, "blocked", by, reason)


@command.command()
@SERVICE_THERE
@click.argument("rewrite")
@_by
@_reason
def retire(service: Path, rewrite: str, by: str, reason: str) -> None:
    """End REWRITE for good."""
    _decide(service, rewrite, "retired", by, reason)


@command.command("compile")
@CONVERSATIONS
@SERVICE
@thresholds
@PRIVACY
@UNTIL
def compile_policy(conversations: Path, service: Path, users: int, households: int, policy: Path | None, until: str) -> None:  # noqa: PLR0917 - click names them
    """Make a policy of the registry and CONVERSATIONS, and serve it from now on.

    Weights, circumstances and what each user means by what are learnt from the
    conversations; which rewrites are served says the registry.
    """
    from contextlib import closing

    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.service.compiling import policy_of
    from probatum.dialogue.service.serving.personal import PATIENCE_S, Personal
    from probatum.dialogue.service.serving.policy_file import serve

    if until:
        moment(until)
    privacy = privacy_of(users, households, policy)
    keep_unchanged(conversations)
    with stored(conversations) as opened:
        cost = spend_for(service, privacy, "compile", until)
        found = learnt(opened, privacy, until)
    registry = registry_of(service)
    noise = cost.told(privacy.noise, privacy.users) if cost is not None and privacy.noise is not None else ""
    digest, count = policy_of(found, registry, service / "policies", noise=noise)
    with closing(Personal(service / "people.db", PATIENCE_S)) as people:
        many = people.put_habits(found.habits.items())
    serve(service / "policies", digest)
    click.echo(f"{digest}: {count} rewrites, habits of {many:,} users")
    click.echo("\n".join([*weighing_told(found), recovery_told(found), *([noise] if noise else [])]))


@command.command()
@SERVICE_THERE
@click.option("--format", "named", default="tsv", show_default=True, help="An unknown one lists those there are.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice(_STATES),
    default=("active",),
    show_default=True,
    help="Of which rewrites.",
)
@click.option(
    "--conversations",
    type=click.Path(path_type=Path, file_okay=False),
    help="Imported logs, which say what targets are understood as: intents, slots.",
)
def export(service: Path, named: str, states: tuple[str, ...], conversations: Path | None) -> None:
    """Write rewrites for an assistant to take in: as sentences, examples, utterances, a glossary or a table."""
    from probatum.dialogue.artefacts.unfinished import refuse_unfinished
    from probatum.dialogue.model.meanings import meanings
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.service.exports import FORMATS, Repair

    if named not in FORMATS:
        there = "; ".join(f"{name}: {what}" for name, (what, _) in FORMATS.items())
        raise click.BadParameter(f"there is no `{named}`; {there}", param_hint="--format")
    refuse_unfinished(service)  # what others take in cannot be taken back
    registry = registry_of(service)
    chosen = {name: r for name, r in registry.rewrites().items() if r.state in states and r.scope == "global"}
    meant = {}
    if conversations is not None:
        with stored(conversations) as opened:
            meant = meanings(opened, {one.target for one in chosen.values()})
    repairs = [
        Repair(identifier=name, source=r.source, target=r.target, meaning=meant.get(r.target), users=_users(registry, name))
        for name, r in chosen.items()
    ]
    click.echo(FORMATS[named][1](repairs), nl=False)


def _users(registry: Registry, name: str) -> int:
    told = [
        entry["evidence"].get("users", 0)
        for entry in registry.history(name)
        if (entry.get("evidence") or {}).get("kind") == "guards"
    ]
    return 10 * (max(told, default=0) // 10)
