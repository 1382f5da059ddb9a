"""Rewrites in the formats in which assistants take them: a file that a team can review and merge.

What is exported is what all users may see. A repair is written where the
assistant would have understood the target: as another way to say a sentence, as
another name for a thing, or as a pair for a prompt. A rewrite with a gap is
written where the format has gaps and it is known which slot it is.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from probatum.dialogue.artefacts.utterance import GAP
from probatum.dialogue.model.guards import Meaning
from probatum.dialogue.semantics.templates import filled, is_template


@dataclass(frozen=True, slots=True, kw_only=True)
class Repair:
    """A rewrite, with what its target is understood as.

    Attributes
    ----------
    identifier : str
    source, target : str
        Normalised; templates where the rewrite has gaps.
    meaning : Meaning or None
        Of the target; None where it is not known.
    users : int
        Who said the source and meant the target, rounded down to a multiple of ten.
    """

    identifier: str
    source: str
    target: str
    meaning: Meaning | None = None
    users: int = 0

    @property
    def slot(self) -> str:
        """Name of the slot that the one gap of the source is; "" where there is none, or it is not known."""
        named = [name for name, value in self.meaning.slots if value == GAP] if self.meaning is not None else []
        return named[0] if len(named) == 1 and self.source.split().count(GAP) == 1 else ""

    def placed(self, slot: str) -> str:
        """Return the source with a text for its gap."""
        return filled(self.source, (slot,))

    @property
    def exact(self) -> bool:
        """Whether it is about one text."""
        return not is_template(self.source)

    @property
    def renamed(self) -> tuple[str, str, str] | None:
        """Return slot, value and the words of the source in place of the value, if nothing else differs; else None."""
        if self.meaning is None or not self.exact:
            return None
        for name, value in self.meaning.slots:
            before, found, after = self.target.partition(value.casefold())
            if not found or not self.source.startswith(before) or not self.source.endswith(after):
                continue
            words = self.source[len(before) : len(self.source) - len(after) if after else None].strip()
            if words and len(before) + len(after) < len(self.source):
                return name, value, words
        return None


def tsv(repairs: Sequence[Repair]) -> str:
    """Return source, target, identifier and users, tabs between them, with a header."""
    lines = ["source\ttarget\trewrite\tusers", *(f"{r.source}\t{r.target}\t{r.identifier}\t{r.users}" for r in repairs)]
    return "\n".join(lines) + "\n"


def glossary(repairs: Sequence[Repair]) -> str:
    """Return JSON for a prompt: what is heard, and what is meant."""
    entries = [{"heard": r.source, "meant": r.target, "rewrite": r.identifier} for r in repairs]
    return json.dumps({"schema": "probatum-glossary/1", "entries": entries}, indent=2, ensure_ascii=False) + "\n"


def rasa(repairs: Sequence[Repair]) -> str:
    """Return training data for Rasa 3: synonyms where a value was said otherwise, else examples of the intent.

    Rewrites whose target's intent is not known are comments, for they belong to no intent.
    """
    synonyms: dict[str, list[str]] = {}
    examples: dict[str, list[str]] = {}
    unknown = []
    gaps = []
    for one in repairs:
        renamed = one.renamed
        if not one.exact:
            gaps.append(one)
        elif renamed is not None:
            name, value, words = renamed
            synonyms.setdefault(value, []).append(words)
            before, _, after = one.source.partition(words)
            marked = f'{before}[{words}]{{"entity": "{name}", "value": {json.dumps(value, ensure_ascii=False)}}}{after}'
            examples.setdefault(_intent(one), []).append(marked)
        elif one.meaning is not None:
            examples.setdefault(_intent(one), []).append(one.source)
        else:
            unknown.append(one)
    lines = ['version: "3.1"', "nlu:" if synonyms or examples else "nlu: []"]
    for value, own in sorted(synonyms.items()):
        lines += [f"- synonym: {_quoted(value)}", "  examples: |", *(f"    - {word}" for word in sorted(set(own)))]
    for intent, sentences in sorted(examples.items()):
        lines += [f"- intent: {_quoted(intent)}", "  examples: |", *(f"    - {text}" for text in sorted(set(sentences)))]
    lines += [f"# {one.source} -> {one.target} ({one.identifier}): its intent is not known" for one in unknown]
    lines += [f"# {one.source} -> {one.target} ({one.identifier}): examples have no gaps; write some with values" for one in gaps]
    return "\n".join(lines) + "\n"


def home_assistant(repairs: Sequence[Repair]) -> str:
    """Return custom sentences for Home Assistant, with the values of the target as slots; aliases where a name was said otherwise.

    Aliases belong to entities and areas, which are set in its registry: they are comments that say what to add.
    """
    sentences: dict[str, list[Repair]] = {}
    aliases = []
    unknown = []
    for one in repairs:
        renamed = one.renamed
        if renamed is not None and renamed[0] in ("name", "area", "floor"):
            aliases.append((one, *renamed))
        elif one.meaning is not None and (one.exact or one.slot):
            sentences.setdefault(one.meaning.intent, []).append(one)
        else:
            unknown.append(one)
    lines = ["language: en", "intents:" if sentences else "intents: {}"]
    for intent, own in sorted(sentences.items()):
        lines += [f"  {_quoted(intent)}:", "    data:"]
        for one in own:
            text = _plain(one.source) if one.exact else one.placed(f"[the] {{{one.slot}}}")
            lines.append(f"      - sentences: [{_quoted(text)}]")
            slots = [(n, value) for n, value in (one.meaning.slots if one.meaning is not None else ()) if value != GAP]
            if slots:
                lines.append("        slots:")
                lines += [f"          {_quoted(name)}: {_quoted(value)}" for name, value in slots]
    lines += [
        f"# alias of the {name} {_quoted(value)}: {_quoted(words)} ({one.identifier})" for one, name, value, words in aliases
    ]
    lines += [
        f"# {one.source} -> {one.target} ({one.identifier}): {'its intent' if one.exact else 'the slot of its gap'} is not known"
        for one in unknown
    ]
    return "\n".join(lines) + "\n"


def lex(repairs: Sequence[Repair]) -> str:
    """Return sample utterances for Amazon Lex V2 by intent, with slots in braces where their values stand; as JSON."""
    found: dict[str, list[dict[str, str]]] = {}
    for one in repairs:
        if one.meaning is None or not (one.exact or one.slot):
            continue
        text = one.source if one.exact else one.placed(f"{{{one.slot}}}")
        for name, value in one.meaning.slots:
            if value and value != GAP and value.casefold() in text:
                text = text.replace(value.casefold(), f"{{{name}}}", 1)
        found.setdefault(one.meaning.intent, []).append({"utterance": text})
    listed = [{"intentName": intent, "sampleUtterances": own} for intent, own in sorted(found.items())]
    return json.dumps({"intents": listed}, indent=2, ensure_ascii=False) + "\n"


FORMATS: dict[str, tuple[str, Callable[[Sequence[Repair]], str]]] = {
    "home-assistant": ("custom sentences, and aliases to add", home_assistant),
    "rasa": ("training examples and synonyms", rasa),
    "lex": ("sample utterances by intent", lex),
    "glossary": ("JSON for a prompt", glossary),
    "tsv": ("a table", tsv),
}


def _intent(one: Repair) -> str:
    return one.meaning.intent if one.meaning is not None else ""


def _plain(text: str) -> str:
    """Return words without what has a meaning in templates of sentences."""
    return "".join(" " if character in "[](){}|<>" else character for character in text)


def _quoted(text: str) -> str:
    # A JSON string is a YAML string.
    return json.dumps(text, ensure_ascii=False)
