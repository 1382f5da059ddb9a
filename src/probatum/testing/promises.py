"""The promises that every rule keeps, on every example it is tried on.

Each is a function of a rule that returns, or raises `BrokenPromise` with the
example and what happened. None of them knows what the rule is about, so they
hold for rules that nobody here has seen.
"""

from __future__ import annotations

import base64
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from probatum.errors import EvidenceError
from probatum.evidence import Evidence, from_json
from probatum.findings import Cleared, Edit, Finding, Outcome, Repair, Undecided, outcome_from_json, outcome_to_json
from probatum.source import Source, canonical_json
from probatum.testing.examples import Example, Rule

LONGEST = 160  # characters of a message: two lines of a narrow terminal, one of a wide one

# After so many looks at its deadline a rule is stopped: every early moment, then ever fewer later ones.
LOOKS = (0, 1, 2, 3, 5, 8, 16, 64, 256, 1024)


class BrokenPromise(AssertionError):
    """A rule does not keep a promise; the text says which, where and how."""


@dataclass(frozen=True, slots=True)
class Promise:
    """A fact that must hold for every rule."""

    check: Callable[[Rule], None]

    def __call__(self, rule: Rule) -> None:
        """Return if the rule keeps the promise, and raise `BrokenPromise` if not."""
        if not rule.examples:
            raise BrokenPromise(f"`{rule}` has no examples to be tried on; write its spec")
        try:
            self.check(rule)
        except BrokenPromise as broken:
            raise BrokenPromise(f"`{rule}` breaks `{self}` {broken}") from None

    def __str__(self) -> str:
        return self.check.__name__.replace("_", " ")


def promises() -> tuple[Promise, ...]:
    """Every promise, in the order in which a broken one is easiest to understand."""
    return tuple(
        Promise(check)
        for check in (
            outcomes_are_about_the_rule_and_its_artefact,
            message_fits_one_line_and_names_no_class_of_ours,
            same_input_same_outcome,
            order_of_artefacts_does_not_matter,
            evidence_survives_json_and_recheck,
            evidence_is_about_its_artefact_and_no_other,
            a_smaller_deadline_only_turns_answers_into_undecided,
            repair_clears_the_finding_and_adds_none,
        )
    )


def check_rule(rule: Rule) -> None:
    """Try a rule on its examples.

    Raises
    ------
    BrokenPromise
        Naming every promise that is broken, not only the first.
    """
    broken = []
    for promise in promises():
        try:
            promise(rule)
        except BrokenPromise as one:
            broken.append(str(one))
    if broken:
        raise BrokenPromise("\n\n".join(dict.fromkeys(broken)))


def outcomes_are_about_the_rule_and_its_artefact(rule: Rule) -> None:
    """Outcomes carry the rule's own identifier, and a place in the file that was read."""
    for example, outcome in _all(rule):
        where = outcome.location
        # A further input that cannot be read is the place that its owner must look at.
        read = {source.path: source for source in (*example.inputs.values(), example.source)}
        if outcome.rule not in (rule.id, "probatum/unreadable"):
            raise BrokenPromise(f"on {example}: an outcome calls itself `{outcome.rule}`")
        if where.path not in read or (not isinstance(outcome, Undecided) and where.path != example.source.path):
            raise BrokenPromise(f"on {example}: it points to `{where.path}`, and was given `{example.source.path}`")
        lines = read[where.path].raw.count(b"\n") + 1
        if where.line is not None and not 1 <= where.line <= lines:
            raise BrokenPromise(f"on {example}: it points to line {where.line} of {lines}")
        if isinstance(outcome, Finding) and not outcome.anchor:
            raise BrokenPromise(f"on {example}: the finding has no anchor, so it has no identity across runs")
        if isinstance(outcome, Cleared) and outcome.evidence is None and outcome.strength.value != "tested":
            raise BrokenPromise(f"on {example}: `{outcome.strength.value}` is claimed without evidence")


def message_fits_one_line_and_names_no_class_of_ours(rule: Rule) -> None:
    """Messages, causes and reasons stand alone on a narrow screen, in the words of the artefact's owner."""
    outcomes = list(_all(rule))  # first of all, because it loads the classes that must not be named
    ours = re.compile(rf"\b({'|'.join(sorted(_classes(rule)))})\b|<[\w.]+ object at 0x")
    for example, outcome in outcomes:
        for what, text in (("message", outcome.message), ("cause", outcome.cause if isinstance(outcome, Finding) else "")):
            if what == "message" and not text.strip():
                raise BrokenPromise(f"on {example}: the {what} is empty")
            if not text.isprintable():  # also false for every kind of line break
                raise BrokenPromise(f"on {example}: the {what} is not one line of printable characters: {text!r}")
            if len(text) > LONGEST:
                raise BrokenPromise(f"on {example}: the {what} has {len(text)} characters, and {LONGEST} fit: {text}")
            # What stands in backticks is the user's, and may be called anything.
            if named := ours.search(re.sub(r"`[^`]*`", "", text)):
                raise BrokenPromise(f"on {example}: the {what} names `{named[0]}`, which is a word of the program: {text}")


def same_input_same_outcome(rule: Rule) -> None:
    """Twice in one process, and in another one that orders its sets differently."""
    first = [_texts(rule.outcomes(example)) for example in rule.examples]
    again = [_texts(rule.outcomes(example)) for example in rule.examples]
    elsewhere = _elsewhere(rule)
    for example, *answers in zip(rule.examples, first, again, elsewhere, strict=True):
        if answers[0] != answers[1]:
            raise BrokenPromise(f"on {example}: asked again, it said\n{_difference(answers[0], answers[1])}")
        if answers[0] != answers[2]:
            raise BrokenPromise(f"on {example}: asked in another process, it said\n{_difference(answers[0], answers[2])}")


def order_of_artefacts_does_not_matter(rule: Rule) -> None:
    """What was read before leaves no trace."""
    forwards = [_texts(rule.outcomes(example)) for example in rule.examples]
    backwards = [_texts(rule.outcomes(example)) for example in reversed(rule.examples)][::-1]
    for example, one, other in zip(rule.examples, forwards, backwards, strict=True):
        if one != other:
            raise BrokenPromise(f"on {example}: after other artefacts, it said\n{_difference(one, other)}")


def evidence_survives_json_and_recheck(rule: Rule) -> None:
    """Evidence comes back from JSON as it was, and is confirmed by who re-checks it."""
    for example, outcome in _all(rule):
        if isinstance(outcome, Undecided) or outcome.evidence is None:
            continue
        stored = json.loads(json.dumps(outcome_to_json(outcome)))
        back = outcome_from_json(stored)
        if outcome_to_json(back) != stored or isinstance(back, Undecided) or back.evidence is None:
            raise BrokenPromise(f"on {example}: `{outcome.message}` does not survive JSON")
        try:
            answer = rule.recheck(from_json(stored["evidence"]), example, outcome.subject)
        except Exception as problem:  # noqa: BLE001 - a checker that crashes on evidence of its own has not confirmed it
            raise BrokenPromise(f"on {example}: the re-check of `{outcome.message}` fails: {problem!r}") from None
        if answer.status != "confirmed":
            raise BrokenPromise(f"on {example}: the re-check of `{outcome.message}` says {answer.status}: {answer.reason}")


def evidence_is_about_its_artefact_and_no_other(rule: Rule) -> None:
    """The evidence of a finding is not confirmed where the rule has shown that there is none."""
    outcomes = [(example, rule.outcomes(example)) for example in rule.examples]
    clear = [example for example, found in outcomes if found and all(isinstance(o, Cleared) for o in found)]
    for example, finding in ((e, f) for e, found in outcomes for f in found if isinstance(f, Finding)):
        for other in clear:
            # Other options are another question, and evidence may carry the ones it was found under.
            if other.options == example.options and _confirms(rule, finding.evidence, other, finding.subject):
                raise BrokenPromise(
                    f"on {example}: the evidence of `{finding.message}` is also confirmed on {other}, which is cleared"
                )


def a_smaller_deadline_only_turns_answers_into_undecided(rule: Rule) -> None:
    """Stopped at any moment, a rule says less and never something else."""
    for example in rule.examples:
        full = {_gist(outcome) for outcome in rule.outcomes(example, looks=10**9)}
        for looks in LOOKS:
            for outcome in rule.outcomes(example, looks=looks):
                if not isinstance(outcome, Undecided) and _gist(outcome) not in full:
                    raise BrokenPromise(
                        f"on {example}: stopped at look {looks + 1} at the deadline, it said {outcome.kind}: {outcome.message}"
                    )


def repair_clears_the_finding_and_adds_none(rule: Rule) -> None:
    """If repairs are proposed, one of them works: the finding is gone, and no rule of the system finds more."""
    room = rule.room("repair")
    for example, finding in _all(rule):
        if not isinstance(finding, Finding):
            continue
        proposed = [finding.repair] if finding.repair is not None and finding.repair.edits else []
        if room is not None:
            for artefact in rule.artefacts(example):
                if artefact.subject == finding.subject:
                    # A repair is made of the text, so the file is among the inputs.
                    tools = rule.tools(example)
                    tools = replace(tools, inputs={**tools.inputs, example.source.path: example.source})
                    proposed.extend(room.propose(artefact, finding, tools))
        if proposed and not any(_repairs(rule, example, finding, repair) for repair in proposed):
            titles = ", ".join(f"`{repair.title}`" for repair in proposed)
            raise BrokenPromise(f"on {example}: no proposed repair of `{finding.message}` works: {titles}")


def _all(rule: Rule) -> Iterator[tuple[Example, Any]]:
    for example in rule.examples:
        for outcome in rule.outcomes(example):
            yield example, outcome


def _texts(outcomes: tuple[Outcome, ...]) -> list[str]:
    return [canonical_json(outcome_to_json(outcome)) for outcome in outcomes]


def _gist(outcome: Outcome) -> tuple[str, ...]:
    """What a smaller deadline must not change; the witness it may."""
    return (outcome.kind, outcome.rule, outcome.subject, str(outcome.location), *outcome.anchor)


def _difference(one: list[str], other: list[str]) -> str:
    lost = [f"- {text[:400]}" for text in one if text not in other]
    come = [f"+ {text[:400]}" for text in other if text not in one]
    return "\n".join(lost + come) or "the same in another order"


def _confirms(rule: Rule, evidence: Evidence, example: Example, subject: str) -> bool:
    try:
        return rule.recheck(evidence, example, subject).status == "confirmed"
    except EvidenceError:
        return False


def _repairs(rule: Rule, example: Example, finding: Finding, repair: Repair) -> bool:
    try:
        after = _after(example, repair.edits)
    except ValueError:
        return False
    wanted = (finding.rule, finding.subject, finding.anchor)
    before = {_identity(f) for sibling in rule.siblings() for f in sibling.outcomes(example) if isinstance(f, Finding)}
    remaining = [o for sibling in rule.siblings() for o in sibling.outcomes(after)]
    found = {_identity(f) for f in remaining if isinstance(f, Finding)}
    return wanted not in found and found <= before and not any(o.rule == "probatum/unreadable" for o in remaining)


def _after(example: Example, edits: tuple[Edit, ...]) -> Example:
    """Return an example with a repair in its file, and in the inputs that the repair changes."""
    own = [edit for edit in edits if edit.path not in example.inputs]
    inputs = {
        path: applied(source, tuple(edit for edit in edits if edit.path == path)) for path, source in example.inputs.items()
    }
    return replace(example, source=applied(example.source, tuple(own)), inputs=inputs)


def _identity(finding: Finding) -> tuple[str, str, tuple[str, ...]]:
    return (finding.rule, finding.subject, finding.anchor)


def applied(source: Source, edits: tuple[Edit, ...]) -> Source:
    """Return the file after edits.

    Raises
    ------
    ValueError
        If an edit is for another file or content, or two overlap.
    """
    text = source.text().content
    end = len(text)
    for edit in sorted(edits, key=lambda e: (e.start, e.end), reverse=True):
        if edit.path != source.path or edit.base != source.digest or not 0 <= edit.start <= edit.end <= end:
            raise ValueError(f"the edit of `{edit.path}` at {edit.start} does not fit")
        text = text[: edit.start] + edit.new + text[edit.end :]
        end = edit.start
    return Source(source.path, text.encode())


def _classes(rule: Rule) -> set[str]:
    """Names of the classes of this program and of the rule's system, as far as they are loaded."""
    top = (rule.package.split(".", 1)[0], "probatum")
    names = set()
    for name, module in list(sys.modules.items()):
        if name.split(".", 1)[0] in top:
            names |= {
                key for key, value in vars(module).items() if isinstance(value, type) and value.__module__.split(".", 1)[0] in top
            }
    return {name for name in names if name[:1].isupper()}


def _elsewhere(rule: Rule) -> list[list[str]]:
    """Outcomes of all examples, as text, from a fresh interpreter with another seed for its hashes."""
    asked = {
        "package": rule.package,
        "name": rule.name,
        "examples": [_example_to_json(example) for example in rule.examples],
        "path": sys.path,
    }
    environment = os.environ | {"PYTHONHASHSEED": "20261"}
    done = subprocess.run(
        [sys.executable, "-c", "from probatum.testing.promises import answer; answer()"],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        env=environment | {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
        check=False,
    )
    if done.returncode != 0:
        raise BrokenPromise(f"in another process: it fails: {done.stderr.strip().splitlines()[-1:]}")
    answers: list[list[str]] = json.loads(done.stdout)
    return answers


def answer() -> None:
    """Read a rule and examples from standard input, and write what the rule says: the other side of `_elsewhere`."""
    asked = json.load(sys.stdin)
    rule = Rule(package=asked["package"], name=asked["name"])
    answers = [_texts(rule.outcomes(_example_from_json(example))) for example in asked["examples"]]
    sys.stdout.write(json.dumps(answers))


def _example_to_json(example: Example) -> dict[str, Any]:
    return {
        "source": _source_to_json(example.source),
        "options": dict(example.options),
        "inputs": {name: _source_to_json(source) for name, source in example.inputs.items()},
        "looks": example.looks,
    }


def _example_from_json(value: dict[str, Any]) -> Example:
    inputs = {name: _source_from_json(source) for name, source in value["inputs"].items()}
    return Example(source=_source_from_json(value["source"]), options=value["options"], inputs=inputs, looks=value["looks"])


def _source_to_json(source: Source) -> list[str]:
    return [source.path, base64.b64encode(source.raw).decode("ascii")]


def _source_from_json(value: list[str]) -> Source:
    return Source(value[0], base64.b64decode(value[1]))
