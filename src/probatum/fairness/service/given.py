"""A policy and protected attributes, in the forms in which programs have them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from probatum.errors import UsageError
from probatum.source import DATA, Data, Source

if TYPE_CHECKING:
    from probatum.fairness.artefacts.policy import Policy

_NAME = "X"  # what messages call the table, if the policy names none


def policy_given(given: str | Path | Mapping[str, Any]) -> tuple[Policy, dict[str, Source]]:
    """Return a policy, and the files that it names: from a path, YAML, or what such YAML says, whose `table` may be left out.

    Raises
    ------
    UsageError
        If there is no such file.
    UnreadableArtefact
        If it is no policy.
    """
    from probatum.fairness.artefacts import imports, read

    if isinstance(given, Mapping):
        decision = given.get("decision")
        named = {**given, "decision": {"table": _NAME, **decision}} if isinstance(decision, Mapping) else dict(given)
        [policy] = read(Source("policy", json.dumps(named).encode()), {})
        return policy, {}
    if isinstance(given, str) and "\n" in given:
        [policy] = read(Source("policy", given.encode()), {})
        return policy, {}
    path = Path(given)
    if not path.is_file():
        raise UsageError(f"there is no policy `{path}`", help="give the path of a file, YAML, or a mapping")
    [policy] = read(Source(path.name, path.read_bytes()), {})
    names = imports(path.name, {}, lambda name: (path.parent / name).read_bytes(), lambda name: (path.parent / name).is_file())[1]
    files = {name: (path.parent / name.removeprefix(DATA)).resolve() for name in names}
    return policy, {name: Data(name.removeprefix(DATA), b"", place=str(place)) for name, place in files.items()}


def groups_given(policy: Policy, groups: Any) -> dict[str, Any]:
    """Return protected attributes by column: from a mapping or DataFrame by their names or columns, or one array.

    Raises
    ------
    UsageError
        If the policy does not protect what is given.
    """
    columns = {name: attribute.column for name, attribute in policy.protected.items()}
    names = list(getattr(groups, "columns", ())) or (list(groups) if isinstance(groups, Mapping) else [])
    if not names:
        if len(columns) != 1:
            raise UsageError(
                f"one array of groups is given, and the policy protects {', '.join(f'`{name}`' for name in columns)}",
                help="give a mapping from attributes to arrays",
            )
        return {next(iter(columns.values())): groups}
    found = {}
    for name in names:
        if name not in columns and name not in columns.values():
            raise UsageError(
                f"`{name}` is not a protected attribute of the policy", help=f"it has {', '.join(f'`{one}`' for one in columns)}"
            )
        found[columns.get(name, name)] = groups[name]
    return found
