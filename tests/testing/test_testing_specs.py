"""Specs are read as they are written, run, and refused where they are misspelled."""

from pathlib import Path

import pytest

from probatum.errors import ProbatumError
from probatum.findings import Why
from probatum.source import Source
from probatum.testing import Example, Expectation, Rule, accept_rendered, check_example, read_spec, rendered

SPEC = """# `notes/word`: a note contains the word

Prose, and code that is no example:

```sh
probatum check .
```

## It is there

```toml options:
words = ["bad"]
```

```text input: git:main:words.txt
bad
```

A sentence.

```text finds: word, other-word; clears: third; file: notes/one.txt
this is bad
```

### A part of the same section

````text misses: word (#41)
```
````

## Another section

```text undecided: word; deadline: 2
time
```
"""


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    path = tmp_path / "word.md"
    path.write_text(SPEC)
    return path


def test_a_spec_is_read_as_it_is_written(spec: Path) -> None:
    read = read_spec(spec)

    assert read.title == "`notes/word`: a note contains the word"
    first, second, third = read.examples
    assert first.expects == (Expectation("finds", "word"), Expectation("finds", "other-word"), Expectation("clears", "third"))
    assert first.source == Source("notes/one.txt", b"this is bad\n")
    assert (first.title, first.line) == ("It is there", SPEC[: SPEC.index("```text finds")].count("\n") + 1)
    assert first.options == {"words": ["bad"]}
    assert first.inputs == {"git:main:words.txt": Source("git:main:words.txt", b"bad\n")}
    assert second.expects == (Expectation("misses", "word", "#41"),)
    assert second.source == Source("word.text", b"```\n")
    assert second.options == first.options  # a heading of level three begins no section
    assert (third.options, third.inputs, third.looks) == ({}, {}, 2)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("find: word", "`find` is not a word of specs"),
        ("finds: Word!", "`Word!` is not the name of a rule"),
        ("misses: word", "names its issue"),
        ("finds: word (#3)", "names its issue"),
        ("finds: word; deadline: soon", "`soon` is not a number of looks"),
    ],
)
def test_a_misspelled_block_is_refused_with_its_line(tmp_path: Path, words: str, complaint: str) -> None:
    path = tmp_path / "word.md"
    path.write_text(f"# Title\n\n## Case\n\n```text {words}\nx\n```\n")

    with pytest.raises(ProbatumError) as refused:
        read_spec(path)

    assert complaint in str(refused.value)
    assert "word.md:5" in str(refused.value)


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("# T\n\n## C\n\n```text finds: word\nx\n", "never closed"), ("```text finds: word\nx\n```\n", "under no heading")],
)
def test_a_block_out_of_place_is_refused(tmp_path: Path, text: str, complaint: str) -> None:
    path = tmp_path / "word.md"
    path.write_text(text)

    with pytest.raises(ProbatumError, match=complaint):
        read_spec(path)


SYSTEM = {
    "artefacts": """
from probatum.errors import UnreadableArtefact
from probatum.source import Location
class Note:
    def __init__(self, source, text):
        self.subject, self.location, self.text = source.path, Location(source.path, 1, 1), text
def read(source, options):
    if not source.raw.strip():
        raise UnreadableArtefact("there is nothing in it", location=Location(source.path))
    return (Note(source, source.text().content),)
def inputs(path, options):
    return ()
""",
    "rules/word": '''"""A note contains the word."""
from probatum.evidence import Counterexample
from probatum.findings import Cleared, Finding, Strength
def check(note, tools):
    tools.deadline.check()
    if "bad" in note.text:
        yield Finding(rule="specnotes/word", subject=note.subject, message="the note contains `bad`", location=note.location,
                      evidence=Counterexample(method="specnotes/word/1", given={"word": "bad"}, observed="there", expected="not there"),
                      cause="someone wrote it", anchor=("bad",))
    elif "none of it" not in note.text:
        yield Cleared(rule="specnotes/word", subject=note.subject, message="it is not there", location=note.location, strength=Strength.TESTED)
''',
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, text in {"__init__": "", "rules/__init__": "", **SYSTEM}.items():
        path = tmp_path / "specnotes" / f"{name}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    monkeypatch.syspath_prepend(str(tmp_path))
    return "specnotes"


def example(text: str, verdict: str, issue: str = "", looks: int | None = None) -> Example:
    source = Source("a.txt", text.encode())
    return Example(source=source, title="case", line=3, looks=looks, expects=(Expectation(verdict, "word", issue),))


@pytest.mark.parametrize(
    "right",
    [
        example("bad", "finds"),
        example("fine", "clears"),
        example("none of it", "ignores"),
        example("bad", "undecided", looks=0),
        example(" ", "undecided"),
        example("worse", "misses", "#1"),
        example("bad", "false-alarm", "#1"),
    ],
    ids=lambda e: e.expects[0].verdict,
)
def test_an_example_that_is_right_passes(package: str, right: Example) -> None:
    check_example(package, right)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (example("fine", "finds"), "cleared: it is not there"),
        (example("bad", "clears"), "finding: the note contains `bad`"),
        (example("none of it", "clears"), "the rule said nothing"),
        (example("fine", "ignores"), "cleared: it is not there"),
        (example("fine", "undecided"), "cleared: it is not there"),
        (example("bad", "clears", looks=0), "undecided: not decided within the time limit"),
        (example("bad", "misses", "#41"), "it is found now: make this `finds`, and close #41"),
        (example("fine", "false-alarm", "#42"), "make this `clears`, and close #42"),
    ],
    ids=lambda e: e.expects[0].verdict if isinstance(e, Example) else "",
)
def test_an_example_that_is_wrong_says_what_the_rule_said(package: str, wrong: Example, said: str) -> None:
    with pytest.raises(AssertionError) as failed:
        check_example(package, wrong)

    assert said in str(failed.value)
    assert "`case` (line 3) says" in str(failed.value)


def test_a_file_that_cannot_be_read_is_undecided_and_says_why(package: str) -> None:
    [outcome] = Rule(package=package, name="word").outcomes(example(" ", "undecided"))

    assert (outcome.rule, outcome.why, outcome.message) == ("probatum/unreadable", Why.UNREADABLE, "there is nothing in it")


def test_the_first_finding_is_rendered_and_kept_as_a_golden_file(package: str, tmp_path: Path) -> None:
    rule = Rule(package=package, name="word", examples=(example("fine", "clears"), example("bad", "finds")))
    golden = tmp_path / "word.txt"

    with pytest.raises(AssertionError, match="does not exist"):
        accept_rendered(rule, golden, accept=False)
    accept_rendered(rule, golden, accept=True)
    accept_rendered(rule, golden, accept=False)

    assert "the note contains `bad`" in golden.read_text()
    golden.write_text("something else")
    with pytest.raises(AssertionError, match="differs"):
        accept_rendered(rule, golden, accept=False)


def test_a_rule_without_a_finding_in_its_spec_cannot_be_rendered(package: str) -> None:
    with pytest.raises(AssertionError, match="no example with"):
        rendered(Rule(package=package, name="word", examples=(example("fine", "clears"),)))
