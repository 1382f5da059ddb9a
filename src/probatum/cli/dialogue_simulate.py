"""`probatum dialogue simulate`: write a made log whose truth is known."""

from __future__ import annotations

import json
from pathlib import Path

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
@asked.format_option("text", "json")
def command(*, users: int, days: int, seed: int, understanding: str, out: Path, truth: Path | None, format: str) -> int:
    """Write a SIMULATED log of a voice assistant, and the truth about it to a file of its own.

    Users with habits talk to an assistant that is really run, through a recogniser
    that errs as real ones do; they repeat, rephrase, interrupt and give up. Read the
    log as any other; open the truth when something has been learnt.
    """
    from probatum.synth.dialogue.parameters import Parameters
    from probatum.synth.dialogue.simulation import Simulation
    from probatum.synth.dialogue.writing import write

    parameters = Parameters(
        seed=seed, users=users, days=days, understanding="grammar" if understanding == "grammar" else "classifier"
    )
    simulation = Simulation(parameters)
    # `out` may stand in no folder of its own, in which case the truth goes where nobody looks for a log.
    folder = out.resolve().parent
    kept = truth or folder.with_name(f"{folder.name}.truth.jsonl")
    about = write(simulation.run(), out, kept, parameters=parameters, secrets=simulation.secrets, traps=simulation.traps)
    if format == "json":
        click.echo(json.dumps({"log": str(out), "truth": str(kept), **about}, indent=2))
        return 0
    click.echo(f"{out}: {about['turns']:,} turns of {users:,} users. {about['notice']}.")
    click.echo(f"parameters: {about['parameters_digest']}, beside the log")
    click.echo(f"truth: {kept}, sealed as sha256:{about['truth_sha256'][:16]}")
    return 0
