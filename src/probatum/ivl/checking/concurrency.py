"""Finds what belongs to the concurrency layer, which is not handled."""

from __future__ import annotations

from probatum.ivl.checking.measures import segments
from probatum.ivl.checking.names import Report
from probatum.ivl.syntax import tree

_HELP = "the concurrency layer is not part of this implementation: see the list of what is handled"


def refuse(report: Report, program: tree.Program) -> None:
    """Report each construct of the concurrency layer as unsupported."""
    for one in program.declarations:
        if isinstance(one, tree.Concurrent):
            report.error(one.position, f"unsupported: {one.word} {one.name}".rstrip(), _HELP)
        elif isinstance(one, tree.Implementation):
            for segment in segments(one.body):
                for command in segment.commands:
                    _command(report, command)


def _command(report: Report, command: tree.Command) -> None:
    if isinstance(command, tree.ParallelCall):
        report.error(command.position, "unsupported: parallel call", _HELP)
    elif isinstance(command, tree.Call) and command.asynchronous:
        report.error(command.position, "unsupported: async call", _HELP)
