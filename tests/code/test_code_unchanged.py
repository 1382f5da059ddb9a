"""Parts of a module that did not change are not lowered again; whatever a proof rests on is, when it changes."""

from pathlib import Path

import pytest

from probatum.code.artefacts import read
from probatum.code.model.functions import question, verified
from probatum.code.rules import function as summary
from probatum.code.rules import postcondition_violated
from probatum.engine import keys
from probatum.engine.systems import systems
from probatum.findings import outcome_to_json
from probatum.lower import lowering
from probatum.python.parts import parts, without
from probatum.source import Source
from probatum.tools import Tools

HEAD = "from probatum.spec import decreases, ensures, requires\n"
ONE = "def one(n: int) -> int:\n    requires(n > 0)\n    ensures(lambda r: r > n)\n    return 2 * n\n"
TWO = "def two(n: int) -> int:\n    ensures(lambda r: r >= n)\n    return n\n"
OTHER = "def spare(n: int) -> int:\n    ensures(lambda r: r == n)\n    return n\n"
NO_RUNS = {"replay": False}


@pytest.fixture
def lowered(monkeypatch):
    """The names of functions that are lowered."""
    found = []
    lower = lowering.lower

    def noted(program, function, **named):
        found.append(function.name)
        return lower(program, function, **named)

    monkeypatch.setattr(lowering, "lower", noted)
    return found


def checked(text, kept, *, options=NO_RUNS, seed=0, **files):
    """Check a module after what earlier checks left, as the engine does; return the verdicts."""
    [artefact] = read(Source("m.py", text.encode()), options)
    inputs = {f"{name}.py": Source(f"{name}.py", content.encode()) for name, content in files.items()}
    tools = Tools(options=options, inputs=inputs, seed=seed, kept=kept)
    return {result.function.name: result.proved for result in verified(artefact, tools).functions}


def test_only_the_part_that_changed_is_lowered_again(lowered):
    kept = {}
    checked(HEAD + ONE + TWO, kept)
    lowered.clear()

    found = checked(HEAD + ONE.replace("2 * n", "n + n"), kept) | checked(HEAD + ONE.replace("2 * n", "n + n") + TWO, kept)

    assert found == {"one": True, "two": True}


def test_what_is_said_of_an_unchanged_part_is_what_was_said_before_where_it_is_now(lowered):
    longer = ONE.replace("    return", "    assert n > 0\n\n    # more\n    return")
    kept = {}
    checked(HEAD + ONE + TWO, kept)
    lowered.clear()

    [artefact] = read(Source("m.py", (HEAD + longer + TWO).encode()), NO_RUNS)
    fresh = [artefact, Tools(options=NO_RUNS)]
    [again] = read(Source("m.py", (HEAD + longer + TWO).encode()), NO_RUNS)
    remembered = [again, Tools(options=NO_RUNS, kept=kept)]
    rules = (summary, postcondition_violated)
    said = [[outcome_to_json(o) for rule in rules for o in rule.check(*which)] for which in (remembered, fresh)]

    assert said[0] == said[1]
    assert lowered == ["one", "one", "two"]  # the last two anew, with nothing remembered


def test_a_part_that_moved_and_did_not_change_is_not_lowered(lowered):
    kept = {}
    checked(HEAD + ONE + TWO, kept)
    lowered.clear()

    assert checked(HEAD + "\n\n" + TWO + "\n" + ONE, kept) == {"one": True, "two": True}
    assert lowered == []


# What a proof of `user` rests on, as it was when `user` was proved, and as it is after a change that makes `user` wrong.
CHANGES = {
    "its own body": ("def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n + 1\n", "n + 1", "n - 1"),
    "its own contract": ("def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n + 1\n", "r > n", "r > n + 1"),
    "the contract of a callee": (
        (
            "def callee(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n + 1\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return callee(n)\n"
        ),
        "ensures(lambda r: r > n)\n    return n + 1",
        "ensures(lambda r: r != n)\n    return n + 1",
    ),
    "what a callee requires": (
        (
            "def callee(n: int) -> int:\n    requires(n > -5 or n < 5)\n    ensures(lambda r: r > n)\n    return n + 1\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return callee(n)\n"
        ),
        "n > -5 or",
        "n > -5 and",
    ),
    "the body of a callee without a contract": (
        (
            "def callee(n: int) -> int:\n    return n + 1\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return callee(n)\n"
        ),
        "return n + 1",
        "return n - 1",
    ),
    "the callee of a callee": (
        (
            "def last(n: int) -> int:\n    return n + 1\ndef callee(n: int) -> int:\n    return last(n)\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return callee(n)\n"
        ),
        "return n + 1",
        "return n - 1",
    ),
    "a callee that calls it back": (
        (
            "def callee(n: int) -> int:\n    requires(n > 0)\n    return n + 1\n"
            "def user(n: int) -> int:\n    requires(n > 0)\n    ensures(lambda r: r >= n)\n    callee(n)\n    return n\n"
        ),
        "return n + 1",
        "return user(n)",
    ),
    "a constant": (
        "LIMIT = 3\ndef user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n + LIMIT\n",
        "LIMIT = 3",
        "LIMIT = -3",
    ),
    "a function that assigns a variable of the module": (
        "LIMIT = 3\ndef change() -> None:\n    pass\ndef user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n + LIMIT\n",
        "    pass",
        "    global LIMIT\n    LIMIT = -3",
    ),
    "a function that changes a list of the module": (
        (
            "STEPS = [3, 4]\ndef change() -> None:\n    pass\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n + STEPS[0]\n"
        ),
        "    pass",
        "    STEPS[0] = -3",
    ),
    "a class": (
        (
            "class Box:\n    def __init__(self, n: int) -> None:\n        self.n = n + 1\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return Box(n).n\n"
        ),
        "self.n = n + 1",
        "self.n = n - 1",
    ),
    "a function that puts something else into a class": (
        (
            "class Box:\n    def value(self) -> int:\n        return 1\ndef other(self: Box) -> int:\n    return -1\n"
            "def change() -> None:\n    pass\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n + Box().value()\n"
        ),
        "    pass",
        "    Box.value = other",
    ),
    "a name that hides a built-in function": (
        "LIMIT = 3\ndef user(n: int) -> int:\n    ensures(lambda r: r >= 0)\n    return abs(n)\n",
        "LIMIT = 3",
        "def abs(n: int) -> int:\n    return n",
    ),
    "a second definition of a callee": (
        (
            "def callee(n: int) -> int:\n    return n + 1\ndef late(n: int) -> int:\n    return n - 1\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return callee(n)\n"
        ),
        "def late",
        "def callee",
    ),
    "the contract of a method": (
        (
            "class Box:\n    def step(self, n: int) -> int:\n        ensures(lambda r: r > n)\n        return n + 1\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return Box().step(n)\n"
        ),
        "ensures(lambda r: r > n)\n        return",
        "ensures(lambda r: r != n)\n        return",
    ),
    "a class that another one inherits from": (
        (
            "class Base:\n    def __init__(self, n: int) -> None:\n        self.n = n + 1\nclass Box(Base):\n    pass\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return Box(n).n\n"
        ),
        "self.n = n + 1",
        "self.n = n - 1",
    ),
    "a member of an enumeration": (
        (
            "from enum import Enum\nclass Side(Enum):\n    LEFT = 1\n    RIGHT = 2\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n + Side.LEFT.value\n"
        ),
        "LEFT = 1",
        "LEFT = -1",
    ),
    "a name for a type": (
        (
            "from typing import Annotated\nfrom probatum.spec import Range\nDigit = Annotated[int, Range(0, 9)]\n"
            "def user(n: Digit) -> int:\n    ensures(lambda r: r < 10)\n    return n\n"
        ),
        "Range(0, 9)",
        "Range(0, 90)",
    ),
    "a default of a callee": (
        (
            "def callee(n: int, by: int = 1) -> int:\n    ensures(lambda r: r == n + by)\n    return n + by\n"
            "def user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return callee(n)\n"
        ),
        "by: int = 1",
        "by: int = -1",
    ),
    "an import": (
        "from up import step\ndef user(n: int) -> int:\n    ensures(lambda r: r > n)\n    return step(n)\n",
        "from up",
        "from down",
    ),
}
FILES = {
    "up": "from probatum.spec import ensures\ndef step(n: int) -> int:\n    ensures(lambda r: r > n)\n    return n + 1\n",
    "down": "from probatum.spec import ensures\ndef step(n: int) -> int:\n    ensures(lambda r: r < n)\n    return n - 1\n",
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_a_proof_rests_on_is_proved_anew_when_it_changes(change, lowered):
    text, old, new = CHANGES[change]
    assert text.count(old) == 1
    kept = {}

    before = checked(HEAD + OTHER + TWO + text, kept, **FILES)
    lowered.clear()
    after = checked(HEAD + OTHER + TWO + text.replace(old, new), kept, **FILES)

    assert (before["user"], after["user"]) == (True, False)
    assert "user" in lowered


def test_a_change_in_a_module_that_is_imported_is_one(lowered):
    text = HEAD + OTHER + TWO + CHANGES["an import"][0]
    kept = {}
    before = checked(text, kept, **FILES)

    after = checked(text, kept, **FILES | {"up": FILES["down"]})

    assert (before["user"], after["user"]) == (True, False)


def test_a_change_in_what_an_imported_module_imports_is_one(lowered):
    text = HEAD + OTHER + TWO + CHANGES["an import"][0]
    far = {"up": "from far import LIMIT\n" + FILES["up"].replace("r > n", "r > n + LIMIT"), "far": "LIMIT = 3\n"}
    kept = {}

    before = checked(text, kept, **far)

    after = checked(text, kept, **far | {"far": "LIMIT = -3\n"})

    assert (before["user"], after["user"]) == (True, False)


@pytest.mark.parametrize("change", [{"options": NO_RUNS | {"contracts": ["probatum", "deal"]}}, {"seed": 1}])
def test_other_options_and_another_seed_ask_anew(change, lowered):
    kept = {}
    checked(HEAD + ONE + TWO, kept)
    lowered.clear()

    checked(HEAD + ONE + TWO, kept, **change)

    assert lowered == ["one", "two"]


def test_another_version_of_ours_finds_nothing_that_was_kept(monkeypatch):
    entry = next(e for e in systems() if e.name == "code")
    before = keys.kept_key(entry, "m.py", secret="")
    monkeypatch.setattr(keys, "code_digest", lambda entry: "another")

    assert keys.kept_key(entry, "m.py", secret="") != before


@pytest.mark.parametrize("damage", ["", "not base85 \"'", 3, None, ["x"]])
def test_what_is_damaged_is_worked_out_again(damage, lowered):
    kept = {}
    checked(HEAD + ONE + TWO, kept)
    lowered.clear()

    kept |= {key: damage for key in kept if key.startswith("part ")}

    assert checked(HEAD + ONE + TWO, kept) == {"one": True, "two": True}
    assert lowered == ["one", "two"]


def test_a_part_in_which_something_is_open_is_asked_again(lowered):
    kept = {}
    wrong = ONE.replace("r > n", "r > 2 * n")
    checked(HEAD + wrong + TWO, kept)
    lowered.clear()

    assert checked(HEAD + wrong + TWO, kept) == {"one": False, "two": True}
    assert set(lowered) == {"one"}


def test_what_is_kept_is_of_parts_that_are_there(lowered):
    kept = {}
    checked(HEAD + ONE + TWO, kept)
    first = dict(kept)
    checked(HEAD + ONE + TWO.replace("two", "three"), kept)

    assert len(kept) == len(first)
    assert [k for k in first if k in kept and k.startswith("part ")] == [k for k in first if k.startswith("part ")][:1]


ORDINARY = sorted((Path(__file__).parents[2] / "bench/code/programs").rglob("*.py"))


@pytest.mark.slow
@pytest.mark.parametrize("path", ORDINARY, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_function_is_lowered_to_the_same_text_without_the_parts_that_are_not_its_own(path):
    [artefact] = read(Source("m.py", path.read_bytes()), {})
    program, module = artefact.program({})
    own = parts(artefact.tree, artefact.text)
    for part in own:
        text = without(artefact.text, [other for other in own if other is not part])
        less, smaller = artefact.program_without({}, text)
        for function in part.functions:
            assert question(less, smaller.functions[function.name]) == question(program, module.functions[function.name])
