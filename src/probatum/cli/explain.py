"""`probatum explain`: a rule in its own words, or everything about one finding."""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli import asked, delivery
from probatum.cli.progress import Line
from probatum.errors import EvidenceError, UsageError
from probatum.findings import SCHEMA, Outcome, Report, outcome_from_json
from probatum.report import excerpts
from probatum.report.quoting import Pen
from probatum.report.text import explain

if TYPE_CHECKING:
    from probatum.engine import CheckOptions

# What to do about outcomes that no system owns; their titles are the engine's.
_about_the_check = {
    "probatum/unreadable": "Put the file right as the reason says, or name it in `exclude` of `[check]`. It cannot be ignored: what was not read was not checked.",
    "probatum/unsupported": "The file is otherwise well; what it uses is named in the reason, and guessing its meaning could hide a defect. The rest is checked.",
    "probatum/nothing-checked": "No rule applies to any file, or every file is excluded. Name another directory, or select other rules; it is never a success.",
    "probatum/unused-suppression": "What it hid is gone, or its fingerprint has changed. `probatum suppress prune` takes it out.",
    "probatum/expired-suppression": "Repair the finding, or answer for it again with `probatum suppress add` and a new reason.",
}


@click.command("explain")
@click.argument("what", metavar="RULE|NUMBER|FINGERPRINT")
@click.option(
    "--report",
    "report_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A JSON report to look in; else it is checked again.",
)
@asked.root_option
@asked.color_option
@asked.check_options
def command(*, what: str, report_file: Path | None, root: Path, no_color: bool, options: CheckOptions) -> int:
    """Explain a rule by its name, or a finding by its number or the beginning of its fingerprint.

    Numbers count the findings as `probatum check` lists them, with the same
    options. What has not changed since is not decided again.
    """
    color = delivery.wants_color(refused=no_color)
    if "/" in what:
        delivery.say(rule_in_words(what, color=color))
        return 0
    from probatum import engine

    base = engine.base_of(asked.existing(root))
    if report_file is not None:
        shown, hidden, inputs = _stored(read_report(report_file))
    else:
        report = engine.check(root, options, Line())
        shown, hidden, inputs = report.outcomes, tuple(h.outcome for h in report.hidden), report.inputs
    outcome = wanted(what, shown, hidden)
    texts = excerpts.read(Report(outcomes=(outcome,), inputs=inputs), base)
    delivery.say(explain(outcome, texts, color=color))
    return 0


def rule_in_words(name: str, *, color: bool) -> str:
    """Return the docstring of a rule.

    Raises
    ------
    UsageError
        If there is no such rule.
    """
    from probatum.engine import list_rules
    from probatum.engine.rules import built_in

    rules = {rule.id: rule.docstring for rule in list_rules()}
    rules |= {rule: f"{title}.\n\n{_about_the_check.get(rule, '')}" for rule, title in built_in.items()}
    if name not in rules:
        close = difflib.get_close_matches(name, rules, n=1)
        raise UsageError(
            f"there is no rule `{name}`", help=f"did you mean `{close[0]}`?" if close else "`probatum rules` lists them all"
        )
    pen = Pen(color)
    lines = [f"{pen(name, 'bold')}: {rules[name].strip()}".split("\n")]
    shown = [pen(line.removeprefix("## "), "bold") if line.startswith("## ") else line for line in lines[0]]
    return "\n".join(shown) + "\n"


def read_report(path: Path) -> Mapping[str, Any]:
    """Return a report as `--format json` wrote it.

    Raises
    ------
    UsageError
        If the file cannot be read, or is not such a report.
    """
    again = "make one with `probatum check --output json:report.json`"
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise UsageError(f"cannot read `{path}`: {(error.strerror or str(error)).lower()}", help=again) from None
    except (ValueError, RecursionError) as error:
        raise UsageError(f"`{path}` is not a report: it is not JSON ({error})", help=again) from None
    if not isinstance(value, dict) or value.get("schema") != SCHEMA:
        found = value.get("schema") if isinstance(value, dict) else None
        raise UsageError(f"`{path}` is not a report of the form `{SCHEMA}`" + (f" but `{found}`" if found else ""), help=again)
    return value


def _stored(report: Mapping[str, Any]) -> tuple[tuple[Outcome, ...], tuple[Outcome, ...], Mapping[str, str]]:
    try:
        shown, hidden = (tuple(outcome_from_json(o) for o in report[part]) for part in ("outcomes", "hidden"))
        return shown, hidden, dict(report["inputs"])
    except (KeyError, TypeError, ValueError) as error:
        raise EvidenceError(
            f"the report is malformed ({type(error).__name__}: {error})", help="make it again with `probatum check`"
        ) from None


def wanted(what: str, shown: Sequence[Outcome], hidden: Sequence[Outcome] = ()) -> Outcome:
    """Return the finding with this number among those shown, or the outcome, also a hidden one, whose fingerprint begins so.

    Raises
    ------
    UsageError
        If there is none, or the beginning fits several.
    """
    findings = [o for o in shown if o.kind == "finding"]
    # A fingerprint of digits only has 32 of them; nobody has that many findings.
    if what.isdecimal() and len(what) < 8:
        if not 1 <= int(what) <= len(findings):
            there = f"there are {len(findings)}" if findings else "there is none"
            raise UsageError(f"there is no finding number {what}: {there}", help="`probatum check` lists them")
        return findings[int(what) - 1]
    fitting = [o for o in (*shown, *hidden) if o.fingerprint.startswith(what.lower())] if len(what) >= 4 else []
    if len(fitting) != 1:
        raise UsageError(
            f"{len(fitting) or 'no'} outcomes have a fingerprint that begins with `{what}`",
            help="give a rule, the number of a finding, or more of its fingerprint (`probatum check --format json` has it)",
        )
    return fitting[0]
