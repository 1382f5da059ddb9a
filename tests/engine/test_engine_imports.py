"""Files that artefacts need because of what they say, and what one check leaves for the next."""

import importlib
from dataclasses import replace

import pytest

from probatum.engine import CheckOptions, check, systems
from probatum.engine.imports import Imports
from probatum.findings import Cleared, Strength, Undecided, Why


def test_what_an_artefact_names_is_part_of_what_is_remembered_through_others_too(project, seen):
    base = project(a_txt="good @b.txt", b_txt="good @c.txt", c_txt="good", d_txt="good")
    check(base)
    seen()

    (base / "c.txt").write_text("better")
    check(base)

    assert seen() == [f"words/{rule}-word {name}.txt" for rule in ("bad", "ugly") for name in "abc"]


def test_an_import_that_appears_later_is_part_of_what_is_remembered(project, seen):
    base = project(a_txt="good @b.txt")
    check(base)
    seen()

    (base / "b.txt").write_text("good")
    check(base)

    assert "words/bad-word a.txt" in seen()


def test_imports_may_go_in_circles(project):
    base = project(a_txt="good @b.txt", b_txt="good @a.txt @b.txt")

    assert len(check(base).cleared) == 4


def test_each_file_is_asked_once_for_its_imports(monkeypatch):
    asked = []

    def of(path, options, read, exists):
        asked.append(path)
        return {"a": (("c",), ()), "b": (("c",), ("e",)), "c": (("d", "b"), ())}.get(path, ((), ()))

    monkeypatch.setattr(importlib.import_module("words.artefacts"), "imports", of)
    imports = Imports("words", {}, lambda _path: b"", lambda _path: True)

    assert [imports.names(path) for path in "ab"] == [("c", "d", "b", "e"), ("c", "e", "d")]
    assert asked == ["a", "c", "d", "b"]  # `e` is needed, and not followed


def remembering(monkeypatch, seen_before):
    def rule(artefact, tools):
        seen_before.append(dict(tools.kept))
        tools.kept.clear()
        tools.kept[artefact.content] = len(seen_before)
        yield Cleared(rule="words/bad-word", subject="a", message="fine", location=artefact.location, strength=Strength.TESTED)

    monkeypatch.setattr(importlib.import_module("words.rules.bad_word"), "check", rule)


def test_a_check_finds_what_the_last_one_of_the_same_file_left(project, monkeypatch):
    before = []
    remembering(monkeypatch, before)
    base = project(a_txt="one")
    for content in ("one", "two", "two"):
        (base / "a.txt").write_text(content)
        check(base, CheckOptions(select=("words/bad-word",)))

    check(base, CheckOptions(select=("words/bad-word",), use_cache=False))

    # The third check remembers the answer itself; without the cache nothing is remembered.
    assert before == [{}, {"one": 1}, {}]


def test_what_was_left_survives_while_the_answer_is_remembered(project, monkeypatch):
    from probatum.engine import collect_garbage

    before = []
    remembering(monkeypatch, before)
    base = project(a_txt="one")
    for _ in range(3):
        check(base, CheckOptions(select=("words/bad-word",)))
    collect_garbage(base, keep_runs=1)

    (base / "a.txt").write_text("two")
    check(base, CheckOptions(select=("words/bad-word",)))

    assert before == [{}, {"one": 1}]


def test_rules_that_share_their_work_run_together_however_long_the_first_one_takes(project, monkeypatch):
    def slow(artefact, tools):
        object.__setattr__(tools.deadline, "at", 0.0)
        yield from ()

    monkeypatch.setattr(importlib.import_module("words.rules.bad_word"), "check", slow)
    base = project(a_txt="good")
    alone = check(base).outcomes
    systems.register(replace(systems.systems()[0], shares_work=True))

    together = check(base, CheckOptions(use_cache=False)).outcomes

    assert [o.rule for o in alone] == [o.rule for o in together] == ["words/ugly-word"]


def test_of_rules_that_share_their_work_none_is_remembered_if_one_says_that_the_time_was_over(project, seen, monkeypatch):
    def late(artefact, tools):
        where, why = artefact.location, Why.TIME_LIMIT
        yield Undecided(rule="words/bad-word", subject=artefact.subject, location=where, why=why, reason="no time was left")

    rule = importlib.import_module("words.rules.bad_word")
    base = project(a_txt="ugly")
    systems.register(replace(systems.systems()[0], shares_work=True))
    with monkeypatch.context() as patch:
        patch.setattr(rule, "check", late)
        check(base)
    seen()

    report = check(base)

    assert seen() == ["words/bad-word a.txt", "words/ugly-word a.txt"]
    assert [o.rule for o in report.findings] == ["words/ugly-word"]
    check(base)
    assert seen() == []


@pytest.mark.slow
@pytest.mark.parametrize(("summary", "by"), [("words/ugly-word", "words/ugly-word"), ("", "words/bad-word")])
def test_what_stops_rules_that_share_their_work_is_said_once(project, summary, by):
    base = project(a_txt="%hang", b_txt="bad")
    check(base, CheckOptions(timeout_s=1, select=("words/ugly-word",)))
    systems.register(replace(systems.systems()[0], shares_work=True, summary=summary))

    report = check(base, CheckOptions(timeout_s=1, use_cache=False))

    assert [(o.rule, o.subject, o.why) for o in report.undecided] == [(by, "a.txt", Why.TIME_LIMIT)]
    assert [o.rule for o in report.findings] == ["words/bad-word"]


def test_the_name_of_a_system_selects_its_rules(project):
    report = check(project(a_txt="good"), CheckOptions(select=("words",)))

    assert {o.rule for o in report.outcomes} == {"words/bad-word", "words/ugly-word"}
