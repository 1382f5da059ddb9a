"""Published data with reference numbers, which is not part of the project: tests that need it say so when it is absent."""

import csv
import os
from pathlib import Path

import pytest

_ROOT = Path(__file__).resolve().parents[2]
_PLACES = (
    os.environ.get("PROBATUM_FAIRNESS_DATA", ""),
    str(_ROOT.parent / "shared" / "data" / "fairness"),
    str(_ROOT / "shared" / "data" / "fairness"),
)


def reference(name: str) -> Path:
    """Return a file of the reference data, or skip the test and say what is missing."""
    for place in _PLACES:
        if place and (Path(place) / name).is_file():
            return Path(place) / name
    pytest.skip(f"NOT TESTED: the reference data `{name}` is absent; name its directory in PROBATUM_FAIRNESS_DATA")


def table(name: str) -> list[dict[str, str]]:
    """Return the rows of a CSV file of the reference data."""
    import gzip

    path = reference(name)
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as stream:
        return list(csv.DictReader(stream))
