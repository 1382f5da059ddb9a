"""What a shared file has of too few people: sayers gathered one by one, and entries judged by hand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from probatum.dialogue.artefacts import Policy
from probatum.dialogue.artefacts.shared import SharedFile, places_of, public_of, read_shared
from probatum.dialogue.artefacts.shared_entries import Entry, entries_of
from probatum.dialogue.artefacts.tables import text_number
from probatum.dialogue.semantics.conversations import Conversations, opened
from probatum.dialogue.semantics.ordinary_words import ordinary
from probatum.evidence import CONFIRMED, Counterexample, Evidence, Proof, Recheck
from probatum.source import Source

_HOUR_S = 3600.0


def recheck(policy: Policy, evidence: Evidence, inputs: Mapping[str, Source]) -> Recheck:
    """Confirm or refute what an entry of a shared file leaks, that none does, or that one can be taken out alone."""
    if isinstance(evidence, Counterexample):
        said = evidence.given
    elif isinstance(evidence, Proof):
        said = evidence.certificate
    else:
        return Recheck("refuted", "it is neither an entry nor a proof about all of them")
    named = next((one for one, path in places_of(policy, inputs) if path == said["artefact"]), None)
    if named is None:
        return Recheck("refuted", "the policy does not share that file")
    with opened(policy, inputs) as conversations:
        # What is made once is named by all that it is made of.
        content = [source.digest for _, source in sorted(inputs.items())]
        shared = conversations.once(f"{content} {said['artefact']}", lambda _: read_shared(named, said["artefact"], inputs))
        if shared.digest != said["digest"]:
            return Recheck("cannot", f"`{shared.path}` has changed")
        if evidence.method == "dialogue/private-phrase-removed/1":
            return _removed(shared, said)
        public = conversations.once(f"{content} what is public", lambda _: public_of(policy, inputs))
        heard = conversations.once("who said what, one by one", _heard)
    judge = _Judge(policy, heard, shared, *public)
    if isinstance(evidence, Proof):
        if said["entries"] != len(shared.entries) or not heard.users:
            return Recheck("refuted", f"there are {len(shared.entries)} entries, and {len(heard.users)} users")
        odd = next((entry for entry in shared.entries if judge.leaks(entry)[0] or judge.leaks(entry)[1]), None)
        return CONFIRMED if odd is None else Recheck("refuted", f"{odd.place} is from too few users")
    found, _ = judge.leaks(shared.entries[said["entry"]])
    claimed = sorted((one["what"], one["text"], *min(one["fewer_than"].items())) for one in said["leaks"])
    if not claimed or claimed != sorted(found):
        return Recheck("refuted", f"{len(found)} things in it are from too few users")
    return CONFIRMED


def _removed(shared: SharedFile, said: Mapping[str, Any]) -> Recheck:
    start, end, new = said["edit"]
    if shared.text is None or not 0 <= start < end <= len(shared.text) or new not in ("", '""'):
        return Recheck("refuted", "it takes nothing out")
    after = entries_of(shared.text[:start] + new + shared.text[end:], shared.path)
    left = [e for n, e in enumerate(shared.entries) if n != said["entry"] and not (start <= e.start and e.end <= end)]

    def words(entries: Any) -> list[Any]:
        return [(entry.phrases, entry.lines, entry.pair) for entry in entries if entry.lines]

    return CONFIRMED if words(after) == words(left) else Recheck("refuted", "other entries are not as they were")


@dataclass(slots=True)
class _Who:
    users: set[str] = field(default_factory=set)
    households: set[str] = field(default_factory=set)
    unknown: int = 0

    def add(self, user: str | None, household: str | None) -> None:
        self.unknown += user is None
        if user is not None:
            self.users.add(user)
        if household is not None:
            self.households.add(household)

    def take(self, other: _Who) -> None:
        self.users |= other.users
        self.households |= other.households
        self.unknown += other.unknown


@dataclass(slots=True)
class _Heard:
    """Who said and who was told which text, and each user's requests."""

    users: set[str] = field(default_factory=set)
    said: dict[str, _Who] = field(default_factory=lambda: defaultdict(_Who))
    told: dict[str, _Who] = field(default_factory=lambda: defaultdict(_Who))
    turns: dict[str, list[Any]] = field(default_factory=lambda: defaultdict(list))  # text -> of whom, where, when
    rewritten: set[tuple[str, str]] = field(default_factory=set)
    by_word: dict[str, _Who] = field(default_factory=lambda: defaultdict(_Who))


def _heard(conversations: Conversations) -> _Heard:
    texts = {row["text_id"]: row["normalised"] for batch in conversations.stream("from {texts}") for row in batch}
    heard = _Heard()
    columns = "user_id, household_id, conversation_id, position, asked_at, text_id, rewritten_id, response_id, hypotheses"
    for batch in conversations.stream(f"select {columns} from {{turns}}"):  # noqa: S608 - names of our own
        for turn in batch:
            user, household = turn["user_id"], turn["household_id"]
            if user is not None:
                heard.users.add(user)
            if turn["response_id"] is not None:
                heard.told[texts[turn["response_id"]]].add(user, household)
            heard_as = [one["text_id"] for one in turn["hypotheses"] or () if one["text_id"] is not None]
            for number in (*((turn["text_id"],) if turn["text_id"] is not None else ()), *heard_as):
                heard.said[texts[number]].add(user, household)
            if turn["text_id"] is not None:
                text = texts[turn["text_id"]]
                heard.turns[text].append((user, household, turn["conversation_id"], turn["position"], turn["asked_at"]))
                if turn["rewritten_id"] is not None:
                    heard.rewritten.add((text, texts[turn["rewritten_id"]]))
    for table in (heard.said, heard.told):
        for text, who in table.items():
            for word in set(text.split()):
                heard.by_word[word].take(who)
    return heard


class _Judge:
    """Says what of an entry is from too few people."""

    def __init__(self, policy: Policy, heard: _Heard, shared: SharedFile, phrases: frozenset[str], words: frozenset[str]) -> None:
        self._policy = policy
        self._heard = heard
        self._shared = shared
        self._phrases, self._words = phrases, words

    def leaks(self, entry: Entry) -> tuple[list[tuple[str, str, str, int]], bool]:
        """Return (what, four digits, users or households, below how many) of what leaks, and whether something cannot be counted."""
        found: list[tuple[str, str, str, int]] = []
        unsure = False
        strict: tuple[str, ...] = ()
        if self._shared.learnt:
            strict = entry.pair or (entry.phrases if entry.start < 0 else ())
        asked = [("phrase", text, self._whole(text), True) for text in strict if text not in self._phrases]
        if not self._shared.learnt:
            parts = list(dict.fromkeys([*(p for p in entry.phrases if p.count(" ")), *_parts(entry)]))
            # What somebody was told by that name is looked at where somebody said it as it is.
            parts = [p for p in parts if p in self._heard.said and p not in self._phrases and not self._few_told(p)]
            asked += [("phrase", p, self._within(p), False) for p in parts if not self._enough(self._heard.said[p])]
        asked += [("phrase", p, self._within(p), True) for p in entry.fragments if p not in self._phrases]
        own = dict.fromkeys(word for line in entry.lines for word in line.split())
        asked += [
            ("word", w, self._heard.by_word[w], False)
            for w in own
            if w in self._heard.by_word and not ordinary(w) and w not in self._words
        ]
        leaking: list[str] = []
        for what, text, who, learnt in asked:
            if what == "word" and any(f" {text} " in f" {phrase} " for phrase in leaking):
                continue
            if self._enough(who) or not (learnt or who.users or who.unknown):
                continue
            if who.unknown and (self._may_be_enough(who) or not (learnt or who.users)):
                unsure = True
            else:
                found.append(self._told(what, text, len(who.users)))
                leaking += [text] if what == "phrase" else []
        if entry.pair is not None and entry.pair[0] != entry.pair[1] and not set(leaking) & set(entry.pair):
            who = self._made(*entry.pair)
            if not self._enough(who) and (self._shared.learnt or who.users):
                if entry.pair in self._heard.rewritten or (who.unknown and self._may_be_enough(who)):
                    unsure = True
                elif not set(entry.pair) <= self._phrases:
                    found.append(self._told("pair", entry.pair[0], len(who.users)))
        return found, unsure

    def _few_told(self, text: str) -> bool:
        return text in self._heard.told and self._enough(self._heard.told[text])

    def _told(self, what: str, text: str, users: int) -> tuple[str, str, str, int]:
        needed = self._policy.privacy.users
        digits = f"{text_number(text, b''):016x}"[:4]
        if users >= needed:
            return what, digits, "households", self._policy.privacy.households
        below = [step for step in (5, 10) if users < step < needed]
        return what, digits, "users", below[0] if below else needed

    def _enough(self, who: _Who) -> bool:
        few = 0 < len(who.households) < self._policy.privacy.households
        return len(who.users) >= self._policy.privacy.users and not few

    def _may_be_enough(self, who: _Who) -> bool:
        return len(who.users) + who.unknown >= self._policy.privacy.users

    def _whole(self, text: str) -> _Who:
        """Who said a text as it is; everybody, where the assistant says it."""
        if self._few_told(text):
            return self._heard.told[text]
        return self._heard.said.get(text, _Who())

    def _within(self, phrase: str) -> _Who:
        who = _Who()
        wanted = f" {phrase} "
        for table in (self._heard.said, self._heard.told):
            for text, own in table.items():
                if wanted in f" {text} ":
                    who.take(own)
        return who

    def _made(self, said: str, becomes: str) -> _Who:
        who = _Who()
        within = max(_HOUR_S, self._policy.sessions.gap_s)
        later = defaultdict(list)
        for user, _, *place in self._heard.turns.get(becomes, ()):
            later[user].append(place)
        for user, household, conversation, position, at in self._heard.turns.get(said, ()):
            who.unknown += user is None
            if user is not None and any(
                (other == conversation and step > position)
                or (at is not None and then is not None and 0 <= (then - at).total_seconds() <= within)
                for other, step, then in later[user]
                if (other, step) != (conversation, position)
            ):
                who.add(user, household)
        return who


def _parts(entry: Entry) -> list[str]:
    found = []
    for line in entry.lines:
        words = line.split()
        for first in range(len(words)):
            found += [" ".join(words[first:last]) for last in range(first + 3, min(first + 12, len(words)) + 1)]
    return found
