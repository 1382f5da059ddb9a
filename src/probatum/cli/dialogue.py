"""`probatum dialogue`: what is done with logs of conversations, beyond what rules ask.

Each verb stands in a module of its own, `dialogue_<verb>`, which is imported
when it is asked for.
"""

from __future__ import annotations

import click

from probatum.cli.verbs import Verbs

# Name -> what it does in a line, in the order of `--help`.
VERBS: dict[str, str] = {
    "import": "Read logs of any format into one folder of tables, and say what they can support.",
    "findings": "List what `check` finds in conversations, with how to check each again.",
    "label": "Label turns by models, from what their users did next.",
    "replay": "Run a request and the right words through a pipeline, stage by stage.",
    "isolate": "Say at which stage the failed requests of a log failed.",
    "rewrites": "Propose, show, stop, compile and export rewrites.",
    "monitor": "What logs say of rewrites on record, and the steps that follow.",
    "evaluate": "How well a policy of rewrites would do, from logs of another that drew at random.",
    "audit": "Let people judge answers without knowing whose they are, and take in what they say.",
    "forget": "Forget a user, and what only they made possible.",
    "serve": "Answer what to do with requests, over HTTP on this machine.",
    "teach": "Show and forget what a user taught, and try a lesson.",
    "simulate": "Write a made log whose truth is known, to learn from and to test with.",
}


@click.group("dialogue", cls=Verbs, verbs=VERBS)
def group() -> None:
    """Conversations: import logs, and rewrite what fails.

    Exit status: 0 done, 2 something that was named cannot be read or used, 4 a
    defect of probatum.
    """
