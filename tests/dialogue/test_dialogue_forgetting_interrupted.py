"""Whoever forgets a user and is killed at any step goes on later, and what comes out is what it would have been."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from test_dialogue_forgetting import tables

from probatum.cli import program
from probatum.cli.dialogue_files import learnt
from probatum.dialogue.artefacts import FORGETTING, forgetting
from probatum.dialogue.artefacts.policy import Privacy
from probatum.dialogue.artefacts.tables import pseudonym
from probatum.dialogue.artefacts.unfinished import HalfForgotten, alone, unfinished
from probatum.dialogue.semantics.conversations import stored
from probatum.dialogue.service import forgetting as steps
from probatum.dialogue.service import forgetting_plan, judged_turns, made
from probatum.dialogue.service.auditing import kept
from probatum.dialogue.service.compiling import policy_of
from probatum.dialogue.service.forgetting import Means, Receipt, forget, resume
from probatum.dialogue.service.made import CHECKED, PLAN, SHEET, note
from probatum.dialogue.service.registry import Registry
from probatum.dialogue.service.serving.personal import Personal
from probatum.dialogue.service.serving.policies import Policies
from probatum.engine import CheckOptions, check
from probatum.errors import StateError, UsageError
from probatum.store.journal import Journal

pytest.importorskip("duckdb")
pytest.importorskip("scipy")

KEY = bytes(range(32))
USER, USERS = "u2", 6
PRIVACY = Privacy(users=USERS, households=1, shareable=False)
AT = 1_790_000_000.0
UNTIL = "2026-02-03"
OPTIONS = {"users": USERS, "households": 1, "policy": None, "until": UNTIL}


class Killed(BaseException):
    """Nothing catches it."""


def run(*arguments: str) -> str:
    found = CliRunner().invoke(program, ["dialogue", *arguments], catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.output


def write_log(path: Path, *, but: str = "") -> None:
    """Write what a few users said on days apart: what fails, the same in other words, and something in a room with the others."""
    lines = []
    for user in range(USERS):
        for step, (text, response) in enumerate([
            ("open the garbage door", "Sorry, I didn't understand that"), ("open the garage door", "Done"),
            ("open the garage door", "Done"), ("turn on the lamp", "Done"),
        ]):  # fmt: skip  # four turns
            own = {"schema": "probatum-turn/1", "user": f"u{user}", "device": f"d{user}", "household": f"h{user}"}
            own["conversation"] = "room" if step == 3 else f"{user} {step}"
            at = 1_767_225_600.0 + 5 * 86400.0 * user + (8 * step if step < 2 else 6000 * step)
            if own["user"] != but:
                lines.append(json.dumps({**own, "asked_at": at, "text": text, "response": response}) + "\n")
    path.write_text("".join(lines))


def imported(folder: Path, *, but: str = "") -> None:
    write_log(folder / "log.jsonl", but=but)
    (folder / "conv.key").write_text(KEY.hex())
    with pytest.MonkeyPatch.context() as patch:  # tables say which log each turn is from
        patch.chdir(folder)
        run("import", "log.jsonl", "--to", "conv")


def judge(folder: Path) -> None:
    """Write what people and programs have made of `conv` in a folder, as far as it matters here: of all turns."""
    import duckdb

    conversations = folder / "conv"
    turns = sorted(
        duckdb.read_parquet(str(next(conversations.glob("tables-*")) / "turns.parquet")).project("turn_id, user_id").fetchall()
    )
    (folder / "checked.jsonl").write_text("".join(json.dumps({"turn": turn}) + "\n" for turn, _ in turns))
    rows = [{"row": f"r{number}", "turn": turn, "user": user} for number, (turn, user) in enumerate(turns)]
    (folder / "plan.json").write_text(json.dumps({"rows": rows}))
    (folder / "sheet.csv").write_text("row,request\n" + "".join(f"{one['row']},turn on the lamp\n" for one in rows))
    (folder / "model").write_bytes(b"weights")
    for kind, name in (("dialogue model", "model"), (CHECKED, "checked.jsonl"), (PLAN, "plan.json"), (SHEET, "sheet.csv")):
        note(conversations, kind, folder / name, model="d1" if name == "model" else "")
    labels, verdicts = Journal(conversations / kept.LABELS), Journal(folder / "rewrites" / kept.VERDICTS)
    for one in rows:
        labels.append({"turn": one["turn"], "row": one["row"], "said": "good"})
    for user in sorted({user for _, user in turns}):
        verdicts.append({"rewrite": "x", "user": user, "verdict": "win"})


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with conversations, a service, and what was made of them."""
    folder = tmp_path_factory.mktemp("before")
    imported(folder)
    conversations, service = str(folder / "conv"), str(folder / "rewrites")
    more = ("--service", service, "--users", str(USERS), "--households", "1", "--until", UNTIL)
    run("rewrites", "propose", conversations, *more)
    run("rewrites", "compile", conversations, *more)
    judge(folder)
    own = pseudonym(USER, KEY, "user")
    registry = Registry(folder / "rewrites/registry.jsonl")
    registry.propose("my song", "grandma's song", at=0.0, scope=f"user:{own}")
    assert registry.rewrites("shadow")
    return folder


def means(folder: Path, receipts: list[Receipt]) -> Means:
    def learn(options: Mapping[str, Any]) -> Any:
        with stored(folder / "conv", half_forgotten=True) as opened:
            return learnt(opened, PRIVACY, options["until"])

    return Means(privacy=lambda _: PRIVACY, learn=learn, clear=lambda: 0, tell=receipts.append, at=AT)


def forgotten(folder: Path, use: Callable[[Means], Means] = lambda own: own) -> Receipt:
    receipts: list[Receipt] = []
    own = use(means(folder, receipts))
    forget(USER, own, key=KEY, conversations=folder / "conv", service=folder / "rewrites", options=OPTIONS)
    return receipts[-1]


def left(folder: Path) -> dict[str, Any]:
    """Return all that is left in a folder: bytes of files, and rows of tables and of what is known of users."""
    found: dict[str, Any] = {"tables": tables(folder / "conv")}
    for path in sorted(folder.rglob("*")):
        place = path.relative_to(folder).as_posix()
        if path.is_file() and not (
            path.suffix in {".lock", ".parquet"} or path.name in {"manifest.json", ".lock"} or "people" in place
        ):
            found[place] = path.read_bytes()
    with sqlite3.connect(folder / "rewrites/people.db") as people:
        found["people"] = people.execute("select * from people order by user").fetchall()
        found["taught"] = people.execute("select user from taught union all select user from members").fetchall()
    assert len(list((folder / "conv").glob("tables-*"))) == 1
    return found


@pytest.fixture(scope="module")
def done(before: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Receipt]:
    """What is left when nothing interrupts, and the receipt."""
    folder = tmp_path_factory.mktemp("done") / "copy"
    shutil.copytree(before, folder)
    receipt = forgotten(folder)
    return left(folder), receipt


@pytest.mark.slow
def test_what_is_left_is_what_would_be_without_the_user(
    before: Path, done: tuple[dict[str, Any], Receipt], tmp_path: Path
) -> None:
    imported(tmp_path, but=USER)
    judge(tmp_path)
    found, receipt = done

    assert found["tables"] == tables(tmp_path / "conv")
    assert sorted(found["checked.jsonl"].splitlines()) == sorted((tmp_path / "checked.jsonl").read_bytes().splitlines())
    turns = sorted(one["turn"] for one in Journal(tmp_path / "conv" / kept.LABELS).entries)
    assert sorted(json.loads(line)["turn"] for line in found["conv/labels.jsonl"].splitlines()) == turns
    (tmp_path / "registry.jsonl").write_bytes(found["rewrites/registry.jsonl"])
    with stored(tmp_path / "conv") as opened:
        never = learnt(opened, PRIVACY, UNTIL)
    assert receipt.policies[1] == policy_of(never, Registry(tmp_path / "registry.jsonl"), tmp_path / "policies")[0]
    assert [user for user, _ in found["people"]] == sorted(never.habits)
    assert receipt.retired
    assert (receipt.entries, receipt.labels, receipt.verdicts, receipt.known, receipt.removed.turns) == (1, 4, 1, True, 4)
    assert {Path(one.path).name: one.done for one in receipt.files} == {
        "model": "removed", "checked.jsonl": "edited", "plan.json": "edited", "sheet.csv": "edited",
    }  # fmt: skip  # what became of four files
    assert "model" not in found
    assert not any(FORGETTING in place for place in found)
    assert (pseudonym(USER, KEY, "user") or "?") not in repr(found)


def killing(wanted: int, *, after: bool) -> Callable[[Any], Any]:
    """Make a function that kills at a call of another, before or after what it does."""
    calls = iter(range(1_000))

    def patched(own: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **named: Any) -> Any:
            now = next(calls) == wanted
            if now and not after:
                raise Killed
            found = own(*arguments, **named)
            if now:
                raise Killed
            return found

        return call

    return patched


# Where it is killed: in what, at which call of it, and whether before or after what it does.
KILLED: dict[str, tuple[Any, str, int, bool]] = {
    "without the plan": (forgetting_plan, "journal_of", 0, False),
    "with the plan": (forgetting_plan, "journal_of", 0, True),  # and without its entry
    "before anything": (steps, "_carry_out", 0, False),
    "before the user's own rewrites": (Registry, "forget", 0, False),
    "before what is known": (Personal, "forget", 0, False),
    "before the tables": (steps, "put_in_place", 0, False),
    "between new tables and old": (forgetting.shutil, "rmtree", 0, False),
    "before labels": (kept, "forget", 0, False),
    "among labels": (kept, "_numbered", 21, True),
    "before verdicts": (Journal, "rewrite", 2, False),
    "before models": (steps, "withdraw", 0, False),
    "between a model and its note": (made, "Journal", 2, False),
    "before a first edit": (judged_turns, "_put", 0, False),
    "after a first edit": (judged_turns, "_put", 0, True),
    "before a last edit": (judged_turns, "_put", 2, False),
    "after a last edit": (judged_turns, "_put", 2, True),
    "before learning": (Means, "learn", 1, False),
    "before a rewrite is retired": (Registry, "move", 0, False),
    "after a rewrite is retired": (Registry, "move", 0, True),
    "after habits": (Personal, "put_habits", 0, True),
    "before the policy": (steps, "serve", 0, False),
    "before other policies go": (steps, "remove_others", 0, False),
    "before the receipt": (Means, "tell", 0, False),
    "after the receipt": (Means, "tell", 0, True),
}


@pytest.fixture(params=KILLED)
def half(request: pytest.FixtureRequest, before: Path, tmp_path: Path) -> tuple[str, Path]:
    """A folder in which somebody was killed who forgot the user."""
    folder = tmp_path / "copy"
    shutil.copytree(before, folder)
    where, name, call, after = KILLED[request.param]
    kill = killing(call, after=after)
    with pytest.MonkeyPatch.context() as patch:
        if where is not Means:
            patch.setattr(where, name, kill(getattr(where, name)))
        with pytest.raises(Killed):
            forgotten(folder, lambda own: replace(own, **{name: kill(getattr(own, name))}) if where is Means else own)
    return request.param, folder


@pytest.mark.slow  # learns from a log up to three times for each step
def test_killed_at_any_step_the_rest_is_done_later(half: tuple[str, Path], done: tuple[dict[str, Any], Receipt]) -> None:
    step, folder = half
    conversations, service = folder / "conv", folder / "rewrites"
    changed = step not in {"without the plan", "with the plan"}

    assert (unfinished(conversations) is not None) == changed
    if step == "between a model and its note":
        assert not (folder / "model").exists()
        assert any(one.path.name == "model" for one in made.noted(conversations))
    if changed:
        with (
            pytest.raises(HalfForgotten, match=r"interrupted, and .* is half with and half without that user"),
            stored(conversations),
        ):
            pass
        again = resume(means(folder, []), conversations=conversations) if "after" in step else forgotten(folder)
    else:
        again = forgotten(folder)

    found, receipt = done
    assert left(folder) == found
    assert again.to_json() == receipt.to_json()
    assert (unfinished(conversations), unfinished(service)) == (None, None)


@pytest.fixture
def begun(before: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which somebody was killed when the tables were without the user, as the working directory."""
    folder = tmp_path / "copy"
    shutil.copytree(before, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps.kept, "forget", killing(0, after=False)(kept.forget))
        with pytest.raises(Killed):
            forgotten(folder)
    monkeypatch.chdir(folder)
    return folder


def refused(*arguments: str) -> str:
    found = CliRunner().invoke(program, ["dialogue", *arguments])
    assert isinstance(found.exception, HalfForgotten), found.output
    return str(found.exception)


@pytest.mark.slow  # learns from a log
def test_commands_refuse_what_is_half_forgotten_or_say_so(begun: Path) -> None:
    shutil.copy("log.jsonl", "more.jsonl")
    with Path("more.jsonl").open("a") as file:
        file.write("\n")
    for arguments in (
        ["import", "more.jsonl", "--to", "conv"],
        ["rewrites", "propose", "conv"],
        ["rewrites", "compile", "conv"],
        ["rewrites", "export", "--state", "shadow"],
        ["monitor", "conv"],
        ["label", "rephrases", "conv", "--to", "x"],
        ["isolate", "conv", "--to", "x"],
        ["evaluate", "rewrites", "conv"],
        ["audit", "sample", "10", "conv"],
        ["audit", "import", "conv", "plan.json", "sheet.csv"],
        ["forget", "u3", "--conversations", "conv"],  # of whom both would be half forgotten
    ):
        assert "finish it with `probatum dialogue forget --resume --conversations" in refused(*arguments), arguments
    shown = CliRunner().invoke(program, ["dialogue", "rewrites", "show"], catch_exceptions=False)
    assert shown.exit_code == 0
    assert "forgetting a user was interrupted, and `rewrites` is half with" in shown.stderr
    assert "forgetting a user was interrupted" in Policies(Path("rewrites/policies")).trouble

    said = run("forget", "--resume", "--conversations", "conv", "--receipt", "receipt.json")

    assert "4 turns, 0 texts" in said
    assert json.loads(Path("receipt.json").read_text())["removed"]["turns"] == 4
    assert CliRunner().invoke(program, ["dialogue", "rewrites", "show"]).stderr == ""
    assert Policies(Path("rewrites/policies")).trouble == ""


@pytest.mark.slow  # checks a log three times
def test_a_check_decides_nothing_about_what_is_half_forgotten(before: Path, tmp_path: Path) -> None:
    """Not by what it found earlier either, when the tables are as they were."""
    folder = tmp_path / "copy"
    shutil.copytree(before, folder)
    (folder / "dialogue.yaml").write_text("logs: [conv]\nrequire:\n- {id: often, kind: request-fails, at_most: 0.3}\n")
    options = CheckOptions(select=("dialogue/request-fails",))
    first = check(folder, options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "put_in_place", killing(0, after=False)(steps.put_in_place))
        with pytest.raises(Killed):
            forgotten(folder)

    [undecided] = check(folder, options).undecided

    assert "forgetting a user was interrupted" in undecided.reason
    assert "forgetting a user" not in repr(first.outcomes)
    forgotten(folder)
    assert "forgetting a user" not in repr(check(folder, options).outcomes)


def test_forgetting_goes_on_only_where_it_was_begun(begun: Path) -> None:
    with pytest.raises(UsageError, match="was begun with the service"):
        forget(USER, means(begun, []), key=KEY, conversations=Path("conv"), service=Path("other"), options=OPTIONS)
    both = CliRunner().invoke(program, ["dialogue", "forget", USER, "--resume", "--conversations", "conv"])
    assert isinstance(both.exception, UsageError)
    forgotten(begun)
    with pytest.raises(UsageError, match="no forgetting was interrupted"):
        resume(means(begun, []), conversations=Path("conv"))


def test_two_never_change_conversations_at_once(begun: Path) -> None:
    with alone(begun / "conv"), pytest.raises(StateError, match="is being changed by another process"):
        forgotten(begun)


def test_a_file_that_was_changed_in_between_is_told(before: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(before, folder)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(judged_turns, "_put", killing(2, after=True)(judged_turns._put))
        with pytest.raises(Killed):
            forgotten(folder)
    with (folder / "checked.jsonl").open("a") as file:
        file.write(json.dumps({"turn": "mine"}) + "\n")

    receipt = forgotten(folder)

    [what] = [one.done for one in receipt.files if one.path.endswith("checked.jsonl")]
    assert what == "left: it was changed while forgetting was interrupted; see that nothing of the user is in it"
    assert "mine" in (folder / "checked.jsonl").read_text()


def test_what_a_killed_import_left_is_removed_too(before: Path, tmp_path: Path) -> None:
    folder = tmp_path / "copy"
    shutil.copytree(before, folder)
    shutil.copytree(next((folder / "conv").glob("tables-*")), folder / "conv" / "tables-left")

    forgotten(folder)

    assert not (folder / "conv" / "tables-left").exists()
