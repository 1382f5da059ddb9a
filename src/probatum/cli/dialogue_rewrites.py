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

if TYPE_CHECKING:
    from probatum.dialogue.model.learning import Learnt
    from probatum.dialogue.service.registry import Registry, Rewrite

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
        own = _identifier(one.pair.source, one.pair.target)
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
        told = _proposed(found, [_identifier(o.pair.source, o.pair.target) for o in entered], refused)
        click.echo(json.dumps({**told, "noise": noise or None}, indent=2))
        return
    for one in entered:
        click.echo(
            f"{_identifier(one.pair.source, one.pair.target)}  {one.pair.source} -> {one.pair.target}  "
            f"{one.pair.users} users, {one.share:.0%} of goals that begin so and end well"
        )
    if recovering:
        click.echo(f"{RECOVERY.identifier}  {_said(RECOVERY)}")
    lines = [*_summary(found, len(entered), len(known), refused, privacy.users), _recovery(found)]
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
        click.echo(f"{name}  {one.state:9}  {_said(one)}")
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
    click.echo("\n".join([*_weighing(found), _recovery(found), *([noise] if noise else [])]))


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


def _said(one: Rewrite) -> str:
    return "refused requests -> what they could have been" if one.scope == "refused" else f"{one.source} -> {one.target}"


def _recovery(found: Learnt) -> str:
    """Say what is known of requests that the assistant made nothing of."""
    one = found.recovery
    if one is None:
        return "refused requests: too few whose end is known to learn what they could have been"
    if not one.released:
        return (
            f"refused requests: after {one.goals:,} of them, what users went on to say is not foretold often enough to act on it"
        )
    return (
        f"refused requests: what is offered with a probability of {one.least:g} or more was what {one.wins:,} of "
        f"{one.wins + one.losses:,} later users went on to say (at least {one.low:.1%})"
    )


def _identifier(source: str, target: str) -> str:
    from probatum.dialogue.service.registry import Rewrite

    return Rewrite(source=source, target=target).identifier


def _users(registry: Registry, name: str) -> int:
    told = [
        entry["evidence"].get("users", 0)
        for entry in registry.history(name)
        if (entry.get("evidence") or {}).get("kind") == "guards"
    ]
    return 10 * (max(told, default=0) // 10)


def _proposed(found: Learnt, entered: list[str], refused: list[str]) -> dict[str, Any]:
    return {
        "schema": "probatum-dialogue-proposals/1",
        "until": found.until,
        "users": found.users,
        "without_user": found.without_user,
        "entered": [
            {
                "rewrite": _identifier(one.pair.source, one.pair.target),
                "source": one.pair.source,
                "target": one.pair.target,
                "users": one.pair.users,
                "share": one.share,
                "unasked": list(one.judged.unasked),
            }
            for one in found.candidates
            if _identifier(one.pair.source, one.pair.target) in entered
        ],
        "not_entered": refused,
        "refused_by": dict(found.refused),
        "for_review": len(found.review),
        "refused_requests": None
        if found.recovery is None
        else {name: getattr(found.recovery, name) for name in ("released", "least", "goals", "wins", "losses", "low")},
    }


def _summary(found: Learnt, entered: int, known: int, refused: list[str], users: int) -> list[str]:
    lines = [f"{entered} proposed until {found.until}, {known} were there; {found.users:,} users"]
    if found.users < users:
        lines.append(f"no rewrite for all users can come from fewer than {users} of them: only personal ones are learnt")
    if found.without_user:
        lines.append(f"{found.without_user:,} requests have no user, and count for nothing here")
    if found.refused:
        lines.append("refused by guards: " + ", ".join(f"{name} {many}" for name, many in found.refused.items()))
    if found.review:
        lines.append(f"{len(found.review)} pairs are for a person to decide about")
    return [*lines, *(f"not entered: {why}" for why in refused)]


def _weighing(found: Learnt) -> list[str]:
    if found.weights is None:
        return ["too few choices to learn how to weigh them: weights are those that were fixed beforehand"]
    lines = [
        f"weights from {found.weights.choices:,} choices: {found.weights.loss:.3f} nats each, evenly guessed {found.weights.even_loss:.3f}"
    ]
    if not found.margin.shown:
        lines.append(
            f"{found.margin.users:,} users are too few to show that fine requests stay as they are; "
            f"a margin of {found.margin.least:g} is used"
        )
    else:
        lines.append(f"margin {found.margin.least:g}: at most {found.margin.high:.2%} of fine requests would be rewritten")
    return lines
