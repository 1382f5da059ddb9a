"""Windows of requests with known rephrases, put together from real text: what `rephrase.py` trains and reports on.

No public log has rephrases, times and outcomes together, so windows are constructed. What is real and what is drawn:

* Texts are real: sentences of SLURP, test sentences of Home Assistant's intents, turns of DSTC10 (with what a recogniser
  took them for), messages of Topical-Chat (with what two recognisers made of recordings of them).
* That one text means the same as another is the annotators' word: same intent and same slots with the same values. `slot changed` has the same
  intent, and the slots of one contain those of the other. `alternative` has the same intent and slots, with another
  value; `opposite` reverses the intent; `related` has another intent of the same domain.
* Misheard texts are real where recognisers were run (DSTC10, Topical-Chat). In SLURP and Home Assistant's sentences one or
  two spans are replaced by words of SLURP's language model text whose Metaphone code is near: another phonetic code
  than that of the detector and of the baseline.
* Times, signs (interrupted, stopped, unanswered), the place of a rephrase among later requests, and how often there is one, are drawn
  (`_gap`, `_signs`, `_window`). Results are therefore also reported without times and signs.

Development and report are apart by hash: of the intent (SLURP, with a sixth of the scenarios in the report as a whole), the intent
without its direction (Home Assistant), the dialogue (DSTC10, Topical-Chat). A word that replaces another comes from all of the lexicon.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import tarfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jellyfish
import numpy as np
import yaml
from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.semantics.phrases import reverses
from probatum.dialogue.semantics.rephrase_windows import MOST_LATER, Later, Window

DATA = Path(os.environ.get("PROBATUM_DIALOGUE_DATA", Path(__file__).resolve().parents[3] / "shared" / "data" / "dialogue"))
POSITIVE = ("misheard", "entity fixed", "reworded", "slot changed")
NEGATIVE = ("alternative", "opposite", "related", "unrelated")
RECORDED = "recognised twice"  # real pairs of DSTC10 and Topical-Chat


@dataclass(frozen=True)
class Phrase:
    """A sentence and what its annotators say that it means."""

    text: str
    corpus: str
    domain: str
    intent: str
    slots: tuple[tuple[str, str], ...]
    answer: str = ""


@dataclass(frozen=True)
class Example:
    """A window, what each later request is to the first, and which are rephrases."""

    window: Window
    kinds: tuple[str, ...]
    gold: tuple[bool, ...]
    corpus: str


@dataclass
class Texts:
    """The texts of one split."""

    phrases: list[Phrase] = field(default_factory=list)
    heard: list[tuple[str, str, str, list[str]]] = field(default_factory=list)  # corpus, heard, said, said next


def reported(key: str, *, one_in: int = 2) -> bool:
    """Whether what has this key is for the report."""
    return hashlib.sha256(f"rephrase {key}".encode()).digest()[0] % one_in == 1


def read() -> tuple[Texts, Texts, list[str]]:
    """Return the texts for development, those for the report, and the lexicon."""
    splits = (Texts(), Texts())
    for phrase, key in [*_slurp(), *_home()]:
        whole = reported(f"domain {phrase.domain}", one_in=6)
        splits[whole or reported(key)].phrases.append(phrase)
    for pair, key in [*_dstc10(), *_topical()]:
        splits[reported(key)].heard.append(pair)
    for split in splits:
        split.phrases = sorted(set(split.phrases), key=lambda p: (p.corpus, p.intent, p.slots, p.text))
    words: dict[str, int] = defaultdict(int)
    for line in _lines("slurp/lm.txt.gz"):
        for word in normalised(line).split():
            words[word] += 1
    return splits[0], splits[1], sorted(word for word, many in words.items() if many >= 3 and word.isalpha())


def _lines(name: str) -> list[str]:
    with gzip.open(DATA / name, "rt", encoding="utf-8") as file:
        return list(file)


def _slurp() -> Iterator[tuple[Phrase, str]]:
    for name in ("devel", "test"):
        for line in _lines(f"slurp/{name}.jsonl.gz"):
            one = json.loads(line)
            surface = {token["id"]: token["surface"] for token in one["tokens"]}
            slots = tuple(
                sorted(
                    (e["type"], normalised(" ".join(surface[at] for at in e["span"]).replace(" '", "'"))) for e in one["entities"]
                )
            )
            phrase = Phrase(normalised(one["sentence"]), "SLURP", one["scenario"], f"{one['scenario']}_{one['action']}", slots)
            yield phrase, f"slurp {phrase.intent}"


def _home() -> Iterator[tuple[Phrase, str]]:
    with tarfile.open(DATA / "ha_intents" / "en.tar.gz") as archive:
        for member in archive.getmembers():
            if not re.fullmatch(r"tests/en/Hass[A-Za-z]+/.*\.yaml", member.name):
                continue
            intent = member.name.split("/")[2]
            content = archive.extractfile(member)
            for test in yaml.safe_load(io.TextIOWrapper(content, "utf-8")).get("tests", []):  # type: ignore[arg-type]  # a regular file
                slots = tuple(sorted((str(k), normalised(str(v))) for k, v in (test.get("slots") or {}).items()))
                answer = test.get("response") or ""
                answer = answer if isinstance(answer, str) else str(answer[0])
                for sentence in test["sentences"]:
                    key = re.sub("On|Off|Un(?=p|m)|Increase|Decrease|Pause|pause", "", intent)
                    yield Phrase(normalised(sentence), "Home Assistant", intent, intent, slots, answer), f"home {key}"


def _dstc10() -> Iterator[tuple[tuple[str, str, str, list[str]], str]]:
    dialogues = json.loads("".join(_lines("dstc10/task2_val_logs.json.gz")))
    # An instance is a dialogue up to a turn: the longest of each is the dialogue.
    seen: set[str] = set()
    for turns in sorted(dialogues, key=len, reverse=True):
        said = [turn for turn in turns if turn["speaker"] == "U"]
        for at, turn in enumerate(said):
            text = normalised(turn["text"])
            others = [normalised(one["hyp"]) for one in turn["nbest"]]
            others = [one for one in others if one and one != text]
            if text in seen or not others or not 2 <= len(text.split()) <= 15:
                continue
            seen.add(text)
            far = max(others, key=lambda one: (Levenshtein.distance(one.split(), text.split()), one))
            after = [normalised(one["text"]) for one in said[at + 1 : at + 3]]
            yield ("DSTC10", far, text, [one for one in after if one not in {text, far}]), f"dstc10 {said[0]['text']}"


def _topical() -> Iterator[tuple[tuple[str, str, str, list[str]], str]]:
    dialogues = json.loads("".join(_lines("topical_asr/test_freq_audio.json.gz")))
    for name, dialogue in dialogues.items():
        turns = dialogue["content"]
        for at, turn in enumerate(turns):
            one, other = normalised(turn["message_asr_A"]), normalised(turn["message_asr_B"])
            if one == other or not 2 <= len(one.split()) <= 15 or not len(other.split()) >= 2:
                continue
            after = [normalised(later["message_asr_B"]) for later in turns[at + 2 : at + 6 : 2]]
            yield ("Topical-Chat", one, other, [text for text in after if text not in {one, other}]), f"topical {name}"


class Drawing:
    """Windows of one split, drawn from one seed."""

    def __init__(self, texts: Texts, lexicon: Sequence[str], seed: int) -> None:
        self._draw = np.random.default_rng(seed)
        self._texts = texts
        self._words = list(lexicon)
        self._codes = [jellyfish.metaphone(word) for word in self._words]
        self._same: dict[Any, list[Phrase]] = defaultdict(list)
        self._intent: dict[Any, list[Phrase]] = defaultdict(list)
        self._domain: dict[Any, list[Phrase]] = defaultdict(list)
        for phrase in texts.phrases:
            # Sentences of one intent that name nothing differ in what SLURP has no slot for.
            if phrase.slots or phrase.corpus == "Home Assistant":
                self._same[phrase.corpus, phrase.intent, phrase.slots, phrase.answer].append(phrase)
            self._intent[phrase.corpus, phrase.intent].append(phrase)
            self._domain[phrase.corpus, phrase.domain].append(phrase)
        self._corpora = {corpus: [p for p in texts.phrases if p.corpus == corpus] for corpus in ("SLURP", "Home Assistant")}
        opposite = {(a, b) for _, a in self._intent for _, b in self._intent if a != b and reverses(a, b)}
        self._opposite = {a: sorted(b for one, b in opposite if one == a) for a, _ in opposite}

    def examples(self, many: int) -> list[Example]:
        """Return so many windows; four in ten have a rephrase."""
        found: list[Example] = []
        while len(found) < many:
            one = self._recorded() if self._draw.random() < 0.2 else self._window()
            if one is not None:
                found.append(one)
        return found

    def _pick(self, items: Sequence[Any]) -> Any:
        return items[int(self._draw.integers(len(items)))]

    def _phrase(self) -> Phrase:
        # As many of each corpus, and of each intent as of another: intents with many sentences would drown the others.
        corpus = self._pick(("SLURP", "Home Assistant"))
        phrase: Phrase = self._pick(self._intent[corpus, self._pick(sorted(i for c, i in self._intent if c == corpus))])
        return phrase

    def _window(self) -> Example | None:
        # Kinds are drawn, and then a request that has one: each kind is as frequent as another.
        positive = self._draw.random() < 0.4
        kind = self._pick(POSITIVE if positive else NEGATIVE)
        text, again = "", []
        first: tuple[str, str] | None = None
        for _ in range(200):  # a split may have none of a kind
            source = self._phrase()
            if positive:
                text, again = getattr(self, "_" + kind.replace(" ", "_"))(source) or ("", [])
            else:
                first = self._other(source, kind)
                text = source.text if first is not None else ""
            if text:
                break
        later: list[tuple[str, str, bool]] = [(one, kind, True) for one in again]
        if first is not None:
            later.append((*first, False))
        # Something else may come before it, and between two tries.
        for _ in range(int(self._draw.integers(0, MOST_LATER))):
            other = self._other(source, self._pick(NEGATIVE))
            if other is not None:
                at = int(self._draw.integers(0, len(later) + 1)) if self._draw.random() < 0.4 else len(later)
                later.insert(at, (*other, False))
        return self._done(source.corpus, text, source.answer, later)

    def _recorded(self) -> Example | None:
        corpus, heard, said, after = self._pick(self._texts.heard)
        if self._draw.random() < 0.4:
            later = [(said, RECORDED, True)] + [(text, "next turn", False) for text in after]
            return self._done(corpus, heard, "", later)
        return self._done(corpus, said, "", [(text, "next turn", False) for text in after])

    def _done(self, corpus: str, text: str, answer: str, later: list[tuple[str, str, bool]]) -> Example | None:
        kept: list[tuple[str, str, bool]] = []
        for one in later[:MOST_LATER]:
            if one[0] != text and one[0] and all(one[0] != other[0] for other in kept):
                kept.append(one)
        if not kept or not text:
            return None
        failed = any(gold for _, _, gold in kept) or self._draw.random() < 0.2
        clock, times = 0.0, []
        for _, _, gold in kept:
            clock += self._gap(again=gold)
            times.append(clock)
        window = Window(
            text,
            tuple(Later(one, at) for (one, _, _), at in zip(kept, times, strict=True)),
            self._signs(failed=failed),
            answer,
        )
        return Example(window, tuple(kind for _, kind, _ in kept), tuple(gold for _, _, gold in kept), corpus)

    def _gap(self, *, again: bool) -> float:
        return float(np.exp(self._draw.normal(np.log(9.0 if again else 25.0), 0.8 if again else 1.2)))

    def _signs(self, *, failed: bool) -> frozenset[str]:
        shares = (0.2, 0.1, 0.4) if failed else (0.12, 0.03, 0.02)
        return frozenset(
            name
            for name, share in zip(("interrupted", "stopped", "unanswered"), shares, strict=True)
            if self._draw.random() < share
        )

    # Rephrases: what is heard first, and what is said again.

    def _misheard(self, source: Phrase) -> tuple[str, list[str]] | None:
        heard = self.corrupted(source.text, source.text.split())
        if heard is None:
            return None
        again = self.corrupted(source.text, source.text.split()) if self._draw.random() < 0.25 else None
        return heard, [source.text] if again is None else [again, source.text]

    def _entity_fixed(self, source: Phrase) -> tuple[str, list[str]] | None:
        values = [value for _, value in source.slots if f" {value} " in f" {source.text} "]
        heard = self.corrupted(source.text, self._pick(values).split()) if values else None
        if heard is None:
            return None
        mates = self._mates(source)
        return heard, [self._pick(mates).text if mates and self._draw.random() < 0.5 else source.text]

    def _reworded(self, source: Phrase) -> tuple[str, list[str]] | None:
        mates = self._mates(source)
        if not mates:
            return None
        first = self._pick(mates).text
        return source.text, [first, self._pick(mates).text] if self._draw.random() < 0.25 else [first]

    def _slot_changed(self, source: Phrase) -> tuple[str, list[str]] | None:
        own = set(source.slots)
        mates = [
            other.text
            for other in self._intent[source.corpus, source.intent]
            if own and other.slots and own != set(other.slots) and (own < set(other.slots) or set(other.slots) < own)
        ]
        return (source.text, [self._pick(mates)]) if mates else None

    def _mates(self, source: Phrase) -> list[Phrase]:
        group = self._same.get((source.corpus, source.intent, source.slots, source.answer), [])
        return [other for other in group if other.text != source.text]

    # Other requests.

    def _other(self, source: Phrase, kind: str) -> tuple[str, str] | None:
        if kind == "alternative":
            names = [name for name, _ in source.slots]
            found = [
                other
                for other in self._intent[source.corpus, source.intent]
                if names and [name for name, _ in other.slots] == names and other.slots != source.slots
            ]
        elif kind == "opposite":
            found = [
                other
                for intent in self._opposite.get(source.intent, [])
                for other in self._intent[source.corpus, intent]
                if other.slots == source.slots
            ]
        elif kind == "related" and source.corpus == "SLURP":
            found = [other for other in self._domain[source.corpus, source.domain] if other.intent != source.intent]
        elif kind == "related":
            shared = {value for _, value in source.slots}
            found = [
                other
                for other in self._corpora["Home Assistant"]
                if other.intent != source.intent
                and other.intent not in self._opposite.get(source.intent, [])
                and shared & {value for _, value in other.slots}
            ]
        else:
            found = [other for other in self._corpora["SLURP"] if other.domain not in {source.domain, "iot"}]
        return (self._pick(found).text, kind) if found else None

    def corrupted(self, text: str, span: Sequence[str]) -> str | None:
        """Return a text in which one or two words of a span, together or each, became others that sound alike; None if none do."""
        words = text.split()
        out = text
        for _ in range(1 if self._draw.random() < 0.6 else 2):
            length = min(len(span), 1 if self._draw.random() < 0.6 else 2)
            at = int(self._draw.integers(0, len(span) - length + 1))
            old = " ".join(span[at : at + length])
            new = self._near(old)
            if new is not None:
                out = f" {out} ".replace(f" {old} ", f" {new} ", 1).strip()
        return out if out != text and len(words) else None

    def _near(self, old: str) -> str | None:
        code = jellyfish.metaphone(old).replace(" ", "")
        if len(code) < 2:
            return None
        near = process.extract(code, self._codes, scorer=Levenshtein.normalized_distance, limit=12, score_cutoff=0.34)
        found = [self._words[at] for _, _, at in near]
        # As two words: the first half of the code, and the second.
        for cut in range(2, len(code) - 1):
            ends = (code[:cut], code[cut:])
            halves = [
                process.extract(end, self._codes, scorer=Levenshtein.normalized_distance, limit=3, score_cutoff=0.2)
                for end in ends
            ]
            if all(halves):
                found.append(" ".join(self._words[self._pick(half)[2]] for half in halves))
        found = [one for one in found if one != old]
        return self._pick(found) if found else None
