"""The table of systems: which exist, where their code is, what they need installed.

Nothing of a system is imported to read this table; the files of its rules are
found from the place of its package.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

from probatum.project.discover import Claim, access_claim, code_claim, dialogue_claim, fairness_claim, inspection_claim
from probatum.records import dataclass


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """One system.

    Attributes
    ----------
    name : str
        The prefix of its rules, its table in the configuration.
    module : str
        Its package.
    claim : Claim
        Which files are its artefacts.
    extra : str
        The extra of the distribution that brings what it needs; "" for none.
    distributions : tuple of str
        Installed distributions whose version can change an answer: part of the
        key of every task.
    shares_work : bool
        Whether the first rule on an artefact does the work of all others, so
        that they are run together, and what stops one stops all.
    summary : str
        The rule that says what stopped all of them; "": the first of those that were selected.
    bytes_in_limit : int
        The size of an artefact for which the default limit of time is meant: a larger one gets as many limits. 0: whatever its size.
    session : str
        ``module:function`` of a context in which the rules on one artefact are run, or claims
        about it checked: what they open is opened once. "" for none.
    """

    name: str
    module: str
    claim: Claim
    extra: str = ""
    distributions: tuple[str, ...] = ()
    shares_work: bool = False
    summary: str = ""
    bytes_in_limit: int = 0
    session: str = ""

    def folder(self) -> Path:
        """Where the package is, found without importing it."""
        spec = importlib.util.find_spec(self.module)
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(self.module)
        return Path(spec.submodule_search_locations[0])


_table: dict[str, SystemEntry] = {
    "access": SystemEntry(
        name="access",
        module="probatum.access",
        claim=access_claim,
        extra="access",
        distributions=("z3-solver", "cvc5", "numpy"),
    ),
    "code": SystemEntry(
        name="code",
        module="probatum.code",
        claim=code_claim,
        extra="code",
        distributions=("z3-solver", "cvc5"),
        shares_work=True,
        summary="code/function",
        bytes_in_limit=40_000,  # about a thousand lines
    ),
    "dialogue": SystemEntry(
        name="dialogue",
        module="probatum.dialogue",
        claim=dialogue_claim,
        extra="dialogue",
        distributions=("duckdb", "numpy", "rapidfuzz", "scipy", "pyyaml"),
        session="probatum.dialogue.semantics.conversations:sharing",
    ),
    "fairness": SystemEntry(
        name="fairness",
        module="probatum.fairness",
        claim=fairness_claim,
        extra="fairness",
        distributions=("duckdb", "numpy", "scipy", "pyyaml"),
        session="probatum.fairness.semantics.relation:sharing",
    ),
    "inspection": SystemEntry(
        name="inspection",
        module="probatum.inspection",
        claim=inspection_claim,
        extra="inspection",
        distributions=("numpy", "onnxruntime", "opencv-python-headless", "pyyaml", "scipy"),
        session="probatum.inspection.semantics.opened:sharing",
    ),
}


def systems() -> tuple[SystemEntry, ...]:
    """Every system, in the order of their names."""
    return tuple(_table[name] for name in sorted(_table))


def suffixes() -> tuple[str, ...]:
    """Suffixes of the names of files that may be artefacts of any system."""
    return tuple(dict.fromkeys(suffix for entry in systems() for suffix in entry.claim.suffixes))


def register(entry: SystemEntry) -> None:
    """Add a system to the table of this process: for tests of the engine itself."""
    _table[entry.name] = entry


def forget(name: str) -> None:
    """Take a registered system out of the table again."""
    _table.pop(name, None)
