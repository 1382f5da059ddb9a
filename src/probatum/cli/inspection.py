"""`probatum inspection`: what is done with pictures of goods, beyond what rules ask.

Each verb stands in a module of its own, `inspection_<verb>`, which is imported
when it is asked for.
"""

from __future__ import annotations

import click

from probatum.cli.verbs import Verbs

# Name -> what it does in a line, in the order of `--help`.
VERBS: dict[str, str] = {
    "capture": "Take items with the cameras of a booth, into a manifest, and say how they lie badly.",
    "import": "Read a set of pictures of any format into a manifest, and say what it is good for.",
    "export": "Write a manifest in the format of another tool.",
    "gallery": "Which references are valid when: begin, list, propose, confirm, reject, end, roll back.",
    "train": "Train a score from labelled units.",
    "calibrate": "Choose thresholds whose budget of false alarms is certified.",
    "inspect": "Judge units, and write what is decided about each.",
    "look": "Judge pictures that stand in no manifest, one by one or as they come into a folder.",
    "queue": "Units that people look at: draw, answer, and bound what was shipped damaged.",
    "evaluate": "How much damage is found, and how many pristine units are put aside, by labels.",
    "causes": "Where more is damaged: at which station, in which shift, from which vendor, in which delivery.",
    "returns": "What follows from units that customers sent back.",
    "monitor": "Which products no longer look like their references, and what to propose.",
    "backbone": "Export a network of timm or open_clip once, for policies that use it without PyTorch.",
    "synth": "Write a made set of pictures whose truth is known, to learn from and to test with.",
}


@click.group("inspection", cls=Verbs, verbs=VERBS)
def group() -> None:
    """Goods in pictures: damaged units, under a budget of false alarms.

    Exit status: 0 done, 2 something that was named cannot be read or used, 4 a
    defect of probatum.
    """
