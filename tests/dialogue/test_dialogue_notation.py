"""A mapping says whose a role is and how times are written, in a file and in a policy, and what is wrong with it in one error."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from probatum.cli import main, program
from probatum.dialogue.artefacts.importers import Broken
from probatum.dialogue.artefacts.importers.mapped import Mapped
from probatum.dialogue.artefacts.importers.notation import Notation
from probatum.dialogue.artefacts.mapping import read_mapping
from probatum.dialogue.artefacts.reader import read_policy
from probatum.dialogue.artefacts.turn import Turn
from probatum.errors import UnreadableArtefact
from probatum.source import decode

MAPPING = "text: said\nconversation: chat\nrole: who\nasked_at: at\n"
ROLES = "roles: {assistant: [bot, Agent], user: [Kunde, 1], neither: system}\n"
FIRST = 1735819200.0  # 2025-01-02 12:00 UTC


def read(text: str) -> Mapped:
    return Mapped(*read_mapping(decode(text.encode(), "mapping.yaml")))


def turns(importer: Mapped, *records: Any) -> list[Turn]:
    return list(importer.turns([(line, e) for line, record in enumerate(records, 1) for e in importer.events(record)]))


def message(who: Any, said: str, at: Any = None) -> dict[str, Any]:
    return {"chat": "a", "who": who, "said": said, "at": at}


def test_roles_say_whose_a_message_is() -> None:
    rows = [
        message("system", "be kind"),
        message("kunde", "hallo"),
        message("AGENT", "ja?"),
        message("system", "typing"),
        message(1, "tschau"),
        message(1.0, "na"),
    ]
    found = turns(read(MAPPING + ROLES), *rows)

    assert [(turn.text, turn.response) for turn in found] == [("hallo", "ja?"), ("tschau", ""), ("na", "")]


def test_without_roles_an_agent_called_user_is_one() -> None:
    """What `roles` is for: the usual words mean something else here."""
    rows = [message("client", "client 4.1 has started"), message("visitor", "hello")]
    usual, told = read(MAPPING), read(MAPPING + "roles: {user: visitor, assistant: bot, neither: client}\n")

    assert [turn.text for turn in turns(usual, *rows)] == ["client 4.1 has started", "hello"]
    assert [turn.text for turn in turns(told, *rows)] == ["hello"]


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("supervisor", "its role `supervisor` is none of `roles`"),
        (None, "it has no role that `roles` names"),
        ("x" * 41, "it has no role that `roles` names"),
    ],
)
def test_a_role_that_was_not_named_is_no_message_of_anybody(who: Any, said: str) -> None:
    with pytest.raises(Broken, match=said):
        list(read(MAPPING + ROLES).events(message(who, "hello")))


@pytest.mark.parametrize(
    ("written", "at"),
    [
        ("", "2025-01-02T12:00:00Z"),
        ('time_format: "%d.%m.%Y %H:%M"\n', "02.01.2025 12:00"),
        ('time_format: "%m/%d/%y %I:%M %p"\n', "01/02/25 12:00 PM"),
        ('time_format: "%d %b %Y %H:%M:%S %z"\n', "02 Jan 2025 14:00:00 +0200"),
        ('time_format: "%Y%m%d%H"\n', 2025010212),
        ("time_unit: s\n", FIRST),
        ("time_unit: ms\n", str(int(FIRST * 1e3))),
        ("time_unit: us\n", int(FIRST * 1e6)),
        ("time_unit: ns\n", int(FIRST * 1e9)),
    ],
)
def test_times_are_read_as_they_are_written(written: str, at: Any) -> None:
    [turn] = turns(read("text: said\nasked_at: at\nanswered_at: at\n" + written), message("", "hello", at))

    assert (turn.asked_at, turn.answered_at) == (FIRST, FIRST)


@pytest.mark.parametrize(
    ("notation", "value", "is_guessed"),
    [
        (Notation(time_unit="ms"), 5000, 5000.0),  # of a clock that began at zero
        (Notation(time_format="%d/%m/%Y"), "2025-01-02", FIRST - 43200),
        (Notation(time_unit="s"), "2025-01-02T12:00:00Z", FIRST),
        (Notation(time_format="%d/%m/%Y"), "31/02/2025", None),
    ],
)
def test_a_time_that_is_written_otherwise_is_not_guessed(notation: Notation, value: Any, is_guessed: float | None) -> None:
    assert Notation().seconds(value) == is_guessed
    assert notation.seconds(value) == (5.0 if notation.time_unit == "ms" else None)


def test_a_log_that_is_read_otherwise_is_another_import() -> None:
    plain = Mapped({"text": "said"}).name
    others = [Notation(time_unit="s"), Notation(time_format="%Y"), Notation({"bot": "user"}), Notation({"bot": "assistant"})]

    assert Mapped({"text": "said"}, Notation()).name == plain
    assert len({plain, *(Mapped({"text": "said"}, one).name for one in others)}) == 5


@pytest.mark.parametrize(
    ("text", "line", "said", "advice"),
    [
        ("text: a\nroles: {user: [b], assistant: [c]}", 2, "`roles` is about a column that is not mapped", "role"),
        ("text: a\nrole: r\nroles: {user: [b]}", 3, "`roles` does not say which values are the assistant", "assistant: [...]"),
        ("text: a\nrole: r\nroles: {assistant: [b]}", 3, "`roles` does not say which values are the user", "user: [...]"),
        ("text: a\nrole: r\nroles: {user: [b], assistant: [B]}", 3, "`b` is the user and the assistant", "once"),
        ("text: a\nrole: r\nroles: {user: [], assistant: [b]}", 3, "`user` of `roles` is empty", "list"),
        ("text: a\nrole: r\nroles: {user: [{x: y}], assistant: [b]}", 3, "`user` of `roles` has what is no value of a column", "list"),
        ("text: a\nrole: r\nroles: {user: [b], assistant: [c], bot: [d]}", 3, "`bot` is not a field of `roles`", "neither"),
        ("text: a\nrole: r\nroles: [user]", 3, "`roles` is not a mapping", "key"),
        ("text: a\ntime_unit: s", 2, "`time_unit` is about columns that are not mapped", "asked_at"),
        ("text: a\nasked_at: b\ntime_unit: min", 3, "`min` is no `time_unit`", "ms"),
        ('text: a\nasked_at: b\ntime_unit: s\ntime_format: "%Y"', 3, "times have a `time_format` and a `time_unit`", "leave out"),
        ('text: a\nasked_at: b\ntime_format: "%H:%M"', 3, "`%H:%M` is no format of times: it does not tell the day", "%d.%m.%Y"),
        ('text: a\nasked_at: b\ntime_format: "%Q"', 3, "`%Q` is no format of times: it is none that `strptime` of Python reads", "since 1970"),
        ('text: a\nasked_at: b\ntime_format: "%s"', 3, "`%s` is no format of times: it is none that `strptime` of Python reads", "time_unit"),
        ('text: a\nasked_at: b\ntime_format: "%x %Z"', 3, "`%x %Z` is no format of times: it has `%Z`, and names of zones are not the same everywhere", "%z"),
        ('text: a\nasked_at: b\ntime_format: "%x %I"', 3, "`%x %I` is no format of times: it has `%I` without `%p`, and does not tell which half of the day", "%H"),
        ("text: a\ntime_formt: b", 2, "`time_formt` is no field of a turn", "time_format"),
    ],
)  # fmt: skip  # a table
def test_what_is_wrong_is_said_with_its_line(text: str, line: int, said: str, advice: str) -> None:
    with pytest.raises(UnreadableArtefact) as caught:
        read(text)

    assert caught.value.message == said
    assert advice in (caught.value.help or "")
    assert caught.value.location is not None
    assert caught.value.location.line == line


def test_a_policy_says_it_beside_the_columns() -> None:
    text = (
        "logs:\n- {path: a.csv, mapping: {text: said, role: who, asked_at: at, roles: {user: k, assistant: b}, time_unit: ms}}\n"
    )
    [log] = read_policy(decode(text.encode(), "dialogue.yaml")).logs

    assert dict(log.mapping) == {"text": "said", "role": "who", "asked_at": "at"}
    assert log.notation == Notation({"k": "user", "b": "assistant"}, time_unit="ms")


def test_import_and_check_read_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(tmp_path)
    rows = [message("kunde", "hallo", "02.01.2025 12:00"), message("bot", "ja?", "02.01.2025 12:01"), message("chef", "nein")]
    Path("log.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    mapping = MAPPING + ROLES + 'time_format: "%d.%m.%Y %H:%M"\n'
    Path("mapping.yaml").write_text(mapping)
    inner = "".join(f"    {line}\n" for line in mapping.splitlines())
    Path("dialogue.yaml").write_text(f"logs:\n- path: log.jsonl\n  mapping:\n{inner}")

    done = CliRunner().invoke(program, ["dialogue", "import", "log.jsonl", "--mapping", "mapping.yaml", "--to", "tables"])
    assert done.exit_code == 0, done.output
    assert "1 turn in 1 conversation" in done.output
    assert "have no time" not in done.output
    assert "line 3: its role `chef` is none of `roles`" in done.output
    main(["check", "."])
    assert "its role `chef` is none of `roles`" in capsys.readouterr().out
