"""Reading access policies: bytes to a typed policy in which everything knows where it stands.

A file holds one policy, bare or as an interface returns it: in ``Document``,
``PolicyDocument``, ``PolicyVersion.Document``, or as text in ``Policy``.

What a policy is attached to decides what it means. It is taken from, in this
order: the option `kinds` (globs to kinds), the file's name (`edge.scp.json`),
the nearest folder named after a kind (`rcp/`, `trust/`, also `scps/` or
`service-control-policies/`), and the shape.
"""

from __future__ import annotations

from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from probatum.access.artefacts.document import Node, parse_embedded, parse_file
from probatum.access.artefacts.policy import (
    Condition,
    Kind,
    Operator,
    Policy,
    Principal,
    Principals,
    Statement,
    Unsupported,
)
from probatum.access.artefacts.reader import read_policy
from probatum.errors import ConfigurationError, UnsupportedConstruct
from probatum.source import Source

__all__ = [
    "Condition",
    "Kind",
    "Operator",
    "Policy",
    "Principal",
    "Principals",
    "Statement",
    "Unsupported",
    "folder_kind",
    "inputs",
    "kind_of",
    "read",
]

_folders = {kind.value: kind for kind in Kind} | {
    "scps": Kind.SCP,
    "service-control-policies": Kind.SCP,
    "rcps": Kind.RCP,
    "resource-control-policies": Kind.RCP,
    "boundaries": Kind.BOUNDARY,
    "permissions-boundaries": Kind.BOUNDARY,
    "vpc-endpoint-policies": Kind.ENDPOINT,
}
_wrappers = ("Document", "PolicyDocument", "PolicyVersion", "Policy", "AssumeRolePolicyDocument")


def read(source: Source, options: Mapping[str, Any]) -> tuple[Policy, ...]:
    """Read the policy in a file.

    Raises
    ------
    UnreadableArtefact
        If the file is not a policy document, or one that services would refuse.
    UnsupportedConstruct
        If it is a document of another kind that contains policies.
    """
    text = source.text()
    root = _unwrapped(parse_file(text.content, source.path))
    kind = kind_of(source.path, options)
    return (read_policy(root, source.path, kind, text.digest, source.path),)


def inputs(path: str, options: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the further files that rules need for a policy: its reference, if one is configured."""
    for pattern, reference in options.get("reference", {}).items():
        if _covers(pattern, path):
            return (f"{reference}:{path}" if reference.startswith("git:") else reference,)
    return ()


def kind_of(path: str, options: Mapping[str, Any]) -> Kind | None:
    """Return what the configuration, the name or the folders of a file say about its kind; None if nothing."""
    for pattern, kind in options.get("kinds", {}).items():
        if _covers(pattern, path):
            if kind not in set(Kind):
                raise ConfigurationError(
                    f"`{kind}`, given for `{pattern}`, is not a kind of policy",
                    help=f"the kinds are {', '.join(Kind)}",
                )
            return Kind(kind)
    place = PurePosixPath(path)
    for suffix in reversed(place.suffixes[:-1]):
        if suffix[1:] in set(Kind):
            return Kind(suffix[1:])
    for folder in reversed(place.parts[:-1]):
        if found := folder_kind(folder):
            return found
    return None


def folder_kind(name: str) -> Kind | None:
    """Return the kind that a folder's name stands for: a kind itself, or what its policies are called in full."""
    return _folders.get(name.lower().replace("_", "-"))


def _covers(pattern: str, path: str) -> bool:
    return fnmatchcase(path, pattern)


def _unwrapped(node: Node) -> Node:
    # INVARIANT: each round goes to a value inside the last one, so this ends.
    while True:
        if type(node.value) is str:
            node = parse_embedded(node)
        members = node.value
        if not isinstance(members, dict) or "Statement" in members:
            return node
        if what := _other(members):
            raise UnsupportedConstruct(
                f"this is {what}; policies inside it are not read",
                help="put the policies into files of their own, or exclude this file in the configuration",
                location=node.location,
            )
        inner = next((members[name] for name in _wrappers if name in members), None)
        if inner is None or not isinstance(inner.value, dict | str):
            return node
        node = inner


def _other(members: Mapping[str, Node]) -> str:
    # Documents of other kinds that contain policies, by their unmistakable parts.
    if {"planned_values", "resource_changes", "terraform_version"} & set(members):
        return "a Terraform plan"
    if {"UserDetailList", "RoleDetailList", "GroupDetailList"} & set(members):
        return "a dump of an account's authorisation details"
    resources = members["Resources"].value if "Resources" in members else None
    if "AWSTemplateFormatVersion" in members or (isinstance(resources, dict) and any(map(_is_typed, resources.values()))):
        return "a CloudFormation template"
    return ""


def _is_typed(node: Node) -> bool:
    kind = node.value.get("Type") if isinstance(node.value, dict) else None
    return kind is not None and isinstance(kind.value, str) and kind.value.startswith("AWS::")
