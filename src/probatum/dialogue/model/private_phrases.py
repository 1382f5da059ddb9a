"""What of a shared file came from too few people: phrases, words and pairs, counted by user in SQL.

A phrase that a file may have from anywhere counts as said also where it is a part of a longer request; in a file that holds
nothing but what was learnt, a phrase must have been said by enough users as it is, and what
stands between the gaps of a template as a part of what enough users said. A pair was made by who
said the first and, in the same conversation or within an hour, the second: a few more than those
of whom it was learnt, never fewer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.shared import SharedFile
from probatum.dialogue.artefacts.shared_entries import Entry
from probatum.dialogue.semantics.conversations import Conversations
from probatum.dialogue.semantics.ordinary_words import ordinary

PAIR_S = 3600.0
SHORTEST_PART = 3  # words of a phrase that is looked for within a line
LONGEST_PART = 12
_AT_ONCE = 50_000


@dataclass(frozen=True, slots=True)
class Sayers:
    """Who said something.

    Attributes
    ----------
    users, households : int
        Different ones; no household where the log has none.
    unknown : int
        Turns of which the log does not say whose they are.
    """

    users: int = 0
    households: int = 0
    unknown: int = 0


@dataclass(frozen=True, slots=True)
class Leak:
    """Something that too few people said.

    Attributes
    ----------
    what : {"phrase", "word", "pair"}
    text : str
        Normalised; of a pair, what is said.
    users : int
    """

    what: str
    text: str
    users: int


@dataclass(frozen=True, slots=True)
class Looked:
    """What an entry has.

    Attributes
    ----------
    leaks : tuple of Leak
        A word of a phrase that leaks is none of its own.
    unsure : bool
        Whether something else cannot be counted.
    """

    leaks: tuple[Leak, ...] = ()
    unsure: bool = False


class Counting:
    """Counts of who said what in some conversations."""

    def __init__(self, conversations: Conversations, policy: Policy, public: tuple[frozenset[str], frozenset[str]]) -> None:
        """Prepare: one table of who said and who was told which text."""
        self._conversations = conversations
        self._users, self._households = policy.privacy.users, policy.privacy.households
        self._gap_s = max(PAIR_S, policy.sessions.gap_s)
        self._phrases, self._words = public
        self._said = conversations.free("private_said")
        conversations.keep(
            self._said,
            """select text_id, user_id, household_id, told, count(*) as turns from (
                select text_id, user_id, household_id, false as told from {turns} where text_id is not null
                union all select unnest(hypotheses).text_id, user_id, household_id, false from {turns}
                union all select response_id, user_id, household_id, true from {turns} where response_id is not null
            ) where text_id is not null group by all""",
        )

    @property
    def known_users(self) -> int:
        """Users in the logs."""
        [row] = self._conversations.sql(f"select count(distinct user_id) as n from {self._said}")  # noqa: S608 - our own name
        return int(row["n"])

    def shown_words(self, words: Iterable[str]) -> frozenset[str]:
        """Return those of some words that enough users said or were told."""
        return frozenset(word for word, sayers in self._of_words(list(words)).items() if self._enough(sayers))

    def looked(self, shared: SharedFile) -> list[Looked]:
        """Return what each entry of a file has."""
        strict = [_strict(shared, entry) for entry in shared.entries]
        loose = [() if shared.learnt else tuple(dict.fromkeys(_candidates(entry))) for entry in shared.entries]
        words = [tuple(_words(entry, self._words)) for entry in shared.entries]
        whole = self._of_phrases({p for group in (*strict, *loose) for p in group} - self._phrases)
        few = {p for group in loose for p in group if p in whole and not self._enough(whole[p])}
        within = self._within(few | {p for entry in shared.entries for p in entry.fragments})
        by_word = self._of_words({word for group in words for word in group})
        pairs = self._of_pairs({entry.pair for entry in shared.entries if entry.pair is not None})
        return [
            self._entry(shared, entry, (strict[n], loose[n], words[n]), (whole, within, by_word), pairs)
            for n, entry in enumerate(shared.entries)
        ]

    def _entry(
        self,
        shared: SharedFile,
        entry: Entry,
        texts: tuple[Sequence[str], Sequence[str], Sequence[str]],
        counts: tuple[dict[str, Sayers], dict[str, Sayers], dict[str, Sayers]],
        pairs: dict[tuple[str, str], tuple[Sayers, int]],
    ) -> Looked:
        strict, loose, words = texts
        whole, within, by_word = counts
        asked: list[tuple[str, str, Sayers, bool]] = []
        asked += [("phrase", p, whole.get(p, Sayers()), True) for p in strict if p not in self._phrases]
        asked += [("phrase", p, within[p], False) for p in loose if p in within]
        asked += [("phrase", p, within.get(p, Sayers()), True) for p in entry.fragments if p not in self._phrases]
        asked += [("word", word, by_word[word], False) for word in words if word in by_word]
        leaks: list[Leak] = []
        unsure = False
        for what, text, sayers, learnt in asked:
            if self._enough(sayers) or not (learnt or sayers.users or sayers.unknown):
                continue
            if sayers.unknown and (sayers.users + sayers.unknown >= self._users or not (learnt or sayers.users)):
                unsure = True
            else:
                leaks.append(Leak(what, text, sayers.users))
        if entry.pair is not None and not any(leak.what == "phrase" and leak.text in entry.pair for leak in leaks):
            sayers, rewritten = pairs.get(entry.pair, (Sayers(), 0))
            if not self._enough(sayers) and entry.pair[0] != entry.pair[1] and (shared.learnt or sayers.users):
                if rewritten or (sayers.unknown and sayers.users + sayers.unknown >= self._users):
                    unsure = True
                elif not set(entry.pair) <= self._phrases:
                    leaks.append(Leak("pair", entry.pair[0], sayers.users))
        phrases = [f" {leak.text} " for leak in leaks if leak.what == "phrase"]
        told = (leak for leak in leaks if leak.what != "word" or not any(f" {leak.text} " in phrase for phrase in phrases))
        return Looked(tuple(told), unsure)

    def _enough(self, sayers: Sayers) -> bool:
        return sayers.users >= self._users and not 0 < sayers.households < self._households

    def _of_phrases(self, phrases: Iterable[str]) -> dict[str, Sayers]:
        """Return who said some phrases as they are; those that enough users were told are the assistant's."""
        query = f"""select x.normalised as text, s.told, count(distinct s.user_id) as users, count(distinct s.household_id) as households,
            coalesce(sum(s.turns) filter (s.user_id is null), 0)::bigint as unknown
            from {{texts}} x join {self._said} s using (text_id)
            where x.normalised in (select unnest($asked::varchar[])) group by all"""  # noqa: S608 - our own name
        said: dict[str, Sayers] = {}
        told: dict[str, Sayers] = {}
        for row in self._rows(query, phrases):
            (told if row["told"] else said)[str(row["text"])] = _sayers(row)
        return said | {text: sayers for text, sayers in told.items() if self._enough(sayers)}

    def _within(self, phrases: Iterable[str]) -> dict[str, Sayers]:
        """Return who said some phrases as they are or as a part of more."""
        query = f"""select p.text, count(distinct s.user_id) as users, count(distinct s.household_id) as households,
            coalesce(sum(s.turns) filter (s.user_id is null), 0)::bigint as unknown
            from (select unnest($asked::varchar[]) as text) p
            join {{texts}} x on contains(' ' || x.normalised || ' ', ' ' || p.text || ' ')
            join {self._said} s using (text_id) group by all"""  # noqa: S608 - our own name
        return {str(row["text"]): _sayers(row) for row in self._rows(query, phrases)}

    def _of_words(self, words: Iterable[str]) -> dict[str, Sayers]:
        query = f"""with words as (
                select text_id, unnest(list_distinct(string_split(normalised, ' '))) as text from {{texts}}
            )
            select w.text, count(distinct s.user_id) as users, count(distinct s.household_id) as households,
            coalesce(sum(s.turns) filter (s.user_id is null), 0)::bigint as unknown
            from words w join {self._said} s using (text_id)
            where w.text in (select unnest($asked::varchar[])) group by all"""  # noqa: S608 - our own name
        return {str(row["text"]): _sayers(row) for row in self._rows(query, words)}

    def _of_pairs(self, pairs: Iterable[tuple[str, str]]) -> dict[tuple[str, str], tuple[Sayers, int]]:
        """Return who made some pairs, and in how many turns the assistant did."""
        query = """with pairs as (
                select a.text_id as said, b.text_id as becomes, p.source, p.target
                from (select unnest($sources::varchar[]) as source, unnest($targets::varchar[]) as target) p
                join {texts} a on a.normalised = p.source join {texts} b on b.normalised = p.target
            ), asked as (
                select turn_id, user_id, household_id, conversation_id, position, asked_at, text_id, rewritten_id from {turns}
                where text_id in (select said from pairs union select becomes from pairs)
            ), made as (
                select p.source, p.target, x.user_id, x.household_id from pairs p
                join asked x on x.text_id = p.said join asked y on y.text_id = p.becomes and y.user_id = x.user_id
                where y.turn_id <> x.turn_id and (
                    (y.conversation_id = x.conversation_id and y.position > x.position)
                    or (y.asked_at >= x.asked_at and y.asked_at <= x.asked_at + to_microseconds($gap)))
            ), users as (
                select source, target, count(distinct user_id) as users, count(distinct household_id) as households
                from made group by all
            ), other as (
                select p.source, p.target, count(*) filter (x.user_id is null) as unknown,
                    count(*) filter (x.rewritten_id = p.becomes) as rewritten
                from pairs p join asked x on x.text_id = p.said group by all
            )
            select o.source, o.target, coalesce(u.users, 0) as users, coalesce(u.households, 0) as households, o.unknown, o.rewritten
            from other o left join users u using (source, target)"""
        wanted = sorted(pairs)
        found = {}
        for start in range(0, len(wanted), _AT_ONCE):
            part = wanted[start : start + _AT_ONCE]
            rows = self._conversations.sql(
                query, sources=[a for a, _ in part], targets=[b for _, b in part], gap=round(self._gap_s * 1e6)
            )
            found.update({(row["source"], row["target"]): (_sayers(row), int(row["rewritten"])) for row in rows})
        return found

    def _rows(self, query: str, texts: Iterable[str]) -> Iterator[dict[str, object]]:
        wanted = sorted(texts)
        for start in range(0, len(wanted), _AT_ONCE):
            yield from self._conversations.sql(query, asked=wanted[start : start + _AT_ONCE])


def _sayers(row: dict[str, object]) -> Sayers:
    return Sayers(*(int(str(row[name])) for name in ("users", "households", "unknown")))


def _strict(shared: SharedFile, entry: Entry) -> tuple[str, ...]:
    """Return the phrases of a file of what was learnt: a row of a policy is one, and a pair is two."""
    if not shared.learnt:
        return ()
    return entry.pair if entry.pair is not None else entry.phrases if entry.start < 0 else ()


def _candidates(entry: Entry) -> Iterator[str]:
    yield from (phrase for phrase in entry.phrases if " " in phrase)
    for line in entry.lines:
        words = line.split()
        for size in range(SHORTEST_PART, min(LONGEST_PART, len(words)) + 1):
            yield from (" ".join(words[at : at + size]) for at in range(len(words) - size + 1))


def _words(entry: Entry, public: frozenset[str]) -> Iterator[str]:
    found = dict.fromkeys(word for line in entry.lines for word in line.split())
    yield from (word for word in found if not ordinary(word) and word not in public)
