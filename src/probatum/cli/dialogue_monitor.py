"""`probatum dialogue monitor`: what logs say of the rewrites on record, and the steps that follow."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.dialogue_files import AS_JSON, CONVERSATIONS, SERVICE_IF_ANY, UNTIL, keep_unchanged, moment, registry_of

_WEEKS = 8  # that are shown; JSON has all

if TYPE_CHECKING:
    from probatum.dialogue.model.weekly import Week
    from probatum.dialogue.service.monitoring import Seen, Step


@click.command("monitor")
@CONVERSATIONS
@SERVICE_IF_ANY
@UNTIL
@click.option("--apply", "take", is_flag=True, help="Take the steps; otherwise they are only shown.")
@AS_JSON
def command(conversations: Path, service: Path, until: str, take: bool, as_json: bool) -> None:
    """Compare what happened since each rewrite took its last step, with it and without.

    A rewrite goes on when it helps often enough, by a test that may be looked at
    at any time; it is stopped when it harms, or when what was said works by now.
    Refused requests are judged by the latest policy that was made before them.
    Then, for each week that is over, how often requests failed, by user: of all, of
    those that were drawn to be rewritten, and of those that were held out.
    Exit status: 1 if a rewrite that is in use harms.
    """
    from probatum.dialogue.model.learning import judged_goals
    from probatum.dialogue.model.weekly import risen, weekly
    from probatum.dialogue.semantics.conversations import stored
    from probatum.dialogue.semantics.exposures import exposures
    from probatum.dialogue.service.monitoring import looked_for, monitor, steps
    from probatum.dialogue.service.recoveries import recoveries
    from probatum.dialogue.service.registry import RECOVERY

    if until:
        moment(until)
    keep_unchanged(conversations)
    registry = registry_of(service)
    rewrites = list(registry.rewrites().values())
    with stored(conversations) as opened:
        table, end = judged_goals(opened, until)
        seen = monitor(rewrites, exposures(opened, table, looked_for(rewrites)))
        seen |= recoveries(opened, table, service / "policies", registry)
        weeks = weekly(opened, table, end)
    found = steps(registry, seen, at=moment(end), take=take)
    if as_json:
        told = {
            "rewrites": {n: _row(one) for n, one in seen.items()},
            "steps": [_step(s) for s in found],
            "weeks": [asdict(week) for week in weeks],
            "risen": [{"week": week, "since": since} for week, since in risen(weeks)],
        }
        click.echo(json.dumps(told, indent=2))
    else:
        click.echo("\n".join([*(_line(name, one) for name, one in seen.items()), *(_said(step, take) for step in found)]))
        waiting = (
            registry.rewrites("shadow", "canary", "active").get(RECOVERY.identifier) if RECOVERY.identifier not in seen else None
        )
        if waiting is not None:
            click.echo(f"{RECOVERY.identifier}  {waiting.state:7}  not counted: there is no policy that weighs refused requests")
        elif not seen:
            click.echo("no rewrite is on trial or in use")
        click.echo("\n".join(_failing(weeks, risen(weeks))))
    if any(one.rewrite.state in ("canary", "active") and one.harmful for one in seen.values()):
        raise SystemExit(1)


def _failing(weeks: list[Week], rose: list[tuple[str, str]]) -> list[str]:
    from probatum.dialogue.model.weekly import CONFIDENCE

    if not weeks:
        return ["no week of these logs is over: how often requests fail is not said"]
    names = {"": "all", "treated": "treated", "holdout": "held out"}
    lines = [f"requests that failed, each user once a week; {CONFIDENCE:.0%} for all weeks together, however often one looks"]
    shown = sorted({week.begins for week in weeks})[-_WEEKS:]
    for begins in shown:
        parts = [
            f"{names[one.arm]} {one.rate:.1%} ({one.low:.1%} to {one.high:.1%}, {one.users:,} users)"
            for one in weeks
            if one.begins == begins
        ]
        lines.append(f"week of {begins}  {'; '.join(parts)}")
    if any(one.arm for one in weeks):
        lines.append(
            "what a rewrite does is told by its own line: those who are treated and held out here are so for different rewrites"
        )
    return [*lines, *(f"more failed in the week of {week} than in that of {since}" for week, since in rose if week in shown)]


def _row(one: Seen) -> dict[str, Any]:
    bound = one.share
    effect = one.watch.effect.bound() if one.watch.treated.users + one.watch.control.users else None
    return {
        "state": one.rewrite.state,
        "wins": one.wins,
        "losses": one.losses,
        "ties": one.ties,
        "share_low": bound.low if bound is not None else None,
        "treated": one.watch.treated.users,
        "held_out": one.watch.control.users,
        "effect_on_failures": [effect.low, effect.high] if effect is not None else None,
        "worked": one.worked,
        "failed": one.failed,
        "harmful": one.harmful,
    }


def _step(step: Step) -> dict[str, str]:
    return {"rewrite": step.rewrite.identifier, "from": step.rewrite.state, "to": step.to, "why": step.why}


def _line(name: str, one: Seen) -> str:
    bound = one.share
    low = f", at least {bound.low:.0%} wins" if bound is not None and bound.low is not None else ""
    drawn = ""
    if one.watch.treated.users + one.watch.control.users:
        effect = one.watch.effect.bound()
        ends = [f"{100 * end:+.0f}" if end is not None else "?" for end in (effect.low, effect.high)]
        drawn = (
            f"; {one.watch.treated.users} treated and {one.watch.control.users} held out: "
            f"failures change by {ends[0]} to {ends[1]} percentage points"
        )
    acted = f"; it worked for {one.worked} and failed for {one.failed}" if one.worked + one.failed else ""
    return f"{name}  {one.rewrite.state:7}  {one.wins} wins, {one.losses} losses, {one.ties} ties{low}{drawn}{acted}"


def _said(step: Step, take: bool) -> str:
    verb = "is now" if take else "can become"
    return f"{step.rewrite.identifier} {verb} {step.to}: {step.why}"
