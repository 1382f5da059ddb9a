"""What is known of the matches of a regular expression is so in CPython, for strings that match it and for others."""

import itertools
import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from prelude_meaning import Meaning

from probatum.ivl import compile_text
from probatum.ivl.syntax import tree
from probatum.lower import matching, prelude, regular

EXPRESSIONS = [
    "", "abc", "a|b", r"^mask = (?P<mask>[01X]{3})\Z", r"\d+", r"(-?\d+)", r"(\d+)-(\d+) ([a-z]): ([a-z]+)", r"(\d+) (.*) bags?", "[FB]{3}[LR]{2}",
    r"^[.#]*\Z", r"^[.#]+$", r"[^a\d]b*", r"\s*(\w+:(\S+))(\s+\w+:(\S+))*\s*", r"(se|sw|nw|ne|w|e)+", r"^(P 1:|P 2:|0|[1-9][0-9]*|)\Z",
    r"(a)?b|c", r"((a)|(b))?(c)*x", r"(?:(a)b)?(a)?", r"(a)\1", r"(?=(a))ab?", r"(?<!a)b", r"(?!b)(.)", r"a(?:b|c(d)?)?e", r"[+\-]?(0|[1-9]\d*)",
    r"(inf|0|[1-9][0-9]*)(\.[0-9]+)?(e[+\-]?[0-9]+)?", r"a*?b{2,4}", r"a*+b", r"(?>a|ab)b", r"(a)?(?(1)b|c)", r"\bab\b", r"a\Z", r"$", r"^", r"(?m:^)a", r"(?a:\d)\d",
    r"(?i:a)b", r"(?s:.).", r"\D\W\S", r"[^\s]", r"[\w.]+", r"x{0}", r"(a|)b?", r"(ab){2}", r"(a)(b)(a)", r".", r"a$\n?",
]  # fmt: skip
FLAGGED = [
    (r"^a.c$", re.MULTILINE),
    (r"^a.c$", re.DOTALL),
    ("aB", re.IGNORECASE),
    (r" a b # c", re.VERBOSE),
    (r"\d\s\w", re.ASCII),
    (r"^a$|^b$", re.MULTILINE),
    ("[a-c]+", re.IGNORECASE | re.MULTILINE),
]
SLOW = {
    r"(\d+)-(\d+) ([a-z]): ([a-z]+)",
    r"(\d+) (.*) bags?",
    r"\s*(\w+:(\S+))(\s+\w+:(\S+))*\s*",
}  # their parts can begin in many places
ALL = [pytest.param(text, flags, marks=[pytest.mark.slow] if text in SLOW else [], id=repr(text))
       for text, flags in [*((text, 0) for text in EXPRESSIONS), *FLAGGED]]  # fmt: skip


class Said(Meaning):
    """What is chosen so that what is said holds: where parts begin, and where a string is not as it should be."""

    def __init__(self, pattern):
        super().__init__()
        self.pattern, self.cuts, self.miss = pattern, {}, 0

    def value(self, e, values, at):
        if isinstance(e, tree.Identifier) and e.name.startswith("P'"):
            return self.pattern
        if isinstance(e, tree.Application) and e.decl.name == "Match_cut":
            return self.cuts[self.value(e.arguments[1], values, at)]
        if isinstance(e, tree.Application) and e.decl.name == "Pattern_miss":
            return self.miss
        return super().value(e, values, at)


def statements(text, flags):
    """What is said of an expression, by the way of asking; with the numbers of its parts."""
    said = regular.read(text, flags)
    own = matching.axioms("P'", said)
    program = "const P': Pattern;\n" + "\n".join(own)
    checked, errors = compile_text(prelude.text(prelude.needed_by(program)) + program, "own")
    assert checked is not None, (errors[0], program)
    found = [one for one in checked.declarations if isinstance(one, tree.Axiom)][-len(own) :]
    return said, list(zip(own, found, strict=True))


def holds(said, axiom, string):
    """Whether an axiom is true of a string, at all places in it."""
    body, values = axiom.expression, {}
    if isinstance(body, tree.Quantifier):
        s, *more = body.bound
        values = {s: string}
        if more:
            places = itertools.product(range(-1, len(string) + 2), repeat=len(more))
            return all(said.value(body.body, {**values, **dict(zip(more, one, strict=True))}, {}) is True for one in places)
        body = body.body
    return said.value(body, values, {}) is True


def unfounded(pattern, expression, own, string):
    """The axioms that no choice of what is open makes true of a string."""
    said, found = Said(pattern), []
    coded = tuple(map(ord, string))
    for whether, _ in matching.ASKED.values():
        mine = [(text, axiom) for text, axiom in own if f"{{{whether}(" in text]
        always = [(text, axiom) for text, axiom in mine if "Match_cut" not in text]
        for text, axiom in always:
            choices = range(len(string) + 1) if "Pattern_miss" in text else [0]
            if not any(holds(said, axiom, coded) for said.miss in choices):
                found.append(text)
        bound = [(text, axiom) for text, axiom in mine if "Match_cut" in text]
        numbers = sorted(
            {int(n) for text, _ in bound for n in re.findall(r"Match_cut\(.*?, (\d+)\)", text.replace("(P', s)", ""))}
        )
        for places in itertools.combinations_with_replacement(range(len(string) + 1), len(numbers)):
            said.cuts = dict(zip(numbers, places, strict=True))
            if all(holds(said, axiom, coded) for _, axiom in bound):
                break
        else:
            found += [text for text, _ in bound]
    found += [text for text, axiom in own if "Pattern_findall" in text and not holds(said, axiom, coded)]
    found += [text for text, axiom in own if "forall" not in text and not holds(said, axiom, ())]
    return found


@pytest.mark.parametrize(("text", "flags"), ALL)
def test_what_is_said_of_an_expression_is_so(text, flags):
    expression, own = statements(text, flags)
    pattern = re.compile(text, flags)
    letters = st.text("aAbc01 -+.#:\n\u0663\xe9x", max_size=7)
    strings = st.from_regex(pattern) | st.from_regex(pattern, fullmatch=True) | letters
    near = st.tuples(letters.map(lambda x: x[:1]), strings, letters.map(lambda x: x[:1])).map("".join)

    @settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None, derandomize=True)
    @given((strings | near).map(lambda x: x[:9]))
    def search(string):
        assert unfounded(pattern, expression, own, string) == []

    search()


def test_a_statement_that_is_wrong_is_found_out():
    expression, own = statements(r"a\d+b", 0)
    assert unfounded(re.compile(r"a\d*b"), expression, own, "ab") != []
    assert unfounded(re.compile(r"a\w+b"), expression, own, "axb") != []
    assert unfounded(re.compile(r"a\d+b"), expression, own, "a1b") == []


@pytest.mark.parametrize("text", ["(", "a{2,1}", "(?P<n>a)(?P<n>b)", "*", "a" * 1001, "(" * 41 + ")" * 41])
def test_what_is_no_expression_or_too_large_is_said_to_be(text):
    with pytest.raises(regular.Unreadable, match="regular expression"):
        regular.read(text, 0)


def test_flags_of_which_nothing_is_known_are_refused():
    with pytest.raises(regular.Unreadable):
        regular.read("a", int(re.LOCALE))
