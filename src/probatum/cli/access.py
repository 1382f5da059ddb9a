"""`probatum access`: questions about access policies, beyond what rules ask.

The commands read what they are given, let other modules of this package answer
(`access_compare`, `access_matrix`, `access_decide`, `access_who`), print, and
return a status.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from probatum.cli import asked, delivery
from probatum.cli.progress import Line
from probatum.errors import UsageError
from probatum.report.quoting import Pen

_path = click.Path(path_type=Path)
_seconds = click.FloatRange(min=0, min_open=True)


@click.group("access")
def group() -> None:
    """Who can do what: compare policies, decide requests.

    Exit status: 0 decided, 1 not as `--require` or `--expect` says, 2 something
    that was named cannot be read or used, 3 not known, 4 a defect of probatum.
    """


def _readings(command: asked.F) -> asked.F:
    """`--arn-mode` and `--multivalue`: how disputed points are read."""
    options = (
        click.option(
            "--arn-mode",
            type=click.Choice(("segments", "flat")),
            help="Match patterns of resources part by part between colons, or as one text; default: as configured, else segments.",
        ),
        click.option(
            "--multivalue",
            type=click.Choice(("never", "any")),
            help="What a condition without set operator says of several values: it is false, or it is about any of them; "
            "default: as configured, else never.",
        ),
    )
    decorated: Callable[..., Any] = command
    for option in reversed(options):
        decorated = option(decorated)
    return decorated  # type: ignore[return-value]  # options leave the type of a command as it is


def _no_axioms(command: asked.F) -> asked.F:
    words = "Use no facts about requests that no policy states, such as that `aws:SecureTransport` is always present."
    return click.option("--no-axioms", "axioms", flag_value=False, default=True, help=words)(command)


def _jobs(command: asked.F) -> asked.F:
    words = "Processes at once; default: the processors there are."
    return click.option("--jobs", "-j", metavar="N", type=click.IntRange(min=1), help=words)(command)


def _kind(name: str, words: str) -> Callable[[asked.F], asked.F]:
    return click.option(name, metavar="KIND", help=words)


@group.command("compare")
@click.argument("a", metavar="[A]", required=False, type=_path)
@click.argument("b", metavar="[B]", required=False, type=_path)
@click.option(
    "--pairs",
    metavar="FILE",
    type=_path,
    help="Compare the pair in each line of a file, or of standard input (`-`), and print one JSON object a line.",
)
@_kind("--kind-a", "What A is attached to: identity, resource, trust, scp, rcp, boundary, session or endpoint.")
@_kind("--kind-b", "The same for B. Default: by the configuration, the name or folder of the file, and its shape.")
@_readings
@_no_axioms
@click.option("--timeout", "timeout_s", metavar="SECONDS", type=_seconds, default=60.0, help="Limit of one pair; default 60.")
@click.option(
    "--verify/--no-verify",
    default=None,
    help="Verify every proof by a checker that does not search; default: yes, and no with --pairs.",
)
@click.option(
    "--require",
    type=click.Choice(("narrower-or-equal", "equivalent")),
    help="Return 1 unless A allows nothing that B does not, or unless both allow the same.",
)
@_jobs
@asked.format_option("text", "json")
@asked.color_option
def compare(
    *,
    a: Path | None,
    b: Path | None,
    pairs: Path | None,
    kind_a: str | None,
    kind_b: str | None,
    arn_mode: str | None,
    multivalue: str | None,
    axioms: bool,
    timeout_s: float,
    verify: bool | None,
    require: str | None,
    jobs: int | None,
    format: str,
    no_color: bool,
) -> int:
    """Say whether policy A allows the same as policy B, less, more, or something else.

    The answer is one of equivalent, narrower (A allows strictly less), wider,
    incomparable and unknown, with a request that only one of them allows, and the
    statements that allow it, for each direction where there is one.

    With --pairs each line is an object with the documents `a` and `b` (objects, or
    strings that contain them) and optionally `id`, `kind_a` and `kind_b`. Results
    come in the same order, as soon as they are known. A line that cannot be
    compared has `error`; the others go on.

    As JSON: `relation`, `a_not_b` and `b_not_a` (null, or `request` and
    `statements`), `assumptions`, and `reason` if the relation is unknown.

    Exit status: 0 decided, 1 not as required, 2 unreadable, 3 unknown, 4 a defect.
    """
    from probatum.cli import access_compare, access_files

    for kind in (kind_a, kind_b):
        access_files.one_of_kinds(kind)
    if (pairs is None) != (a is not None and b is not None) or (pairs is not None and a is not None):
        raise UsageError("two policies are compared, or the pairs of a file", help="name A and B, or give `--pairs FILE`")
    question = access_compare.Asked(
        settings=access_files.settings_for(a if pairs is None else None, arn_mode, multivalue),
        axioms=axioms,
        timeout_s=timeout_s,
        verify=verify if verify is not None else pairs is None,
        require=require,
    )
    if pairs is not None:
        if str(pairs) == "-":
            return access_compare.compare_pairs(0, question, kind_a=kind_a, kind_b=kind_b, jobs=jobs)
        with pairs.open("rb", buffering=0) as file:
            return access_compare.compare_pairs(file.fileno(), question, kind_a=kind_a, kind_b=kind_b, jobs=jobs)
    if a is None or b is None:
        raise AssertionError("refused above")
    one, other = access_files.given(a, kind_a), access_files.given(b, kind_b)
    answer = access_compare.compare_two(one, other, question)
    if format == "json":
        delivery.say(json.dumps(answer["result"], indent=2) + "\n")
    else:
        pen = Pen(delivery.wants_color(refused=no_color))
        delivery.say("\n".join(access_compare.lines_of(answer, one, other, pen)) + "\n")
    return access_compare.status_of(answer, require)


@group.command("matrix")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=_path)
@_kind("--kind", "What all the policies are attached to; default: by configuration, name, folder and shape of each.")
@_readings
@_no_axioms
@click.option("--timeout", "timeout_s", metavar="SECONDS", type=_seconds, default=20.0, help="Limit of one pair; default 20.")
@click.option(
    "--output", "-o", metavar="FILE", type=_path, help="Write one JSON object a line for each pair that is contained or unknown."
)
@click.option("--all", "every", is_flag=True, help="With --output: write a line for every pair.")
@_jobs
@asked.format_option("text", "json")
def matrix(
    *,
    paths: tuple[Path, ...],
    kind: str | None,
    arn_mode: str | None,
    multivalue: str | None,
    axioms: bool,
    timeout_s: float,
    output: Path | None,
    every: bool,
    jobs: int | None,
    format: str,
) -> int:
    """Compare all policies of a collection with each other: which allow nothing that another does not.

    A PATH is a directory, a file with a policy, or a `.jsonl` file with one policy
    a line, bare or as `document` (or `Document`) beside a `name` (or `PolicyName`).
    The summary names groups of policies that allow the same, and the widest ones.

    Exit status: 0 all decided, 2 a PATH does not exist, 3 something is unknown or
    could not be read, or there was nothing to compare.
    """
    from probatum.cli import access_files, access_matrix

    collection = access_files.collect(paths, access_files.one_of_kinds(kind))
    table = access_matrix.decide_all(
        collection.documents,
        access_files.settings_for(paths[0], arn_mode, multivalue),
        axioms_hold=axioms,
        timeout_s=timeout_s,
        jobs=jobs,
        progress=Line(),
    )
    if output is not None:
        access_matrix.write(table, output, every=every)
    summary = access_matrix.summary(table, collection)
    if format == "json":
        delivery.say(json.dumps(summary, indent=2) + "\n")
    else:
        delivery.say("\n".join(access_matrix.lines_of(summary)) + "\n")
    return 3 if summary["unknown"] or collection.problems or not summary["pairs"] else 0
