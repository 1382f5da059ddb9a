"""The table of importers: one line for each format."""

from __future__ import annotations

from probatum.dialogue.artefacts.importers import Importer
from probatum.dialogue.artefacts.importers.assist import Assist
from probatum.dialogue.artefacts.importers.chat import Chat
from probatum.dialogue.artefacts.importers.langfuse import Langfuse
from probatum.dialogue.artefacts.importers.openinference import OpenInference
from probatum.dialogue.artefacts.importers.otel import OpenTelemetry
from probatum.dialogue.artefacts.importers.rasa import Rasa

# Among which the format of a log is recognised; the first before others.
IMPORTERS: tuple[Importer, ...] = (OpenTelemetry(), OpenInference(), Rasa(), Assist(), Langfuse(), Chat())
NAMED = {importer.name: importer for importer in IMPORTERS}
