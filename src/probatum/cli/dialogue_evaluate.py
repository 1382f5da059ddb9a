"""`probatum dialogue evaluate`: what a policy would have reached, from logs in which others were drawn at random."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.dialogue_files import AS_JSON, keep_unchanged, moment, say_unfinished

if TYPE_CHECKING:
    from probatum.dialogue.model.off_policy import Judged
    from probatum.stats.off_policy import Contrast, Evaluation

# It is taken to leave them.
_REFUSED = "what is done with refused requests: no log says whether what was rewritten would have been refused; `probatum dialogue monitor` counts it"


@click.command("evaluate")
@click.argument("policy", type=click.Path(path_type=Path, exists=True))
@click.argument("logs", metavar="LOG...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--since", default="", metavar="DATE", help="ISO 8601, UTC: only what was asked later. By default until when POLICY learnt."
)
@click.option(
    "--clip",
    type=click.FloatRange(1.0, 1000.0),
    help="Largest weight of a decision. By default what the probabilities of arms ask for, up to 20: 2 where all were one half.",
)
@click.option("--confidence", type=click.FloatRange(0.5, 0.999), default=0.95, show_default=True, help="Of each interval.")
@click.option("--without-habits", is_flag=True, help="Leave out what is known of single users.")
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Key of pseudonyms, where LOG is no imported folder: without it, nobody's habits are found again.",
)
@AS_JSON
def command(  # noqa: PLR0917 - click names them
    policy: Path,
    logs: tuple[Path, ...],
    since: str,
    clip: float | None,
    confidence: float,
    without_habits: bool,
    key_file: Path | None,
    as_json: bool,
) -> None:
    """Estimate what POLICY would have reached in LOG, if everyone had got it.

    POLICY is the folder of the service, one of its `.policy` files, or a table of
    `source` and `target`. LOG is a folder of imported logs, or logs, of a time in
    which rewrites were drawn at random and each turn says with which probability
    (`arm`, `propensity`). Where that is missing, or fewer than 100 users carry the
    weight, it is refused: such a log cannot tell. What POLICY does with refused
    requests is not valued, and that is said: `probatum dialogue monitor` counts it.
    """
    from probatum.dialogue.artefacts.store import key_of
    from probatum.dialogue.model.learning import judged_goals
    from probatum.dialogue.model.off_policy import judge
    from probatum.dialogue.semantics.conversations import logged
    from probatum.dialogue.semantics.decided import decided
    from probatum.dialogue.service.evaluating import acting
    from probatum.stats.off_policy import CannotBeEvaluated

    if since:
        moment(since)
    say_unfinished(policy)
    for one in logs:
        keep_unchanged(one)
    key = key_of(key_file) if key_file is not None else b""
    with acting(policy, habits=not without_habits) as judged, logged(logs, key=key) as opened:
        begins = since or judged.until
        table, _ = judged_goals(opened)
        seen = list(decided(opened, table, since=moment(begins) if begins else None))
        try:
            found = judge(seen, judged.acts, clip=clip, confidence=confidence)
        except CannotBeEvaluated as problem:
            if not judged.refused:
                raise
            raise CannotBeEvaluated(problem.message, help=f"{problem.help}; {_REFUSED}") from None
    not_valued = (_REFUSED,) if judged.refused else ()
    if as_json:
        click.echo(json.dumps({**_said(found, begins, confidence), "not_valued": not_valued}, indent=2, ensure_ascii=False))
    else:
        click.echo("\n".join([*_lines(found, begins, confidence), *(f"not valued: {one}" for one in not_valued)]))


def _said(found: Judged, begins: str, confidence: float) -> dict[str, Any]:
    counts = ("requests", "users", "touched", "touched_users", "acts", "untried", "unsaid")
    return {
        "schema": "probatum-dialogue-evaluation/1",
        "since": begins,
        "clip": found.clip,
        "confidence": confidence,
        **{name: getattr(found, name) for name in counts},
        "as_logged": found.logged,
        "policy": _evaluation(found.policy),
        "without": found.without if isinstance(found.without, str) else _evaluation(found.without),
        "better": _contrast(found.better),
        "better_overall": _contrast(found.better_overall),
        "assumptions": list(_assumed(found)),
    }


def _evaluation(one: Evaluation) -> dict[str, Any]:
    return {
        "inverse_propensity": one.inverse.to_json(),
        "self_normalised": one.self_normalised,
        "doubly_robust": one.doubly_robust.to_json(),
        "likely": list(one.likely),
        "at_all_times": list(one.always),
        "users": one.users,
        "effective_users": one.effective_users,
        "clipped": one.clipped,
        "lost": one.lost,
    }


def _contrast(one: Contrast | str) -> dict[str, Any] | str:
    if isinstance(one, str):
        return one
    return {"value": one.value, "likely": list(one.likely), "at_all_times": list(one.always), "users": one.users}


def _assumed(found: Judged) -> tuple[str, ...]:
    return (
        *found.policy.assumptions,
        "requests worked as the model of outcomes says, which has seen these logs",
        "what a user asks for first does not depend on what was rewritten before",
        *((f"{found.unsaid:,} requests without an `arm` were kept for certain",) if found.unsaid else ()),
    )


def _lines(found: Judged, begins: str, confidence: float) -> list[str]:
    sure = f"{confidence:.0%}"
    lines = [
        f"{found.requests:,} requests that begin a goal, of {found.users:,} users{f', since {begins}' if begins else ''}",
        (
            f"{found.touched:,} of them, of {found.touched_users:,} users, are rewritten by the policy or were drawn for; the policy acts on "
            f"{found.acts:,}"
        ),
        "",
        f"share that works at once, among the {found.touched:,} (mean over users; {sure} intervals)",
        f"  as they were answered         {found.logged:.1%}",
        *_rows("if everyone got the policy", found.policy),
        *(
            [f"  if nobody were rewritten      not known: {found.without}"]
            if isinstance(found.without, str)
            else _rows("if nobody were rewritten", found.without)
        ),
        "",
        _better("policy less nobody, among these", found.better),
        _better("policy less nobody, all traffic", found.better_overall),
        "",
        f"{found.policy.effective_users:.0f} users of equal weight would say as much; {max(0.0, found.policy.clipped):.2%} of the weight was cut off",
    ]
    if found.untried:
        lines.append(
            f"{found.untried:,} of {found.acts:,} rewrites of the policy were never tried in this log; the intervals are wider by what they could do"
        )
    return [*lines, "assumed: " + "; ".join(_assumed(found))]


def _rows(what: str, one: Evaluation) -> list[str]:
    return [
        f"  {what:29} {one.doubly_robust.value:.1%}  likely {_span(one.likely)}; doubly robust",
        f"  {'':29} {one.self_normalised:.1%}  self-normalised",
        (
            f"  {'':29} {one.inverse.value:.1%}  for any distribution {_span((one.inverse.low, one.inverse.high))}, "
            f"at all times together {_span(one.always)}; inverse propensity"
        ),
    ]


def _better(what: str, one: Contrast | str) -> str:
    if isinstance(one, str):
        return f"{what}: not known: {one}"
    if one.always[0] > 0:
        verdict = "better"
    elif one.always[1] < 0:
        verdict = "worse"
    elif one.likely[0] > 0:
        verdict = "likely better; too few users to be sure"
    elif one.likely[1] < 0:
        verdict = "likely worse; too few users to be sure"
    else:
        verdict = "not told apart"
    return f"{what}: {100 * one.value:+.1f} points, likely {_points(one.likely)}, at all times together {_points(one.always)}: {verdict}"


def _span(ends: tuple[float | None, float | None]) -> str:
    return f"{ends[0] or 0.0:.1%} to {1.0 if ends[1] is None else ends[1]:.1%}"


def _points(ends: tuple[float, float]) -> str:
    return f"{100 * ends[0]:+.1f} to {100 * ends[1]:+.1f}"
