"""Rates of the sites that a policy names, as a funnel plot shows them: without regard to whom they serve."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.fairness.artefacts.policy import Policy
from probatum.fairness.artefacts.requirements.decomposition import DecompositionRequirement
from probatum.fairness.model.decomposition.sites import Profiles, profiles
from probatum.fairness.semantics.decisions import count, groups
from probatum.fairness.semantics.metrics import RATES, Confusion
from probatum.fairness.semantics.relation import Relation


def site_columns(policy: Policy) -> tuple[str, ...]:
    """Return the columns that requirements name as sites."""
    return tuple(dict.fromkeys(r.site for r in policy.of_kind(DecompositionRequirement) if r.site))


def sites_seen(policy: Policy, relation: Relation) -> Mapping[tuple[str, str], Profiles]:
    """Return profiles by (column, rate), for each rate that exists: of favourable decisions, of positive truth.

    Rows count once each, whatever they weigh. A rate that nobody or everybody has is left out.
    """
    found: dict[tuple[str, str], Profiles] = {}
    for column in site_columns(policy):
        cube = count(policy, relation, given=(column,)).cube
        own = {name: Confusion.of(part, rows=True) for name, part in groups(cube, (column,)).items()}
        for rate in (RATES["selection_rate"], RATES["base_rate"]):
            seen = {name: rate.of(c) for name, c in own.items() if rate.of(c)[1] > 0}
            hits, trials = sum(h for h, _ in seen.values()), sum(t for _, t in seen.values())
            if 0 < hits < trials and len(seen) > 1:
                cases, events = [int(t) for _, t in seen.values()], [int(h) for h, _ in seen.values()]
                found[column, rate.name] = profiles(list(seen), cases, events, confidence=1 - policy.alpha)
    return found
