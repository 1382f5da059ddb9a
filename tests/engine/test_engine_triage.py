"""What people decide about findings, and how it wears off."""

import json
import subprocess
from datetime import date

import pytest

from probatum.engine import CheckOptions, add_suppression, check, prune_suppressions, update_baseline
from probatum.engine.suppress import CATEGORIES
from probatum.errors import ConfigurationError, UsageError

DAY = date(2026, 3, 1)
ENTRY = {
    "rule": '"words/bad-word"',
    "subject": '"a*"',
    "category": '"accepted-risk"',
    "reason": '"the word is wanted here"',
    "owner": '"words@example.org"',
    "created": "2026-02-01",
    "until": "2026-04-01",
}


def entry(**changes):
    fields = {**ENTRY, **changes}
    return "[[suppression]]\n" + "".join(f"{k} = {v}\n" for k, v in fields.items() if v is not None)


def counts(report):
    return {k: v for k, v in report.summary().items() if v and k != "cleared"}


def today(**options):
    return CheckOptions(today=DAY, **options)


# --- suppressions ---------------------------------------------------------------


def test_a_suppressed_finding_is_hidden_with_who_and_why(project):
    base = project(a_txt="bad", suppressions_toml=entry())

    report = check(base, today())

    assert counts(report) == {"suppressed": 1}
    [hidden] = report.hidden
    assert (hidden.by, hidden.owner, hidden.until, hidden.reason) == (
        "suppression",
        "words@example.org",
        "2026-04-01",
        "the word is wanted here",
    )
    assert report.exit_status == 0


def test_a_fingerprint_hides_one_of_two_equal_findings(project):
    base = project(a_txt="bad bad")
    second = check(base, today()).findings[1]

    (base / "suppressions.toml").write_text(entry(rule=None, subject=None, fingerprint=f'"{second.fingerprint}"'))
    report = check(base, today())

    assert [str(f.location) for f in report.findings] == ["a.txt:1:1"]


def test_an_expired_suppression_brings_the_finding_back_and_is_a_finding_itself(project):
    base = project(a_txt="bad", suppressions_toml=entry())

    report = check(base, CheckOptions(today=date(2026, 4, 2)))

    assert [f.rule for f in report.findings] == ["words/bad-word", "probatum/expired-suppression"]
    finding, about = report.findings
    assert finding.related[0][1] == "the suppression expired on 2026-04-01 (the word is wanted here)"
    assert str(finding.related[0][0]) == "suppressions.toml:1:1"
    assert about.severity.value == "warning"
    assert check(base, CheckOptions(today=date(2026, 4, 1))).findings == ()


def test_a_suppression_with_nothing_to_hide_is_a_finding(project):
    base = project(a_txt="good", suppressions_toml="# why\n" + entry())

    report = check(base, today())

    [finding] = report.findings
    assert (finding.rule, str(finding.location)) == ("probatum/unused-suppression", "suppressions.toml:2:1")
    assert check(base, today(ignore=("probatum/unused-suppression",))).findings == ()


@pytest.mark.parametrize("part", [{"select": ("words/ugly-word",)}, {"ignore": ("words/bad-word",)}])
def test_a_part_of_a_check_calls_no_suppression_unused(project, part):
    base = project(a_txt="bad", suppressions_toml=entry())

    assert check(base, today(**part)).findings == ()
    assert check(base / "a.txt", today()).findings == ()


def test_while_something_is_undecided_no_suppression_is_unused(project):
    base = project(a_txt="%unsupported", suppressions_toml=entry())

    assert check(base, today()).findings == ()


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"reason": '"none given"'}, "`none given` is not a reason"),
        ({"reason": '"short"'}, "`short` is not a reason"),
        ({"reason": None}, "`reason` is missing"),
        ({"owner": '" "'}, "`owner` is missing"),
        ({"category": '"wontfix"'}, "`wontfix` is not a category"),
        ({"created": None}, "`created` is missing"),
        ({"until": None}, "`until` is missing"),
        ({"until": '"soon"'}, "`until` is not a day: `soon`"),
        ({"until": "2026-02-30"}, "is not valid TOML"),
        ({"until": "2026-04-01T00:00:00"}, "`until` is not a day"),
        ({"until": "2026-01-01"}, "`until` is before `created`"),
        ({"until": "2036-01-01"}, "365 are allowed"),
        ({"rule": '"words/bad-wort"'}, "there is no rule `words/bad-wort`"),
        ({"rule": '"probatum/unreadable"'}, "`probatum/unreadable` cannot be suppressed"),
        ({"rule": None}, "what it hides is not clear"),
        ({"fingerprint": '"' + "a" * 32 + '"'}, "what it hides is not clear"),
        ({"rule": None, "subject": None, "fingerprint": '"abc"'}, "`abc` is not a fingerprint"),
        ({"untill": "2026-04-01"}, "unknown key `untill`"),
        ({"subject": "3"}, "`subject` must be a text"),
    ],
)
def test_a_malformed_suppression_stops_the_check(project, changes, message):
    base = project(a_txt="bad", suppressions_toml="\n\n" + entry(**changes))

    with pytest.raises(ConfigurationError) as caught:
        check(base, today())

    assert message in caught.value.message
    assert caught.value.location.path == "suppressions.toml"
    assert caught.value.location.line >= 3
    assert caught.value.help


def test_only_a_false_positive_may_be_hidden_for_ever(project):
    base = project(a_txt="bad", suppressions_toml=entry(category='"false-positive"', until=None))

    assert counts(check(base, CheckOptions(today=date(2126, 1, 1)))) == {"suppressed": 1}


def test_suppressions_are_added_by_the_beginning_of_a_fingerprint(project):
    base = project(a_txt="bad", suppressions_toml=entry(subject='"b*"').rstrip("\n"), b_txt="bad")
    [finding] = check(base, today()).findings

    added = add_suppression(
        base,
        fingerprint=finding.fingerprint[:8],
        category="fix-scheduled",
        reason='it is "on the list"\tof',
        owner="me",
        today=DAY,
    )

    assert added.fingerprint == finding.fingerprint
    assert added.until == date(2026, 5, 30)
    assert counts(check(base, today())) == {"suppressed": 2}


@pytest.mark.parametrize("category", CATEGORIES)
def test_what_is_added_is_read_back(project, category):
    base = project(a_txt="bad")

    add_suppression(
        base,
        rule="words/bad-word",
        subject="*",
        category=category,
        reason="reasons \\ enough \u2028 here",
        owner='"x"',
        today=DAY,
    )

    assert counts(check(base, today())) == {"suppressed": 1}


def test_a_reason_that_is_none_is_not_written(project):
    base = project(a_txt="bad")

    with pytest.raises(ConfigurationError, match="is not a reason"):
        add_suppression(base, rule="words/bad-word", subject="*", category="test-data", reason="todo", owner="me", today=DAY)
    assert not (base / "suppressions.toml").exists()


@pytest.mark.parametrize(("beginning", "message"), [("zz", "no finding has"), ("", "what it hides is not clear")])
def test_a_finding_that_does_not_exist_is_not_suppressed(project, beginning, message):
    with pytest.raises(UsageError, match=message):
        add_suppression(project(a_txt="bad"), fingerprint=beginning, category="test-data", reason="r" * 12, owner="me", today=DAY)


def test_pruning_takes_unused_entries_and_their_comments_and_nothing_else(project):
    keep = "# the first\n" + entry()
    base = project(a_txt="bad", suppressions_toml=keep + "\n# the second\n" + entry(subject='"z*"') + "\n# the end\n")

    pruned = prune_suppressions(base, today())

    assert [e.subject for e in pruned.removed] == ["z*"]
    assert pruned.kept == 1
    assert (base / "suppressions.toml").read_text() == keep + "\n# the end\n"
    assert prune_suppressions(base, today()).removed == ()


# --- the baseline ---------------------------------------------------------------


def test_accepted_findings_are_hidden_and_new_ones_are_not(project):
    base = project(a_txt="bad")
    change = update_baseline(base)

    (base / "b.txt").write_text("ugly")
    report = check(base, CheckOptions(only_new=True))

    assert [f.rule for f in change.added] == ["words/bad-word"]
    assert counts(report) == {"findings": 1, "baselined": 1}
    assert counts(check(base, CheckOptions(use_baseline=False))) == {"findings": 2}


def test_mending_one_and_adding_another_is_seen_as_both(project):
    base = project(a_txt="bad", b_txt="good")
    update_baseline(base)

    (base / "a.txt").write_text("good")
    (base / "b.txt").write_text("bad")
    report = check(base)

    assert counts(report) == {"findings": 1}
    assert any("1 entry of `baseline.json` without a finding" in note for note in report.notes)
    change = update_baseline(base)
    assert (len(change.added), change.removed, change.kept) == (1, ("words/bad-word a.txt: it says `bad`",), 0)


def test_lines_above_do_not_make_a_finding_new(project):
    base = project(a_txt="bad")
    update_baseline(base)

    (base / "a.txt").write_text("one\ntwo\n   bad\n")

    assert counts(check(base)) == {"baselined": 1}


def test_a_renamed_file_keeps_its_accepted_findings(project):
    base = project(a_txt="bad", b_txt="bad")
    update_baseline(base)

    (base / "a.txt").rename(base / "c.txt")

    # The subject is the name of the file, so its findings have new fingerprints.
    assert counts(check(base)) == {"baselined": 2}
    assert update_baseline(base).added == ()


def test_a_copied_file_has_new_findings(project):
    base = project(a_txt="bad")
    update_baseline(base)

    (base / "c.txt").write_text("bad")

    assert counts(check(base)) == {"findings": 1, "baselined": 1}


def git(base, *arguments):
    identity = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *identity, *arguments], cwd=base, check=True, capture_output=True)


def test_git_says_which_of_two_new_files_an_old_one_became(project):
    base = project(old_txt="bad " + "word " * 50)
    update_baseline(base)
    git(base, "init", "-q")
    git(base, "add", ".")
    git(base, "commit", "-qm", "x")

    git(base, "mv", "old.txt", "zz.txt")
    (base / "aa.txt").write_text("something else that is bad")
    report = check(base)

    assert [h.outcome.location.path for h in report.hidden] == ["zz.txt"]
    assert [f.location.path for f in report.findings] == ["aa.txt"]


def test_the_file_is_sorted_and_the_same_every_time(project):
    base = project(b_txt="bad", a_txt="ugly bad bad")
    update_baseline(base)
    first = (base / "baseline.json").read_bytes()

    update_baseline(base)

    assert (base / "baseline.json").read_bytes() == first
    paths = [(e["path"], e["rule"]) for e in json.loads(first)["findings"]]
    assert paths == sorted(paths)


def test_an_update_forgets_nothing_about_what_it_did_not_check(project):
    base = project(a_txt="bad", b_txt="ugly")
    update_baseline(base)

    change = update_baseline(base, CheckOptions(select=("words/ugly-word",)))

    assert (change.added, change.removed, change.kept) == ((), (), 2)
    (base / "a.txt").write_text("%unsupported")
    assert update_baseline(base).kept == 2


def test_shrinking_accepts_nothing(project):
    base = project(a_txt="bad", b_txt="bad")
    update_baseline(base / "a.txt", CheckOptions())
    (base / "a.txt").write_text("good")

    change = update_baseline(base, shrink_only=True)

    assert (change.added, len(change.removed), change.kept) == ((), 1, 0)
    assert counts(check(base)) == {"findings": 1}


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"schema": "probatum-baseline/1", "findings": [1]}', '{"schema": "other"}', "[" * 99999]
)
def test_a_malformed_baseline_stops_the_check(project, content):
    with pytest.raises(ConfigurationError, match=r"baseline") as caught:
        check(project(a_txt="bad", baseline_json=content))
    assert "probatum baseline update" in caught.value.help
