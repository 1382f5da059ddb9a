"""The signals of every turn of some logs, counted: how often each pattern of signals occurs, and for which requests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.semantics.browsing import browsed
from probatum.dialogue.semantics.phrases import Says, answered, known_languages, reverses, said, telling
from probatum.dialogue.semantics.rephrases import choose, same_again
from probatum.dialogue.semantics.sessions import sessions, spoken
from probatum.dialogue.semantics.signals import SIGNALS, UNSEEN, signals, undone
from probatum.dialogue.semantics.sounds import apart

if TYPE_CHECKING:
    from probatum.dialogue.semantics.conversations import Conversations

_BATCH = 50_000
_UNLIKE = 0.5  # distance of sound: of random pairs of words, three in a thousand are nearer
_MOST_INTENTS = 2000  # of which all pairs are looked at
_REMARKS = Says.STOP | Says.THANKS | Says.PERSON


def digits(pattern: int) -> tuple[int, ...]:
    """Return the signals of a pattern, in the order of `SIGNALS`: 0, 1, or 2 for what cannot be seen."""
    found = []
    for _ in SIGNALS:
        pattern, digit = divmod(pattern, 3)
        found.append(digit)
    return tuple(found)


def judged(conversations: Conversations, *, gap_s: float, window_s: float, detector: str = "words") -> str:
    """Return the name of a table of the signals of all turns, which is made when it is first asked for.

    Its columns are `turn`, `session`, `step`, `unit`, `known` and `text_id` (see `signals.signals`), `said` (see `phrases.said`), `cannot` and `pattern`: a number whose digits to the base 3 are the signals in the
    order of `SIGNALS`, the first the lowest; 2 where a signal cannot be seen.

    Parameters
    ----------
    conversations : Conversations
    gap_s, window_s : float
    detector : str
        See `artefacts.policy.SessionRule`.
    """
    steps = joined(conversations, gap_s=gap_s)
    used = detector_of(conversations, detector)
    return conversations.once(f"judged {gap_s} {window_s} {used}", lambda own: _judged(own, steps, window_s, used))


def detector_of(conversations: Conversations, asked: str = "words") -> str:
    """Return the name of the detector of rephrases: the one that is asked for, and for `auto` what `rephrases.choose` says."""
    if asked != "auto":
        return asked
    [row] = conversations.sql(
        "select count(distinct text_id) as texts, count(*) as turns, "
        "count(*) filter (not regexp_full_match(lower(locale), 'en([-_].*)?')) as foreign from {turns}"
    )
    return choose(texts=row["texts"], turns=row["turns"], foreign=row["foreign"])


def joined(conversations: Conversations, *, gap_s: float) -> str:
    """Return the name of a table of sessions; see `sessions.sessions`."""
    return conversations.once(f"sessions {gap_s}", lambda own: _joined(own, gap_s))


def patterns(conversations: Conversations, table: str) -> dict[int, int]:
    """Return how many turns have each pattern; those that the assistant is not made for are left out."""
    query = f"select pattern, count(*) as turns from {table} where not cannot group by pattern order by pattern"  # noqa: S608 - names of our own
    return {row["pattern"]: row["turns"] for row in conversations.sql(query)}


def _joined(conversations: Conversations, gap_s: float) -> str:
    channels = [row["channel"] for row in conversations.sql(spoken("{turns}"))]
    name = conversations.free("steps")
    conversations.keep(name, sessions("{turns}", gap_s=gap_s, channels=channels))
    return name


def _judged(conversations: Conversations, steps: str, window_s: float, detector: str) -> str:
    says = conversations.once("says", _keep_says)
    alike = _keep_alike(conversations, steps, says, window_s, detector)
    # By itself, so that the database knows that few are, and does not make a table of all turns to look them up.
    taken_back = conversations.free("undone")
    conversations.keep(taken_back, undone("{turns}", steps, reversals=conversations.once("reversed", _keep_reversed)))
    query = signals("{turns}", steps, says=says, pairs=alike, undone=taken_back, window_s=window_s)
    pattern = " + ".join(f"{3**n} * coalesce({name}, {UNSEEN})" for n, name in enumerate(SIGNALS))
    name = conversations.free("judged")
    columns = f"turn, session, step, unit, known, text_id, coalesce(said, 0) as said, cannot, ({pattern})::integer as pattern"
    conversations.keep(name, f"select {columns} from ({query}) left join {says} using (text_id)")  # noqa: S608 - names of our own
    return name


def _languages(conversations: Conversations) -> tuple[str, ...]:
    """Return the languages of some turns that phrases are known for; English where none is named."""
    query = "select distinct lower(regexp_extract(locale, '^[A-Za-z]+')) as language from {turns} where locale is not null"
    named = {row["language"] for row in conversations.sql(query)}
    return tuple(language for language in known_languages() if language in named) if named else ("en",)


def _keep_says(conversations: Conversations) -> str:
    languages = _languages(conversations)
    numbers: list[int] = []
    requests: list[int] = []
    answers: list[int] = []
    query = "select text_id, normalised from {texts} where regexp_matches(normalised, $telling) order by text_id"
    for batch in conversations.stream(query, size=_BATCH, telling=telling(languages)):
        for row in batch:
            one, other = said(row["normalised"], languages).value, answered(row["normalised"]).value
            if one or other:
                numbers.append(row["text_id"])
                requests.append(one)
                answers.append(other)
    name = conversations.free("says")
    conversations.keep(
        name,
        "select unnest($ids::ubigint[]) as text_id, unnest($said::integer[]) as said, unnest($answered::integer[]) as answered",
        ids=numbers,
        said=requests,
        answered=answers,
    )
    return name


def _keep_alike(conversations: Conversations, steps: str, says: str, window_s: float, detector: str) -> str:
    # What only says how the last one went is no request.
    query = f"""
        select p.text_id, p.next_text, a.normalised as request, b.normalised as later from (
          select distinct text_id, next_text from {steps} where text_id <> next_text and (until_s is null or until_s <= $window)
        ) p anti join (select text_id from {says} where said & {_REMARKS.value} > 0) r on r.text_id = p.next_text
        join {{texts}} a on a.text_id = p.text_id join {{texts}} b on b.text_id = p.next_text order by 1, 2
        """  # noqa: S608 - names and numbers of our own
    pairs: list[tuple[int, int]] = []
    for batch in conversations.stream(query, size=_BATCH, window=window_s):
        again = same_again(detector, [(row["request"], row["later"]) for row in batch])
        pairs += [(row["text_id"], row["next_text"]) for row, whether in zip(batch, again, strict=True) if whether]
    words = _keep_pairs(conversations, pairs)
    siblings = _siblings_of(conversations, words) | browsed(conversations, steps, words, window_s=window_s, unlike=_unlike)
    return _keep_pairs(conversations, [pair for pair in pairs if pair not in siblings]) if siblings else words


def _keep_pairs(conversations: Conversations, pairs: Sequence[tuple[int, int]]) -> str:
    name = conversations.free("alike")
    columns = "unnest($one::ubigint[]) as text_id, unnest($two::ubigint[]) as next_text"
    conversations.keep(name, f"select {columns}", one=[one for one, _ in pairs], two=[two for _, two in pairs])
    return name


def _siblings_of(conversations: Conversations, pairs: str) -> set[tuple[int, int]]:
    """Return which of some pairs of texts are `_siblings`, as each was understood most often."""
    meant, meanings = conversations.free("meant"), conversations.free("meanings")
    conversations.keep(
        meant,
        f"""
        select text_id, intent, slots from {{turns}}
        where text_id in (select text_id from {pairs} union select next_text from {pairs})
          and intent <> '' and len(slots) > 0 and rewritten_id is null
          and len([x for x in stages if x.ok = false or x.code <> '']) = 0
        group by text_id, intent, slots
        qualify row_number() over (partition by text_id order by count(*) desc, intent, slots::varchar) = 1""",  # noqa: S608 - names of our own
    )
    conversations.keep(
        meanings,
        f"select row_number() over (order by intent, slots::varchar) as meaning, intent, slots from (select distinct intent, slots from {meant})",  # noqa: S608 - our own
    )
    slots = {row["meaning"]: row["slots"] for row in conversations.sql(f"select meaning, slots from {meanings}")}  # noqa: S608 - our own
    numbered = (
        f"(select text_id, t.intent, meaning from {meant} t join {meanings} m on m.intent = t.intent and m.slots = t.slots)"  # noqa: S608 - our own
    )
    joined = f"{pairs} p join {numbered} m on m.text_id = p.text_id join {numbered} n on n.text_id = p.next_text"
    # Meanings are few where texts are many, and pairs of texts with both their meanings may be more than fit into memory.
    steps = conversations.sql(
        f"select distinct m.meaning as one, n.meaning as other from {joined} where m.intent = n.intent and m.meaning <> n.meaning"  # noqa: S608 - our own
    )
    apart = [(row["one"], row["other"]) for row in steps if _siblings(slots[row["one"]], slots[row["other"]])]
    if not apart:
        return set()
    found = conversations.sql(
        f"""select p.text_id, p.next_text from {joined}
        semi join (select unnest($ones::bigint[]) as one, unnest($others::bigint[]) as other) s
          on s.one = m.meaning and s.other = n.meaning""",  # noqa: S608 - names of our own
        ones=[one for one, _ in apart],
        others=[other for _, other in apart],
    )
    return {(row["text_id"], row["next_text"]) for row in found}


def _siblings(one: Sequence[Mapping[str, Any]], other: Sequence[Mapping[str, Any]]) -> bool:
    """Whether two requests were understood as the same about different things, whose names do not sound alike: another wish.

    Whoever says `play jazz` and then `play rock` was understood, and browses; `play hollow arbor` before `play hollow harbor` was misheard.
    """
    if not one or not other or {s["name"] for s in one} != {s["name"] for s in other}:
        return False
    values = {s["name"]: s["value"] for s in one}
    changed = [(str(values[s["name"]]), str(s["value"])) for s in other if values[s["name"]] != s["value"]]
    return bool(changed) and all(_unlike(normalised(a), normalised(b)) for a, b in changed)


def _unlike(one: str, other: str) -> bool:
    """Whether normalised words sound so different that none is heard for the other."""
    return apart(one, other) > _UNLIKE and not {*one.split()} & {*other.split()}


def _keep_reversed(conversations: Conversations) -> str:
    query = "select distinct intent from {turns} where intent is not null order by 1"
    names = [row["intent"] for row in conversations.sql(query)]
    pairs = [(a, b) for a in names for b in names if len(names) <= _MOST_INTENTS and a != b and reverses(b, a)]
    name = conversations.free("reversed")
    columns = "unnest($one::varchar[]) as intent, unnest($two::varchar[]) as next_intent"
    conversations.keep(name, f"select {columns}", one=[a for a, _ in pairs], two=[b for _, b in pairs])
    return name
