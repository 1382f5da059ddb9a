"""A proof that uses the definition of a recursive function counts only if that function is proved to end."""

import pytest

from probatum.code.artefacts import read
from probatum.code.rules import function as summary
from probatum.findings import Cleared, Undecided
from probatum.source import Source
from probatum.tools import Tools

HEAD = "from probatum.spec import check, decreases, ensures, pure, requires\n"
ENDLESS = "@pure\ndef grows(n: int) -> int:\n    return grows(n) + 1\n"
ENDS = "@pure\ndef grows(n: int) -> int:\n    return 0 if n <= 0 else grows(n - 1) + 1\n"
USE = "def use(n: int) -> int:\n    ensures(lambda r: r == 7)\n    check(grows(n) == grows(n) + 1)\n    return 8\n"
HARMLESS = "def use(n: int) -> int:\n    requires(n >= 0)\n    ensures(lambda r: r == 1)\n    check(grows(0) == grows(0))\n    return 1\n"
NO_RUNS = {"replay": False}


def said(text: str, others: dict[str, str] | None = None):
    sources = {path: Source(path, other.encode()) for path, other in (others or {}).items()}
    [artefact] = read(Source("m.py", text.encode()), NO_RUNS)
    return {o.subject: o for o in summary.check(artefact, Tools(options=NO_RUNS, inputs=sources))}


def test_an_endless_definition_of_the_same_module_proves_nothing():
    use = said(HEAD + ENDLESS + USE)["m.use"]

    assert isinstance(use, Undecided)
    assert "`m.grows`, which is not proved to terminate" in use.reason


def test_an_endless_definition_of_another_module_proves_nothing():
    use = said(HEAD + "from other import grows\n" + USE, {"other.py": HEAD + ENDLESS})["m.use"]

    assert isinstance(use, Undecided)
    assert "`other.grows`, which is not proved to terminate" in use.reason


def test_an_endless_function_behind_one_that_ends_because_of_it_proves_nothing():
    # That `shrinks` ends follows from what `grows` is said to be, which is contradictory.
    behind = (
        "@pure\ndef shrinks(n: int) -> int:\n    requires(n >= 0)\n    decreases(n)\n    check(grows(n) == grows(n) + 1)\n"
        "    return shrinks(n) + 1\n"
    )
    found = said(
        HEAD + ENDLESS + behind + USE.replace("grows", "shrinks").replace("    check", "    requires(n >= 0)\n    check")
    )

    assert isinstance(found["m.use"], Undecided)


@pytest.mark.parametrize("imported", [False, True])
def test_a_definition_that_ends_is_used(imported: bool):
    text = HEAD + "from other import grows\n" + HARMLESS if imported else HEAD + ENDS + HARMLESS

    assert isinstance(said(text, {"other.py": HEAD + ENDS})["m.use"], Cleared)


def test_a_function_that_must_end_may_not_call_one_of_which_nobody_says_so():
    text = (
        HEAD + "def maybe(n: int) -> int:\n    decreases(None)\n    while n != 0:\n        n -= 2\n    return n\n"
        "def {}(n: int) -> int:\n    ensures(lambda r: True)\n    return maybe(n)\n"
        "def free(n: int) -> int:\n    decreases(None)\n    ensures(lambda r: True)\n    return maybe(n)\n"
    ).replace("{}", "must_end")
    found = said(text)

    assert isinstance(found["m.must_end"], Undecided)
    assert "it may not terminate" in found["m.must_end"].reason
    assert isinstance(found["m.free"], Cleared)


def test_a_pure_function_that_returns_objects_in_a_tuple_is_refused_by_name():
    text = HEAD + "@pure\ndef both(n: int) -> tuple[int, list[int]]:\n    ensures(lambda r: r[0] == n)\n    return (n, [n])\n"
    user = "def user() -> int:\n    ensures(lambda r: r == 3)\n    return both(3)[0]\n"
    found = said(text + user)["m.user"]

    assert isinstance(found, Undecided)
    assert "a new collection inside of another one, in a contract or in a function that is written out" in found.reason
