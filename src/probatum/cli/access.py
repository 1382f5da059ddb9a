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
from probatum.report.quoting import Pen, plain

_path = click.Path(path_type=Path)
_seconds = asked.SecondsType()


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

    As JSON: `relation`; `a_not_b` and `b_not_a`, each null or a request, in the
    form that `probatum access decide` reads; `assumptions`; `statements`, those
    that allow the requests; and `reason` if the relation is unknown.

    Exit status: 0 decided, 1 not as required, 2 unreadable, 3 unknown, 4 a defect.
    """
    from probatum.cli import access_compare, access_files

    for kind in (kind_a, kind_b):
        access_files.one_of_kinds(kind)
    if (pairs is None) != (a is not None and b is not None) or (pairs is not None and a is not None):
        raise UsageError("two policies are compared, or the pairs of a file", help="name A and B, or give `--pairs FILE`")
    question = access_compare.Asked(
        settings=access_files.settings_for(a if a is not None else Path(), arn_mode, multivalue),
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


@group.command("decide")
@click.option(
    "--policies", "root", metavar="DIR", required=True, type=_path, help="Where the policies are; folders name their kinds."
)
@click.option(
    "--request", "file", metavar="FILE", required=True, type=_path, help="The request, as JSON; `-` for standard input."
)
@_readings
@click.option("--expect", type=click.Choice(("allow", "deny")), help="Return 1 if the decision is another.")
@asked.format_option("text", "json")
@asked.color_option
def decide(
    *,
    root: Path,
    file: Path,
    arn_mode: str | None,
    multivalue: str | None,
    expect: str | None,
    format: str,
    no_color: bool,
) -> int:
    """Decide one request by all policies of a directory, and explain the answer step by step.

    What a policy is attached to is said by its folder (`scp/`, `boundary/`,
    `trust/` ...), its name (`edge.scp.json`), the configuration, or its shape. In
    `scp/` and `rcp/` each folder is a level of the organisation.

    A request is {"principal": .., "action": .., "resource": .., "context": {..}},
    with `resource_account` where the resource does not say who owns it.

    Exit status: 0 decided, 1 not as expected, 2 unreadable, 3 a policy says
    something that has no defined meaning.
    """
    from probatum.cli import access_decide, access_files
    from probatum.errors import UnsupportedConstruct

    request = access_decide.read_request(file)
    settings = access_files.settings_for(asked.existing(root), arn_mode, multivalue)
    try:
        decision = access_decide.decided(root, request, settings)
    except UnsupportedConstruct as problem:
        said = access_files.explained(problem)
        told = access_decide.undecided(problem.message, problem.location, request)
        delivery.say(
            json.dumps(told, indent=2) + "\n" if format == "json" else f"undecided: {plain(said.message)}\n  help: {said.help}\n"
        )
        return 3
    if format == "json":
        delivery.say(json.dumps(decision.to_json(), indent=2) + "\n")
    else:
        pen = Pen(delivery.wants_color(refused=no_color))
        delivery.say("\n".join(access_decide.lines_of(decision, pen)) + "\n")
    return 0 if expect is None or decision.allowed is (expect == "allow") else 1


@group.command("who-can")
@click.argument("action", metavar="ACTION")
@click.argument("resource", metavar="[RESOURCE]", required=False)
@click.option(
    "--policies", "root", metavar="DIR", required=True, type=_path, help="Where the policies are; folders name their kinds."
)
@click.option(
    "--resource-account",
    metavar="ACCOUNT",
    default="",
    help="Who owns the resource, if its ARN does not say; default: the caller's.",
)
@_readings
@click.option("--timeout", "timeout_s", metavar="SECONDS", type=_seconds, default=20.0, help="Limit of one question; default 20.")
@asked.format_option("text", "json")
@asked.color_option
def who_can(
    *,
    action: str,
    resource: str | None,
    root: Path,
    resource_account: str,
    arn_mode: str | None,
    multivalue: str | None,
    timeout_s: float,
    format: str,
    no_color: bool,
) -> int:
    """List who can do ACTION, on RESOURCE or on any, by the policies of a directory.

    Policies of resources and of roles say who; each kind of caller that they tell
    apart is asked for. Identity policies are listed with what they grant to
    whoever they are attached to. Each way comes with a request that needs as few
    conditions as will do, and with whether the limits (service control policies,
    boundaries ...) let that request through. ACTION and RESOURCE may have wildcards.

    Exit status: 0 all decided, 2 unreadable, 3 something is not known.
    """
    from probatum.cli import access_files, access_who

    access_who.check_words(action, resource)
    settings = access_files.settings_for(asked.existing(root), arn_mode, multivalue)
    found = access_who.who_can(root, action, resource, settings, resource_account=resource_account, timeout_s=timeout_s)
    if format == "json":
        delivery.say(json.dumps(found.to_json(action, resource), indent=2) + "\n")
    else:
        pen = Pen(delivery.wants_color(refused=no_color))
        delivery.say("\n".join(access_who.lines_of(found, action, resource, pen)) + "\n")
    return 3 if found.undecided or any(w.limits == "unknown" for w in found.ways) else 0
