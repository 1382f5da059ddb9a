"""`probatum inspection queue`: units that people look at, with the probability with which each was drawn."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from probatum.cli.inspection_judged import judged
from probatum.cli.inspection_lines import say, say_all
from probatum.errors import UsageError
from probatum.report.words import count

if TYPE_CHECKING:
    from probatum.inspection.model.opinions import Agreed
    from probatum.inspection.service.queue import Queue
    from probatum.inspection.service.queue_replies import Refused

_POLICY = click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
_UNIT = click.argument("unit")
_BY = click.option("--by", required=True, help="Who looks.")


@click.group("queue")
def command() -> None:
    """Draw units to look at, answer, and bound what was shipped damaged.

    The queue is a journal beside the policy, annotations.jsonl, to which several
    people and programs may write at once.
    """


@command.command()
@_POLICY
@click.option("--budget", type=click.FloatRange(0, min_open=True), required=True, help="Passed units to look at, on average.")
@click.option("--seed", default="", help="Of the coins; by default the day.")
@click.option("--confirm", is_flag=True, help="A second person looks at what the first one calls damaged.")
def draw(policy: Path, budget: float, seed: str, confirm: bool) -> None:
    """Draw units that are judged: all that were put aside, and of those that passed, what tells most.

    Half of the budget is spread over all alike, so that answers bound how much was
    shipped damaged; the rest goes to what is near the threshold, where channels
    disagree, and to what is new.
    """
    from probatum.inspection.model.asking import ask
    from probatum.inspection.service.asking import candidates
    from probatum.inspection.service.goods import goods_at

    with goods_at(policy) as goods:
        decided = judged(goods)
        if not decided:
            raise UsageError("no unit is judged", help="add units to the manifest, of a split that nothing is fitted to")
        threshold = float("inf") if goods.calibration is None else goods.calibration.guard
        labels = Counter(unit.item_identifier for unit in goods.manifest.captures if unit.defect is not None)
    now = datetime.now(UTC)
    drawn = ask(
        candidates(decided), threshold=threshold, budget=budget, seed=seed or f"{now:%Y-%m-%d}", labelled=labels, confirm=confirm
    )
    _queue(policy).add(drawn, now=now)
    say(f"{count(len(drawn.questions), 'unit')} of {len(decided):,} to look at")
    for reason, many in sorted(drawn.expected.items(), key=lambda one: -one[1]):
        say(f"  {reason}: {many:.1f} on average")


@command.command("next")
@_POLICY
@_BY
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def next_(policy: Path, by: str, as_json: bool) -> None:
    """Say which unit to look at next, and keep it from others for a quarter of an hour."""
    from probatum.inspection.service.queue_replies import Asking, Waiting

    found = _queue(policy).next(by, now=datetime.now(UTC))
    if isinstance(found, Asking):
        if as_json:
            click.echo(json.dumps({"unit": found.unit, **asdict(found.question), "second": found.second}, indent=2))
        else:
            why = ", ".join(found.question.reasons)
            say(f"{found.unit}: {why}; drawn with probability {found.question.chance:.3g}")
            for image in found.question.images:
                say(f"  {image}")
    elif isinstance(found, Waiting):
        say(f"nothing to look at now; {count(found.others, 'unit')} in the hands of others")
    else:
        raise _refusal(found)


@command.command()
@_POLICY
@_UNIT
@_BY
@click.option("--damaged/--pristine", "defect", required=True, help="What it is.")
@click.option("--type", "types", multiple=True, help="Type of damage; may be repeated.")
@click.option("--severity", type=click.FloatRange(0, 1), help="From 0 to 1.")
@click.option("--on-product/--on-packaging", "on_product", default=None, help="Where the damage is.")
@click.option("--note", default="", help="Anything else.")
def answer(  # noqa: PLR0917 - click names them
    policy: Path,
    unit: str,
    by: str,
    defect: bool,
    types: tuple[str, ...],
    severity: float | None,
    on_product: bool | None,
    note: str,
) -> None:
    """Say what UNIT is."""
    from probatum.inspection.artefacts.annotations import Answer

    said = Answer(defect=defect, types=types, severity=severity, on_product=on_product, note=note)
    _told(_queue(policy).answer(by, unit, said, now=datetime.now(UTC)), f"{unit}: {'damaged' if defect else 'pristine'}")


@command.command()
@_POLICY
@_UNIT
@_BY
@click.option("--note", default="", help="Why nobody can tell.")
def skip(policy: Path, unit: str, by: str, note: str) -> None:
    """Say that you cannot tell; somebody else is asked."""
    _told(_queue(policy).skip(by, unit, now=datetime.now(UTC), note=note), f"{unit}: skipped")


@command.command()
@_POLICY
@_BY
def undo(policy: Path, by: str) -> None:
    """Take back what you said last."""
    found = _queue(policy).undo(by, now=datetime.now(UTC))
    if isinstance(found, str):
        say(f"{found}: taken back, and in your hands again")
    else:
        raise _refusal(found)


@command.command()
@_POLICY
@_UNIT
@_BY
@click.option("--note", default="", help="How it looks now.")
def stale(policy: Path, unit: str, by: str, note: str) -> None:
    """Say that the references of UNIT's product no longer look like it."""
    _told(_queue(policy).gallery_out_of_date(by, unit, now=datetime.now(UTC), note=note), f"{unit}: noted")


@command.command()
@_POLICY
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def progress(policy: Path, as_json: bool) -> None:
    """Say how far the queue is, who did how much, how far people agree, and what answers bound."""
    from probatum.inspection.model.opinions import agreement

    queue = _queue(policy)
    told = queue.progress(now=datetime.now(UTC))
    bounds = _bounds(queue)
    agreed = agreement(queue.judged())
    if as_json:
        said = {"schema": "probatum-inspection-queue/1", **asdict(told), "agreement": asdict(agreed), "bounds": bounds}
        click.echo(json.dumps(said, indent=2))
        return
    say(
        f"{told.done:,} of {count(told.units, 'unit')} done: {told.damaged:,} damaged, {told.sound:,} pristine, {told.open:,} open"
    )
    for person, many in sorted(told.annotators.items()):
        pace = f", {told.per_hour[person]:.0f} an hour" if person in told.per_hour else ""
        say(f"  {person}: {many:,}{pace}")
    if told.contradicted:
        say(f"people contradict each other on {count(told.contradicted, 'unit')}")
    say_all(_agreement(agreed))
    for product, many in sorted(told.stale.items()):
        say(f"references of `{product}` are out of date, {count(many, 'person', 'people')} say")
    for note in (*bounds, *told.notes):
        say(note)


@command.command()
@_POLICY
@click.option(
    "--to",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="A manifest, or COCO for a name that ends with `.json`.",
)
def export(policy: Path, to: Path) -> None:
    """Write the manifest with what people said, and with the probability with which each unit was drawn."""
    from probatum.inspection.artefacts.manifest import load
    from probatum.inspection.service.annotated import annotated
    from probatum.inspection.service.datasets import write_dataset
    from probatum.inspection.service.goods import policy_at

    manifest = policy.resolve().parent / policy_at(policy).captures.path
    queue = _queue(policy)
    dataset = annotated(load(manifest).views, queue.judged(), queue.draws)
    notes = write_dataset(dataset, "coco" if to.suffix.lower() == ".json" else "manifest", to, manifest.parent)
    say_all([f"{to}: {count(len(queue.judged()), 'unit')} with what people said", *notes])


def _agreement(agreed: Agreed) -> list[str]:
    """Return how far people agree on what several judged; nothing where that cannot be told."""
    about = {
        "damage": agreed.defect,
        "severity": agreed.severity,
        "whether the product is damaged": agreed.on_product,
        **agreed.types,
    }
    lines = []
    for what, one in about.items():
        if one.alpha is not None:
            ends = "" if one.low is None or one.high is None else f" [{one.low:.2f}, {one.high:.2f}]"
            lines.append(f"agreement on {what}: alpha {one.alpha:.2f}{ends}, by {count(one.units, 'unit')} that several judged")
    return lines


def _bounds(queue: Queue) -> list[str]:
    """Return what the last draw bounds, in lines; or why it bounds nothing yet."""
    from probatum.inspection.model.asking import estimate

    if not queue.draws:
        return []
    drawn = queue.draws[-1]
    try:
        found, part = estimate(drawn, queue.said(drawn))
    except ValueError as problem:
        return [f"nothing is bounded yet: {problem}"]
    rows = (
        ("shipped damaged, of what passed", found.passed_faulty),
        ("damaged, of all", found.prevalence),
        ("put aside, of what is damaged", found.caught),
        ("put aside, of what is pristine", found.false_alarms),
    )
    lines = [f"{name}: between {rate.low:.3%} and {rate.high:.3%}" for name, rate in rows]
    return [*lines, f"all four at {found.confidence:.0%}, by {part:.0%} of the queue"]


def _queue(policy: Path) -> Queue:
    from probatum.inspection.service.goods import policy_at
    from probatum.inspection.service.queue import Queue

    policy_at(policy)
    return Queue(policy.resolve().parent)


def _told(refused: Refused | None, done: str) -> None:
    if refused is not None:
        raise _refusal(refused)
    say(done)


def _refusal(refused: Refused) -> UsageError:
    return UsageError(f"nothing was written: {refused.why}", help="`probatum inspection queue next` says which unit is yours")
