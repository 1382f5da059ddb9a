"""The table of importers: one line for each format."""

from __future__ import annotations

from collections.abc import Mapping

from probatum.dialogue.artefacts.importers import Importer
from probatum.dialogue.artefacts.importers.assist import Assist
from probatum.dialogue.artefacts.importers.chat import Chat
from probatum.dialogue.artefacts.importers.dialogflow import Dialogflow
from probatum.dialogue.artefacts.importers.langfuse import Langfuse
from probatum.dialogue.artefacts.importers.langsmith import LangSmith
from probatum.dialogue.artefacts.importers.lex import Lex
from probatum.dialogue.artefacts.importers.mapped import NAME, Mapped
from probatum.dialogue.artefacts.importers.notation import Notation
from probatum.dialogue.artefacts.importers.openinference import OpenInference
from probatum.dialogue.artefacts.importers.otel import OpenTelemetry
from probatum.dialogue.artefacts.importers.rasa import Rasa
from probatum.dialogue.artefacts.importers.turns import Turns
from probatum.project.document import suggestion

# Among which the format of a log is recognised; the first before others.
IMPORTERS: tuple[Importer, ...] = (
    Turns(),
    OpenTelemetry(),
    OpenInference(),
    Rasa(),
    Assist(),
    LangSmith(),
    Langfuse(),
    Lex(),
    Dialogflow(),
    Chat(),
)
NAMED = {importer.name: importer for importer in IMPORTERS}


def importer_of(name: str, mapping: Mapping[str, str], notation: Notation | None = None) -> Importer | None:
    """Return what reads a log of a format; None for `auto`, which is found out.

    Raises
    ------
    LookupError
        If there is no such format; its arguments are the message and what to write instead.
    """
    if name == "auto":
        return None
    if name == NAME:
        if "text" not in mapping:
            raise LookupError("the mapping does not say where the text is", "add `mapping: {text: ...}`")
        return Mapped(mapping, notation)
    if name not in NAMED:
        raise LookupError(f"`{name}` is no format of logs", suggestion(name, ["auto", NAME, *NAMED]))
    return NAMED[name]
