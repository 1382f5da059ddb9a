"""`probatum inspection inspect`: judge units, and write what is decided about each."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.inspection_judged import judged
from probatum.cli.inspection_lines import say_all
from probatum.errors import UsageError
from probatum.report.words import count

if TYPE_CHECKING:
    from probatum.inspection.semantics.goods import Goods
    from probatum.inspection.service.inspecting import Decided

_TOLD = 20
_SPLITS = 10
_ON_PAGE = 60  # units


@click.command("inspect")
@click.argument("policy", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--to",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where decisions are written; by default what the policy names, or decisions.jsonl beside it.",
)
@click.option("--unit", "wanted", multiple=True, metavar="CAPTURE_ID", help="Only this unit; may be repeated.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a page with pictures of units that were not passed: where they differ, and from which reference.",
)
@click.option("--json", "as_json", is_flag=True, help="Write JSON.")
def command(*, policy: Path, to: Path | None, wanted: tuple[str, ...], html: Path | None, as_json: bool) -> None:
    """Judge the units of POLICY, and write what is decided about each.

    `pass`, `sideline`, or `person` where a unit could not be judged, no threshold
    holds for it, or its score lies in the band of the policy. What was decided before from the same files is not worked out again.
    If the policy names a `disposition`, each unit also has what is to be done with
    it: ship, look or sideline, by what people said of it or by what mistakes cost.
    """
    from probatum.inspection.semantics.decisions import header, line
    from probatum.inspection.service.goods import goods_at
    from probatum.inspection.service.looked_at import seen_at

    with goods_at(policy) as goods:
        units = goods.units
        if wanted:
            units = tuple(unit for unit in goods.manifest.everything if unit.capture_id in wanted)
            if unknown := set(wanted) - {unit.capture_id for unit in units}:
                raise UsageError(f"there is no unit `{min(unknown)}`", help="name a `capture_id` of the manifest")
        named = goods.policy.decisions
        target = to or policy.resolve().parent / ("decisions.jsonl" if named is None else named.path)
        seen = {} if goods.disposition is None else seen_at(policy.resolve().parent)
        decided = judged(goods, units, seen=seen)
        if not wanted:
            made = datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
            text = header(goods.scorer.digest, made) + "".join(line(one.key, one.verdict, one.told()) for one in decided)
            _put(target, text)
        if html is not None:
            _put(html, _page(goods, decided))
        unusable = dict(goods.references.unusable)
        left_out = _left_out(goods)
    if as_json:
        click.echo(json.dumps(_said(None if wanted else target, decided, unusable), indent=2))
    else:
        say_all([*_lines(None if wanted else target, decided, unusable), *left_out])


def _left_out(goods: Goods) -> list[str]:
    """Return why there is no unit to judge, and which rows of the manifest cannot be used."""
    name = goods.policy.captures.path
    lines = []
    if not goods.units:
        splits = Counter(unit.views[0].split or "none" for unit in goods.manifest.everything if unit.views[0].role == "query")
        known = ", ".join(f"{split} {many:,}" for split, many in splits.most_common(_SPLITS))
        lines.append(
            f"`{name}` has no unit to judge; units by split: {known or 'none'}; `splits` of the policy says which are judged"
        )
    if apart := goods.manifest.quarantine:
        lines.append(f"{count(len(apart), 'row')} of `{name}` cannot be used, row {apart[0].row} first: {apart[0].reason}")
    return lines


def _page(goods: Goods, decided: list[Decided]) -> str:
    from probatum.inspection.service.pictured import pictured
    from probatum.report.inspection_page import Case, Profile, Side, page

    shown = sorted((one for one in decided if one.decision != "pass"), key=lambda one: (one.decision, -one.verdict.score))
    cases = []
    for one in shown[:_ON_PAGE]:
        sides = []
        for view in goods.judge.judge(one.unit, goods.media).views:
            seen = pictured(view, one.reason if one.decision == "sideline" else ())
            sides.append(
                Side(
                    name=view.view.view or view.view.camera or view.view.image,
                    picture=seen.picture,
                    heat=seen.heat,
                    channel=seen.channel,
                    reference=seen.reference,
                    reference_name=seen.reference_name,
                    profile=None if seen.row is None else Profile(*seen.row),
                )
            )
        aside = one.decision == "sideline"
        what = _what(one) if aside else "a person looks"
        cases.append(
            Case(
                unit=one.unit.capture_id,
                product=one.verdict.product or "no product",
                verdict=what,
                why=f"By {', '.join(one.reason) or 'all channels together'}" if aside else "; ".join(one.reason),
                score=one.above or "none",
                to_do="" if one.disposed is None else str(one.disposed),
                channels=[(name, f"{value:.4g}") for name, value in sorted(one.verdict.channels.items())],
                sides=sides,
            )
        )
    many = Counter(one.decision for one in decided)
    summary = f"{many['sideline']:,} of {len(decided):,} units were put aside, {many['person']:,} go to a person"
    summary = "; ".join([summary, *_done_with(decided)[:1]])
    return page(goods.policy.subject, summary, cases, len(shown) - len(cases))


def _what(one: Decided) -> str:
    """Return what kind of alarm it is, in words."""
    pieces, lost = one.verdict.pieces or (0, 0)
    lacking = f", {lost} of {pieces} pieces are missing" if one.kind == "incomplete" else ""
    says = f", and says {', '.join(one.read[:3])}" if one.read else ""
    return f"looks like {one.looks_like}{says}" if one.looks_like else one.kind + lacking


def _put(target: Path, text: str) -> None:
    from probatum.cli.delivery import put

    put(target, text)


def _said(target: Path | None, decided: list[Decided], unusable: dict[str, str]) -> dict[str, Any]:
    return {
        "schema": "probatum-inspection-inspect/1",
        "file": None if target is None else str(target),
        "decisions": dict(Counter(one.decision for one in decided)),
        **({"actions": actions} if (actions := _actions(decided)) else {}),
        "units": [{**one.told(), **one.verdict.to_json()} for one in decided],
        "unusable_references": unusable,
    }


def _actions(decided: list[Decided]) -> dict[str, int]:
    return dict(Counter(one.disposed.decided.action for one in decided if one.disposed is not None))


def _lines(target: Path | None, decided: list[Decided], unusable: dict[str, str]) -> list[str]:
    many = Counter(one.decision for one in decided)
    where = "" if target is None else f"{target}: "
    parts = f"{many['pass']:,} pass, {many['sideline']:,} put aside, {many['person']:,} for a person"
    lines = [f"{where}{count(len(decided), 'unit')}: {parts}"]
    worst = sorted(
        (one for one in decided if one.decision == "sideline"),
        key=lambda one: (bool(one.above), -one.verdict.score if one.above else 0.0),
    )
    for one in worst[:_TOLD]:
        by = ", ".join(one.reason) or "all channels together"
        score = f"score {one.above}, " if one.above else ""
        lines.append(f"  {one.unit.capture_id}  {one.verdict.product}  {_what(one)}, {score}by {by}")
        if one.disposed is not None:
            lines.append(f"    {one.disposed}")
    if len(worst) > _TOLD:
        lines.append(f"  and {len(worst) - _TOLD:,} more")
    lines += _for_people(decided)
    lines += _done_with(decided)
    lines += [f"the reference `{name}` is not compared with: {reason}" for name, reason in sorted(unusable.items())[:_TOLD]]
    return lines


def _for_people(decided: list[Decided]) -> list[str]:
    """Return what people look at, by kind: one such unit, why, and what to do about it."""
    kinds: dict[str, list[Decided]] = {}
    for one in decided:
        if one.decision == "person":
            kinds.setdefault(one.verdict.refusals[0].kind if one.verdict.refusals else one.reason[0], []).append(one)
    lines = []
    for alike in sorted(kinds.values(), key=len, reverse=True)[:_TOLD]:
        first = alike[0]
        advice = first.verdict.refusals[0].advice if first.verdict.refusals else ""
        many = f"`{first.unit.capture_id}`" if len(alike) == 1 else f"{len(alike):,}, such as `{first.unit.capture_id}`"
        lines.append(f"  a person looks at {many}: {first.reason[0]}" + (f"; {advice}" if advice else ""))
    return lines


def _done_with(decided: list[Decided]) -> list[str]:
    """Return how many units are to be shipped, looked at and put aside, and why people look at what passed."""
    actions = _actions(decided)
    if not actions:
        return []
    lines = [
        f"to be done: ship {actions.get('ship', 0):,}, look at {actions.get('look', 0):,}, put aside {actions.get('sideline', 0):,}"
    ]
    passed = (one.disposed.decided for one in decided if one.disposed is not None and one.decision == "pass")
    why = Counter(one.reason for one in passed if one.action == "look")
    return lines + [f"  {number:,} that passed are looked at: {reason}" for reason, number in why.most_common(_TOLD)]
