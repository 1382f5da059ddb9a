"""Rewrites with gaps: what many do about different things in the same way.

Who says `fire up the lamp` and then `turn on the lamp`, and who does so with the
fan, support `fire up *` becoming `turn on *`, although no two of them said the
same. Users are counted for the pair of templates, and the same guards refuse it
that refuse pairs of texts; templates are made of words that many said, for a word
of one user is in no template that many support.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from probatum.dialogue.model.guards import Asked, Judged, Limits, Meaning, Pair, judge
from probatum.dialogue.model.options import Known
from probatum.dialogue.semantics.edges import UNIT, WINDOW_DAYS
from probatum.dialogue.semantics.goals import whole
from probatum.dialogue.semantics.templates import Templates, instances, pairs

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

FEWEST_TEXTS = 3  # different ones that a template must have come from, or it is a text
_ENDED_WELL = 0.5
_MOST_MOVES = 500_000  # different pairs of texts: those that most users made

TextPair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class General:
    """A pair of templates that goals propose, and what the guards say.

    Attributes
    ----------
    pair : Pair
    share : float
        Of users who began so and whose goals ended well, those for whom it was with the target and the same in its gaps.
    texts : int
        Different texts that the source was said as.
    judged : Judged
    """

    pair: Pair
    share: float
    texts: int
    judged: Judged


@dataclass(frozen=True, slots=True)
class Generalised:
    """What goals say about templates.

    Attributes
    ----------
    candidates : list of General
        That nothing speaks against, and that no more general one of them does as well.
    refused : mapping of guard to int
    known : mapping of template to Known
        Of sources and targets of the candidates.
    users : mapping of (source, target) to int
        Users who made a pair of templates; those that fewer than needed made are left out.
    """

    candidates: list[General]
    refused: Mapping[str, int]
    known: Mapping[str, Known]
    users: Mapping[TextPair, int]


def generalise(conversations: Conversations, table: str, *, until: str, limits: Limits, asked: Asked) -> Generalised:
    """Return what goals say about templates.

    Parameters
    ----------
    conversations : Conversations
    table : str
        Of goals; see `semantics.goals`.
    until : str
        As in `edges.count`: the end of a window of `WINDOW_DAYS` days.
    limits, asked
        See `guards`. The catalogue and the assistant are asked about texts, so those guards are not asked here.
    """
    moves = conversations.free("moves")
    conversations.keep(moves, _moves.replace("GOALS", table), until=until, days=WINDOW_DAYS, well=_ENDED_WELL)
    made = conversations.sql(
        f"""select a.normalised as source, b.normalised as target, m.users, m.source_id, m.target_id from (
              select source_id, target_id, count(distinct person) as users from {moves} group by all
              order by users desc, source_id, target_id limit {_MOST_MOVES}) m
            join {{texts}} a on a.text_id = m.source_id join {{texts}} b on b.text_id = m.target_id
            order by m.source_id, m.target_id"""  # noqa: S608 - names of our own
    )
    wanted = _supported(((row["source"], row["target"], int(row["users"])) for row in made), limits.users)
    if not wanted:
        return Generalised([], {}, {}, {})
    there, back = _counted(conversations, moves, made, wanted)
    enough = [pair for pair in wanted if there.get(pair, _nobody)["users"] >= limits.users]
    states = _states_of(conversations, table, {text for pair in enough for text in pair}, until=until)
    found = []
    for one in enough:
        pair = _pair(one, there[one], back.get(one, _nobody)["users"], states)
        if pair is not None:
            own = states[one[0]]
            share = min(1.0, pair.users / max(1, own.moved))
            found.append(General(pair, share, wanted[one], _judged(pair, limits, asked)))
    chosen = _most_general([one for one in found if one.judged.candidate])
    refused: Counter[str] = Counter(name for one in found for name in {o.guard for o in one.judged.objections})
    linked = {text for one in chosen for text in (one.pair.source, one.pair.target)}
    return Generalised(
        chosen,
        dict(sorted(refused.items())),
        {text: Known(states[text].direct, states[text].tried) for text in sorted(linked)},
        {pair: int(there[pair]["users"]) for pair in enough},
    )


def implied(pair: TextPair, by: Mapping[str, str]) -> bool:
    """Whether one of some pairs of templates makes the target of a pair of its source."""
    from probatum.dialogue.semantics.templates import filled

    return any(template in by and filled(by[template], gaps) == pair[1] for template, gaps in instances(pair[0]))


@dataclass(slots=True)
class _State:
    direct: float
    tried: int
    moved: int  # users who went on from it, and whose goal ended well elsewhere
    meaning: Meaning | None


_nobody: Mapping[str, int] = {"users": 0, "households": 0, "weeks": 0, "hours": 0}


def _supported(moves: Iterable[tuple[str, str, int]], users: int) -> dict[TextPair, int]:
    """Return pairs of templates that enough users may have made, from enough different texts, with how many texts."""
    most: Counter[TextPair] = Counter()
    texts: Counter[TextPair] = Counter()
    before: str | None = None
    seen: set[TextPair] = set()
    for source, target, many in moves:  # in the order of their sources
        if source != before:
            before, seen = source, set()
        for pair in pairs(source, target):
            most[pair] += many
            if pair not in seen:
                seen.add(pair)
                texts[pair] += 1
    return {pair: texts[pair] for pair in sorted(most) if most[pair] >= users and texts[pair] >= FEWEST_TEXTS}


def _counted(
    conversations: Conversations, moves: str, made: Sequence[Mapping[str, Any]], wanted: Mapping[TextPair, int]
) -> tuple[dict[TextPair, Mapping[str, int]], dict[TextPair, Mapping[str, int]]]:
    """Return who made each pair, and who made it the other way round."""
    numbers = {pair: number for number, pair in enumerate(wanted)}
    rows: list[tuple[int, int, int, bool]] = []
    for row in made:
        for one, other in pairs(row["source"], row["target"]):
            for number, backwards in ((numbers.get((one, other)), False), (numbers.get((other, one)), True)):
                if number is not None:
                    rows.append((row["source_id"], row["target_id"], number, backwards))
    instance = conversations.free("instance")
    conversations.keep(
        instance,
        """select unnest($sources::ubigint[]) as source_id, unnest($targets::ubigint[]) as target_id,
                  unnest($numbers::integer[]) as number, unnest($backwards::boolean[]) as backwards""",
        sources=[row[0] for row in rows],
        targets=[row[1] for row in rows],
        numbers=[row[2] for row in rows],
        backwards=[row[3] for row in rows],
    )
    found = conversations.sql(
        f"""
        select number, backwards, count(distinct person) as users, count(distinct home) as households,
               count(distinct week) as weeks, count(distinct hour) as hours
        from {moves} join {instance} using (source_id, target_id) group by number, backwards
        """  # noqa: S608 - names of our own
    )
    every = list(wanted)
    there: dict[TextPair, Mapping[str, int]] = {}
    back: dict[TextPair, Mapping[str, int]] = {}
    for row in found:
        (back if row["backwards"] else there)[every[row["number"]]] = row
    return there, back


def _states_of(conversations: Conversations, table: str, templates: set[str], *, until: str) -> dict[str, _State]:
    """Return how texts with a template end, over users."""
    names = sorted(templates)
    numbers = {name: number for number, name in enumerate(names)}
    known = Templates(names)
    texts: list[int] = []
    matched: list[int] = []
    for batch in conversations.stream(
        f"select text_id, normalised from {{texts}} where text_id in (select text_id from {table}) order by text_id"  # noqa: S608 - our own
    ):
        for row in batch:
            for template in known.every(row["normalised"]):
                texts.append(row["text_id"])
                matched.append(numbers[template])
    instance = conversations.free("matched")
    conversations.keep(
        instance,
        "select unnest($texts::ubigint[]) as text_id, unnest($matched::integer[]) as number",
        texts=texts,
        matched=matched,
    )
    query = _endings.replace("GOALS", table).replace("WHOLE", whole(table)).replace("MATCHED", instance)
    rows = conversations.sql(query, until=until, days=WINDOW_DAYS, well=_ENDED_WELL, unit=UNIT)
    return {
        names[row["number"]]: _State(
            float(row["direct"] or 0) / UNIT,
            int(row["tried"]),
            int(row["moved"]),
            Meaning(row["domain"] or "", row["intent"]) if row["intent"] else None,
        )
        for row in rows
    }


def _pair(pair: TextPair, there: Mapping[str, int], users_back: int, states: Mapping[str, _State]) -> Pair | None:
    one, other = states.get(pair[0]), states.get(pair[1])
    if one is None or other is None:
        return None
    return Pair(
        source=pair[0],
        target=pair[1],
        users=int(there["users"]),
        households=int(there["households"]),
        weeks=int(there["weeks"]),
        hours=int(there["hours"]),
        users_back=users_back,
        source_direct=one.direct,
        source_tried=one.tried,
        target_direct=other.direct,
        target_tried=other.tried,
        source_meaning=one.meaning,
        target_meaning=other.meaning,
    )


def _judged(pair: Pair, limits: Limits, asked: Asked) -> Judged:
    """Ask the guards, but for what they ask about texts: that two mean the same is shown by what stayed the same in the gaps."""
    found = judge(pair, limits, Asked(costly=asked.costly, denied=asked.denied))
    return Judged(tuple(one for one in found.objections if one.guard != "nearness"), (*found.unasked, "nearness"))


def _most_general(found: Sequence[General]) -> list[General]:
    """Return the pairs that most users made, without those that one of the others does as well."""
    chosen: dict[str, General] = {}
    by: dict[str, str] = {}
    for one in sorted(found, key=lambda g: (-g.pair.users, len(g.pair.source.split()), g.pair.source, g.pair.target)):
        pair = (one.pair.source, one.pair.target)
        if pair[0] in chosen or implied(pair, by) or Templates(by).owner(pair[1]) is not None or _ends(pair, chosen):
            continue
        chosen[pair[0]] = one
        by[pair[0]] = pair[1]
    return [chosen[source] for source in sorted(chosen)]


def _ends(pair: TextPair, chosen: Mapping[str, General]) -> bool:
    """Whether the target of a chosen pair would be rewritten by this one."""
    return any(Templates((pair[0],)).owner(one.pair.target) is not None for one in chosen.values())


_within = """person is not null and text_id is not null
      and (asked_at is null or (asked_at <= $until::timestamp and asked_at > $until::timestamp - to_days($days::integer)))"""

# Sums are of whole numbers, as in `edges`: the same in any order. A try, and the text with which its goal ended well.
_moves = f"""
with tries as (
    select person, home, text_id as source_id, asked_at, last_value(text_id) over whole as target_id,
           last_value(p_good) over whole as good,
           bool_or(rewritten) over whole as rewritten
    from GOALS where {_within}
    window whole as (partition by person, goal order by position rows between unbounded preceding and unbounded following)
)
select distinct person, home, source_id, target_id, epoch(asked_at)::bigint // 604800 as week, epoch(asked_at)::bigint // 3600 as hour
from tries where source_id <> target_id and good >= $well and not rewritten
"""  # noqa: S608 - our own text

_endings = f"""
with seen as (
    select person, text_id, p_good, rewritten, lead(text_id) over (partition by person, goal order by position) as next,
           last_value(p_good) over (partition by person, goal order by position rows between unbounded preceding and unbounded following) as ended
    from GOALS where {_within}
), per as (
    select number, person, count(*) filter (next is null or next <> text_id) as tried,
           coalesce(sum(round($unit * least(1.0, greatest(0.0, coalesce(p_good, 0.0))))::bigint) filter (next is null), 0) as good, bool_or(next is not null and next <> text_id and ended >= $well) as moved
    from seen join MATCHED using (text_id) where not rewritten group by number, person
), meant as (
    select number, domain, intent, count(distinct person) as users from WHOLE g join MATCHED using (text_id)
    where {_within} and intent is not null and intent <> '' group by all
), most as (
    select * from meant qualify row_number() over (partition by number order by users desc, domain, intent) = 1
)
select number, (sum(least($unit, good // greatest(1, tried))) filter (tried > 0))::bigint as direct, count(*) filter (tried > 0) as tried,
       count(*) filter (moved) as moved, any_value(m.domain) as domain, any_value(m.intent) as intent
from per left join most m using (number) group by number order by number
"""  # noqa: S608 - our own text
