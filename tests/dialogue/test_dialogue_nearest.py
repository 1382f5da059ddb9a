"""Texts like one that nobody said: compared one by one, or looked for in an index that is what was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from probatum.dialogue.model.options import Known
from probatum.dialogue.model.recovery import near
from probatum.dialogue.model.recovery.near import Near
from probatum.dialogue.service.serving import nearest
from probatum.dialogue.service.serving.nearest import Lines, build, compared, digest_of, read
from probatum.dialogue.service.serving.policy_file import read as read_policy
from probatum.dialogue.service.serving.policy_file import write

TEXTS = ["open the garage door", "play some jazz", "turn on the living room light"]
ROOMS, THINGS = ("kitchen", "bedroom", "office", "hallway", "garden"), ("lamp", "fan", "heater", "blind", "radio")
MANY = sorted(
    {f"turn {state} the {room} {thing} {n}" for state in ("on", "off") for room in ROOMS for thing in THINGS for n in range(12)}
)


def test_what_looks_or_sounds_alike_is_found() -> None:
    found = compared(TEXTS)

    assert found is not None
    assert found("open the garbage door")[0] == "open the garage door"
    assert found("turn on the leaving room light") == ("turn on the living room light",)
    assert found("what is the time") == ()
    assert found("play some jazz") == ()  # itself is no other text
    assert found("") == ()
    assert compared([]) is None


def test_lines_are_the_texts_that_were_written() -> None:
    texts = ["a", "", "größer", "c d", ""]
    lines = Lines("".join(f"{text}\n" for text in texts).encode())

    assert list(lines) == texts
    assert (lines[-3], lines[1:3], len(lines), list(Lines(b""))) == ("größer", ["", "größer"], 5, [])
    with pytest.raises(IndexError):
        lines[5]


def test_an_index_finds_what_comparing_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("faiss")
    exact = compared(MANY)
    monkeypatch.setattr(nearest, "FEW", 100)
    build(MANY, tmp_path / "index")
    found = read(digest_of(MANY), tmp_path / "index")

    assert exact is not None
    assert found is not None
    assert found.vectors is None
    asked = [text.replace("the ", "de ").replace("lamp", "lamb") for text in MANY[::7]]
    same = sum(bool(set(found(text)[:1]) & set(exact(text))) for text in asked)
    assert same >= 0.9 * len(asked)


def test_what_is_learnt_from_is_what_is_served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Offers that were never weighed would be acted on, and others weighed that are never offered."""
    pytest.importorskip("faiss")
    asked = [*(text.replace("the ", "de ").replace("lamp", "lamb") for text in MANY[::7]), MANY[3], "what is the time", ""]
    few = compared(MANY)
    assert few is not None
    assert Near(MANY)(asked) == [few(text) for text in asked]

    monkeypatch.setattr(nearest, "FEW", 100)
    monkeypatch.setattr(near, "FEW", 100)
    build(MANY, tmp_path / "index")
    found = read(digest_of(MANY), tmp_path / "index")

    assert found is not None
    assert Near(reversed(MANY))(asked) == [found(text) for text in asked]


@pytest.mark.parametrize("damage", ["gone", "short", "flipped", "other texts"])
def test_an_index_that_is_not_what_was_written_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    pytest.importorskip("faiss")
    monkeypatch.setattr(nearest, "FEW", 100)
    path = tmp_path / "index"
    build(MANY, path)
    raw = bytearray(path.read_bytes())
    texts = MANY
    if damage == "gone":
        path.unlink()
    elif damage == "short":
        path.write_bytes(raw[:-7])
    elif damage == "flipped":
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
    else:
        texts = [*MANY[:-1], "something else"]

    assert read(digest_of(texts), path) is None


def test_a_policy_offers_what_works_for_most(tmp_path: Path) -> None:
    texts = [("open the garage door", Known(9.0, 10)), ("open the garage now", Known(1.0, 10))]
    policy = read_policy(tmp_path, write(tmp_path, texts=texts, links=[]))

    assert policy.nearest is not None
    assert policy.nearest("open the garage doors") == ("open the garage door",)
