"""What a check says, on a system that is small enough to see through."""

import json
import random
import shutil

import pytest

from probatum.engine import CheckOptions, check, systems
from probatum.errors import ConfigurationError, UsageError
from probatum.findings import Why
from probatum.project.discover import access_claim


def shape(report):
    return [(o.kind, o.rule, str(o.location)) for o in report.outcomes]


def text_of(report):
    return json.dumps(report.to_json(), sort_keys=True)


def undecided(report):
    return [(o.rule, o.subject, o.why) for o in report.undecided]


def test_findings_and_cleared_outcomes_are_in_the_order_of_the_files(project):
    base = project(b_txt="ugly", a_txt="good\nso bad ,\nbad")

    report = check(base)

    assert shape(report) == [
        ("cleared", "words/ugly-word", "a.txt"),
        ("finding", "words/bad-word", "a.txt:2:4"),
        ("finding", "words/bad-word", "a.txt:3:1"),
        ("cleared", "words/bad-word", "b.txt"),
        ("finding", "words/ugly-word", "b.txt:1:1"),
    ]
    assert report.exit_status == 1
    assert set(report.inputs) == {"a.txt", "b.txt"}
    assert report.rules == {"words/bad-word": "A text says `bad`", "words/ugly-word": "A text says `ugly`"}


def test_nothing_found_and_everything_decided_is_success(project):
    assert check(project(a_txt="good")).exit_status == 0


def test_an_unchanged_check_runs_nothing_and_says_the_same_bytes(project, seen):
    base = project(a_txt="bad", b_txt="good", c_txt="%unsupported")

    first = check(base)
    ran = seen()
    second = check(base)

    assert len(ran) == 4
    assert seen() == []
    assert text_of(second) == text_of(first)


def test_only_what_changed_runs_again(project, seen):
    base = project(a_txt="bad", b_txt="good")
    check(base)
    seen()

    (base / "b.txt").write_text("ugly")
    report = check(base)

    assert seen() == ["words/bad-word b.txt", "words/ugly-word b.txt"]
    assert ("finding", "words/ugly-word", "b.txt:1:1") in shape(report)


def test_without_the_cache_everything_runs(project, seen):
    base = project(a_txt="bad")
    first = check(base)
    seen()

    second = check(base, CheckOptions(use_cache=False))

    assert len(seen()) == 2
    assert text_of(second) == text_of(first)


def test_options_and_seeds_are_part_of_what_is_remembered(project, seen):
    base = project(a_txt="good")
    check(base)
    seen()

    check(base, CheckOptions(seed=1))

    assert len(seen()) == 2


def test_a_further_input_is_part_of_what_is_remembered(project, seen):
    base = project(a_ref_txt="ugly")
    assert check(base).findings
    seen()

    (base / "reference").mkdir()
    (base / "reference" / "allowed.lst").write_text("ugly")
    report = check(base)

    assert len(seen()) == 2
    assert not report.findings
    assert set(report.inputs) == {"a.ref.txt", "reference/allowed.lst"}


@pytest.mark.slow
def test_reports_do_not_depend_on_the_order_in_which_work_is_done(project, tmp_path):
    words = ["bad", "ugly", "good", "bad bad", "%unsupported", "ugly bad"]
    base = project(**{f"f{n}_txt": words[n % len(words)] for n in range(12)})
    first = check(base, CheckOptions(jobs=1))

    copy = tmp_path / "copy"
    copy.mkdir()
    names = sorted(p.name for p in base.glob("*.txt"))
    random.Random(7).shuffle(names)
    for name in names:
        shutil.copy(base / name, copy / name)
    # Another order on the disk, more children, and half of it remembered.
    check(copy, CheckOptions(select=("words/bad-word",)))
    second = check(copy, CheckOptions(jobs=3))

    assert text_of(second) == text_of(first)


def test_evidence_that_does_not_hold_is_our_defect_and_not_a_finding(project):
    report = check(project(a_txt="invented", b_txt="good"))

    assert report.findings == ()
    [defect] = report.defects
    assert "does not hold: `absent` is not there" in defect.message
    assert report.exit_status == 4


def test_evidence_that_cannot_be_checked_again_is_undecided(project):
    report = check(project(a_txt="doubtful"))

    assert undecided(report) == [("words/bad-word", "a.txt", Why.NOT_RECHECKED)]
    assert report.exit_status == 3


def test_an_exception_of_a_rule_is_our_defect_and_the_other_rules_still_speak(project):
    report = check(project(a_txt="%raise ugly"))

    [defect] = report.defects
    assert (defect.rule, defect.message) == ("words/bad-word", "ZeroDivisionError: a slip of ours")
    assert "bad_word.py" in defect.detail
    assert [f.rule for f in report.findings] == ["words/ugly-word"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("word", "why"),
    [("%hang", Why.TIME_LIMIT), ("%slow", Why.TIME_LIMIT), ("%crash", Why.CRASHED), ("%memory", Why.MEMORY_LIMIT)],
)
def test_a_rule_that_takes_its_process_down_is_undecided_and_alone(project, seen, word, why):
    base = project(a_txt=f"{word} ugly", b_txt="bad")

    report = check(base, CheckOptions(timeout_s=1, memory_bytes=2**30))

    assert undecided(report) == [("words/bad-word", "a.txt", why)]
    assert shape(report)[1:] == [
        ("finding", "words/ugly-word", f"a.txt:1:{len(word) + 2}"),
        ("cleared", "words/ugly-word", "b.txt"),
        ("finding", "words/bad-word", "b.txt:1:1"),
    ]
    seen()
    check(base, CheckOptions(timeout_s=1, memory_bytes=2**30))
    # What failed here and now may succeed next time: it is tried again, the rest is not.
    assert set(seen()) == {"words/bad-word a.txt"}


def test_what_a_system_does_not_support_is_said_once_for_a_file(project):
    report = check(project(a_txt="%unsupported", b_txt="good"))

    assert undecided(report) == [("probatum/unsupported", "a.txt", Why.UNSUPPORTED)]
    assert report.undecided[0].reason == "`%unsupported` has no meaning: remove it"
    assert str(report.undecided[0].location) == "a.txt:1:1"
    assert len(report.cleared) == 2


def test_undecodable_text_is_said_once_and_the_rest_is_checked(project):
    base = project(b_txt="bad")
    (base / "a.txt").write_bytes(b"\xff")

    report = check(base)

    assert undecided(report) == [("probatum/unreadable", "a.txt", Why.UNREADABLE)]
    assert report.exit_status == 1


@pytest.fixture
def json_files():
    systems.register(systems.SystemEntry("words", "words", type(access_claim)("words", (".json",), access_claim.of_json)))


def test_every_kind_of_bad_input_is_one_line_and_the_rest_is_checked(project, json_files):
    base = project()
    good = '{"Statement": []}'
    bad_files = {
        "empty.json": b"",
        "nul.json": b'{"Statement": "\x00"}',
        "deep.json": b"[" * 200_000,
        "broken.json": b'{"Statement": ',
        "latin.json": b'{"Statement": "\xe9"}',
        "large.json": b'{"Statement": "' + b"x" * 60_000 + b'"}',
    }
    for name, content in bad_files.items():
        (base / name).write_bytes(content)
    (base / "x.json").mkdir()
    (base / "x.json" / "good.json").write_text(good)
    (base / "bom.json").write_text(good, encoding="utf-8-sig")
    (base / "wide.json").write_text(good, encoding="utf-16")
    (base / "loop").symlink_to(base)
    (base / "probatum.toml").write_text("[check]\nmax-file-mb = 0.05\n")

    report = check(base)

    problems = {o.subject: o.reason for o in report.undecided}
    assert set(problems) == set(bad_files)
    assert all("\n" not in reason and ("exclude" in reason or "save" in reason) for reason in problems.values())
    assert {o.location.path for o in report.cleared} == {"x.json/good.json", "bom.json", "wide.json"}
    assert report.exit_status == 3


def test_nothing_to_check_is_not_success(project):
    report = check(project(a_md="bad"))

    assert undecided(report) == [("probatum/nothing-checked", ".", Why.NOTHING_CHECKED)]
    assert report.exit_status == 3


def test_one_file_can_be_checked(project):
    report = check(project(a_txt="bad", b_txt="bad") / "b.txt")

    assert [str(f.location) for f in report.findings] == ["b.txt:1:1"]


def test_a_part_is_checked_with_the_configuration_of_the_whole(project, monkeypatch):
    base = project(d__a_txt="bad ugly", b_txt="bad", probatum_toml='[check]\nselect = ["words/ugly-word"]\n')
    monkeypatch.chdir(base)

    report = check(base / "d")

    assert [(f.rule, str(f.location)) for f in report.findings] == [("words/ugly-word", "d/a.txt:1:5")]


@pytest.mark.parametrize(
    ("options", "message", "advice"),
    [
        ({"select": ("words/bad-wrd",)}, "there is no rule `words/bad-wrd`", "did you mean `words/bad-word`?"),
        ({"select": ("word/*",)}, "there is no rule `word/*`", ""),
        ({"ignore": ("words/*",)}, "no rule is left to run", "fewer"),
        ({"ignore": ("probatum/unreadable",)}, "cannot be ignored", "exclude"),
        ({"only_new": True}, "there is no baseline `baseline.json`", "baseline update"),
        ({"changed_since": "HEAD"}, "not in a git repository", "git work tree"),
        ({"runner": "spark"}, "there is no runner `spark`", "local"),
    ],
)
def test_what_cannot_be_done_is_a_usage_error(project, options, message, advice):
    with pytest.raises(UsageError) as caught:
        check(project(a_txt="good"), CheckOptions(**options))

    assert message in caught.value.message
    assert advice in caught.value.help


def test_a_mistake_in_the_configuration_stops_the_check(project):
    with pytest.raises(ConfigurationError, match="unknown option"):
        check(project(a_txt="good", probatum_toml="[check]\nsede = 1\n"))


def test_rules_can_be_selected_and_ignored(project):
    base = project(a_txt="bad ugly")

    assert {o.rule for o in check(base, CheckOptions(select=("words/u*",))).outcomes} == {"words/ugly-word"}
    assert {o.rule for o in check(base, CheckOptions(ignore=("words/u*",))).outcomes} == {"words/bad-word"}


class Heard:
    def __init__(self):
        self.said = []

    def start(self, total):
        self.said.append(total)

    def advance(self, done, label):
        self.said.append((done, label))

    def finish(self):
        self.said.append("finish")


def test_progress_counts_what_is_done_and_not_what_is_remembered(project):
    base = project(a_txt="good")
    first, second = Heard(), Heard()

    check(base, progress=first)
    check(base, progress=second)

    assert first.said == [2, (2, "a.txt"), "finish"]
    assert second.said == []


def test_a_library_that_is_missing_is_undecided_and_named(project, monkeypatch):
    from words.rules import ugly_word

    def without(artefact, tools):
        import no_such_library  # noqa: F401 - that is the point

    monkeypatch.setattr(ugly_word, "check", without)
    report = check(project(a_txt="good"))

    assert undecided(report) == [("words/ugly-word", "a.txt", Why.MISSING_EXTRA)]
    assert report.undecided[0].reason == "the library `no_such_library` is not installed: `pip install 'probatum[words]'`"
