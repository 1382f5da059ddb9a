"""From logs to what can be rewritten, for all users and for each: the whole way in one place.

Outcomes of turns become outcomes of goals; goals become a chain; the chain
proposes pairs, and the guards refuse most of them. Goals also say what each user
means by what, and teach how all that is known of a request is to be weighed.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from probatum.dialogue.artefacts.policy import Privacy, SessionRule
from probatum.dialogue.model.candidates import Proposal, candidates, proposals
from probatum.dialogue.model.candidates import refused as refused_by
from probatum.dialogue.model.chain import build, solve
from probatum.dialogue.model.choice import Fitted, fit
from probatum.dialogue.model.experience import Goal, Try, gained
from probatum.dialogue.model.generalising import General, Generalised, generalise, implied
from probatum.dialogue.model.guards import Asked, Limits
from probatum.dialogue.model.habits import Habits
from probatum.dialogue.model.margin import Margin, margin
from probatum.dialogue.model.meanings import meanings
from probatum.dialogue.model.noised import noised
from probatum.dialogue.model.options import FEATURES, RISING, Known, Link, Setting, known_of, links_of, words_of
from probatum.dialogue.model.outcome import Outcome
from probatum.dialogue.model.outcome import fit as fit_outcome
from probatum.dialogue.model.recovery.near import Near
from probatum.dialogue.model.recovery.refusals import MOST, Refusals, texts_of
from probatum.dialogue.model.recovery.released import Recovery, released
from probatum.dialogue.model.requests import window
from probatum.dialogue.semantics.circumstances import keys, lifts
from probatum.dialogue.semantics.edges import Counted, count
from probatum.dialogue.semantics.goals import goals, walks, whole
from probatum.dialogue.semantics.judged import judged, patterns
from probatum.dialogue.semantics.refused import refused
from probatum.dialogue.semantics.templates import Templates, is_template

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

_FEWEST_CHOICES = 200  # below which the weights are those that were fixed beforehand
_BATCH = 20_000


@dataclass(frozen=True, slots=True)
class Shared:
    """What is known over all users; a `model.options.Table`.

    Attributes
    ----------
    texts : mapping of text to Known
        Of templates too.
    rewrites : mapping of text to tuple of Link
        From templates to templates too.
    """

    texts: Mapping[str, Known]
    rewrites: Mapping[str, tuple[Link, ...]]
    _known: Templates = field(init=False)
    _linked: Templates = field(init=False)
    _words: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        """Find the templates."""
        object.__setattr__(self, "_known", Templates(self.texts))
        object.__setattr__(self, "_linked", Templates(self.rewrites))
        object.__setattr__(self, "_words", words_of(text for text, known in self.texts.items() if 2 * known.direct > known.tried))

    def known(self, text: str) -> Known | None:
        """Return what is known of a normalised text."""
        return known_of(text, self.texts.get, self._known)

    def links(self, text: str) -> tuple[Link, ...]:
        """Return what it may be rewritten to."""
        return links_of(text, lambda source: self.rewrites.get(source, ()), self._linked)

    def works_with(self, word: str) -> bool:
        """Whether a word is in a text that works for most."""
        return word in self._words


@dataclass(frozen=True, slots=True, kw_only=True)
class Learnt:
    """What logs say about rewrites.

    Attributes
    ----------
    candidates : list of Proposal and of General
        That nothing speaks against, by source: of texts, and then of templates.
    dropped : dict of text to reason
        Sources whose candidate would have led to another rewrite.
    refused : mapping of guard to int
        Proposals that it refused.
    review : list of Proposal
        That a person may decide about.
    table : Shared
    habits : mapping of user to Habits
    weights : Fitted or None
        None where there were too few choices to learn from.
    margin : Margin
    recovery : Recovery or None
        What weighs requests that the assistant made nothing of; None where there were too few to learn from.
    unoffered : int
        Tries whose meaning was none of the options.
    outcome : Outcome
    users : int
    without_user : int
        Requests that the log does not say whose they are.
    until : str
    """

    candidates: list[Proposal | General]
    dropped: dict[str, str]
    refused: Mapping[str, int]
    review: list[Proposal]
    table: Shared
    habits: Mapping[str, Habits]
    weights: Fitted | None
    margin: Margin
    recovery: Recovery | None
    unoffered: int
    outcome: Outcome
    users: int
    without_user: int
    until: str
    _steps: Mapping[tuple[str, str], int]

    def users_of(self, source: str, target: str) -> int:
        """Return how many users said one text, and then the other, as a try at the same thing; of templates, 0 for too few."""
        return self._steps.get((source, target), 0)


def learn(
    conversations: Conversations,
    *,
    sessions: SessionRule,
    privacy: Privacy,
    asked: Asked,
    until: str = "",
) -> Learnt:
    """Learn rewrites from logs.

    Parameters
    ----------
    conversations : Conversations
    sessions, privacy
        As a policy says.
    asked : Asked
        What the guards may ask.
    until : str
        ISO 8601, UTC: where the window of 90 days ends; "" for the end of the last day of the log.
    """
    table, outcome = _judged(conversations, sessions)
    until = until or _end(conversations)
    counted = count(conversations, f"({walks(table)})", until=until)
    if privacy.noise is not None:
        counted = noised(conversations, counted, privacy.noise, least=privacy.users)
    query = "select text_id, normalised from {texts} where list_contains($ids::ubigint[], text_id)"
    # A request that a rewrite answered is no state, and may be what was said next.
    rows = conversations.sql(query, ids=sorted({*counted.states.state.tolist(), *counted.steps.target.tolist()}))
    texts: dict[int, str] = {row["text_id"]: row["normalised"] for row in rows}
    meant = meanings(conversations, texts.values())
    chain = build(counted.states, counted.steps)
    limits = Limits(users=privacy.users, households=privacy.households, log_weeks=counted.weeks)
    found = proposals(
        counted,
        chain,
        solve(chain),
        text=texts.__getitem__,
        meaning=lambda number: meant.get(texts[number]),
        limits=limits,
        asked=asked,
    )
    chosen, dropped = candidates(found)
    # Templates are counted over all that a gap was filled with, for which there is no noise: with it, none are learnt.
    general = (
        generalise(conversations, table, until=until, limits=limits, asked=asked)
        if privacy.noise is None
        else Generalised([], {}, {}, {})
    )
    by = {one.pair.source: one.pair.target for one in general.candidates}
    # What a template does as well needs no rewrite, and no test, of its own.
    chosen = [one for one in chosen if not implied((one.pair.source, one.pair.target), by)]
    shared = _shared(conversations, table, counted, chosen, general, texts=texts, privacy=privacy)
    near = Near(text for text, _ in texts_that_work(shared.texts))
    refusals = Refusals(shared, near, _share(conversations), until=seconds(until))
    experience = gained(goals_of(conversations, table), shared, refusals)
    choices = experience.choices
    weights = fit(choices, FEATURES, rising=RISING) if choices is not None and len(choices) >= _FEWEST_CHOICES else None
    return Learnt(
        candidates=[*chosen, *general.candidates],
        dropped={texts[source]: why for source, why in dropped.items()},
        refused=Counter(refused_by(found)) + Counter(general.refused),
        review=[one for one in found if one.judged.review],
        table=shared,
        habits=experience.habits,
        weights=weights,
        margin=margin(choices, experience.users, weights),
        recovery=released(refusals.seen, meanings(conversations, texts_of(refusals.seen))),
        unoffered=experience.unoffered,
        outcome=outcome,
        users=len(experience.habits),
        without_user=counted.without_user,
        until=until,
        _steps={
            (texts[source], texts[target]): users
            for source, target, users in zip(
                counted.steps.source.tolist(), counted.steps.target.tolist(), counted.steps.users.tolist(), strict=True
            )
        }
        | dict(general.users),
    )


def judged_goals(conversations: Conversations, until: str = "", *, sessions: SessionRule | None = None) -> tuple[str, str]:
    """Return the name of a table of goals (see `semantics.goals`) with their outcomes, and until when, as in `learn`."""
    table, _ = _judged(conversations, sessions or SessionRule())
    return table, until or _end(conversations)


def seconds(until: str) -> float:
    """Return the end of a window, as `Learnt.until` has it, in seconds since 1970."""
    found = datetime.fromisoformat(until)
    return (found if found.tzinfo is not None else found.replace(tzinfo=UTC)).timestamp()


def _judged(conversations: Conversations, sessions: SessionRule) -> tuple[str, Outcome]:
    """Return the table of goals, and the model of outcomes."""
    window_s = window(conversations, sessions)
    seen = patterns(conversations, judged(conversations, gap_s=sessions.gap_s, window_s=window_s, detector=sessions.detector))
    outcome = fit_outcome(list(seen), list(seen.values())) if seen else Outcome(0.5, (), 1.0, 0.0, (0, 0))
    failed = {pattern: outcome.probability(pattern) for pattern in seen}
    return goals(conversations, failed, gap_s=sessions.gap_s, window_s=window_s, detector=sessions.detector), outcome


def _end(conversations: Conversations) -> str:
    [row] = conversations.sql("select (max(asked_at)::date + 1)::varchar as day from {turns}")
    return str(row["day"] or "1970-01-01")


def _shared(
    conversations: Conversations,
    table: str,
    counted: Counted,
    chosen: Sequence[Proposal],
    general: Generalised,
    *,
    texts: Mapping[int, str],
    privacy: Privacy,
) -> Shared:
    """Return what may be known over all users: of texts that enough of them said."""
    states = counted.states
    enough = (states.users >= privacy.users) & (states.households >= privacy.households)
    numbers = states.state[enough].tolist()
    linked = sorted({number for one in chosen for number in (one.source, one.target)})
    query = f"""(
        with worked as (
            select user_id, text_id, context, asked_at from {whole(table)} where p_good >= 0.5 and rewritten_id is null
        )
        select user_id, text_id, unnest(list_transform(context, lambda c: c.name || '=' || c.value)) as key from worked
        union all
        select user_id, text_id, 'hour=' || ['night', 'morning', 'afternoon', 'evening'][1 + hour(asked_at) // 6] as key
        from worked where asked_at is not null
    )"""  # noqa: S608 - names of our own
    together = lifts(conversations, query, linked, users=privacy.users) if linked else {}
    known = {
        texts[number]: Known(direct, tried, together.get(number, {}))
        for number, direct, tried in zip(numbers, states.direct[enough].tolist(), states.tried[enough].tolist(), strict=True)
    }
    rewrites: dict[str, tuple[Link, ...]] = {}
    every: list[Proposal | General] = [*chosen, *general.candidates]
    for one in every:
        rewrites[one.pair.source] = (Link(one.pair.target, one.share),)
    return Shared({**known, **general.known}, rewrites)


def goals_of(conversations: Conversations, table: str) -> Iterator[Goal]:
    """Yield the goals of each user in the order of time; those that a rewrite answered teach nothing."""
    told = conversations.once(f"told {table}", lambda own: _keep_told(own, table))
    heard = _Heard(conversations)
    before: tuple[Any, str] = (None, "")

    def rows() -> Iterator[dict[str, Any]]:
        query = f"select * from {told} where place > $after and place <= $after + {_BATCH} order by place"  # noqa: S608 - our own
        after = 0
        while batch := conversations.sql(query, after=after):
            heard.add(batch)
            yield from batch
            after += _BATCH

    for _, group in groupby(rows(), key=lambda row: (row["user_id"], row["session"], row["goal"])):
        tries = []
        last: dict[str, Any] = {}
        rewritten = False
        for row in group:
            said_before = before[1] if before[0] == row["session"] else ""
            tries.append(Try(row["text"], _setting(row, said_before, heard), bool(row["refused"])))
            before = (row["session"], row["text"])
            last = row
            rewritten = rewritten or bool(row["rewritten"])
        at = last["at"]
        if not rewritten:
            yield Goal(last["user_id"], float(at) if at is not None else 0.0, tuple(tries), float(last["p_good"]))


def _keep_told(conversations: Conversations, table: str) -> str:
    """Keep what is told of requests, numbered: it is taken in parts, between which the texts of other ways to hear them are asked for."""
    name = conversations.free("told")
    conversations.keep(
        name,
        f"""
        select row_number() over (order by g.user_id, g.asked_at, g.session, g.position) as place,
            g.user_id, g.session, g.goal, g.p_good, x.normalised as text, epoch(g.asked_at) as at, hour(g.asked_at) as hour,
            g.context, list_transform(g.hypotheses, lambda h: h.text_id) as heard,
            list_filter(g.stages, lambda s: s.name = 'recognition')[1].confidence as confidence, g.rewritten, {refused("g")} as refused
        from {whole(table)} g join {{texts}} x on x.text_id = g.text_id
        where g.user_id is not null
        order by place""",  # noqa: S608 - names of our own
    )
    return name


def texts_that_work(texts: Mapping[str, Known]) -> Iterator[tuple[str, Known]]:
    """Yield texts that work for most; no templates."""
    return ((text, one) for text, one in texts.items() if 2 * one.direct > one.tried and not is_template(text))


def _share(conversations: Conversations) -> float:
    """Return the share of goals with a refused request that need be looked at."""
    [row] = conversations.sql(f"select count(*)::bigint as many from {{turns}} t where {refused('t')}")  # noqa: S608 - our own
    return min(1.0, MOST / max(1, int(row["many"])))


class _Heard:
    """Texts of other ways to hear requests, looked up a batch at a time."""

    def __init__(self, conversations: Conversations) -> None:
        self._conversations = conversations
        self._texts: dict[int, str] = {}

    def add(self, rows: Sequence[Mapping[str, Any]]) -> None:
        wanted = sorted({number for row in rows for number in row["heard"] or ()} - self._texts.keys())
        if wanted:
            query = (
                "select text_id, normalised from {texts} semi join (select unnest($ids::ubigint[]) as text_id) using (text_id)"
            )
            self._texts.update({row["text_id"]: row["normalised"] for row in self._conversations.sql(query, ids=wanted)})

    def __getitem__(self, number: int) -> str:
        return self._texts[number]


def _setting(row: Mapping[str, Any], before: str, heard: _Heard) -> Setting:
    context = {c["name"]: c["value"] for c in row["context"] or ()}
    confidence = row["confidence"]
    if confidence is not None and not math.isfinite(confidence):
        confidence = None
    return Setting(keys(context, before=before, hour=row["hour"]), confidence, tuple(heard[n] for n in row["heard"] or ()))
