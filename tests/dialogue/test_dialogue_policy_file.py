"""Policies that are served: named by their digests, swapped at once, and refused if they are not what was written."""

from __future__ import annotations

from pathlib import Path

import pytest

from probatum.dialogue.model.options import CAREFUL_WEIGHTS, Known, Link
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
    import hashlib

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


def test_weights_of_other_features_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="3 weights for"):
        write(tmp_path, texts=[], links=[], weights=(1.0, 2.0, 3.0))
