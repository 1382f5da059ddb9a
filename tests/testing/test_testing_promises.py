"""Each promise is kept by a sound rule, and can be seen to break: a promise that cannot fail promises nothing."""

import importlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from probatum.source import Source
from probatum.testing import BrokenPromise, Example, Promise, Rule, check_rule, check_system, promises, rules_of

ARTEFACTS = """
from dataclasses import dataclass
from probatum.errors import UnreadableArtefact
from probatum.source import Location

@dataclass(frozen=True)
class Note:
    subject: str
    location: Location
    text: str
    digest: str

def read(source, options):
    text = source.text()
    if not text.content.strip():
        raise UnreadableArtefact(f"`{source.path}` is empty", location=Location(source.path))
    return (Note(source.path, Location(source.path, 1, 1), text.content, text.digest),)

def inputs(path, options):
    return ("words.txt",)
"""

RECHECK = """
from probatum.evidence import CONFIRMED, Recheck

def recheck(artefact, evidence, inputs):
    word = (evidence.given if evidence.kind == "counterexample" else evidence.certificate)["word"]
    there = word in artefact.text
    return CONFIRMED if there == (evidence.kind == "counterexample") else Recheck("refuted", "the text is otherwise")
"""

REPAIR = """
from probatum.findings import Edit, Repair

def propose(artefact, finding, tools):
    at = artefact.text.index("bad")
    yield Repair(title="remove the word", edits=(Edit(finding.location.path, artefact.digest, at, at + 3, "good"),))
"""

RULE = '''"""A note contains the word.

## What it finds
The word.

## Why it matters
It does.

## Evidence
`Counterexample`: the word.

## Not found
Synonyms.
"""

from probatum.evidence import Counterexample, Proof
from probatum.findings import Cleared, Finding, Strength, Undecided, Why

def check(note, tools):
    tools.deadline.check()
    if "bad" in note.text:
        yield Finding(rule="notes/word", subject=note.subject, message="the note contains `bad`", location=note.location,
                      evidence=Counterexample(method="notes/word/1", given={"word": "bad"}, observed="there", expected="not there"),
                      cause="someone wrote it", anchor=("bad",))
    else:
        yield Cleared(rule="notes/word", subject=note.subject, message="the word is not in the note", location=note.location,
                      strength=Strength.PROVED, evidence=Proof(method="notes/word/1", claim="it is not there", certificate={"word": "bad"}))
'''

SPEC = """# `notes/word`: a note contains the word

## It is there

```text finds: word
this is bad
```

## It is not

```text clears: word
this is fine
```

## Time

```text undecided: word; deadline: 0
this is bad
```
"""

NAMES = iter(f"promised{n}" for n in range(1000))


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., str]]:
    """Write a system whose files differ from the sound one's as told; return its package."""
    monkeypatch.syspath_prepend(str(tmp_path))
    written = []

    def write(**different: str | None) -> str:
        top = next(NAMES)  # a new name each time, because modules stay in memory
        files = {
            "__init__": "",
            "artefacts": ARTEFACTS,
            "semantics": "",
            "recheck": RECHECK,
            "repair": REPAIR,
            "rules/__init__": "",
            "rules/word": RULE,
        } | {name.replace("__", "/"): text for name, text in different.items()}
        (tmp_path / top).mkdir()
        (tmp_path / top / "__init__.py").write_text("")
        for name, text in files.items():
            if text is not None:
                path = tmp_path / top / "notes" / f"{name}.py"
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
        importlib.invalidate_caches()
        written.append(top)
        return f"{top}.notes"

    yield write
    for name in list(sys.modules):
        if name.split(".", 1)[0] in written:
            del sys.modules[name]


def tried(package: str) -> Rule:
    examples = [
        Example(source=Source("one.txt", text), title=text.decode())
        for text in (b"so bad", b"quite fine\n", b"bad and bad", b" ")
    ]
    return Rule(package=package, name="word", examples=tuple(examples))


def promise_named(name: str) -> Promise:
    [found] = [p for p in promises() if str(p) == name]
    return found


def test_a_sound_rule_keeps_every_promise(system: Callable[..., str]) -> None:
    sound = RULE.replace("bad and", "")

    check_rule(Rule(package=system(rules__word=sound), name="word", examples=tried("").examples[:2]))


YIELD = '    if "bad" in note.text:'

unsound = {
    "outcomes are about the rule and its artefact": [
        {"rules__word": RULE.replace('Finding(rule="notes/word"', 'Finding(rule="notes/other"')},
        {"rules__word": RULE.replace("location=note.location", 'location=type(note.location)("elsewhere.txt")')},
        {"rules__word": RULE.replace("location=note.location", "location=type(note.location)(note.location.path, 99)")},
        {"rules__word": RULE.replace('anchor=("bad",)', "anchor=()")},
        {"rules__word": RULE.replace("evidence=Proof", "evidence=None and Proof")},
    ],
    "message fits one line and names no class of ours": [
        {"rules__word": RULE.replace("the note contains `bad`", "the Note contains it")},
        {"rules__word": RULE.replace("the note contains `bad`", "a Counterexample was found")},
        {"rules__word": RULE.replace("the note contains `bad`", "first\\nsecond")},
        {"rules__word": RULE.replace("the note contains `bad`", "\\x1b[31mred")},
        {"rules__word": RULE.replace("the note contains `bad`", "long " * 40)},
        {"rules__word": RULE.replace("the note contains `bad`", " ")},
        {"rules__word": RULE.replace("someone wrote it", "note.py says <Note object at 0x7f>")},
    ],
    "same input same outcome": [
        {"rules__word": RULE.replace('anchor=("bad",)', "anchor=tuple({str(n) for n in range(50)})")},
        {"rules__word": RULE.replace('anchor=("bad",)', 'anchor=(str(id(note) + __import__("time").perf_counter_ns()),)')},
    ],
    "order of artefacts does not matter": [
        {"rules__word": RULE.replace(YIELD, "    seen.append(1)\n" + YIELD).replace('anchor=("bad",)', "anchor=(str(len(seen)),)") + "\nseen = []\n"},
    ],
    "evidence survives json and recheck": [
        {"rules__word": RULE.replace('given={"word": "bad"}', 'given={"word": "other"}')},
        {"rules__word": RULE.replace('given={"word": "bad"}', 'given={"word": ("bad",)}')},
        {"rules__word": RULE.replace('method="notes/word/1"', 'method="nobody/word/1"')},
        {"recheck": None},
    ],
    "evidence is about its artefact and no other": [
        {"recheck": "from probatum.evidence import CONFIRMED\ndef recheck(artefact, evidence, inputs):\n    return CONFIRMED\n"},
    ],
    "a smaller deadline only turns answers into undecided": [
        {"rules__word": RULE.replace("tools.deadline.check()", "late = tools.deadline.remaining() == 0").replace(YIELD, '    if "bad" in note.text and not late:')},
    ],
    "repair clears the finding and adds none": [
        {"repair": REPAIR.replace('"good"', '"bad"')},
        {"repair": REPAIR.replace('"good"', '"worse"'), "rules__worse": RULE.replace("notes/word", "notes/worse").replace('"bad" in', '"worse" in')},
        {"repair": REPAIR.replace("artefact.digest", '"of something else"')},
        {"repair": REPAIR.replace("at, at + 3", "0, len(artefact.text)").replace('"good"', '""')},
    ],
}  # fmt: skip  # one breach a line


@pytest.mark.parametrize(("name", "different"), [(n, d) for n, ds in unsound.items() for d in ds])
def test_every_promise_can_be_broken(system: Callable[..., str], name: str, different: dict[str, str]) -> None:
    rule = tried(system(**different))

    with pytest.raises(BrokenPromise, match=f"breaks `{name}`"):
        promise_named(name)(rule)


def test_every_promise_has_a_rule_that_breaks_it() -> None:
    assert set(unsound) == {str(p) for p in promises()}


def test_all_broken_promises_are_named_at_once(system: Callable[..., str]) -> None:
    rule = tried(system(repair=REPAIR.replace('"good"', '"bad"'), rules__word=RULE.replace("the note contains `bad`", " ")))

    with pytest.raises(BrokenPromise) as broken:
        check_rule(rule)

    assert "repair clears" in str(broken.value)
    assert "message fits" in str(broken.value)


def test_a_rule_without_examples_has_not_been_tried(system: Callable[..., str]) -> None:
    with pytest.raises(BrokenPromise, match="no examples"):
        check_rule(Rule(package=system(), name="word"))


def test_a_complete_system_is_complete(system: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "word.md").write_text(SPEC)
    package = system()

    check_system(package, specs=tmp_path)

    [rule] = rules_of(package, specs=tmp_path)
    assert (rule.id, len(rule.examples)) == ("notes/word", 3)


@pytest.mark.parametrize(
    ("different", "missing"),
    [
        ({"recheck": None}, "it has no `recheck`"),
        ({"semantics": None}, "it has no `semantics`"),
        ({"artefacts": ARTEFACTS.replace("def inputs", "def other")}, "`artefacts` has no `inputs(path, options)`"),
        ({"recheck": RECHECK.replace("(artefact, evidence, inputs)", "(evidence)")}, "`recheck.recheck` should take"),
        ({"rules__word": RULE.replace("## Evidence", "## Proof")}, "no section `## Evidence`"),
        ({"rules__word": RULE.replace("A note contains the word.\n", "")}, "does not begin with a title"),
        ({"rules__word": RULE.replace("def check", "def look")}, "it has no `check(artefact, tools)`"),
        ({"rules__word": None}, "it has no rule"),
    ],
)
def test_what_a_system_lacks_is_named(system: Callable[..., str], different: dict[str, str | None], missing: str) -> None:
    with pytest.raises(BrokenPromise) as broken:
        check_system(system(**different))

    assert missing in str(broken.value)


def test_a_spec_must_show_all_three_outcomes(system: Callable[..., str], tmp_path: Path) -> None:
    (tmp_path / "word.md").write_text(SPEC.replace("clears: word", "ignores: word"))

    with pytest.raises(BrokenPromise, match="no example with `clears: word`"):
        check_system(system(), specs=tmp_path)


def test_a_package_that_does_not_exist_is_no_system() -> None:
    with pytest.raises(BrokenPromise, match="there is no package"):
        check_system("nowhere_at_all")
