"""Lets a test see how often a rule really ran: one line a run in a file outside the project."""

import os
from pathlib import Path


def note_run(artefact, rule):
    place = os.environ.get("WORDS_SEEN")
    if place:
        with Path(place).open("a", encoding="utf-8") as file:
            file.write(f"{rule} {artefact.location.path}\n")
