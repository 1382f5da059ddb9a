"""Writing what was made: the log for whoever learns, the truth in a file of its own, and beside the log how it was made.

What stands beside the log has the digest of the truth and none of its content: whoever
opens the truth later can show that it is the one that was there before anything was learnt.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from probatum.dialogue.artefacts.importers.turns import as_record
from probatum.dialogue.artefacts.turn import Turn
from probatum.errors import UnreadableArtefact, UsageError
from probatum.source import Location
from probatum.synth.dialogue.parameters import MODEL, Parameters
from probatum.synth.dialogue.planted import Trap
from probatum.synth.dialogue.truth import Truth

NOTICE = "MADE UP by a simulator: no such conversations took place, and nobody in them exists"
TRUTH_SCHEMA = "probatum-dialogue-truth/1"
_encoded = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_lists = ("wish", "wrong", "marks")


def write(
    made: Iterable[tuple[Turn, Truth]],
    log: Path,
    truth: Path,
    *,
    parameters: Parameters,
    secrets: Mapping[str, str],
    traps: Sequence[Trap] = (),
    more: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Write a log and its truth; return what is written beside the log, `<log>-metadata.json`.

    Parameters
    ----------
    made : iterable of (Turn, Truth)
    log, truth : Path
        Two files, of JSON lines. The truth must not be in the folder of the log.
    parameters : Parameters
    secrets : mapping of str to str
        Secrets -> their users. In the truth only, as are
    traps : sequence of Trap
    more : mapping or None
        What else decided the log, as JSON; it is written beside it.

    Raises
    ------
    UsageError
        If whoever reads the folder of the log would find the truth.
    UnreadableArtefact
        If a file cannot be written.
    """
    if truth.resolve().is_relative_to(log.resolve().parent):
        raise UsageError(
            f"the truth `{truth}` would be beside the log", help="name a file outside of the folder of the log, with `--truth`"
        )
    turns = 0
    seal = hashlib.sha256()
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        truth.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w", encoding="utf-8") as said, truth.open("w", encoding="utf-8") as kept:
            head: dict[str, Any] = {
                "schema": TRUTH_SCHEMA,
                "notice": NOTICE,
                "parameters": parameters.digest,
                "secrets": dict(secrets),
            }
            head["traps"] = [asdict(trap) for trap in traps]
            line = _encoded(head) + "\n"
            kept.write(line)
            seal.update(line.encode())
            for turn, one in made:
                said.write(_encoded(as_record(turn)) + "\n")
                line = (
                    _encoded(
                        {field.name: value for field in fields(Truth) if (value := getattr(one, field.name)) not in ("", ())}
                    )
                    + "\n"
                )
                kept.write(line)
                seal.update(line.encode())
                turns += 1
        with suppress(OSError):  # where there are no such rights, the digest still seals it
            truth.chmod(0o600)
        about = {
            "notice": NOTICE,
            "model": MODEL,
            "turns": turns,
            "parameters": asdict(parameters),
            "parameters_digest": parameters.digest,
            **(more or {}),
            "truth_sha256": seal.hexdigest(),
        }
        log.with_name(f"{log.name}-metadata.json").write_text(json.dumps(about, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise UnreadableArtefact(
            f"`{error.filename or log}` cannot be written ({(error.strerror or str(error)).lower()})",
            help="name a place that can be written to",
            location=Location(str(error.filename or log)),
        ) from None
    return about


def read_truth(path: Path, seal: str) -> tuple[dict[str, Any], list[Truth]]:
    """Return the first line of a file of truth, and the truth of each turn.

    Raises
    ------
    UnreadableArtefact
        If it is not the one that was sealed: its digest is another one.
    """
    raw = path.read_bytes()
    if hashlib.sha256(raw).hexdigest() != seal:
        raise UnreadableArtefact(
            f"`{path}` is not the truth that was sealed when the log was made",
            help="use the file that was written with the log",
            location=Location(str(path)),
        )
    head, *lines = map(json.loads, raw.decode().splitlines())
    defaults = {"goal": "", "attempt": 0, "said": "", "wish": (), "outcome": ""}
    return head, [
        Truth(**(defaults | {name: tuple(value) if name in _lists else value for name, value in line.items()})) for line in lines
    ]
