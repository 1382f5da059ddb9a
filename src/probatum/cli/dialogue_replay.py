"""`probatum dialogue replay`: one request and the right words, stage by stage through a real pipeline."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from probatum.cli.dialogue_pipelines import Named, logs, pipeline
from probatum.errors import ProbatumError

if TYPE_CHECKING:
    from probatum.dialogue.semantics.pipelines import Output, Run
    from probatum.dialogue.semantics.replayed import Case, Replay

_WIDE = 44


@click.command("replay")
@click.argument("heard", required=False)
@click.option("--right", default="", help="Words that do what was wanted.")
@click.option("--said", help="What was really said, if that is known; empty if nobody spoke to it.")
@click.option("--meant", multiple=True, metavar="STAGE=OUTPUT", help="The right output of a stage; may be repeated.")
@click.option("--context", multiple=True, metavar="NAME=VALUE", help="As in `room=kitchen`; may be repeated.")
@click.option("--cannot", is_flag=True, help="The assistant is not made for what was wanted.")
@click.option("--logs", "source", type=click.Path(path_type=Path), help="Imported conversations, or a policy, with `--turn`.")
@click.option("--turn", default="", help="Number of a turn, as findings and tables have it.")
@click.option("--json", "as_json", is_flag=True, help="Write it as JSON.")
@pipeline
def command(
    *,
    named: Named,
    heard: str | None,
    right: str,
    said: str | None,
    meant: tuple[str, ...],
    context: tuple[str, ...],
    cannot: bool,
    source: Path | None,
    turn: str,
    as_json: bool,
) -> None:
    """Run HEARD and the right words through a pipeline, and say at which stage it failed.

    Of a turn of a log, what was heard and, where its user then found them, the right
    words are those of the log. Exit status: 3 if the assistant could not be asked.
    """
    from probatum.dialogue.semantics.pipelines.opening import calling, stages_of
    from probatum.dialogue.semantics.replayed import Case, replay
    from probatum.dialogue.semantics.stages import UNKNOWN

    assistant, folder, names = named.assistant(), Path(), None
    case = Case(
        heard=heard or "", right=right, said=said, meant=_pairs(meant, "--meant"), context=_pairs(context, "--context"),
        capable=not cannot,
    )  # fmt: skip  # as it was asked
    if turn:
        if source is None:
            raise click.UsageError("`--turn` needs the logs that have it: add `--logs`")
        from probatum.dialogue.model.failures import names as names_of

        with logs(source) as (conversations, policy, folder):
            case = _of_turn(conversations, policy, turn, case)
            names = names_of(conversations)
            if assistant is None and policy is not None:
                assistant = policy.assistant
    elif heard is None:
        raise click.UsageError("nothing is to be replayed: give what was HEARD, or `--turn` and `--logs`")
    if assistant is None:
        raise click.UsageError("no assistant is named: add `--hassil`, `--rasa`, `--command` or `--url`")
    stages = stages_of(assistant)
    with calling(assistant, folder, timeout_s=named.timeout, names=names, unsandboxed=named.allow_unsandboxed) as called:
        found = replay(case, called, stages)
        told = dict(zip(called.stages, stages[2:-1], strict=True))
    click.echo(
        json.dumps(_said(case, found, told), indent=2, ensure_ascii=False)
        if as_json
        else "\n".join(_lines(case, found, stages, told))
    )
    if found.stage == UNKNOWN and found.heard is None and found.right is None and (case.heard or case.right):
        click.echo(f"nothing was run: the assistant could not be asked{f' ({found.why})' if found.why else ''}", err=True)
        raise SystemExit(3)


def _of_turn(conversations: Any, policy: Any, turn: str, given: Case) -> Case:
    from dataclasses import replace

    from probatum.dialogue.artefacts.policy import SessionRule
    from probatum.dialogue.model.failures import failures

    found = failures(conversations, SessionRule() if policy is None else policy.sessions)
    one = next((failure for failure in found.failures if failure.turn == turn), None)
    if one is None:
        raise ProbatumError(
            f"the logs show no request `{turn}` that failed", help="`probatum dialogue isolate` writes those that did"
        )
    return replace(
        given,
        heard=given.heard or one.heard,
        right=given.right or one.right,
        hypotheses=one.hypotheses,
        context={**one.context, **given.context},
        capable=given.capable and not one.unable,
        failed=True,
    )


def _pairs(values: tuple[str, ...], option: str) -> dict[str, str]:
    found = {}
    for value in values:
        name, equals, rest = value.partition("=")
        if not equals or not name:
            raise click.BadParameter(f"`{value}` is not NAME=VALUE", param_hint=option)
        found[name] = rest
    return found


def _said(case: Case, found: Replay, told: dict[str, str]) -> dict[str, Any]:
    return {
        "schema": "probatum-dialogue-replay/1",
        "heard": case.heard,
        "right": case.right,
        "said": found.said,
        "stage": found.stage,
        "least": found.least,
        "independent": found.independent,
        "wrong": list(found.wrong),
        "why": found.why,
        "runs": {"heard": _run(found.heard, told), "right": _run(found.right, told)},
    }


def _run(run: Run | None, told: dict[str, str]) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "done": run.done,
        "stages": [
            {"name": told[one.stage], "output": one.value, "ok": one.ok, "mentions": one.mentions, "confidence": one.confidence}
            for one in run.outputs
        ],
    }


def _lines(case: Case, found: Replay, stages: tuple[str, ...], told: dict[str, str]) -> list[str]:
    wide = max(map(len, (*stages, "stage")))
    rows = [
        ("stage", "heard", "right words"),
        (stages[1], case.heard, found.said),
        *(
            (name, _shown(found.heard, name, told), case.meant.get(name) or _shown(found.right, name, told))
            for name in stages[2:-1]
        ),
    ]
    lines = [
        f"{name:<{wide}}  {_cut(one):<{_WIDE}}  {_cut(right):<{_WIDE}}{'  wrong' if name in found.wrong else ''}".rstrip()
        for name, one, right in rows
    ]
    lines.append("")
    if found.stage == found.least:
        lines.append(f"failing stage: {found.stage}{f' ({found.why})' if found.why else ''}")
    else:
        lines.append(f"failing stage: {found.stage}, where the outputs begin to be wrong and stay so")
        lines.append(f"least repair: {found.least}, as the first stage that, with all before it, need be right")
    if found.independent:
        lines.append(f"two independent faults: mending {found.stage} alone would not have helped")
    return lines


def _shown(run: Run | None, stage: str, told: dict[str, str]) -> str:
    output: Output | None = None if run is None else next((one for one in run.outputs if told[one.stage] == stage), None)
    if output is None:
        return "-"
    mentions = f" ({', '.join(output.mentions)})" if output.mentions else ""
    return f"{output.value or 'nothing'}{mentions}{'' if output.ok else ', failed'}"


def _cut(text: str) -> str:
    kept = "".join(c if c.isprintable() else "?" for c in text)
    return kept if len(kept) <= _WIDE else f"{kept[: _WIDE - 1]}…"
