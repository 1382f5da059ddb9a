"""Policies that are served: named by their digests, swapped at once, and refused if they are not what was written."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from probatum.dialogue.model.options import CAREFUL_WEIGHTS, Known, Link
from probatum.dialogue.service.serving import nearest
from probatum.dialogue.service.serving.policies import Policies
from probatum.dialogue.service.serving.policy_file import CURRENT, Rules, current, read, serve, write
from probatum.errors import UnreadableArtefact

TEXTS = [("open the garage door", Known(9.0, 10, {"hour=night": 0.25})), ("open the garbage door", Known(1.0, 50))]
LINKS = [("open the garbage door", Link("open the garage door", 0.9, "r1", "active"))]


def test_a_policy_is_read_as_it_was_written(tmp_path: Path) -> None:
    digest = write(tmp_path, texts=TEXTS, links=LINKS, rules=Rules(margin=0.4), about={"until": "2026-01-01"})
    found = read(tmp_path, digest)

    assert found.known("open the garage door") == TEXTS[0][1]
    assert found.links("open the garbage door") == (LINKS[0][1],)
    assert (found.known("x"), found.links("x"), len(found)) == (None, (), 1)
    assert (found.weights, found.rules.margin, found.about) == (CAREFUL_WEIGHTS, 0.4, {"until": "2026-01-01"})


def test_the_same_content_is_the_same_file(tmp_path: Path) -> None:
    assert write(tmp_path, texts=TEXTS, links=LINKS) == write(tmp_path, texts=TEXTS[::-1], links=LINKS)
    assert write(tmp_path, texts=TEXTS, links=[]) != write(tmp_path, texts=TEXTS, links=LINKS)


def test_a_changed_byte_is_told(tmp_path: Path) -> None:
    digest = write(tmp_path, texts=TEXTS, links=LINKS)
    path = tmp_path / f"{digest}.policy"
    raw = path.read_bytes()
    path.write_bytes(raw.replace(b"garage", b"garbge"))

    with pytest.raises(UnreadableArtefact, match="its bytes are not those"):
        read(tmp_path, digest)
    with pytest.raises(UnreadableArtefact):
        serve(tmp_path, digest)
    assert current(tmp_path) is None


def test_another_file_under_its_digest_is_no_policy(tmp_path: Path) -> None:
    raw = b"no database at all"
    digest = hashlib.sha256(raw).hexdigest()
    (tmp_path / f"{digest}.policy").write_bytes(raw)

    with pytest.raises(UnreadableArtefact, match="cannot be used"):
        read(tmp_path, digest)


def test_the_policy_that_was_served_stays_while_another_is_no_good(tmp_path: Path) -> None:
    first, second = write(tmp_path, texts=TEXTS, links=LINKS), write(tmp_path, texts=TEXTS, links=[])
    policies = Policies(tmp_path)
    assert (policies.policy, policies.trouble) == (None, "no policy is named")
    serve(tmp_path, first)
    assert policies.refresh()
    (tmp_path / f"{second}.policy").write_bytes(b"")
    (tmp_path / CURRENT).write_text(second)

    assert not policies.refresh()
    assert not policies.refresh()
    assert policies.policy is not None
    assert policies.policy.digest == first
    assert policies.refused == 1
    assert "cannot be used" in policies.trouble
    assert len(policies.policy.links("open the garbage door")) == 1

    (tmp_path / f"{second}.policy").unlink()
    write(tmp_path, texts=TEXTS, links=[])
    assert policies.refresh()
    assert (policies.policy.digest, policies.trouble) == (second, "")


def test_what_happens_to_the_file_later_does_not_matter(tmp_path: Path) -> None:
    digest = write(tmp_path, texts=TEXTS, links=LINKS)
    found = read(tmp_path, digest)
    (tmp_path / f"{digest}.policy").write_bytes(b"\0" * 100)

    assert len(found.links("open the garbage door")) == 1


@pytest.mark.parametrize("damage", ["gone", "short", "flipped"])
def test_a_policy_without_its_index_is_served_and_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, damage: str) -> None:
    pytest.importorskip("faiss")
    monkeypatch.setattr(nearest, "FEW", 50)
    texts = [*TEXTS, *((f"turn on lamp {n}", Known(9.0, 10)) for n in range(100))]
    serve(tmp_path, write(tmp_path, texts=texts, links=LINKS))
    assert Policies(tmp_path).trouble == ""
    [path] = tmp_path.glob("*.nearest")
    raw = path.read_bytes()
    path.unlink()
    if damage != "gone":
        path.write_bytes(raw[:-1] if damage == "short" else raw[:-1] + bytes([raw[-1] ^ 1]))

    policies = Policies(tmp_path)
    assert not policies.refresh()
    assert policies.policy is not None
    assert policies.policy.nearest is None
    assert len(policies.policy.links("open the garbage door")) == 1
    assert "index of the policy is missing or damaged" in policies.trouble


def test_many_damaged_policies_change_nothing(tmp_path: Path) -> None:
    """Each is refused for a reason of its own, one after the other, while what was served is served."""
    serve(tmp_path, write(tmp_path, texts=TEXTS, links=LINKS))
    policies = Policies(tmp_path)
    assert policies.policy is not None
    served = policies.policy.digest
    raw = (tmp_path / f"{served}.policy").read_bytes()
    damaged = [raw[: len(raw) // 2], raw[:-1] + bytes([raw[-1] ^ 1]), b"", b"\0" * len(raw)]
    # What has the digest that its name says, and is no policy all the same.
    wrong = [hashlib.sha256(one).hexdigest() for one in (b"", b"SQLite format 3\0", b"{}")]
    for name, one in zip(wrong, (b"", b"SQLite format 3\0", b"{}"), strict=True):
        (tmp_path / f"{name}.policy").write_bytes(one)
    for n, one in enumerate(damaged):
        (tmp_path / f"{n:064x}.policy").write_bytes(one)
    (tmp_path / f"{'f' * 64}.policy").mkdir()
    names = [*wrong, *(f"{n:064x}" for n in range(len(damaged))), "f" * 64, "e" * 64, "../../etc/passwd", "a\0b", "x" * 5000]

    for n, name in enumerate(names, start=1):
        (tmp_path / CURRENT).write_text(name)
        assert not policies.refresh()
        assert (policies.policy.digest, policies.refused) == (served, n)
        assert policies.trouble
        assert len(policies.policy.links("open the garbage door")) == 1
    (tmp_path / CURRENT).write_bytes(b"\xff\xfe")
    assert not policies.refresh()
    serve(tmp_path, served)
    assert not policies.refresh()
    assert (policies.policy.digest, policies.trouble) == (served, "")


def test_weights_of_other_features_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 weights for"):
        write(tmp_path, texts=[], links=[], weights=(1.0, 2.0, 3.0))
