"""What only few said in what all get: found wherever it is planted, counted again, and taken out alone."""

from __future__ import annotations

import contextlib
import gzip
import json
import random
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from probatum.dialogue import artefacts
from probatum.dialogue.artefacts.policy import Policy
from probatum.dialogue.artefacts.shared import read_shared
from probatum.dialogue.artefacts.shared_entries import entries_of
from probatum.dialogue.model.guards import Meaning
from probatum.dialogue.model.options import Known, Link
from probatum.dialogue.recheck import recheck
from probatum.dialogue.rules import private_phrase_leaks
from probatum.dialogue.semantics.conversations import sharing
from probatum.dialogue.service.exports import FORMATS, Repair
from probatum.dialogue.service.serving import policy_file
from probatum.engine import check as engine_check
from probatum.engine import repair
from probatum.engine.options import CheckOptions
from probatum.errors import UnreadableArtefact
from probatum.evidence import Counterexample, Proof
from probatum.findings import Cleared, Finding, Undecided, Why
from probatum.source import Source, decode
from probatum.tools import Tools

pytest.importorskip("duckdb")


@pytest.fixture(autouse=True)
def once() -> Iterator[None]:
    """Each log is read once in a test."""
    with sharing():
        yield


OWN_WORDS = "call grandma rosalinde"
SAID = ("turn on the lamp", "open garbage door", "open garage door")


def policy(shared: str, more: str = "") -> Policy:
    text = f"logs: [{{path: chat.jsonl, format: openai-chat}}]\nshared: [{shared}]\nprivacy: {{users: 10, households: 1{more}}}\n"
    return artefacts.read(Source("dialogue.yaml", text.encode()), {})[0]


def chat(user: str, said: list[str], at: float, told: str = "done") -> str:
    messages = []
    for number, text in enumerate(said):
        messages += [
            {"role": "user", "content": text, "created_at": at + 10 * number},
            {"role": "assistant", "content": told, "created_at": at + 10 * number + 1},
        ]
    return json.dumps({"id": f"{user} {at}", "messages": messages} | ({"user": user} if user else {}))


LOG = [chat(f"u{n}", list(SAID), 1000.0 + 100 * n) for n in range(12)] + [chat("u3", [OWN_WORDS], 9000.0)]


def files(log: list[str], **shared: bytes) -> dict[str, Source]:
    named = {name.replace("_", "."): raw for name, raw in shared.items()}
    return {"data:chat.jsonl": logged(tuple(log))} | {f"data:{name}": Source(name, raw) for name, raw in named.items()}


@cache
def logged(log: tuple[str, ...]) -> Source:
    return Source("chat.jsonl", "\n".join(log).encode())


def check(own: Policy, inputs: dict[str, Source]) -> list[Any]:
    """Return what the rule says, all of which a re-check confirms."""
    found = list(private_phrase_leaks.check(own, Tools(inputs=inputs)))
    for outcome in found:
        if not isinstance(outcome, Undecided):
            assert recheck(own, outcome.evidence, inputs).status == "confirmed", outcome.message
        if isinstance(outcome, Finding) and outcome.repair is not None and outcome.repair.verified is not None:
            assert recheck(own, outcome.repair.verified, inputs).status == "confirmed", outcome.repair
        assert "rosalinde" not in repr(outcome)
        assert "grandma" not in repr(outcome)
    return found


def without(inputs: dict[str, Source], outcome: Finding) -> dict[str, Source]:
    assert outcome.repair is not None
    [edit] = outcome.repair.edits
    text = decode(inputs[f"data:{edit.path}"].raw, edit.path).content
    return inputs | {f"data:{edit.path}": Source(edit.path, (text[: edit.start] + edit.new + text[edit.end :]).encode())}


# --- every format that is exported -----------------------------------------------


def exported(name: str, *, leak: bool) -> bytes:
    lamp = Meaning("light", "HassTurnOn", (("name", "lamp"),))
    repairs = [Repair(identifier="R-1", source="open garbage door", target="open garage door", meaning=None, users=10)]
    if leak:
        repairs.append(Repair(identifier="R-2", source=OWN_WORDS, target="turn on the lamp", meaning=lamp, users=10))
    return FORMATS[name][1](repairs).encode()


@pytest.mark.parametrize("name", sorted(FORMATS))
def test_a_leak_in_any_export_is_found_and_taken_out(name: str) -> None:
    ending = {"home-assistant": "yaml", "rasa": "yml", "tsv": "tsv"}.get(name, "json")
    own = policy(f"out.{ending}")
    inputs = files(LOG, **{f"out_{ending}": exported(name, leak=True)})

    for _ in range(5):
        found = check(own, inputs)
        findings = [outcome for outcome in found if isinstance(outcome, Finding)]
        if not findings:
            break
        inputs = without(inputs, findings[0])

    [cleared] = found
    assert isinstance(cleared, Cleared)
    assert b"rosalinde" not in inputs[f"data:out.{ending}"].raw
    assert entries_of(inputs[f"data:out.{ending}"].raw.decode(), f"out.{ending}") or name == "lex"
    # Without the leak, nothing was found in the first place.
    assert [type(o) for o in check(own, files(LOG, **{f"out_{ending}": exported(name, leak=False)}))] == [Cleared]


PLACES = {
    "prompt.md": "# Help\n\nYou are kind.\n- User: {} -> contacts\n",
    "prompt.txt": "Be kind. If somebody says {} then look it up.\n",
    "few.jsonl": '{{"messages": [{{"role": "user", "content": "{}"}}, {{"role": "assistant", "content": "done"}}]}}\n{{"messages": []}}\n',
    "few.json": '[{{"messages": [{{"role": "user", "content": "turn on the lamp"}}, {{"role": "user", "content": "{}"}}]}}]\n',
    "one.json": '{{"greeting": "{}", "n": 1}}\n',
    "names.csv": "text,intent\nturn on the lamp,on\n{},call\n",
    "nlu.yml": 'version: "3.1"\nnlu:\n- intent: "call"\n  examples: |\n    - {}\n    - turn on the lamp\n',
    "config.toml": '[prompt]\nexample = "{}"\n',
    "comment.yaml": "language: en\nintents: {{}}\n# {} -> nobody (R-9): not known\n",
}


@pytest.mark.parametrize(
    ("path", "written"), [*((path, OWN_WORDS) for path in PLACES), ("prompt.md", "Call  Grandma ROSALINDE!")]
)
def test_a_leak_is_found_wherever_it_stands(path: str, written: str) -> None:
    own = policy(path)
    inputs = files(LOG, **{path.replace(".", "_"): PLACES[path].format(written).encode()})

    found = [o for o in check(own, inputs) if isinstance(o, Finding)]

    assert len(found) == 1, [o.message for o in found]
    assert isinstance(found[0].evidence, Counterexample)
    assert {one["what"] for one in found[0].evidence.given["leaks"]} == {"phrase"}
    after = check(own, without(inputs, found[0]))
    assert [type(o) for o in after] == [Cleared]
    if path.endswith("json"):
        json.loads(without(inputs, found[0])[f"data:{path}"].raw)


@pytest.mark.parametrize("path", PLACES)
def test_what_enough_users_said_is_no_leak(path: str) -> None:
    common = LOG + [chat(f"v{n}", ["play some music"], 5000.0 + n) for n in range(10)]
    inputs = files(common, **{path.replace(".", "_"): PLACES[path].format("Play some music").encode()})

    assert [type(o) for o in check(policy(path), inputs)] == [Cleared]


def test_an_escaped_text_is_read_as_what_it_says() -> None:
    log = [*LOG, chat("u5", ["ruf Zoë Çelik an"], 9500.0)]
    raw = json.dumps({"examples": ["ruf zoë çelik an", "turn on the lamp"]}).encode()

    assert b"\\u00eb" in raw
    assert [type(o) for o in check(policy("x.json"), files(log, x_json=raw))] == [Finding]


def test_a_packed_file_is_read_and_has_no_edit() -> None:
    raw = gzip.compress(f"- {OWN_WORDS}\n".encode())
    [found] = check(policy("'prompt.txt.gz'"), files(LOG, prompt_txt_gz=raw))

    assert isinstance(found, Finding)
    assert found.repair is not None
    assert not found.repair.edits


# --- words, pairs, households ----------------------------------------------------------


def test_a_word_alone_is_a_warning() -> None:
    [found] = check(policy("p.txt"), files(LOG, p_txt=b"Always ask Rosalinde about the lamp, please, in 2026 or 3.\n"))

    assert isinstance(found, Finding)
    assert found.severity.value == "warning"
    assert isinstance(found.evidence, Counterexample)
    assert [one["what"] for one in found.evidence.given["leaks"]] == ["word"]


def test_a_part_of_what_enough_said_is_no_leak() -> None:
    log = [*LOG, chat("u1", ["garage door"], 9500.0)]

    assert [type(o) for o in check(policy("p.txt"), files(log, p_txt=b"- garage door\n"))] == [Cleared]


def test_what_the_assistant_says_to_all_is_no_leak() -> None:
    log = [chat(f"u{n}", list(SAID), 1000.0 + 100 * n, told="Which lamp shall it be?") for n in range(12)]
    log.append(chat("u3", ["which lamp shall it be"], 9000.0))

    assert [type(o) for o in check(policy("p.txt"), files(log, p_txt=b"- Which lamp shall it be?\n"))] == [Cleared]


def test_what_is_named_as_public_is_no_leak() -> None:
    own = policy("p.txt", ", public: [names.txt]")
    inputs = files(LOG, p_txt=b"- call grandma Rosalinde\n", names_txt=b"Call Grandma Rosalinde\n")

    assert [type(o) for o in check(own, inputs)] == [Cleared]


def test_a_rewrite_whose_sides_all_say_but_few_together_is_found() -> None:
    raw = (
        exported("tsv", leak=False)
        + b"turn on the lamp\topen garage door\tR-3\t10\nopen garage door\tturn on the lamp\tR-4\t10\n"
    )
    found = check(policy("r.tsv"), files(LOG, r_tsv=raw))

    # Everybody says the lamp before the door, and nobody after it.
    [finding] = found
    assert isinstance(finding.evidence, Counterexample)
    assert finding.evidence.given["leaks"][0]["what"] == "pair"
    assert finding.evidence.given["entry"] == 2


def test_few_households_are_too_few() -> None:
    rows = [f"c{n},u{n},h{n % 3},turn on the lamp" for n in range(12)]
    text = (
        "logs: [{path: t.csv, mapping: {conversation: c, user: u, household: h, text: t}}]\n"
        "shared: [r.tsv]\nprivacy: {users: 10, households: 4}\n"
    )
    own = artefacts.read(Source("dialogue.yaml", text.encode()), {})[0]
    inputs = {
        "data:t.csv": Source("t.csv", "\n".join(["c,u,h,t", *rows]).encode()),
        "data:r.tsv": Source("r.tsv", b"source\ttarget\trewrite\tusers\nturn on the lamp\tturn on the lamp\tR-1\t10\n"),
    }
    [found] = check(own, inputs)

    assert isinstance(found, Finding), found.reason
    assert isinstance(found.evidence, Counterexample)
    assert found.evidence.given["leaks"][0]["fewer_than"] == {"households": 4}


# --- compiled policies --------------------------------------------------------------------


def compiled(tmp_path: Any, texts: list[str], links: list[tuple[str, str]]) -> tuple[str, bytes]:
    digest = policy_file.write(
        tmp_path / "policies",
        texts=[(text, Known(1.0, 10, {"after=" + SAID[0]: 0.5, "room=kitchen": 0.1})) for text in texts],
        links=[(source, Link(target, 0.5, "R-1", "active")) for source, target in links],
    )
    return digest, (tmp_path / "policies" / f"{digest}.policy").read_bytes()


def served(tmp_path: Any, log: list[str], texts: list[str], links: list[tuple[str, str]]) -> dict[str, Source]:
    digest, raw = compiled(tmp_path, texts, links)
    named = {"rewrites/policies/current": digest.encode() + b"\n", f"rewrites/policies/{digest}.policy": raw}
    return files(log) | {f"data:{name}": Source(name, content) for name, content in named.items()}


def test_the_policy_that_is_served_is_looked_into(tmp_path: Any) -> None:
    own = policy("rewrites/")
    clean = check(own, served(tmp_path, LOG, list(SAID), [(SAID[1], SAID[2])]))
    leaking = check(own, served(tmp_path, LOG, [*SAID, OWN_WORDS], [(SAID[1], SAID[2]), (OWN_WORDS, SAID[0])]))

    assert [type(o) for o in clean] == [Cleared]
    assert [type(o) for o in leaking] == [Finding, Finding]
    assert {o.evidence.given["entry"] for o in leaking} == {0, 4}  # texts in their order, then rewrites


def test_after_somebody_was_forgotten_the_old_policy_is_stale(tmp_path: Any) -> None:
    log = [chat(f"u{n}", ["play the owl song"], 2000.0 + n) for n in range(10)] + LOG
    own = policy("rewrites")
    inputs = served(tmp_path, log, [*SAID, "play the owl song"], [])
    assert [type(o) for o in check(own, inputs)] == [Cleared]

    left = [line for line in log if json.loads(line)["user"] != "u7"]
    [found] = check(own, inputs | files(left))

    assert isinstance(found, Finding)
    assert "fewer than 10 users" in found.message


def test_a_damaged_policy_is_undecided_and_the_rest_is_judged(tmp_path: Any) -> None:
    inputs = served(tmp_path, LOG, list(SAID), []) | files(LOG, p_txt=b"- call grandma rosalinde\n")
    path = next(name for name in inputs if name.endswith(".policy"))
    raw = inputs[path].raw
    for broken in (raw[:-1], b"SQLite format 3\0" + random.Random(1).randbytes(3000), b"SQLite format 3\0"):
        found = check(policy("rewrites, p.txt"), inputs | {path: Source(path.removeprefix("data:"), broken)})
        assert [type(o) for o in found] == [Undecided, Finding]
        assert found[0].why is Why.UNREADABLE


def test_imports_name_what_is_served() -> None:
    digest = "0f" * 32
    text = b"logs: [chat.jsonl]\nshared:\n- rewrites\n- prompts/p.txt\n"
    bare = b"logs: [chat.jsonl]\n"
    there = {
        "a/dialogue.yaml": text,
        "a/chat.jsonl": b"",
        "a/prompts/p.txt": b"",
        "a/rewrites/policies/current": digest.encode(),
        f"a/rewrites/policies/{digest}.policy": b"",
    }
    _, needed = artefacts.imports("a/dialogue.yaml", {}, there.get, there.__contains__)

    assert set(needed) == {f"data:{name}" for name in there if name != "a/dialogue.yaml"}
    _, needed = artefacts.imports("a/dialogue.yaml", {}, (there | {"a/dialogue.yaml": bare}).get, there.__contains__)
    assert set(needed) == {f"data:{name}" for name in there if name not in ("a/dialogue.yaml", "a/prompts/p.txt")}


# --- who cannot be counted ------------------------------------------------------------------


def test_without_users_nothing_is_said() -> None:
    log = [json.dumps({k: v for k, v in json.loads(line).items() if k != "user"}) for line in LOG]
    [found] = check(policy("p.txt"), files(log, p_txt=b"- call grandma rosalinde\n"))

    assert isinstance(found, Undecided)
    assert found.why is Why.MISSING_INPUT


def test_turns_without_a_user_may_be_of_any() -> None:
    unknown = [chat("", [OWN_WORDS], 9000.0 + n) for n in range(12)]

    def kinds(log: list[str]) -> list[Any]:
        return [type(o) for o in check(policy("p.txt"), files(log, p_txt=b"- call grandma rosalinde\n"))]

    assert kinds(LOG + unknown) == [Undecided]
    assert kinds(LOG + unknown[:3]) == [Finding]  # even if those are three others
    assert kinds(LOG[:-1] + unknown[:3]) == [Undecided]  # of nobody who is known


# --- evidence --------------------------------------------------------------------------------


def test_altered_evidence_is_refuted() -> None:
    own, inputs = policy("p.txt"), files(LOG, p_txt=b"- call grandma rosalinde\n- turn on the lamp\n")
    [found] = check(own, inputs)
    given_ = dict(found.evidence.given)
    for change in (
        {"entry": 1},
        {"entry": 7},
        {"leaks": []},
        {"leaks": [{**given_["leaks"][0], "fewer_than": {"users": 10}}]},
        {"leaks": [{**given_["leaks"][0], "text": "0000"}]},
        {"artefact": "q.txt"},
    ):
        assert recheck(own, replace(found.evidence, given=given_ | change), inputs).status == "refuted", change
    assert recheck(own, replace(found.evidence, given=given_ | {"digest": "0"}), inputs).status == "cannot"
    claim = Proof(
        method="dialogue/private-phrases-absent/1",
        claim="",
        certificate={"artefact": "p.txt", "digest": inputs["data:p.txt"].digest, "entries": 2},
    )
    assert recheck(own, claim, inputs).status == "refuted"
    proof = found.repair.verified
    for start, end, new in ((0, 3, ""), (0, 50, ""), (2, 2, ""), (0, 26, "- call rosalinde\n"), (-1, 26, "")):
        altered = replace(proof, certificate={**proof.certificate, "edit": [start, end, new]})
        assert recheck(own, altered, inputs).status == "refuted", (start, end, new)


def test_a_hundred_are_shown_and_the_rest_is_counted() -> None:
    log = [*LOG, chat("u3", [f"find box number {n} now" for n in range(1000, 1130)], 9000.0)]
    raw = "".join(f"- find box number {n} now\n" for n in range(1000, 1130)).encode()
    found = check(policy("p.txt"), files(log, p_txt=raw))

    assert len(found) == private_phrase_leaks.MOST
    assert "30 more entries" in found[0].cause


# --- any file --------------------------------------------------------------------------------


@settings(max_examples=100, deadline=None)
@given(raw=st.binary(max_size=300), name=st.sampled_from(["x.json", "x.yaml", "x.tsv", "x.csv", "x.policy", "x.gz"]))
@example(raw=b"PAR1", name="x.parquet")
def test_any_bytes_are_read_or_refused(raw: bytes, name: str) -> None:
    own = policy(f"'{name}'")
    for begin in (b"", b"SQLite format 3\0", b"\x1f\x8b", b'{"a": [', b"source\ttarget\trewrite\tusers\n"):
        inputs = {f"data:{name}": Source(name, begin + raw)}
        with contextlib.suppress(UnreadableArtefact):
            for entry in read_shared(own.shared[0], name, inputs).entries:
                assert entry.lines or entry.phrases or entry.line


_values = st.recursive(
    st.sampled_from(["turn on the lamp", OWN_WORDS, "done"]) | st.integers() | st.none(),
    lambda own: st.lists(own, max_size=4) | st.dictionaries(st.sampled_from("abcd"), own, max_size=3),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(
    value=st.lists(_values, max_size=4) | st.dictionaries(st.sampled_from("abcd"), _values, max_size=3),
    indent=st.sampled_from([None, 2]),
)
def test_whatever_is_taken_out_of_json_leaves_json_without_it(value: Any, indent: int | None) -> None:
    text = json.dumps(value, indent=indent)
    for _ in range(20):
        entries = entries_of(text, "x.json")
        one = next((entry for entry in entries if OWN_WORDS in entry.phrases), None)
        assert (one is not None) == (OWN_WORDS in text)
        if one is None:
            break
        text = text[: one.start] + one.new + text[one.end :]
        json.loads(text)
        kept = [
            (e.phrases, e.lines) for e in entries if e is not one and not (one.start <= e.start and e.end <= one.end) and e.lines
        ]
        assert [(e.phrases, e.lines) for e in entries_of(text, "x.json") if e.lines] == kept
    else:
        raise AssertionError(text)


# --- the whole way -----------------------------------------------------------------------------


@pytest.mark.slow  # a check, and two more to try the repair
def test_a_repair_changes_the_file_that_is_shared_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "chat.jsonl").write_text("\n".join(LOG), encoding="utf-8")
    (tmp_path / "p.md").write_text(f"# Help\n- {OWN_WORDS}\n- turn on the lamp\n", encoding="utf-8")
    said = "logs: [{path: chat.jsonl, format: openai-chat}]\nshared: [p.md]\nprivacy: {users: 10, households: 1}\n"
    (tmp_path / "dialogue.yaml").write_text(said, encoding="utf-8")
    options = CheckOptions(select=("dialogue/private-phrase-leaks",), use_cache=False, jobs=1)

    done = repair(tmp_path, options, (), write=True)

    assert (len(done.repaired), done.failed, done.written, list(done.diffs)) == (1, (), True, ["p.md"])
    assert (tmp_path / "p.md").read_text(encoding="utf-8") == "# Help\n- turn on the lamp\n"
    assert [type(o) for o in engine_check(tmp_path, options).outcomes] == [Cleared]


GAPPED = [
    chat(f"u{n}", [f"fire up the {thing} lamp", f"turn on the {thing} lamp"], 1000.0 + 100 * n)
    for n, thing in enumerate(["hall", "desk", "porch", "attic"] * 3)
]


@pytest.mark.parametrize("form", ["policy", "tsv", "glossary"])
def test_a_rewrite_with_a_gap_leaks_only_what_few_said_around_it(form: str, tmp_path: Path) -> None:
    def written(source: str) -> bytes:
        if form == "policy":
            texts = [(source, Known(1.0, 12)), ("turn on *", Known(12.0, 12))]
            digest = policy_file.write(tmp_path, texts=texts, links=[(source, Link("turn on *", 0.9, "r", "active"))])
            return (tmp_path / f"{digest}.policy").read_bytes()
        return FORMATS[form][1]([Repair(identifier="r", source=source, target="turn on *")]).encode()

    def outcomes(source: str) -> set[type]:
        return {type(one) for one in check(policy("shared.bin"), files(GAPPED, shared_bin=written(source)))}

    assert outcomes("fire up *") == {Cleared}
    assert Finding in outcomes("call rosalinde *")
