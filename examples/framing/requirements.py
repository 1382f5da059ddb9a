"""Which sentences of the specification the code and its tests answer to: prints the table of the readme.

A sentence is quoted where it is kept: `# =` names the section, `# |` quotes. With
a report of `probatum check --format json` as argument, a sentence counts as
proved if the function below it is.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
_QUOTE = re.compile(r"^# = (?P<section>\S+)\n# \| (?P<text>.+)$", re.MULTILINE)
_FUNCTION = re.compile(r"^def (\w+)", re.MULTILINE)

# Sentences of the same sections that nothing here keeps.
UNCOVERED = (
    (
        "message-body.md#encrypted-content-length",
        "The length MUST NOT be greater than `2^36 - 32` (non-framed data is not read).",
    ),
    (
        "message-header.md#message-id",
        "implementations MUST use a good source of randomness when generating messages IDs (the caller chooses).",
    ),
    (
        "message-header.md#algorithm-suite-id",
        "The value (hex) of this field MUST be a value that exists in the Supported Algorithm Suites table.",
    ),
    ("structures.md#key-value-pair-entries", "This sequence MUST NOT contain duplicate entries."),
    ("structures.md#key-value-pair-entries", "These entries MUST be sorted, by key (the order that is given is kept)."),
    ("decrypt.md#get-the-decryption-materials", "The derived commit key MUST equal the commit key stored in the message header."),
    ("decrypt.md#verify-the-signature", "this operation MUST verify the message footer (messages have no signature here)."),
)


def quoted(folder: Path) -> list[tuple[str, str, str, str]]:
    """Return section, sentence, file and function of each quotation."""
    found = []
    for path in sorted(folder.glob("*.py")):
        text = path.read_text(encoding="utf-8")
        for match in _QUOTE.finditer(text):
            below = _FUNCTION.search(text, match.end())
            found.append((match["section"], match["text"], path.stem, below[1] if below else ""))
    return found


def proved(report: Path) -> set[tuple[str, str]]:
    """Return file and name of each function that a report calls proved."""
    outcomes = json.loads(report.read_text(encoding="utf-8"))["outcomes"]
    return {
        (Path(one["location"]["path"]).stem, str(one["subject"]).rpartition(".")[2])
        for one in outcomes
        if one["rule"] == "code/function" and one.get("strength") == "proved"
    }


def table(known: set[tuple[str, str]]) -> str:
    """Return the table."""
    rows = ["| Section | Sentence | Kept by |", "|---|---|---|"]
    for section, sentence, file, function in quoted(HERE / "framing"):
        rows.append(f"| {section} | {sentence} | `{file}.{function}`{', proved' if (file, function) in known else ''} |")
    rows += [f"| {section} | {sentence} | nothing |" for section, sentence in UNCOVERED]
    return "\n".join(rows)


if __name__ == "__main__":
    print(table(proved(Path(sys.argv[1])) if len(sys.argv) > 1 else set()))
