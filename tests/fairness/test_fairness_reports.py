"""A report about a table is re-checked against the table that is there."""

import json
from pathlib import Path

import pytest

from probatum.cli import main

POLICY = """\
decision: {table: t.csv, decision: approved, count: people}
protected: {sex: sex}
require: [{id: rates, metric: selection_rate, over: sex, at_most: 0.1}]
"""


@pytest.mark.slow
def test_a_report_is_confirmed_until_its_table_changes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    project, report = tmp_path / "project", tmp_path / "report.json"
    project.mkdir()
    (project / "fairness.yaml").write_text(POLICY)
    (project / "t.csv").write_text("sex,approved,people\nf,1,100\nf,0,300\nm,1,300\nm,0,100\n")
    assert main(["check", str(project), "--format", "json", "--no-cache"]) == 1
    report.write_text(capsys.readouterr().out)
    assert set(json.loads(report.read_text())["inputs"]) == {"fairness.yaml", "t.csv"}

    assert main(["recheck", str(report), "--root", str(project)]) == 0
    assert "1 confirmed" in capsys.readouterr().out

    (project / "t.csv").write_text("sex,approved,people\nf,1,100\nf,0,300\nm,1,300\nm,0,101\n")
    assert main(["recheck", str(report), "--root", str(project)]) == 3
    assert "`t.csv` has changed since the report was made" in capsys.readouterr().out
