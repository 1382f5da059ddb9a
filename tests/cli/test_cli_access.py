"""The commands about access: what they print, what they return, and what they do with what cannot be read."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from queue import Queue

import pytest

from probatum.access.semantics import Settings
from probatum.cli import access_compare
from probatum.cli.access_compare import Asked, status_of
from probatum.cli.access_work import compare_line
from probatum.errors import UsageError
from probatum.runner import Crashed, Done, Failed, TimedOut

ACCOUNT = "111111111111"
BOB = f"arn:aws:iam::{ACCOUNT}:user/bob"
ASKED = Asked(settings=Settings(), axioms=True, timeout_s=20.0, verify=True, require=None)
COMMON = ASKED.to_json() | {"kind_a": None, "kind_b": None}
COMMAND = [sys.executable, "-m", "probatum", "access"]


def allow(action="s3:GetObject", resource="*", **more):
    return {"Effect": "Allow", "Action": action, "Resource": resource} | more


def deny(action, resource="*", **more):
    return allow(action, resource, **more) | {"Effect": "Deny"}


def policy(*statements):
    return {"Version": "2012-10-17", "Statement": list(statements)}


@pytest.fixture
def files(tmp_path):
    """Write files below a directory and return it."""

    def write(**documents):
        for name, value in documents.items():
            path = tmp_path / name.replace("__", "/")
            path.parent.mkdir(exist_ok=True)
            text = value if isinstance(value, str) else json.dumps(value, indent=1)
            path.with_suffix(".json").write_text(text, encoding="utf-8")
        return tmp_path

    return write


# compare


def test_an_answer_in_words_has_the_request_and_the_place_of_its_statement(files, probatum) -> None:
    root = files(a=policy(allow()), b=policy(allow(Sid="Write", action="s3:PutObject"), allow()))

    status, shown, _ = probatum("access", "compare", root / "a.json", root / "b.json")

    assert status == 0
    assert "a.json` is narrower than `" in shown.splitlines()[0]
    assert "  allowed by `Write` at " in shown
    assert "b.json:4:3" in shown
    assert "the proof was verified without search" in shown


def test_an_answer_in_json_has_the_agreed_keys_and_the_requirement_decides_the_status(files, probatum) -> None:
    root = files(a=policy(allow("s3:*")), b=policy(allow()))

    status, shown, _ = probatum(
        "access", "compare", root / "a.json", root / "b.json", "--format", "json", "--require", "narrower-or-equal"
    )

    assert status == 1
    found = json.loads(shown)
    assert list(found) == ["relation", "a_not_b", "b_not_a", "assumptions", "statements"]
    assert (found["relation"], found["b_not_a"]) == ("wider", None)
    assert list(found["a_not_b"]) == ["principal", "action", "resource", "resource_account", "context"]


@pytest.mark.parametrize(
    ("answer", "require", "status"),
    [
        ({"result": {"relation": "incomparable"}}, None, 0),
        ({"result": {"relation": "unknown"}}, None, 3),
        ({"result": {"relation": "unknown"}, "a_in_b": True, "b_in_a": None}, "narrower-or-equal", 0),
        ({"result": {"relation": "unknown"}, "a_in_b": False, "b_in_a": None}, "narrower-or-equal", 1),
        ({"result": {"relation": "unknown"}, "a_in_b": True, "b_in_a": None}, "equivalent", 3),
        ({"result": {"relation": "narrower"}, "a_in_b": True, "b_in_a": False}, "equivalent", 1),
        ({"result": {"relation": "unknown"}, "defect": True}, "equivalent", 4),
    ],
)
def test_a_requirement_is_met_refuted_or_open_whatever_the_relation_is_called(answer, require, status) -> None:
    assert status_of(answer, require) == status


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a.json"], "two policies are compared"),
        (["a.json", "b.json", "--pairs", "-"], "two policies are compared"),
        (["a.json", "none.json"], "cannot use"),
        (["a.json", "broken.json"], "broken.json"),
        (["a.json", "b.json", "--kind-a", "group"], "`group` is not a kind of policy"),
        (["a.json", "resource.json"], "says who is allowed"),
        (["--pairs", "none.jsonl"], "cannot use"),
    ],
    ids=lambda x: " ".join(x) if isinstance(x, list) else "",
)
def test_what_cannot_be_compared_is_refused_in_one_line_with_advice(files, probatum, monkeypatch, arguments, says) -> None:
    resource = policy(allow(Principal="*"))
    monkeypatch.chdir(files(a=policy(allow()), b=policy(allow()), broken='{"Statement": [}', resource=resource))

    status, shown, said = probatum("access", "compare", *arguments)

    assert (status, shown) == (2, "")
    assert says in said.splitlines()[0]
    assert said.splitlines()[1].startswith("  help: ")


# compare --pairs, line by line


def line(**members):
    return {**COMMON, "number": 7, "line": json.dumps(members)}


def test_documents_may_be_objects_or_strings_and_lines_are_counted_in_the_document() -> None:
    text = json.dumps(policy(allow()), indent=1)

    answer = compare_line(line(id={"n": [1.5]}, a=text, b=policy(allow("s3:Get*", "arn:aws:s3:::b/*"))))

    result = answer["result"]
    assert (result["id"], result["relation"]) == ({"n": [1.5]}, "incomparable")
    assert result["statements"]["a_not_b"] == [{"sid": "", "index": 0, "line": 4, "column": 3}]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "line 7: "),
        ("[]", "a line should be a JSON object"),
        ('{"a": {}}', "the line has no `b`"),
        (json.dumps({"id": 1, "a": 5, "b": {}}), "`a` should be a policy"),
        (json.dumps({"id": 1, "a": policy(), "b": policy(allow())}), "the policy has no statements"),
        (json.dumps({"id": 1, "a": policy(allow()), "b": "{"}), "line 7: b:1:2"),
        (json.dumps({"id": 1, "a": policy(allow()), "b": policy(allow()), "kind_b": "group"}), "`group` is not a kind"),
        (json.dumps({"id": 1, "a": policy(allow()), "b": policy(allow(Principal="*"))}), "only one of them says who is allowed"),
        ('{"id": 1, "a": {"Statement": [], "Statement": []}, "b": {}}', "`Statement` is given twice"),
    ],
)
def test_a_line_that_cannot_be_compared_says_why_in_its_result(text, says) -> None:
    answer = compare_line({**COMMON, "number": 7, "line": text})

    result = answer["result"]
    assert (result["relation"], result["a_not_b"], result["b_not_a"], result["assumptions"]) == ("unknown", None, None, [])
    assert says in result["error"]["message"]
    assert result["error"]["message"].startswith("line 7: ")
    assert result["error"]["help"]
    assert result.get("id", 1) == 1
    assert status_of(answer, None) == 3


class Given:
    """Lines that are all there already; None where none came in time."""

    def __init__(self, *lines) -> None:
        self.lines = Queue()
        for found in (*lines, (0, "")):
            self.lines.put(found)

    def next(self, *, patience_s):
        return self.lines.get_nowait()


def test_results_that_come_out_of_order_are_written_in_order() -> None:
    stream = access_compare._Stream(Given(*((n, "x") for n in range(1, 6))), {})
    tasks = list(stream.items())
    order = []

    for index in (4, 1, 0, 3, 2):
        stream.arrived(Done(index, {"n": index}, 0.0), ASKED)
        order.append([a["n"] for a in stream.ready()])

    assert len(tasks) == 5
    assert order == [[], [], [0, 1], [], [2, 3, 4]]


def test_a_task_that_ends_badly_costs_only_its_own_line() -> None:
    stream = access_compare._Stream(Given((1, "x"), (2, "x"), (5, "x"), (6, UsageError("too long", help="shorten it"))), {})
    list(stream.items())

    for result in (Failed(2, "E", "m", ""), TimedOut(0, 23.0), Crashed(1, "killed by signal 9")):
        stream.arrived(result, ASKED)

    answers = list(stream.ready())
    assert [a["result"]["relation"] for a in answers] == ["unknown"] * 4
    assert answers[0]["result"]["reason"] == "there was no answer within 20 s"
    assert "signal 9" in answers[1]["result"]["reason"]
    assert (answers[2]["defect"], answers[2]["result"]["error"]["message"]) == (True, "line 5: E: m")
    assert answers[3]["result"]["error"] == {"message": "line 6: too long", "help": "shorten it"}


def test_while_too_many_results_wait_for_a_slow_one_no_line_is_drawn(monkeypatch) -> None:
    monkeypatch.setattr(access_compare, "_window", 3)
    stream = access_compare._Stream(Given(*((n, "x") for n in range(1, 9))), {})
    tasks = stream.items()

    drawn = [next(tasks) for _ in range(5)]

    assert ["nap" in task for task in drawn] == [False, False, False, True, True]


def test_where_no_line_has_come_yet_results_are_not_kept_waiting() -> None:
    stream = access_compare._Stream(Given((1, "x"), None, (2, "x")), {})

    assert ["nap" in task for task in stream.items()] == [False, True, False]


def hang_or_compare(item):
    if "hang" in item.get("line", ""):
        threading.Event().wait()
    return compare_line(item)


def test_a_pair_that_hangs_is_ended_at_its_limit_and_the_others_are_answered(monkeypatch, tmp_path, capsys) -> None:
    monkeypatch.setattr(access_compare, "_compare_line", f"{__name__}:hang_or_compare")
    monkeypatch.setattr(Asked, "hard_s", 0.3)
    pair = {"a": policy(allow()), "b": policy(allow())}
    (tmp_path / "pairs").write_text("".join(json.dumps({"id": i} | pair) + "\n" for i in ("x", "hang", "y")))

    with (tmp_path / "pairs").open("rb") as file:
        status = access_compare.compare_pairs(file.fileno(), ASKED, kind_a=None, kind_b=None, jobs=2)

    first, second, third = map(json.loads, capsys.readouterr().out.splitlines())
    assert status == 3
    assert (first["id"], third["id"], third["relation"]) == ("x", "y", "equivalent")
    assert (second["relation"], second["reason"]) == ("unknown", "there was no answer within 20 s")


# compare --pairs, as a process


def test_every_result_is_written_before_the_next_line_is_there() -> None:
    pair = {"a": policy(allow()), "b": policy(allow("s3:*"))}
    with subprocess.Popen([*COMMAND, "compare", "--pairs", "-", "-j", "1"], stdin=-1, stdout=-1, stderr=-1, text=True) as process:
        answers = []
        for text in (json.dumps({"id": 1} | pair), "\n\nbad", json.dumps({"id": 2} | pair)):
            process.stdin.write(text + "\n")
            process.stdin.flush()
            answers.append(json.loads(process.stdout.readline()))
        rest, errors = process.communicate()

    assert [(a.get("id"), a["relation"]) for a in answers] == [(1, "narrower"), (None, "unknown"), (2, "narrower")]
    assert answers[1]["error"]["message"].startswith("line 4: ")
    assert (process.returncode, rest, errors) == (3, "", "")


def test_a_reader_that_has_enough_ends_the_work_without_a_complaint(tmp_path) -> None:
    pair = json.dumps({"a": policy(allow()), "b": policy(allow())})
    (tmp_path / "pairs.jsonl").write_text((pair + "\n") * 5_000, encoding="utf-8")
    with subprocess.Popen(
        [*COMMAND, "compare", "--pairs", tmp_path / "pairs.jsonl", "-j", "1"], stdout=-1, stderr=-1, text=True
    ) as process:
        first = process.stdout.readline()
        process.stdout.close()
        errors = process.stderr.read()

    assert json.loads(first)["relation"] == "equivalent"
    assert (process.returncode, errors) == (0, "")


# matrix


def test_a_collection_is_told_in_numbers_with_all_that_was_left_out(files, probatum) -> None:
    root = files(
        p__read=policy(allow()),
        p__same=policy(allow("S3:getobject")),
        p__wide=policy(allow("s3:*")),
        p__bucket=policy(allow(Principal="*")),
        p__broken='{"Statement": 1}',
    )
    (root / "more.jsonl").write_text(
        json.dumps({"PolicyName": "Named", "Document": policy(allow("s3:Put*", Condition={"Bool": {"app:b": "true"}}))})
        + "\n\n"
        + json.dumps({"name": "Named", "document": json.dumps(policy(allow("s3:Put*")))})
        + "\n{}\n"
    )

    status, shown, _ = probatum(
        "access", "matrix", root / "p", root / "more.jsonl", "--format", "json", "--output", root / "out.jsonl", "-j", "1"
    )

    told = json.loads(shown)
    assert status == 3  # something could not be read
    assert (told["policies"], told["pairs"], told["unknown"]) == (6, 20, 0)
    assert told["equivalent"] == [["read.json", "same.json"]]
    assert told["widest"][0] == {"policy": "wide.json", "contains": 4}
    assert told["not_comparable"] == {"pairs": 10, "policies": ["bucket.json"]}
    assert ["broken.json" in p["message"] or "more.jsonl:4" in p["message"] for p in told["unreadable"]] == [True, True]
    rows = [json.loads(row) for row in (root / "out.jsonl").read_text().splitlines()]
    assert len(rows) == told["contained"] == 7
    assert {"a": "Named", "b": "Named (2)", "contained": True, "stage": "patterns"} in rows


def test_a_single_policy_is_nothing_to_compare(files, probatum) -> None:
    status, shown, _ = probatum("access", "matrix", files(a=policy(allow())) / "a.json")

    assert status == 3
    assert shown.startswith("1 policy, 0 ordered pairs")


# decide


def request(action="s3:GetObject", **more):
    return {"principal": BOB, "action": action, "resource": "arn:aws:s3:::b/k", "resource_account": ACCOUNT} | more


@pytest.fixture
def ask(probatum, files, tmp_path_factory):
    """Decide a request by policies; return status and what was shown."""

    def run(given, *options, **documents):
        file = tmp_path_factory.mktemp("request") / "request.json"
        file.write_text(given if isinstance(given, str) else json.dumps(given), encoding="utf-8")
        status, shown, said = probatum("access", "decide", "--policies", files(**documents), "--request", file, *options)
        return status, shown or said

    return run


def test_a_decision_is_explained_step_by_step(ask) -> None:
    documents = {"mine": policy(allow("s3:*")), "scp__top": policy(allow("*"), deny("s3:Delete*", Sid="Keep"))}

    status, shown = ask(request("s3:DeleteObject"), **documents)

    assert status == 0
    assert shown.splitlines()[0].startswith("explicitly denied: ")
    assert "1. the identity policies: allows" in shown
    assert "2. the service control policies of `organisation`: denies  scp/top.json:9:3" in shown
    assert "   denies         `Keep` denies `s3:DeleteObject` on `arn:aws:s3:::b/k`" in shown


@pytest.mark.parametrize(("expected", "status"), [("allow", 0), ("deny", 1)])
def test_an_expectation_decides_the_status(ask, expected, status) -> None:
    assert ask(request(), "--expect", expected, mine=policy(allow()))[0] == status


def test_numbers_in_a_request_are_taken_as_they_are_written(ask) -> None:
    exact = policy(allow(Condition={"StringEquals": {"app:n": "1.0"}}))
    given = json.dumps(request(context={"app:n": 0})).replace('"app:n": 0', '"app:n": 1.0')

    status, shown = ask(given, "--format", "json", mine=exact)

    assert (status, json.loads(shown)["result"]) == (0, "allowed")


@pytest.mark.parametrize(
    ("given", "documents", "status", "says"),
    [
        (request(), {"mine": policy(allow("s3:Get${aws:username}"))}, 3, "undecided: "),
        (request(), {"mine": policy(allow()), "other": '{"Statement": ['}, 2, "other.json"),
        (request(), {}, 2, "there is no policy in"),
        (request(resource_account=""), {"mine": policy(allow())}, 2, "does not say which account owns"),
        ({"action": "s3:GetObject"}, {"mine": policy(allow())}, 2, "the request has no `principal`"),
        ('{"action": "a:b", "action": "a:c"}', {"mine": policy(allow())}, 2, "given twice"),
    ],
)
def test_what_cannot_be_decided_has_a_reason_and_a_status(ask, given, documents, status, says) -> None:
    found, shown = ask(given, **documents)

    assert found == status
    assert says in shown
    assert "help: " in shown


# who-can


@pytest.fixture
def who(probatum, files):
    """Ask who can do something by policies; return the JSON."""

    def run(*arguments, **documents):
        status, shown, said = probatum("access", "who-can", *arguments, "--policies", files(**documents), "--format", "json")
        assert status == 0, said
        return {(w["who"], w["limits"]) for w in json.loads(shown)["ways"]}

    return run


def test_each_kind_of_caller_that_a_policy_tells_apart_is_named(who) -> None:
    bucket = policy(
        allow("s3:Get*", Principal={"AWS": [ACCOUNT, "arn:aws:iam::222222222222:role/r"], "Service": "sns.amazonaws.com"}),
        deny("s3:*", Principal={"AWS": BOB}),
    )

    found = who("s3:GetObject", "arn:aws:s3:::b/k", bucket=bucket, mine=policy(allow("s3:*")))

    assert found == {
        (f"the root user, users, roles, federated users of account {ACCOUNT}", None),
        ("arn:aws:iam::222222222222:role/r", None),
        ("the service sns.amazonaws.com", None),
        ("whoever it is attached to", None),
    }


def test_who_is_let_in_by_a_deny_that_excepts_them_is_found_behind_a_grant_to_all(who) -> None:
    bucket = policy(allow(Principal="*"), deny("s3:*", NotPrincipal={"AWS": BOB}))

    assert who("s3:GetObject", bucket=bucket) == {(BOB, None)}


def test_what_everyone_can_do_is_said_once(who) -> None:
    assert who("s3:GetObject", bucket=policy(allow(Principal="*"))) == {("anyone, even without an account", None)}


def test_nobody_can_do_what_is_granted_elsewhere_or_to_nobody(who) -> None:
    assert who("s3:GetObject", "arn:aws:s3:::b/k", mine=policy(allow("s3:*", "arn:aws:s3:::c/*"), allow("ec2:*"))) == set()


def test_trust_policies_count_where_roles_are_assumed(who) -> None:
    trust = policy({"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"})

    assert who("sts:AssumeRole", role=trust) == {("the service ec2.amazonaws.com", None)}
    assert who("s3:GetObject", role=trust) == set()


@pytest.mark.parametrize(
    ("limit", "limits"),
    [
        (policy(allow("*"), deny("s3:*")), "stop"),
        (policy(allow("ec2:*")), "stop"),
        (policy(allow("*"), deny("s3:*", Condition={"Bool": {"aws:SecureTransport": "false"}})), "pass"),
        (policy(allow("*"), deny("s3:*", "arn:aws:s3:::b/secret/*")), "pass"),
    ],
)
def test_limits_are_taken_into_account(who, limit, limits) -> None:
    """A limit's denies are part of the search; what it allows is asked of the request that was found."""
    found = who("s3:GetObject", "arn:aws:s3:::b/*", mine=policy(allow("s3:*")), scp__top=limit)

    assert found == {("whoever it is attached to", limits)}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["s3"], "`s3` is not an action"),
        (["s3:GetObject", "bucket/key"], "`bucket/key` is not the ARN of a resource"),
        (["s3:GetObject", "arn:aws:s3:::${aws:username}"], "is not the ARN of a resource"),
    ],
)
def test_what_is_no_action_or_resource_is_refused(files, probatum, arguments, says) -> None:
    status, _, said = probatum("access", "who-can", *arguments, "--policies", files(a=policy(allow())))

    assert status == 2
    assert says in said


def test_an_answer_in_words_says_by_what_and_what_was_not_considered(files, probatum) -> None:
    root = files(mine=policy(allow(Sid="Read", Condition={"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})))

    status, shown, _ = probatum("access", "who-can", "s3:GetObject", "--policies", root)

    assert status == 0
    assert shown.startswith("`s3:GetObject` is possible in 1 way:")
    assert "    by `Read` at mine.json:4:3" in shown
    assert "with        aws:SourceIp = 10." in shown
    assert "not considered" in shown
