"""The classifying assistant, trained again with examples from wherever they are."""

from __future__ import annotations

from collections.abc import Sequence

from probatum.synth.dialogue import phrasing
from probatum.synth.dialogue.frames import Parse
from probatum.synth.dialogue.pipelines.classifier import FILL, LEAST_ALIKE, OPEN, Classifier, frame, names, number, trained
from probatum.synth.dialogue.pipelines.lessons import Example, learn, with_numbers

_LONGEST = 6  # words of a name


class Retrained(Classifier):
    """Understands what was said in words that it was taught, and all else by likeness, of which the examples are a part.

    Parameters
    ----------
    examples : sequence of Example
    """

    def __init__(self, examples: Sequence[Example]) -> None:
        super().__init__()
        self._lessons = learn(examples)
        self._names |= {words: sort for words, (_, sort) in self._lessons.names.items() if words not in self._names}
        self._trained = trained(self._lessons.patterns)

    def _parses(self, text: str) -> tuple[Parse, ...]:
        words = text.split()
        taught = self._taught(words)
        if taught is None:
            return super()._parses(text)
        kind, mention = taught
        return (Parse(frame(kind, mention, number(words)[1], words)),)

    def _taught(self, words: list[str]) -> tuple[str, str] | None:
        """Return kind and mention of a text of which all but a name was taught."""
        masked = tuple(with_numbers(words))
        whole = self._lessons.whole.get(masked)
        if whole is not None:
            return whole, ""
        # The more of the words are known, the fewer are taken for a name.
        for size in range(1, min(len(masked), _LONGEST) + 1):
            for begin in range(len(masked) - size + 1):
                kind = self._lessons.around.get((masked[:begin], masked[begin + size :]))
                mention = self._mention(kind, " ".join(masked[begin : begin + size])) if kind is not None else ""
                if kind is not None and mention:
                    return kind, mention
        return None

    def _mention(self, kind: str, said: str) -> str:
        """Return which thing words stand for; "" for none that such requests are about."""
        from rapidfuzz import process
        from rapidfuzz.distance import Indel

        if "<number>" in said:
            return ""
        known = phrasing.KINDS[kind]
        meant, sort = self._lessons.names.get(said, (said, names().get(said, "")))
        if known.intent in OPEN:
            return meant if sort == "words" else said
        if not sort:
            found = process.extractOne(said, tuple(names()), scorer=Indel.normalized_similarity, score_cutoff=LEAST_ALIKE)
            meant, sort = (found[0], names()[found[0]]) if found is not None else ("", "")
        rooms = known.area or any("{a}" in template for template in known.templates)
        return meant if (sort == "areas" and rooms) or (sort == "things" and not known.area) else ""

    def _in_home(self, mention: str) -> str:
        meant, sort = self._lessons.names.get(mention, (mention, ""))
        return meant if sort != "words" else ""

    def _open(self, words: Sequence[str], masked: Sequence[str], mention: str) -> str:  # noqa: ARG002 - not what it has no sign for
        if self._names.get(mention) == "words":
            return self._lessons.names[mention][0]
        rest = " ".join(word for word in words if word not in FILL)
        return self._lessons.names.get(rest, (rest, ""))[0]
