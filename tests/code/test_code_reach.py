"""A search that found nothing need not be repeated while all that its runs can reach is as it was."""

import pytest

from probatum.code.artefacts.python import read
from probatum.code.model import hunt, refuting
from probatum.code.model.functions import verified
from probatum.code.model.reach import reached
from probatum.python.reading import read_module
from probatum.source import Source
from probatum.tools import Tools

TEXT = '''"""A module."""

LIMIT = 3


def near(n):
    return far(n) + LIMIT


def far(n):
    return n


@staticmethod
def apart(n):
    return n - 1


class Box:
    def size(self):
        return apart_too(1)


def apart_too(n):
    return n
'''


def behind(name, text=TEXT):
    return reached(read_module(text, "m.py", "m"), name)


def test_functions_that_nothing_names_are_left_out_with_their_decorators():
    text = behind("near")

    assert "def far" in text
    assert "apart(n)" not in text
    assert "staticmethod" not in text


def test_what_runs_when_the_module_is_imported_is_reached_and_so_are_classes():
    text = behind("far")

    assert "LIMIT = 3" in text
    assert "class Box" in text
    assert "def apart_too" in text  # the class names it
    assert "def near" not in text


def test_methods_belong_to_their_class():
    assert behind("Box.size") == behind("Box")


def test_names_in_strings_count():
    assert "def apart(" in behind("far", TEXT.replace("return n\n", "return run('apart', n)\n", 1))


@pytest.mark.parametrize("word", ["globals()", "getattr(n, 'x')", "eval('n')"])
def test_where_names_are_found_in_other_ways_everything_is_reached(word):
    text = TEXT.replace("return far(n) + LIMIT", f"return {word}")

    assert behind("near", text) == text


UNDECIDED = """from probatum.spec import ensures, requires


def half(n: int) -> int:
    requires(n >= 0)
    ensures(lambda r: r >= 0)
    return n // 2


def squares(xs: list[int]) -> int:
    ensures(lambda r: r <= sum(x * x for x in xs))
    return half(len(xs)) * 0


def other(n: int) -> int:
    ensures(lambda r: r == n)
    return n
"""


@pytest.fixture
def searches(monkeypatch):
    """Collect the functions for which inputs are searched."""
    found = []
    search = hunt.hunt

    def noted(runner, function, **rest):
        found.append(function.name)
        return search(runner, function, **rest)

    monkeypatch.setattr(hunt, "hunt", noted)
    monkeypatch.setattr(refuting, "_BRIEF_WORK", 50)
    monkeypatch.setattr(refuting, "_WORK", 100)
    monkeypatch.setattr(refuting, "_hunted", type(refuting._hunted)())
    return found


def checked(text, kept, **options):
    refuting._hunted.clear()  # as in the process of another check
    tools = Tools(kept=kept, options={"allow-unsandboxed": True, **options})
    verified(read(Source("m.py", text.encode()), tools.options), tools)
    return tools.kept


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "again"),
    [
        (("return n\n", "return n + 0\n"), False),  # what it does not reach
        (("return n // 2", "return n // 2 + 0"), True),  # its callee
        (("ensures(lambda r: r >= 0)", "ensures(lambda r: r >= -1)"), True),  # the contract of its callee
        (("x * x", "x * x * x * x"), True),
    ],
)
def test_a_search_without_result_is_kept_until_something_that_it_depends_on_changes(searches, change, again):
    kept = checked(UNDECIDED, {})
    assert "squares" in searches
    searches.clear()

    checked(UNDECIDED.replace(*change), kept)

    assert ("squares" in searches) is again


@pytest.mark.slow
def test_a_search_with_other_options_is_another(searches):
    kept = checked(UNDECIDED, {})
    searches.clear()

    checked(UNDECIDED, kept, **{"loop-limit": 3})

    assert "squares" in searches


@pytest.mark.slow
def test_what_a_search_found_is_in_the_lines_of_the_text_of_now():
    text = UNDECIDED[: UNDECIDED.index("def squares")] + UNDECIDED[UNDECIDED.index("def other") :]
    text = text.replace("return n\n", "return n + 1\n")
    moved = text.replace("return n // 2", "x = n // 2\n    return x")
    found = []
    for one in (text, moved):
        tools = Tools(options={"allow-unsandboxed": True})
        whole = verified(read(Source("m.py", one.encode()), tools.options), tools)
        found.append(whole.functions[-1].refuted.run.given["claim"]["line"])

    assert found == [11, 12]
