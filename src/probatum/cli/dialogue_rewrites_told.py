"""What `probatum dialogue rewrites` says of what was learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from probatum.dialogue.model.learning import Learnt
    from probatum.dialogue.service.registry import Rewrite


def said(one: Rewrite) -> str:
    """Return what a rewrite does, on one line."""
    return "refused requests -> what they could have been" if one.scope == "refused" else f"{one.source} -> {one.target}"


def recovery_told(found: Learnt) -> str:
    """Return what is known of requests that the assistant made nothing of."""
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


def identifier_of(source: str, target: str) -> str:
    """Return the identifier of a rewrite for all users."""
    from probatum.dialogue.service.registry import Rewrite

    return Rewrite(source=source, target=target).identifier


def proposals_json(found: Learnt, entered: list[str], refused: list[str]) -> dict[str, Any]:
    """Return what was proposed, to be written as JSON."""
    return {
        "schema": "probatum-dialogue-proposals/1",
        "until": found.until,
        "users": found.users,
        "without_user": found.without_user,
        "entered": [
            {
                "rewrite": identifier_of(one.pair.source, one.pair.target),
                "source": one.pair.source,
                "target": one.pair.target,
                "users": one.pair.users,
                "share": one.share,
                "unasked": list(one.judged.unasked),
            }
            for one in found.candidates
            if identifier_of(one.pair.source, one.pair.target) in entered
        ],
        "not_entered": refused,
        "refused_by": dict(found.refused),
        "for_review": len(found.review),
        "refused_requests": None
        if found.recovery is None
        else {name: getattr(found.recovery, name) for name in ("released", "least", "goals", "wins", "losses", "low")},
    }


def summary(found: Learnt, entered: int, known: int, refused: list[str], users: int) -> list[str]:
    """Return lines of how many were proposed, and what was refused."""
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


def weighing_told(found: Learnt) -> list[str]:
    """Return lines of how choices are weighed."""
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
