"""The signals of every turn of some logs, counted: how often each pattern of signals occurs, and for which requests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from probatum.dialogue.semantics.phrases import answered, known_languages, reverses, said
from probatum.dialogue.semantics.sessions import sessions, spoken
from probatum.dialogue.semantics.signals import SIGNALS, UNSEEN, signals
from probatum.dialogue.semantics.similar import similar

if TYPE_CHECKING:
    from probatum.runner.tables import Row, Tables

_BATCH = 50_000


@dataclass(frozen=True, slots=True)
class Judged:
    """Signals of all turns, in the table `judged` of a database.

    Its columns are `turn_id`, `unit` (the user; the conversation where the log does not tell users apart), `text_id`, `cannot` and
    `pattern`: a number whose digits to the base 3 are the signals in the order of `SIGNALS`, the first the lowest; 2 where a signal cannot be seen.

    Attributes
    ----------
    tables : Tables
    window_s : float
        In which a request was taken for a second try.
    users : bool
        Whether the logs tell users apart in most turns.
    """

    tables: Tables
    window_s: float
    users: bool

    def patterns(self) -> list[Row]:
        """Return `pattern`, `turns` and `units` of each pattern; turns that an assistant is not made for are left out."""
        query = "select pattern, count(*) as turns, count(distinct unit) as units from judged where not cannot group by all order by 1"
        return self.tables.sql(query)


def digits(pattern: int) -> tuple[int, ...]:
    """Return the signals of a pattern, in the order of `SIGNALS`: 0, 1, or 2 for what cannot be seen."""
    found = []
    for _ in SIGNALS:
        pattern, digit = divmod(pattern, 3)
        found.append(digit)
    return tuple(found)


def judged(tables: Tables, turns: str, texts: str, *, gap_s: float, window_s: float) -> Judged:
    """Count the signals of turns.

    Parameters
    ----------
    tables : Tables
        In which `steps`, `says`, `alike`, `reversed` and `judged` are made.
    turns, texts : str
        SQL of tables with the columns of `artefacts.tables.TURNS` and `TEXTS`.
    gap_s, window_s : float
        See `artefacts.policy.SessionRule`.
    """
    channels = [row["channel"] for row in tables.sql(spoken(turns))]
    tables.keep("steps", sessions(turns, gap_s=gap_s, channels=channels))
    languages = _languages(tables, turns)
    _keep_says(tables, texts, languages)
    _keep_similar(tables, texts, window_s)
    _keep_reversed(tables, turns)
    query = signals(turns, "steps", says="says", pairs="alike", reversals="reversed", window_s=window_s)
    pattern = " + ".join(f"{3**n} * coalesce({name}, {UNSEEN})" for n, name in enumerate(SIGNALS))
    select = f"select turn_id, unit, text_id, cannot, {pattern} as pattern from ({query})"  # noqa: S608 - names of our own
    tables.keep("judged", select)
    told = tables.sql(f"select count(user_id) * 2 > count(*) as users from {turns}")[0]["users"]  # noqa: S608 - names of our own
    return Judged(tables, window_s, bool(told))


def _languages(tables: Tables, turns: str) -> tuple[str, ...]:
    """Return the languages of some turns that phrases are known for; English where none is named."""
    query = f"select distinct lower(regexp_extract(locale, '^[A-Za-z]+')) as language from {turns} where locale is not null"  # noqa: S608 - names of our own
    named = {row["language"] for row in tables.sql(query)}
    return tuple(language for language in known_languages() if language in named) if named else ("en",)


def _keep_says(tables: Tables, texts: str, languages: tuple[str, ...]) -> None:
    numbers: list[int] = []
    requests: list[int] = []
    answers: list[int] = []
    for batch in tables.stream(f"select text_id, normalised from {texts} order by text_id", size=_BATCH):  # noqa: S608 - names of our own
        for row in batch:
            one, other = said(row["normalised"], languages).value, answered(row["normalised"]).value
            if one or other:
                numbers.append(row["text_id"])
                requests.append(one)
                answers.append(other)
    tables.keep(
        "says",
        "select unnest($ids::ubigint[]) as text_id, unnest($said::integer[]) as said, unnest($answered::integer[]) as answered",
        ids=numbers,
        said=requests,
        answered=answers,
    )


def _keep_similar(tables: Tables, texts: str, window_s: float) -> None:
    query = (
        "select p.text_id, p.next_text, a.normalised as request, b.normalised as later from ("  # noqa: S608 - names of our own
        "select distinct text_id, next_text from steps where text_id <> next_text and (until_s is null or until_s <= $window)) p "
        f"join {texts} a on a.text_id = p.text_id join {texts} b on b.text_id = p.next_text order by 1, 2"
    )
    first: list[int] = []
    second: list[int] = []
    for batch in tables.stream(query, size=_BATCH, window=window_s):
        for row in batch:
            if similar(row["request"], row["later"]):
                first.append(row["text_id"])
                second.append(row["next_text"])
    tables.keep("alike", "select unnest($one::ubigint[]) as text_id, unnest($two::ubigint[]) as next_text", one=first, two=second)


def _keep_reversed(tables: Tables, turns: str) -> None:
    names = [row["intent"] for row in tables.sql(f"select distinct intent from {turns} where intent is not null order by 1")]  # noqa: S608 - names of our own
    pairs = [(a, b) for a in names for b in names if len(names) <= 2000 and a != b and reverses(b, a)]
    tables.keep(
        "reversed",
        "select unnest($one::varchar[]) as intent, unnest($two::varchar[]) as next_intent",
        one=[a for a, _ in pairs],
        two=[b for _, b in pairs],
    )
