"""What a causal graph says: which variables are independent given others, and what must be known to compare.

d-separation is decided by the reachability search of Koller and Friedman
(Probabilistic Graphical Models, algorithm 3.1); the criterion for mediators one
after the other is that of Pearl and Robins (UAI 1995).
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from probatum.fairness.artefacts.graph import Graph, Role


@dataclass(frozen=True, slots=True)
class Adjustment:
    """What mediators have in common with the outcome, and what follows from leaving nothing out.

    Attributes
    ----------
    sets : tuple of tuple of str
        For each mediator, in their order: the variables X that must be known besides group,
        baseline and earlier mediators.
    problem : str
        Why no claim is possible; "" if one is.
    notes : tuple of str
        What the claim rests on, as far as the graph says it.
    """

    sets: tuple[tuple[str, ...], ...]
    problem: str
    notes: tuple[str, ...] = ()


def open_path(
    graph: Graph, start: str, end: str, given: Collection[str], *, without: Iterable[tuple[str, str]] = ()
) -> tuple[str, ...]:
    """Return a path along which two variables depend on each other given others; empty if they are d-separated.

    Parameters
    ----------
    without : iterable of (str, str)
        Edges that are taken out first.
    """
    edges = graph.edges - frozenset(without)
    cut = Graph(variables=graph.variables, edges=edges, location=graph.location)
    known = frozenset(given)
    opened = known | cut.ancestors(known)  # colliders on a path are open at these
    first = (start, True)  # True: arrived from a child, or at the start
    came: dict[tuple[str, bool], tuple[str, bool] | None] = {first: None}
    waiting = [first]
    while waiting:
        here = waiting.pop(0)
        name, upwards = here
        if name == end:
            path = []
            step: tuple[str, bool] | None = here
            while step is not None:
                path.append(step[0])
                step = came[step]
            return tuple(reversed(path))
        following: list[tuple[str, bool]] = []
        if upwards and name not in known:
            following += [(parent, True) for parent in sorted(cut.parents(name))]
            following += [(child, False) for child in sorted(cut.children(name))]
        elif not upwards:
            if name not in known:
                following += [(child, False) for child in sorted(cut.children(name))]
            if name in opened:
                following += [(parent, True) for parent in sorted(cut.parents(name))]
        for step in following:
            if step not in came:
                came[step] = here
                waiting.append(step)
    return ()


def adjustment(
    graph: Graph,
    *,
    group: str,
    outcome: str,
    mediators: Sequence[str],
    allowed: Sequence[str],
    chosen: Sequence[str] | None = None,
    accepted: Collection[str] = (),
    conditioned: Collection[str] = (),
) -> Adjustment:
    """Say whether a disparity can be divided by mediators, and given what.

    Parameters
    ----------
    mediators : sequence of str
        In causal order.
    allowed : sequence of str
        Baseline: within whose values groups are compared.
    chosen : sequence of str, optional
        The confounders to use, as far as the mediator does not move them; by default all measured
        causes of mediator or outcome of which that is true.
    accepted : collection of str
        Allowed variables that the group moves through others, which the author knows.
    conditioned : collection of str
        Variables of which the table holds only some values.
    """
    selected = tuple(name for name in graph.variables if name in conditioned or graph.variables[name].role is Role.SELECTION)
    problem = (
        _unordered(graph, mediators)
        or _without_effect(graph, mediators, outcome)
        or _silent(graph, group, allowed, accepted)
        or _after(graph, mediators, outcome, allowed, chosen or ())
        or _selected(graph, mediators, [name for name in selected if name != group])
    )
    if problem:
        return Adjustment((), problem)
    sets: list[tuple[str, ...]] = []
    for at, mediator in enumerate(mediators):
        earlier, later = mediators[:at], mediators[at + 1 :]
        moved = graph.descendants([mediator, *later]) | set(later)
        used = _confounders(graph, mediator, outcome, moved) if chosen is None else [name for name in chosen if name not in moved]
        used = [name for name in used if name not in (group, outcome, *allowed, *mediators)]
        given = {group, *allowed, *used, *earlier}
        cut = {(mediator, child) for child in graph.children(mediator)}
        cut |= {(parent, name) for name in later for parent in graph.parents(name)}
        path = open_path(graph, mediator, outcome, given | set(selected), without=cut)
        if path:
            return Adjustment((), _unblocked(graph, mediator, outcome, path, given, selected, cut))
        sets.append(tuple(used))
    return Adjustment(tuple(sets), "", (*_notes(graph, group, mediators, sets, allowed, accepted), *_selections(selected)))


def _confounders(graph: Graph, mediator: str, outcome: str, moved: Collection[str]) -> list[str]:
    """Return all measured causes of either that the mediator does not move: sufficient if anything is (Perkovic et al. 2018)."""
    causes = graph.ancestors([mediator, outcome])
    unusable = (Role.LATENT, Role.SELECTION, Role.GROUP, Role.OUTCOME)
    return [
        name
        for name, variable in graph.variables.items()
        if name in causes and name not in moved and variable.role not in unusable
    ]


def _unordered(graph: Graph, mediators: Sequence[str]) -> str:
    for at, later in enumerate(mediators):
        for earlier in mediators[:at]:
            if earlier in graph.descendants([later]):
                return f"`{earlier}` stands before `{later}`, which causes it in the graph: name mediators in causal order"
    return ""


def _without_effect(graph: Graph, mediators: Sequence[str], outcome: str) -> str:
    still = [name for name in mediators if outcome not in graph.descendants([name])]
    return f"in the graph no arrows lead from `{still[0]}` to `{outcome}`, so nothing can go through it" if still else ""


def _silent(graph: Graph, group: str, allowed: Sequence[str], accepted: Collection[str]) -> str:
    """Allowing for what the group moves through something else hides that part of the disparity."""
    for name in allowed:
        through = carriers(graph, group, name, allowed)
        if through and name not in accepted:
            carried = ", ".join(f"`{other}`" for other in through)
            return (
                f"allowing for `{name}` also allows for {carried}, through which `{group}` moves it: "
                f"write `accept: [{name}]` if that is meant"
            )
    return ""


def carriers(graph: Graph, group: str, name: str, allowed: Collection[str]) -> tuple[str, ...]:
    """Return the variables, not allowed for themselves, through which the group moves another one."""
    between = graph.descendants([group]) & graph.ancestors([name])
    return tuple(other for other in graph.variables if other in between and other not in allowed)


def _after(graph: Graph, mediators: Sequence[str], outcome: str, allowed: Sequence[str], chosen: Sequence[str]) -> str:
    for name in (*allowed, *chosen):
        if name in graph.descendants([outcome]) or name == outcome:
            return f"`{name}` comes after the outcome `{outcome}`: knowing it cannot be part of comparing"
    for name in allowed:
        for mediator in mediators:
            if name in graph.descendants([mediator]):
                return f"`{name}` comes after `{mediator}`: allowing for it takes away part of what is asked"
    for name in chosen:
        # With several mediators a later one may need what an earlier one moves.
        if all(name in graph.descendants([mediator]) for mediator in mediators):
            return f"`{name}` comes after `{mediators[-1]}`: adjusting for it takes away part of what is asked"
    return ""


def _selected(graph: Graph, mediators: Sequence[str], selected: Sequence[str]) -> str:
    for name in selected:
        for mediator in mediators:
            if name in graph.descendants([mediator]):
                return (
                    f"the table holds only some values of `{name}`, which `{mediator}` moves: whatever else moves it (a collider's "
                    "other causes) then hangs together with the mediator"
                )
    return ""


def _unblocked(  # noqa: PLR0917 - what the sentence is made of
    graph: Graph,
    mediator: str,
    outcome: str,
    path: tuple[str, ...],
    given: Collection[str],
    selected: Sequence[str],
    cut: Collection[tuple[str, str]],
) -> str:
    way = " - ".join(f"`{name}`" for name in path)
    if selected and not open_path(graph, mediator, outcome, given, without=cut):
        kept = ", ".join(f"`{name}`" for name in selected)
        return f"the table holds only some values of {kept}, a common effect (collider) that opens {way}"
    missing = [name for name in path if graph.variables[name].role is Role.LATENT]
    what = f"`{missing[0]}` is not measured" if missing else "nothing on it is adjusted for"
    return f"`{mediator}` and `{outcome}` also depend on each other by {way}, and {what}"


def _notes(  # noqa: PLR0917 - one sentence about each
    graph: Graph,
    group: str,
    mediators: Sequence[str],
    sets: Sequence[tuple[str, ...]],
    allowed: Sequence[str],
    accepted: Collection[str],
) -> tuple[str, ...]:
    notes = []
    for mediator, used in zip(mediators, sets, strict=True):
        of = ", ".join(f"`{name}`" for name in used) or "nothing else"
        notes.append(f"nothing unmeasured moves both `{mediator}` and the outcome given group, baseline and {of}")
    moved = graph.descendants([group])
    social = [name for name in graph.of_role(Role.SOCIOECONOMIC) if name in moved]
    for name in graph.of_role(Role.CLINICAL):
        partly = [f"`{cause}`" for cause in social if cause in graph.ancestors([name])]
        if partly:
            notes.append(f"`{name}` is partly {' and '.join(partly)}, which moves it")
    notes += [
        f"what goes through {', '.join(f'`{other}`' for other in carriers(graph, group, name, allowed))} to `{name}` is allowed for"
        for name in allowed
        if name in accepted and carriers(graph, group, name, allowed)
    ]
    return tuple(notes)


def _selections(selected: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"claims are about rows that were selected by `{name}`" for name in selected)
