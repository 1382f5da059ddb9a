"""Recording a command from outside: what its files were before, and what they are after."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from probatum.errors import UnreadableArtefact, UsageError
from probatum.fairness.service.profile import file_digest
from probatum.fairness.service.record import Run


@dataclass(frozen=True, slots=True)
class Recorded:
    """A command that was recorded.

    Attributes
    ----------
    status : int
        Its exit status.
    root : str
        Digest of the record.
    notes : tuple of str
        What a reader of the record must know.
    """

    status: int
    root: str
    notes: tuple[str, ...]


def recorded(
    arguments: Sequence[str],
    *,
    inputs: Sequence[Path],
    outputs: Sequence[Path],
    to: Path,
    name: str,
    protected: Mapping[str, str],
    label: str,
    positive: Sequence[str],
    features: Sequence[str],
    run: Callable[[], int],
) -> Recorded:
    """Run a command, and record its files.

    Parameters
    ----------
    run : callable
        Runs it, and returns its exit status.
    """
    own = Run(name, to=to, protected=protected, label=label, positive=list(positive) or None)
    before = [own.data(path) for path in inputs]
    digests = {path: file_digest(path) for path in inputs}
    code = {word: file_digest(Path(word)) for word in arguments if Path(word).is_file() and Path(word) not in inputs}
    status = run()
    notes = [
        f"`{path}` was changed by the command" for path in inputs if not path.is_file() or file_digest(path) != digests[path]
    ]
    absent = [path for path in outputs if not path.is_file()]
    notes += [f"`{path}` was not written" for path in absent]
    after = [own.data(path) for path in outputs if path not in absent]
    told = (own.objects[key] for key in dict.fromkeys((*before, *after)))
    notes += [f"outcomes of `{one['name']}` are {one['outcomes']}" for one in told if "outcomes" in one]
    own.add_step(
        arguments[0] if arguments else name,
        before,
        after,
        {"arguments": list(arguments), "status": status, "notes": notes},
        code=",".join(code.values()),
        where=", ".join(code),
    )
    if features:
        table = next((path for path in (*outputs, *inputs) if path.is_file()), None)
        if table is not None:
            try:
                own.features(table, list(features))
            except (UsageError, UnreadableArtefact) as problem:
                notes.append(f"features are not recorded: {problem.message}")
    return Recorded(status, own.close(failed=str(status) if status else ""), tuple(notes))
