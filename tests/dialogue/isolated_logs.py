"""A project with logs whose requests fail at stages that are known: for tests of what isolates them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

SENTENCES = """
language: en
intents:
  Open:
    data:
      - sentences: ["open [the] {name}"]
  Dim:
    data:
      - sentences: ["dim [the] {name}"]
"""
# Heard, the words that then worked, how it was sent, and the failing stage by both definitions.
CASES = [
    ("open the garbage door", "open the garage door", "voice", "recognition"),
    ("make the lamp dimmer", "dim the lamp", "chat", "understanding"),
    ("dim the lamp now please", "call my sister please now", "voice", "unknown"),
]
POLICY = "logs: [log.jsonl]\nassistant: {kind: hassil, sentences: sentences.yaml, lists: names.yaml}\n"


def write(folder: Path, users: int = 12) -> None:
    """Write logs, sentences, names and a policy."""
    (folder / "sentences.yaml").write_text(SENTENCES)
    (folder / "names.yaml").write_text("lists:\n  name:\n    values: [garage door, lamp]\n")
    (folder / "dialogue.yaml").write_text(POLICY)
    with (folder / "log.jsonl").open("w") as file:
        for user in range(users):
            for day, (heard, right, channel, _) in enumerate(CASES):
                at = 1_767_225_600.0 + 86_400 * day + 600 * user
                for step, (text, response) in enumerate([(heard, "Sorry, I didn't understand that"), (right, "Done")]):
                    said: dict[str, Any] = {"conversation": f"{user} {day} {step}", "user": f"u{user}", "device": f"d{user}"}
                    said |= {"asked_at": at + 9 * step, "answered_at": at + 9 * step + 1, "text": text, "response": response}
                    file.write(json.dumps({"schema": "probatum-turn/1", "channel": channel, **said}) + "\n")
