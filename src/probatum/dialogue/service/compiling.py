"""From what was learnt, and what is on record, to a policy that can be served."""

from __future__ import annotations

from pathlib import Path

from probatum.dialogue.model.learning import Learnt
from probatum.dialogue.model.options import CAREFUL_WEIGHTS, Link
from probatum.dialogue.service.registry import RECOVERY, Registry, State
from probatum.dialogue.service.serving.policy_file import Recovering, Rules, write

_SERVED: tuple[State, ...] = ("shadow", "canary", "active")
_UNSEEN_SHARE = 0.5  # of a rewrite that the log does not show any more: it works so well that its source is followed by nothing


def policy_of(learnt: Learnt, registry: Registry, folder: Path, *, noise: str = "") -> tuple[str, int]:
    """Write a policy into a folder; return its digest, and how many rewrites it has.

    Which rewrites it has, and in which state, says the registry; how they are weighed, what was learnt. `noise` is what is promised to
    each user where users were counted with noise (`spending`); the policy states it.
    """
    links = []
    for name, one in registry.rewrites(*_SERVED).items():
        if one.scope == "global":
            shares = {link.target: link.share for link in learnt.table.links(one.source)}
            links.append((one.source, Link(one.target, shares.get(one.target, _UNSEEN_SHARE), name, one.state)))
    margin = learnt.margin.least
    digest = write(
        folder,
        texts=learnt.table.texts.items(),
        links=links,
        weights=learnt.weights.weights if learnt.weights is not None else CAREFUL_WEIGHTS,
        recovery=_recovering(learnt, registry),
        rules=Rules(margin=margin, ask_margin=min(Rules().ask_margin, margin)),
        about={
            "until": learnt.until,
            "registry": registry.digest,
            "margin_shown": learnt.margin.shown,
            "choices": learnt.weights.choices if learnt.weights is not None else 0,
            **({"noise": noise} if noise else {}),
        },
    )
    return digest, len(links)


def _recovering(learnt: Learnt, registry: Registry) -> Recovering | None:
    if learnt.recovery is None or not learnt.recovery.released:
        return None
    known = registry.rewrites().get(RECOVERY.identifier)
    return Recovering(learnt.recovery, known.identifier, known.state) if known is not None and known.state in _SERVED else None
