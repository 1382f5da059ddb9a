"""What holds for inputs that nobody thought of."""

import json
from datetime import date, timedelta

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from probatum.engine.payload import Payload, attached, detached, lazy, packed, unpacked
from probatum.engine.repairs import applied
from probatum.engine.settle import identified
from probatum.engine.suppress import CATEGORIES, Suppression, read_suppressions
from probatum.errors import ConfigurationError
from probatum.evidence import Counterexample
from probatum.findings import Edit, Finding, outcome_from_json, outcome_to_json
from probatum.project.config import read_configuration
from probatum.project.discover import access_claim, discover
from probatum.project.globs import matches
from probatum.project.options import options, tables
from probatum.project.system import MemorySystem
from probatum.source import Location, digest

quick = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
plain = st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\x00"))
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | plain,
    lambda v: st.lists(v, max_size=3) | st.dictionaries(plain, v, max_size=3),
)


@quick
@given(
    plain.map(lambda t: f"because {t} is so"),
    plain.filter(str.strip),
    plain.filter(bool),
    st.sampled_from(CATEGORIES),
)
def test_a_suppression_survives_being_written(reason, owner, subject, category):
    entry = Suppression(
        category=category,
        reason=reason,
        owner=owner,
        created=date(2026, 1, 1),
        until=date(2026, 1, 1) + timedelta(days=30),
        rule="words/bad-word",
        subject=subject,
    )
    system = MemorySystem({"suppressions.toml": entry.to_toml().encode()})

    [read] = read_suppressions(system, "suppressions.toml", max_days=90, rules=["words/bad-word"])

    assert (read.subject, read.owner, read.reason) == (subject, owner.strip(), " ".join(reason.split()))


@quick
@given(st.binary(max_size=60) | plain.map(str.encode) | values.map(lambda v: json.dumps({"Statement": v}).encode()))
def test_whatever_a_file_holds_it_is_found_left_or_a_problem(content):
    inventory = discover(MemorySystem({"a.json": content, "good.json": b'{"Statement": []}'}), [access_claim])

    paths = [f.path for f in inventory.files["access"]]
    assert "good.json" in paths
    assert ("a.json" in paths) + len(inventory.problems) + len(inventory.notes) == 1


keys = st.sampled_from([*tables(), *(o.name for o in options)]) | plain
toml = st.dictionaries(keys, st.dictionaries(keys, values, max_size=3) | values, max_size=3)


@quick
@given(
    st.binary(max_size=40) | toml.map(lambda v: "\n".join(f"{json.dumps(k)} = {json.dumps(x)}" for k, x in v.items()).encode())
)
def test_whatever_a_configuration_says_it_is_understood_or_refused(content):
    refusal = None
    try:
        configuration = read_configuration(MemorySystem({"probatum.toml": content}))
    except ConfigurationError as error:
        refusal = error

    if refusal is None:
        assert configuration.path == "probatum.toml"
    else:
        assert refusal.help
        assert refusal.location.path == "probatum.toml"


@quick
@given(st.text("ab/*?[]!^-.\\", max_size=12), st.text("ab/.", min_size=1, max_size=12))
def test_every_pattern_has_a_meaning(pattern, path):
    assert matches(path, [pattern]) in (True, False)


def finding(word, path="a.txt", line=1, **given_):
    return Finding(
        rule="words/bad-word",
        subject="a",
        message=word,
        location=Location(path, line, 1),
        evidence=Counterexample(method="words/word/1", given={"word": word, **given_}, observed="", expected=""),
        cause="",
        anchor=(word,),
    )


@quick
@given(st.dictionaries(plain, values, max_size=4))
def test_the_large_part_of_evidence_is_the_same_wherever_it_has_been(given_):
    value = json.loads(json.dumps(outcome_to_json(finding("x", **{f"k{k}": v for k, v in given_.items()}))))

    light, texts = detached({"outcomes": [packed(value)]})
    stored = json.loads(json.dumps(light))
    [back] = attached(stored, lambda: texts)["outcomes"]

    assert len(texts) == 1
    assert isinstance(back["evidence"]["given"], Payload)
    for way in (back, lazy(packed(value)), unpacked(packed(value)), unpacked(packed(back))):
        assert json.loads(json.dumps(outcome_to_json(outcome_from_json(way)))) == value
        assert outcome_from_json(way).evidence.digest == outcome_from_json(value).evidence.digest


@quick
@given(st.lists(st.tuples(st.sampled_from("xyz"), st.integers(1, 5)), max_size=8), st.randoms())
def test_identities_depend_on_neither_order_nor_lines(places, shuffler):
    findings = [finding(word, line=line) for word, line in places]
    shuffled = findings[:]
    shuffler.shuffle(shuffled)
    moved = [finding(word, line=line + 100) for word, line in places]

    named = identified(findings)

    assert named == identified(shuffled)
    assert sorted(f.fingerprint for f in named) == sorted(f.fingerprint for f in identified(moved))
    assert len({f.fingerprint for f in named}) == len(named)


@quick
@given(
    plain,
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 5), plain), max_size=4),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_edits_change_what_they_name_and_nothing_else(content, wanted, encoding):
    if content.startswith("\ufeff"):
        content = "x" + content
    raw = content.encode(encoding)
    edits, at = [], 0
    expected = content
    for start, length, new in sorted(wanted):
        if start < at or start + length > len(content):
            continue
        edits.append(Edit("a.txt", digest(raw), start, start + length, new))
        at = start + length + 1
    for edit in reversed(edits):
        expected = expected[: edit.start] + edit.new + expected[edit.end :]
    if expected.startswith("\ufeff"):
        return  # a mark that was not there would be another encoding

    assert applied(raw, "a.txt", edits) == expected.encode(encoding)
