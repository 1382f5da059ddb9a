"""A small made booth in a folder, for tests of commands and rules; and how it is asked."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from probatum.cli import program
from probatum.synth.inspection.parameters import Damaging, Misleading, Optics, Parameters
from probatum.synth.inspection.stream import Booth
from probatum.synth.inspection.writing import write

POLICY = """\
schema: probatum-inspection-policy/1
captures: manifest.csv
budget: {false_alarms: 0.2, confidence: 0.9}
calibration: calibration.json
decisions: decisions.jsonl
"""


def made(folder: Path, *, items: int = 64, products: int = 3, seed: int = 5, wrong: float = 0.0) -> Path:
    """Write a booth of one camera, and a policy about it; return its folder."""
    optics = Optics(size=128)
    parameters = Parameters(
        seed=seed,
        products=products,
        kinds=("box", "mailer", "book"),
        items=items,
        references=(3, 3),
        split=(0.4, 0.4),
        optics=replace(optics, cameras=optics.cameras[:1]),
        damaging=Damaging(prevalence=0.3, by_cause=0.0, bursts=0, severity=(8.0, 2.0)),
        misleading=Misleading(decoys=0.0, faults=0.0, unread=0.0, redesigned=0.0, printed=0.0, wrong_product=wrong),
    )
    write(Booth(parameters), folder, folder.with_name(f"{folder.name}.truth"))
    (folder / "inspection.yaml").write_text(POLICY, encoding="utf-8")
    return folder


def ran(*arguments: str | Path) -> Result:
    """Run a command of `probatum inspection`."""
    return CliRunner().invoke(program, ["inspection", *map(str, arguments)], catch_exceptions=False)


def checked(folder: Path) -> dict[str, Any]:
    """Return the report of `probatum check` as JSON."""
    done = CliRunner().invoke(program, ["check", str(folder), "--format", "json", "--timeout", "120"], catch_exceptions=False)
    found: dict[str, Any] = json.loads(done.stdout)
    return found
