"""The table of importers: one line for each format."""

from __future__ import annotations

from probatum.dialogue.artefacts.importers import Importer
from probatum.dialogue.artefacts.importers.chat import Chat

# Among which the format of a log is recognised; the first before others.
IMPORTERS: tuple[Importer, ...] = (Chat(),)
NAMED = {importer.name: importer for importer in IMPORTERS}
