"""What is proposed as the repair of a Python function: one small edit with which everything is proved, and nothing else."""

import importlib.util
from pathlib import Path

import pytest

from probatum.code.artefacts import read
from probatum.code.repair import propose
from probatum.code.rules import function as summary
from probatum.engine import repair
from probatum.engine.options import CheckOptions
from probatum.findings import Finding
from probatum.solve.replay import recheck
from probatum.source import Source
from probatum.testing.promises import applied
from probatum.tools import Tools

pytestmark = pytest.mark.slow  # every case starts processes that run code, and some verify it several times

PROGRAMS = Path(__file__).resolve().parents[2] / "bench" / "code" / "programs"
NATIVE = "from probatum.spec import ensures, requires\n\n\n"
CLAMP = (
    "def clamp(value: int, low: int, high: int) -> int:\n"
    "    requires(low <= high)\n"
    "    ensures(lambda r: low <= r <= high and (r == value or r == low or r == high))\n"
    "    if value < low:\n"
    "        return {}\n"
    "    return high if value > high else value\n"
)


def repairs(text, path="m.py", **options):
    source = Source(path, text.encode())
    [artefact] = read(source, options)
    tools = Tools(options=options, inputs={path: source})
    found = [o for o in summary.check(artefact, tools) if isinstance(o, Finding)]
    return [repair for finding in found for repair in propose(artefact, finding, tools)], source


def text_after(repair, source):
    return applied(source, repair.edits).raw.decode()


def test_a_repair_says_what_it_changes_and_carries_the_proof_of_all_obligations():
    [found], source = repairs(NATIVE + CLAMP.format("low - 1"))

    assert text_after(found, source) == NATIVE + CLAMP.format("low")
    assert found.title == "line 8: `low` instead of `low - 1`; then the one obligation of `clamp` holds"
    assert recheck(found.verified, timeout_s=10).status == "confirmed"


def test_what_callers_need_must_still_be_proved():
    caller = "\n\ndef first(xs: list[int]) -> int:\n    {}ensures(lambda r: r == xs[0])\n    return head(xs)\n"
    head = "def head(xs: list[int]) -> int:\n    ensures(lambda r: len(xs) > 0 and r == xs[0])\n    return xs[0]\n"

    free, _ = repairs(NATIVE + head + caller.format(""))
    bound, source = repairs(NATIVE + head + caller.format("requires(len(xs) > 0)\n    "))

    assert free == []  # with a precondition of `head`, its caller would break it
    assert "every caller then has to establish" in bound[0].title
    assert "requires(len(xs) > 0)\n    ensures(lambda r: len(xs) > 0" in text_after(bound[0], source)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "import icontract\n\n\n@icontract.ensure(lambda a, b, result: result > a)\ndef share(a: int, b: int) -> int:\n    return a + b\n",
            "@icontract.require(lambda b: b > 0)\n@icontract.ensure",
        ),
        (
            "import deal\n\n\n@deal.ensure(lambda _: _.result > _.a)\ndef share(a: int, b: int) -> int:\n    return a + b\n",
            "@deal.pre(lambda a, b: b > 0)\n@deal.ensure",
        ),
    ],
)
def test_a_precondition_is_written_as_the_contract_is(before, after):
    [found], source = repairs(before)

    assert after in text_after(found, source)


def test_a_guard_is_found_where_the_contract_says_what_it_returns():
    text = NATIVE + (
        "def head(xs: list[int]) -> int:\n    ensures(lambda r: r == (xs[0] if len(xs) > 0 else -1))\n    return xs[0]\n"
    )

    [found], source = repairs(text)

    assert "    if not xs:\n        return -1\n    return xs[0]\n" in text_after(found, source)


def test_an_invariant_that_is_wrong_is_repaired_and_the_code_is_left_alone():
    text = (
        "from probatum.spec import ensures, invariant, requires\n\n\n"
        "def count(n: int) -> int:\n    requires(n >= 0)\n    ensures(lambda r: r == n)\n    i = 0\n"
        "    while i < n:\n        invariant(0 <= i < n)\n        i += 1\n    return i\n"
    )

    [found], source = repairs(text)

    assert found.title.startswith("line 9: ")
    assert "    while i < n:\n        invariant(" in text_after(found, source)


def test_nothing_is_proposed_that_is_not_proved():
    text = NATIVE + "def root(n: int) -> int:\n    requires(n >= 0)\n    ensures(lambda r: r * r == n)\n    return n\n"

    found, _ = repairs(text)

    assert found == []


def test_nothing_is_run_and_proposed_where_running_is_refused():
    source = Source("m.py", (NATIVE + CLAMP.format("low - 1")).encode())
    [artefact] = read(source, {})
    tools = Tools(inputs={"m.py": source})
    [finding] = summary.check(artefact, tools)
    [quiet] = read(source, {"replay": False})

    assert list(propose(quiet, finding, tools)) == []


def twins():
    spec = importlib.util.spec_from_file_location("_twins", PROGRAMS.parent / "programs.py")
    text = Path(spec.origin).read_text(encoding="utf-8")
    space = {}
    exec(text[text.index("TWINS = {") : text.index("SYNTAXES")], space)  # noqa: S102 - our own table, without what it imports
    return space["TWINS"]


@pytest.mark.parametrize("name", ["gcd", "maximum", "packets", "search", "sorting"])
def test_the_twins_of_the_benchmark_are_repaired(name):
    right, wrong = twins()[name]
    text = (PROGRAMS / "native" / f"{name}.py").read_text(encoding="utf-8").replace(right, wrong)

    found, source = repairs(text)

    assert found
    again, _ = repairs(text_after(found[0], source))
    assert again == []
    [artefact] = read(Source("m.py", text_after(found[0], source).encode()), {})
    assert all(o.kind == "cleared" for o in summary.check(artefact, Tools()))


def test_the_command_repairs_the_file(tmp_path):
    (tmp_path / "m.py").write_text(NATIVE + CLAMP.format("low - 1"), encoding="utf-8")

    report = repair(tmp_path, CheckOptions(use_cache=False, jobs=1), (), write=True)

    assert report.failed == ()
    assert (tmp_path / "m.py").read_text(encoding="utf-8") == NATIVE + CLAMP.format("low")


IN_SYNTAXES = {
    "probatum": (
        "from probatum.spec import ensures, requires\n\n\ndef f(n: int) -> int:\n    {}ensures(lambda r: 0 <= r == n)\n",
        "requires(",
    ),
    "icontract": (
        "import icontract\n\n\n{}@icontract.ensure(lambda n, result: 0 <= result == n)\ndef f(n: int) -> int:\n",
        "@icontract.require(lambda n: ",
    ),
    "deal": (
        "import deal\n\n\n{}@deal.ensure(lambda n, result: 0 <= result == n)\ndef f(n: int) -> int:\n",
        "@deal.pre(lambda n: ",
    ),
    "nagini": (
        "from nagini_contracts.contracts import *\n\n\ndef f(n: int) -> int:\n    {}Ensures(0 <= Result() and Result() == n)\n",
        "Requires(",
    ),
    "pep316": ('def f(n: int) -> int:\n    """First.\n\n    {}post: 0 <= __return__ == n\n    """\n', "pre: "),
}


@pytest.mark.parametrize("syntax", IN_SYNTAXES)
def test_a_precondition_is_written_in_the_syntax_of_the_contract(syntax):
    head, word = IN_SYNTAXES[syntax]

    [found], source = repairs(head.format("") + "    return n\n")
    after = text_after(found, source)

    assert word + "n >= 0" in after
    assert [line for line in after.splitlines() if "n >= 0" not in line] == source.text().content.splitlines()


SLIPS = {
    "an argument of two calls": (
        (
            "def sub(a: int, b: int) -> int:\n    ensures(lambda r: r == a - b)\n    return a - b\n\n\n"
            "def f(a: int, b: int, c: int) -> tuple[int, int]:\n    ensures(lambda r: r == (a - b, b - c))\n    return {}\n"
        ),
        "sub(a, c), sub(b, b)",
        "sub(a, b), sub(b, c)",
    ),
    "two variables": (
        "def f(a: int, b: int) -> int:\n    ensures(lambda r: r == a - 2 * b)\n    return {}\n",
        "b - a - a",
        "a - b - b",
    ),
    "a condition that is the wrong way round": (
        "def f(a: int) -> int:\n    ensures(lambda r: r == abs(a))\n    if {}:\n        a = -a\n    return a\n",
        "a > 0",
        "a < 0",
    ),
    "the other function": (
        "def f(a: int, b: int) -> int:\n    ensures(lambda r: r >= a and r >= b and (r == a or r == b))\n    return {}(a, b)\n",
        "min",
        "max",
    ),
    "the other end of a slice": (
        (
            "def f(xs: list[int], n: int) -> list[int]:\n    requires(0 <= n <= len(xs))\n"
            "    ensures(lambda r: len(r) == len(xs) - n)\n    return xs[{}]\n"
        ),
        ":n",
        "n:",
    ),
    "a result that is another": (
        (
            "def f(xs: list[int]) -> int | None:\n    ensures(lambda r: (r is None) == (len(xs) == 0))\n"
            "    if len(xs) == 0:\n        return {}\n    return xs[0]\n"
        ),
        "0",
        "None",
    ),
    "two statements": (
        "def f(a: int, c: int) -> int:\n    ensures(lambda r: r == 2 * a + c)\n    b = a\n{}    return b\n",
        "    b += c\n    b *= 2\n",
        "    b *= 2\n    b += c\n",
    ),
    "an end of the loop that comes too early": (
        (
            "def f(n: int) -> int:\n    requires(n >= 0)\n    ensures(lambda r: r == 2 * n)\n    i = 0\n    b = 0\n"
            "    while i < n:\n        i += 1\n        b += 2\n{}"
        ),
        "        return b\n    return 0\n",
        "    return b\n    return 0\n",
    ),
}


@pytest.mark.parametrize("slip", SLIPS)
def test_usual_slips_are_repaired(slip):
    text, wrong, right = SLIPS[slip]

    [found], source = repairs(NATIVE + text.format(wrong))

    assert text_after(found, source) == NATIVE + text.format(right)


def test_no_claim_is_removed_to_make_the_others_hold():
    text = NATIVE + "def f(n: int) -> int:\n    ensures(lambda r: r == n)\n    if n > 5:\n        assert n > 7\n    return n\n"

    found, source = repairs(text)

    assert all("assert n > 7" in text_after(repair, source) for repair in found)


def test_the_likely_cause_is_said_with_the_finding():
    source = Source("m.py", (NATIVE + CLAMP.format("low - 1")).encode())
    [artefact] = read(source, {})

    [found] = summary.check(artefact, Tools(inputs={}))

    assert found.cause == "line 8 may be wrong: with `low` instead of `low - 1`, no input that was tried breaks it"


def test_what_would_only_raise_instead_is_no_likely_cause():
    text = (
        "from icontract import ensure\n\n\n@ensure(lambda x, result: len(result) == len(x) - 1)\n"
        "def pairs(x: list[int]) -> list[tuple[int, int]]:\n    return [(x[i], x[i + 1]) for i in range(len(x) - 1)]\n"
    )
    [artefact] = read(Source("m.py", text.encode()), {})

    [found] = summary.check(artefact, Tools(inputs={}))

    assert "pairs(x=[])" in found.message
    assert "may be wrong" not in found.cause
