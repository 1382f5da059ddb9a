"""`probatum dialogue simulate`: write a made log whose truth is known."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from probatum.cli import asked


@click.command("simulate")
@click.option("--users", type=click.IntRange(10, 1_000_000), default=300, show_default=True, help="How many people.")
@click.option("--days", type=click.IntRange(1, 3650), default=28, show_default=True, help="How long.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of all chance.")
@click.option(
    "--assistant",
    "understanding",
    type=click.Choice(["grammar", "classifier"]),
    default="grammar",
    show_default=True,
    help="How requests are understood: by the grammars of Home Assistant, or by likeness.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=Path("simulated/log.jsonl"),
    show_default=True,
    help="The log; how it was made is written beside it.",
)
@click.option(
    "--truth",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The truth about each turn, outside of the folder of the log. By default beside that folder, FOLDER.truth.jsonl.",
)
@click.option("--first-day", type=click.IntRange(0), default=0, show_default=True, help="Write what happens from this day on.")
@click.option("--end-day", type=click.IntRange(1), metavar="DAY", help="And before this one. By default all days.")
@click.option(
    "--policy",
    "service",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    help="Folder of a service, whose policy of rewrites acts on what is said.",
)
@click.option(
    "--key",
    "key_file",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The key of what the policy was learnt from: without it, nobody's habits are found again.",
)
@asked.format_option("text", "json")
def command(
    *,
    users: int,
    days: int,
    seed: int,
    understanding: str,
    out: Path,
    truth: Path | None,
    first_day: int,
    end_day: int | None,
    service: Path | None,
    key_file: Path | None,
    format: str,
) -> int:
    """Write a SIMULATED log of a voice assistant, and the truth about it to a file of its own.

    Users with habits talk to an assistant that is really run, through a recogniser
    that errs as real ones do; they repeat, rephrase, interrupt and give up. Read the
    log as any other; open the truth when something has been learnt.

    With `--policy`, a policy is rehearsed: learn it from the first days, and
    simulate the days after them with the same users, days and seed.
    """
    from probatum.synth.dialogue.parameters import Parameters
    from probatum.synth.dialogue.simulation import Simulation
    from probatum.synth.dialogue.writing import write

    last = days if end_day is None else end_day
    if not first_day < last <= days:
        raise click.UsageError(f"days from {first_day} and before {last} are no part of {days} days")
    parameters = Parameters(
        seed=seed, users=users, days=days, understanding="grammar" if understanding == "grammar" else "classifier"
    )
    simulation = Simulation(parameters)
    # `out` may stand in no folder of its own, in which case the truth goes where nobody looks for a log.
    folder = out.resolve().parent
    kept = truth or folder.with_name(f"{folder.name}.truth.jsonl")
    common: dict[str, Any] = {"parameters": parameters, "secrets": simulation.secrets, "traps": simulation.traps}
    days_made = {"first_day": first_day, "end_day": last}
    if service is None:
        about = write(simulation.run(first_day, last), out, kept, **common, more=days_made)
    else:
        from probatum.cli.dialogue_rehearsal import Effect, rehearsal

        effect = Effect()
        with rehearsal(service, key_file) as acting:
            made = effect.counted(simulation.run(first_day, last, acting))
            about = write(made, out, kept, **common, more={**days_made, "policy": acting.version})
        about |= asdict(effect)
    if format == "json":
        click.echo(json.dumps({"log": str(out), "truth": str(kept), **about}, indent=2))
        return 0
    click.echo(f"{out}: {about['turns']:,} turns of {users:,} users. {about['notice']}.")
    if service is not None:
        click.echo(
            f"policy {about['policy']}: {about['rewritten']:,} requests rewritten; {about['wins']:,} came off and would have failed, "
            f"{about['losses']:,} failed and would have come off"
        )
    click.echo(f"parameters: {about['parameters_digest']}, beside the log")
    click.echo(f"truth: {kept}, sealed as sha256:{about['truth_sha256'][:16]}")
    return 0
