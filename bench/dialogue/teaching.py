"""What is learnt of answers to "what shall I do when you say that?", and what is learnt wrongly.

Corpus: made dialogues of real pieces, seed 0. What is to be taught are the maintainers' test sentences of Home Assistant's grammars
(`--executed`: run through hassil with the names and rooms of their fixtures) or sentences of SLURP (`--listed`: a catalogue of
them); what failed are short sentences of SLURP that hassil does not understand. An answer wraps the definition in a frame; half
of them correct themselves on the way, with what another sentence begins with and an editing phrase as it stands in a question of
Disfl-QA. Confirmations are answers that SGD's annotators marked AFFIRM or NEGATE. Answers that define nothing are other sentences
of SLURP, refusals and silences. `--anything`: an assistant that claims to understand every text.

The frames were written for this benchmark by the authors of what is measured, so they say nothing about how people put
it; the rest of the text is real. Frames, sentences, corrections and confirmations are split by the hash of their text: half is for
development, half is reported on.

Rivals: the whole answer is the definition; the same, if it is understood. Intervals: Clopper and Pearson, 95 %, dialogues taken as
independent though they share frames.

    python bench/dialogue/teaching.py [--dialogues 1000] [--development]
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import tarfile
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from probatum.dialogue.artefacts.teaching import Catalogue, TeachingRules
from probatum.dialogue.artefacts.utterance import normalised
from probatum.dialogue.model.teaching.checking import Called, Checker, Listed, carry_out
from probatum.dialogue.model.teaching.definitions import lead_stripped
from probatum.dialogue.model.teaching.lesson import OPEN, Lesson, Step, begin, checked, hear
from probatum.dialogue.model.teaching.preference import Grounded, Preference
from probatum.dialogue.model.teaching.proposals import risky
from probatum.dialogue.model.teaching.replies import Reply, agrees, read
from probatum.dialogue.model.teaching.taught import key_of
from probatum.dialogue.semantics.pipelines.grammar import Grammar
from probatum.stats.bounds import clopper_pearson

DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "dialogue"
FRAMES = (
    "{d}", "{d} please", "please {d}", "can you {d}", "could you please {d}", "i want you to {d}", "i'd like you to {d}", "you should {d}", "just {d}",
    "it means {d}", "that means {d}", "i mean {d}", "i meant {d}", "when i say {p} {d}", "when i say {p} i want you to {d}", "when i say {p} you should {d}",
    "by {p} i mean {d}", "by that i mean {d}", "{p} means {d}", "if i say {p} then {d}", "whenever i say that {d}", "well {d}", "oh i just want you to {d} okay",
    "so basically {d} thanks", "um so when i say {p} uh {d}", "yeah so {d}", "it's short for {d}", "what i mean is {d}", "that's when you {d}",
    "i'm trying to say {d}", "in that situation {d}", "do me a favor and {d}", "for me {p} is like {d}", "you know {d} you know", "hmm let me think {d}",
    "that's my way of saying {d}", "{d} is what i mean by that", "simple {d}", "what i would like is for you to {d}", "your job is then to {d}",
    "it would be great if you could {d}", "you are supposed to {d} when i say that", "go ahead and {d} every time", "i always say {p} when i want you to {d}",
    "same as {d}", "make it {d}", "that's just how i say {d}", "i say that to get you to {d}", "the thing to do is {d}", "all i'm asking is {d}",
)  # fmt: skip
REFUSALS = (
    "never mind", "forget it", "i don't know", "no idea", "nothing", "not now", "leave me alone", "skip it", "it doesn't matter", "i wasn't talking to you", "",
    "uh", "what", "pardon", "why do you ask", "who are you talking to", "be quiet", "i forgot", "maybe later", "stop asking", "mind your own business",
    "oh come on", "are you kidding", "i have no clue what you are talking about", "just this once", "ugh", "you never get it", "my wife said that",
)  # fmt: skip
_edits_words = "no wait sorry i mean or rather make that um uh er actually oops scratch instead meant well i'm hold on ah ack "
_EDITS = frozenset(_edits_words.split())


def part(text: str) -> bool:
    """Whether a text is of the half that is reported on."""
    return hashlib.sha256(text.encode()).digest()[0] % 2 == 1


@dataclass(frozen=True)
class Dialogue:
    """One: what failed, what was answered, what was meant ("" for nothing), and whether it corrects itself."""

    failed: str
    answer: str
    meant: str
    corrected: bool


def home_assistant() -> tuple[list[str], Grammar]:
    """Return test sentences of Home Assistant that hassil understands, and hassil with the names of their fixtures."""
    sentences, names, areas = set(), {}, set()
    with tarfile.open(DATA / "ha_intents" / "en.tar.gz") as tar:
        for member in tar.getmembers():
            if not member.name.startswith("tests/en/") or not member.name.endswith(".yaml"):
                continue
            found = yaml.safe_load(tar.extractfile(member).read()) or {}
            areas.update(area["name"] for area in found.get("areas", []))
            for entity in found.get("entities", []):
                names[entity["name"]] = entity.get("id", "switch.x").partition(".")[0]
            for test in found.get("tests", []):
                sentences.update(test["sentences"])
    lists = [{
        "name": {"values": [{"in": name, "out": name, "context": {"domain": domain}} for name, domain in sorted(names.items())]},
        "area": {"values": [{"in": area, "out": area} for area in sorted(areas)]},
    }]  # fmt: skip
    grammar = Grammar([], lists, language="en")
    checker = Called(grammar)
    kept = sorted({normalised(one) for one in sentences})
    return [one for one in kept if len(one.split()) >= 2 and not risky(one) and checker.request(one, {})], grammar


def slurp() -> list[str]:
    """Return the sentences of SLURP's development and test sets."""
    found = set()
    for name in ("devel", "test"):
        for line in gzip.decompress((DATA / "slurp" / f"{name}.jsonl.gz").read_bytes()).splitlines():
            found.add(normalised(json.loads(line)["sentence"]))
    return sorted(found)


def edits() -> list[str]:
    """Return editing phrases of Disfl-QA: what stands before the words that both questions end with, of a closed class."""
    found = []
    for name in ("train", "dev"):
        for one in json.loads(gzip.decompress((DATA / "disfl_qa" / f"{name}.json.gz").read_bytes())).values():
            said, meant = normalised(one["disfluent"]).split(), normalised(one["original"]).split()
            same = 0
            while same < min(len(said), len(meant)) and said[-1 - same] == meant[-1 - same]:
                same += 1
            words = said[: len(said) - same]
            run = []
            while words and words[-1] in _EDITS:
                run.insert(0, words.pop())
            if run and words and run not in (["i"], ["that"], ["on"], ["make"], ["well"], ["mean"]):
                found.append(" ".join(run))
    return found


def confirmations() -> tuple[list[str], list[str]]:
    """Return answers of SGD that only affirm, and such that negate."""
    yes, no = set(), set()
    for line in gzip.decompress((DATA / "sgd" / "dev_compact.jsonl.gz").read_bytes()).splitlines():
        for turn in json.loads(line)["turns"]:
            acts = {act[0] for frame in turn["f"] for act in frame[2]}
            if turn["s"] == "U" and acts and acts <= {"AFFIRM"}:
                yes.add(turn["u"])
            elif turn["s"] == "U" and acts and acts & {"NEGATE", "NEGATE_INTENT"}:
                no.add(turn["u"])
    return sorted(yes), sorted(no)


def corrected(meant: str, others: Sequence[str], phrases: Sequence[str], rng: random.Random) -> str:
    """Return a sentence that begins as another one does, and is corrected."""
    words = meant.split()
    near = [one.split() for one in rng.sample(others, min(300, len(others)))]
    near = [one for one in near if one[0] == words[0] and one != words]
    if not near:
        return ""
    other = rng.choice(near)
    same = 0
    while same < min(len(other), len(words)) and other[same] == words[same]:
        same += 1
    cut = min(len(other), same + rng.randint(1, 2))
    return " ".join([*other[:cut], rng.choice(phrases), *words[rng.randint(max(0, same - 1), same) :]])


def made(many: int, meant: list[str], failed: list[str], other: list[str], *, report: bool, rng: random.Random) -> list[Dialogue]:
    """Return dialogues, a quarter of which define nothing."""

    def own(texts: Sequence[str]) -> list[str]:
        return [one for one in texts if part(one) == report]

    frames, meant, failed, other, refusals, phrases = (
        own(FRAMES),
        own(meant),
        own(failed),
        own(other),
        own(REFUSALS),
        own(edits()),
    )
    found = []
    while len(found) < many:
        asked = rng.choice(failed)
        if len(found) % 4 == 3:
            found.append(Dialogue(asked, rng.choice(refusals if len(found) % 8 == 3 else other), "", False))
            continue
        wanted = rng.choice(meant)
        said = corrected(wanted, meant, phrases, rng) if len(found) % 2 else wanted
        if said:
            found.append(Dialogue(asked, rng.choice(frames).format(d=said, p=asked), wanted, said != wanted))
    return found


def led(one: Dialogue, checker: Checker, confirm: Callable[[Preference], str]) -> tuple[Preference | None, Preference | None]:
    """Lead a lesson; return what was put to the user first, and what was stored."""
    rules, at = TeachingRules(), 10.0
    step: Step = begin(Lesson(trigger="repeated", about="request", at=at, phrase=one.failed, request=one.failed))
    put: Preference | None = None
    answers = iter([one.answer])
    while step.lesson.state in OPEN:
        if step.checks:
            step = checked(step.lesson, carry_out(step.checks, checker, {}), rules=rules)
            continue
        at += 5
        if step.lesson.state == "confirming" and step.lesson.proposal is not None:
            put = put or step.lesson.proposal.preference
            step = hear(step.lesson, normalised(confirm(step.lesson.proposal.preference)), at=at, rules=rules)
        else:
            step = hear(step.lesson, normalised(next(answers, "never mind")), at=at, rules=rules)
    return put, step.store


class Anything:
    """Understands every text."""

    def request(self, text: str, context: object) -> Grounded | None:  # noqa: ARG002 - whatever it is
        return Grounded("pipeline", "anything")

    def name(self, text: str) -> Grounded | None:  # noqa: ARG002 - whatever it is
        return None


def same(means: str, meant: str, checker: Checker) -> bool:
    """Whether two texts are the same request: by their words, or by what they do."""
    if key_of(means) == key_of(meant):
        return True
    one, other = checker.request(means, {}), checker.request(meant, {})
    return one is not None and one == other and one.intent != "anything"


def share(right: int, of: int) -> str:
    if not of:
        return "none"
    found = clopper_pearson(right, of)
    return f"{right / of:.3f} [{found.low:.3f}, {found.high:.3f}] of {of:,}"


def reported(
    name: str, dialogues: list[Dialogue], checker: Checker, answers_of: tuple[list[str], list[str]], rng: random.Random
) -> None:
    """Print what is extracted, and stored, and the same of the rivals."""
    print(f"\n{name}: {len(dialogues):,} dialogues, of which {sum(bool(one.meant) for one in dialogues):,} define something")
    yes, no = answers_of
    wrong: Counter[str] = Counter()

    def table(way: str, found: list[tuple[Dialogue, str]]) -> None:
        told = [(one, means) for one, means in found if means]
        right = sum(bool(one.meant) and same(means, one.meant, checker) for one, means in told)
        print(f"  {way}: precision {share(right, len(told))}; recall {share(right, sum(bool(o.meant) for o, _ in found))}")
        for kind in (False, True):
            own = [(one, means) for one, means in found if one.meant and one.corrected == kind]
            hit = sum(bool(means) and same(means, one.meant, checker) for one, means in own)
            print(f"    {'corrected on the way' if kind else 'said straight'}: recall {share(hit, len(own))}")

    whole = [(one, normalised(one.answer)) for one in dialogues]
    table("whole answer", whole)
    table("whole answer, if understood", [(one, text if text and checker.request(text, {}) else "") for one, text in whole])
    attentive, careless, put_all = 0, 0, []
    for one in dialogues:

        def answers(own: Preference, one: Dialogue = one) -> str:
            fine = bool(one.meant) and same(own.means, one.meant, checker)
            return rng.choice(yes) if fine else rng.choice(no)

        put, stored = led(one, checker, answers)
        put_all.append((one, put.means if put is not None else ""))
        attentive += stored is not None and not (one.meant and same(stored.means, one.meant, checker))
        _, stored = led(one, checker, lambda _: "yes")
        bad = stored is not None and not (one.meant and same(stored.means, one.meant, checker))
        careless += bad
        if bad and stored is not None:
            wrong[f"{one.answer!r} -> {stored.means!r}, meant {one.meant!r}"] += 1
    table("lesson", put_all)
    print(
        f"  wrongly stored, of all dialogues: by users who listen {share(attentive, len(dialogues))}; who say yes to anything {share(careless, len(dialogues))}"
    )
    bare = sum(
        not (one.meant and same(normalised(one.answer), one.meant, checker)) and bool(normalised(one.answer)) for one in dialogues
    )
    print(f"  the same of the whole answer, stored without a question: {share(bare, len(dialogues))}")
    if ARGUMENTS.development:
        for text, _ in wrong.most_common(25):
            print("    wrong:", text)
        for one in [o for o, m in put_all if o.meant and not m][:25]:
            print("    missed:", one)


def main() -> None:
    """Make the dialogues, and print the tables."""
    rng = random.Random(0)
    report = not ARGUMENTS.development
    meant, grammar = home_assistant()
    every = slurp()
    hassil = Called(grammar)
    short = [
        one
        for one in every
        if 2 <= len(one.split()) <= 6
        and not risky(one)
        and read(one).reply is not Reply.LEAVE
        and hassil.request(one, {}) is None
    ]
    print(
        f"{len(meant):,} sentences of Home Assistant, {len(every):,} of SLURP, {len(short):,} of them short and not understood, {len(FRAMES)} frames, {len(edits()):,} editing phrases"
    )
    yes, no = ([one for one in texts if part(one) == report] for texts in confirmations())
    taken = sum(agrees(normalised(one)) for one in yes)
    false = sum(agrees(normalised(one)) for one in no)
    print(
        f"SGD's answers, {'report' if report else 'development'}: taken for a yes, of those that affirm {share(taken, len(yes))}; of those that negate {share(false, len(no))}"
    )
    plain = [
        one
        for one in every
        if not risky(one)
        and lead_stripped(one) == one
        and len(one.split()) <= 12
        and not re.match(r"(?:olly|hey|what|how|who|when|where|is|are|do|does|can|could)\b", one)
    ]
    many = ARGUMENTS.dialogues
    reported("executed by hassil", made(many, meant, short, every, report=report, rng=rng), hassil, (yes, no), rng)
    listed = Listed(Catalogue(requests=frozenset(every)))
    reported(
        "in a catalogue of SLURP's sentences", made(many, plain, short, every, report=report, rng=rng), listed, (yes, no), rng
    )
    reported(
        "an assistant that claims to understand everything",
        made(many, meant, short, every, report=report, rng=rng),
        Anything(),
        (yes, no),
        rng,
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--dialogues", type=int, default=1000)
    parser.add_argument("--development", action="store_true", help="the half that one may look at, with what went wrong")
    ARGUMENTS = parser.parse_args()
    main()
