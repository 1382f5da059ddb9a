"""Forgetting a user leaves, in everything that is made of logs, what would have been made without the user: byte for byte."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from test_dialogue_forgetting import tables

from probatum.cli.dialogue_files import learnt
from probatum.dialogue.artefacts.forgetting import forget
from probatum.dialogue.artefacts.importers.formats import IMPORTERS, importer_of
from probatum.dialogue.artefacts.intake import LogFile
from probatum.dialogue.artefacts.policy import Privacy
from probatum.dialogue.artefacts.store import import_logs
from probatum.dialogue.semantics.conversations import stored
from probatum.dialogue.service.compiling import policy_of
from probatum.dialogue.service.exports import FORMATS, Repair
from probatum.dialogue.service.registry import Registry

pytest.importorskip("duckdb")
pytest.importorskip("scipy")
pytestmark = pytest.mark.slow  # two imports, and all that is learnt from each

KEY = bytes(range(32))
FIELDS = ("conversation", "user", "household", "device", "asked_at", "text", "response")
PRIVACY = Privacy(users=2, households=1, shareable=False)
TEXTS = ("open the garbage door", "open the garage door", "turn on the lamp", "play owls", "stop", "call grandma rosalinde")
USERS = ("ann", "bob", "cem", "dia", "eva")

turns = st.lists(
    st.tuples(
        st.sampled_from(USERS), st.sampled_from(TEXTS), st.integers(1, 90), st.sampled_from(["Done", "I could not find that"])
    ),
    min_size=4,
    max_size=30,
)


def imported(folder: Path, rows: list[dict[str, Any]]) -> None:
    log = folder.with_suffix(".jsonl")
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    mapping = importer_of("mapping", {name: name for name in FIELDS})
    import_logs([LogFile("log.jsonl", log, mapping)], folder, IMPORTERS, key=KEY)


def made(folder: Path) -> dict[str, Any]:
    """Return all that is made of imported conversations."""
    with stored(folder) as conversations:
        found = learnt(conversations, PRIVACY, "2026-05-03")
    digest, _ = policy_of(found, Registry(folder.with_suffix(".registry")), folder.with_suffix(".policies"))
    repairs = [Repair(identifier=str(n), source=p.pair.source, target=p.pair.target) for n, p in enumerate(found.candidates)]
    return {
        "tables": tables(folder),
        "policy": digest,
        "habits": {user: own.to_json() for user, own in found.habits.items()},
        "candidates": [(p.pair, p.success, p.share) for p in found.candidates],
        "refused": dict(found.refused),
        "dropped": found.dropped,
        "exports": {name: write(repairs) for name, (_, write) in FORMATS.items()},
        "steps": dict(found._steps),
        "weights": found.weights,
        "margin": found.margin,
        "outcome": found.outcome,
    }


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    derandomize=True,
)
@given(said=turns, gone=st.sampled_from(USERS))
def test_deletion_equals_rebuilding_in_all_that_is_made(
    tmp_path_factory: pytest.TempPathFactory, said: list[tuple[str, str, int, str]], gone: str
) -> None:
    at, rows = 1_777_593_600.0, []
    for number, (user, text, after, response) in enumerate(said):
        at += after
        home = {"ann": "h1", "bob": "h1"}.get(user, f"h-{user}")
        rows.append(dict(zip(FIELDS, (f"c{number}", user, home, f"d-{user}", at, text, response), strict=True)))
    folder = tmp_path_factory.mktemp("forgetting")
    imported(folder / "with", rows)
    forget(folder / "with", gone, key=KEY)
    imported(folder / "without", [row for row in rows if row["user"] != gone])

    after, never = made(folder / "with"), made(folder / "without")

    for name, value in never.items():
        assert after[name] == value, name
