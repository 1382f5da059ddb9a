import errno
import json
import os

import pytest

from probatum.findings import Why
from probatum.project.discover import access_claim, discover
from probatum.project.system import DiskSystem, Link, MemorySystem

POLICY = b'{"Version": "2012-10-17", "Statement": []}'


def look(files, **options):
    return discover(MemorySystem(dict(files)), [access_claim], **options)


def claimed(files, **options):
    return [found.path for found in look(files, **options).files["access"]]


def only_problem(files, **options):
    inventory = look(files, **options)
    [problem] = inventory.problems
    assert inventory.files["access"] == ()
    assert problem.why == Why.UNREADABLE
    return problem


@pytest.mark.parametrize(
    "document",
    [
        {"Statement": []},
        {"Document": {"Statement": []}},
        {"PolicyVersion": {"Document": {"Statement": []}}},
        {"Policy": '{"Statement": []}'},
        {"PolicyDocument": "%7B%22Statement%22%3A%5B%5D%7D"},
        {"Resources": {"Bucket": {"Properties": {"PolicyDocument": {"Statement": []}}}}},
        {"planned_values": {"policy": '{"Version": "2012-10-17", "Statement": []}'}},
        [{"PolicyDocument": {"Statement": {}}}],
        {"statement": [{"Effect": "Allow"}]},
    ],
)
def test_json_with_a_statement_anywhere_is_an_access_artefact(document):
    assert claimed({"a.json": json.dumps(document).encode()}) == ["a.json"]


def test_a_duplicate_key_does_not_hide_a_policy():
    hidden = b'{"Document": {"Statement": []}, "Document": 1}'

    assert claimed({"a.json": hidden}) == ["a.json"]


def test_json_without_a_policy_is_counted_and_left_alone():
    inventory = look({"package.json": b'{"name": "x"}', "list.json": b"[1, 2]", "p.json": POLICY})

    assert [f.path for f in inventory.files["access"]] == ["p.json"]
    assert inventory.problems == ()
    assert inventory.notes == ("2 JSON files without a policy were not checked",)


def test_an_empty_file_is_a_problem_that_says_what_to_do():
    problem = only_problem({"a.json": b" \n"})

    assert problem.reason == '`a.json` is empty: write its content, remove it, or exclude it: `exclude = ["a.json"]` in `[check]`'


def test_broken_json_is_a_problem_with_its_place():
    problem = only_problem({"a.json": b'{\n "Statement": [}\n'})

    assert (problem.location.line, problem.location.column) == (2, 16)
    assert "is not JSON" in problem.reason


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"Statement": "\x00"}', "NUL"),
        (b'{"Statement": "\xff"}', "not valid UTF-8"),
        (POLICY.decode().encode("utf-16-le"), "NUL"),
        (b"[" * 100_000, "nested too deeply"),
        (b'{"Statement": ' + b"9" * 5000 + b"}", "too long"),
    ],
)
def test_what_cannot_be_read_is_a_problem_with_a_reason(content, said):
    assert said in only_problem({"a.json": content}).reason


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
def test_a_byte_order_mark_says_how_to_decode(encoding):
    assert claimed({"a.json": POLICY.decode().encode(encoding)}) == ["a.json"]


def test_a_file_over_the_limit_is_not_read():
    problem = only_problem({"a.json": POLICY}, max_bytes=10)

    assert "more than the limit of 10: raise `max-file-mb`" in problem.reason


def test_a_file_that_must_not_be_read_is_a_problem_and_the_rest_is_found():
    inventory = look({"a.json": PermissionError(errno.EACCES, "Permission denied"), "b.json": POLICY})

    assert [f.path for f in inventory.files["access"]] == ["b.json"]
    assert "permission denied" in inventory.problems[0].reason


def test_a_directory_that_must_not_be_listed_is_a_problem():
    problem = only_problem({"secret": PermissionError(errno.EACCES, "Permission denied"), "secret/a.json": POLICY})

    assert "the directory `secret` cannot be listed" in problem.reason


def test_settings_with_comments_are_no_problem():
    files = {
        "tsconfig.json": b"{ // here\n}",
        ".vscode/settings.json": b"{ // here\n}",
        "x/.devcontainer/devcontainer.json": b"//",
    }

    assert look(files).problems == ()
    assert look(files).notes == ("3 settings files that may have comments were not checked",)


def test_our_own_files_are_not_checked():
    report = json.dumps({"schema": "probatum-report/1", "outcomes": [{"Statement": []}]}).encode()

    assert claimed({"report.json": report, "baseline.json": b'{"schema": "probatum-baseline/1"}'}) == []
    assert look({"report.json": report}).notes == ("1 file written by probatum was not checked",)


def test_a_policy_cannot_opt_out_by_calling_itself_ours():
    disguised = json.dumps({"schema": "probatum-report/1", "Statement": []}).encode()

    assert claimed({"p.json": disguised}) == ["p.json"]


def test_caches_and_environments_are_not_entered():
    skipped = [".git", ".venv", "node_modules", ".probatum", "a/__pycache__", ".mypy_cache"]
    files = {f"{folder}/p.json": POLICY for folder in skipped}
    files |= {
        "env/pyvenv.cfg": b"",
        "env/p.json": POLICY,
        "tmp/CACHEDIR.TAG": b"",
        "tmp/p.json": POLICY,
        ".github/p.json": POLICY,
    }

    assert claimed(files) == [".github/p.json"]


def test_excluded_files_are_counted():
    inventory = look({"a.json": POLICY, "old/b.json": POLICY, "old/deep/c.json": POLICY}, exclude=["old/*.json"])

    assert [f.path for f in inventory.files["access"]] == ["a.json", "old/deep/c.json"]
    assert inventory.notes == ("1 file was excluded by the configuration",)


def test_a_named_file_is_checked_alone():
    assert claimed({"a.json": POLICY, "b.json": POLICY}, within="b.json") == ["b.json"]


def test_links_inside_are_left_to_their_targets_and_others_are_reported():
    inventory = look({"a.json": POLICY, "in.json": Link("a.json"), "out": Link(None)})

    assert [f.path for f in inventory.files["access"]] == ["a.json"]
    assert inventory.notes == ("1 link out of the directory, in a circle or to nothing was not followed: `out`",)


def test_loops_pipes_and_misnamed_directories_on_a_real_disk_do_no_harm(tmp_path):
    (tmp_path / "x.json").mkdir()
    (tmp_path / "x.json" / "p.json").write_bytes(POLICY)
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "circle.json").symlink_to("circle.json")
    (tmp_path / "etc.json").symlink_to("/etc/hostname")
    os.mkfifo(tmp_path / "pipe.json")
    (tmp_path / os.fsdecode(b"bad-\xff.json")).write_bytes(POLICY)

    inventory = discover(DiskSystem(tmp_path), [access_claim])

    assert [f.path for f in inventory.files["access"]] == ["x.json/p.json"]
    assert [p.reason for p in inventory.problems] == [r"the name of `bad-\xff.json` is not valid UTF-8: rename the file"]
    assert inventory.notes == (
        "2 links out of the directory, in a circle or to nothing were not followed: `circle.json`, `etc.json`",
        "1 pipe, socket or device was not read: `pipe.json`",
    )


def test_the_order_of_the_disk_does_not_matter():
    names = ["b/z.json", "a.json", "b/a.json", "b.json", "B.json"]
    forward = look(dict.fromkeys(names, POLICY))
    backward = look(dict.fromkeys(reversed(names), POLICY))

    assert forward == backward
    assert [f.path for f in forward.files["access"]] == sorted(names)
