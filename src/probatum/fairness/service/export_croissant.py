"""Croissant: the recorded files and their columns, as a dataset that loaders can read.

As in the Croissant format specification 1.0 (MLCommons).
"""

from __future__ import annotations

from typing import Any

from probatum.fairness.artefacts.record import Record
from probatum.fairness.service.exports import run_of

_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "sc": "https://schema.org/",
    "cr": "http://mlcommons.org/croissant/",
    "dct": "http://purl.org/dc/terms/",
    "conformsTo": "dct:conformsTo",
    "column": "cr:column",
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "recordSet": "cr:recordSet",
    "source": "cr:source",
}
_FORMATS = {
    ".csv": "text/csv",
    ".tsv": "text/tab-separated-values",
    ".parquet": "application/x-parquet",
    ".jsonl": "application/jsonlines",
}


def croissant(record: Record) -> dict[str, Any]:
    """Return the files of a record as a Croissant dataset."""
    run = run_of(record)
    files = {own["file"]: own for _, own in record.of_kind("data") if "file" in own}
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": str(run.get("name") or "run"),
        "description": f"files of the run recorded as {record.root}",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "version": record.root,
        "datePublished": run.get("ended", ""),
        "url": f"urn:probatum:record:{record.root}",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": name,
                "name": name,
                "contentUrl": name,
                "contentSize": f"{own['bytes']} B",
                "encodingFormat": next(
                    (kind for end, kind in _FORMATS.items() if name.endswith(end)), "application/octet-stream"
                ),
                "sha256": own["sha256"],
            }
            for name, own in files.items()
        ],
        "recordSet": [
            {
                "@type": "cr:RecordSet",
                "@id": f"{name}/rows",
                "name": f"rows of {name}",
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": f"{name}/{column['name']}",
                        "name": column["name"],
                        "dataType": _type(column["type"]),
                        "source": {"fileObject": {"@id": name}, "extract": {"column": column["name"]}},
                    }
                    for column in own["schema"]
                ],
            }
            for name, own in files.items()
            if "schema" in own
        ],
    }


def _type(kind: str) -> str:
    if "INT" in kind:
        return "sc:Integer"
    if kind.startswith(("DOUBLE", "FLOAT", "DECIMAL")):
        return "sc:Float"
    return "sc:Date" if kind.startswith(("DATE", "TIMESTAMP")) else "sc:Boolean" if kind == "BOOLEAN" else "sc:Text"
