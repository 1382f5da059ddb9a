"""Repairs of access policies, each proved to allow nothing that was not allowed before.

A way to repair changes the statement of a finding. What comes out is read again
and put to every rule: a candidate is proposed only if the finding is gone and
nothing is found or left undecided that was not before; and it is `verified` by a
proof that the policy after it is within the policy before it. So a repair may
break what somebody relies on, and never lets anybody in.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from probatum.access import rules
from probatum.access.artefacts import Kind, Policy, Statement, read
from probatum.access.artefacts.document import Node, parse
from probatum.access.model import claims
from probatum.access.repair.editing import Change, Editor, applied, at, member
from probatum.access.semantics import Request, Settings, document_allows, glob, names
from probatum.access.semantics.references import impossible
from probatum.errors import UnreadableArtefact
from probatum.evidence import Counterexample
from probatum.findings import Edit, Finding, Repair, Undecided
from probatum.source import Source
from probatum.tools import Tools

_SAYS = "after the repair the policy allows nothing that it did not allow before"

_Way = Callable[["_Scene"], Iterator[tuple[Change, ...]]]


@dataclass(frozen=True, slots=True)
class _Scene:
    """A policy and one finding in it, with the text to be changed."""

    policy: Policy
    statement: Statement
    node: Node  # the statement's object
    statements: Node  # the list of statements, or the only one
    editor: Editor
    finding: Finding
    options: Any


def propose(policy: Policy, finding: Finding, tools: Tools) -> Iterator[Repair]:
    """Yield repairs of a finding, the best first.

    Parameters
    ----------
    tools : Tools
        `inputs` has the policy's own file by its path, besides what rules get.
        Nothing is proposed without it, nor for a policy inside a text.
    """
    source = tools.inputs.get(policy.path)
    if source is None or source.digest != policy.digest:
        return
    before = _said(policy, tools)
    for title, way in _ways(finding, tools):
        text = _changed(policy, finding, tools, way, before)
        if text is None:
            continue
        claim = {"a": {"is": "text", "text": text}, "b": {"is": "policy"}}
        answer = claims.decide(policy, claim, tools, says=_SAYS)
        if not isinstance(answer, claims.Broken):
            called = title.format(statement=_statement(policy, finding).name)
            proof = answer.evidence if isinstance(answer, claims.Holds) else None
            yield Repair(title=called, edits=(_edit(source, text),), verified=proof)


def _ways(finding: Finding, tools: Tools) -> Iterator[tuple[str, _Way]]:
    """What may be done about a finding, the best first, as titles and how."""
    accounts, organisations = tools.options.get("trusted-accounts", []), tools.options.get("trusted-organisations", [])
    match finding.rule.split("/")[1]:
        case "public-access" | "outside-access":
            if accounts:
                yield "let only the trusted accounts in by {statement}", lambda s: _only_accounts(s, accounts)
            if organisations:
                name = "organisation" if len(organisations) == 1 else "organisations"
                yield f"let only the trusted {name} in by {{statement}}", lambda s: _asked(s, "aws:PrincipalOrgID", organisations)
            yield "take who is not trusted out of {statement}", _without_principal
            yield "remove {statement}", _without
        case "confused-deputy":
            yield "let services act only for the account that owns the resource of {statement}", _for_owner
            if len(accounts) == 1:
                yield f"let services act only for account `{accounts[0]}` by {{statement}}", lambda s: _for(s, accounts)
            if organisations:
                yield (
                    "let services act only for the trusted organisations by {statement}",
                    lambda s: _for_organisations(s, organisations),
                )
        case "deny-never-applies":
            yield "read wildcards in {statement} as wildcards, with `StringLike`", _with_patterns
            yield "remove {statement}, which denies nothing", _without
        case "grants-nothing":
            yield "remove {statement}, which grants nothing", _without
        case "forbidden-access":
            yield "take what must never be granted out of {statement}", lambda s: _without_actions(s, _entry(s))
            yield "deny what must never be granted", lambda s: _denied(s, _entry(s))
            yield "remove {statement}", _without
        case "new-access":
            yield "restore the statements of the reference", lambda s: _restored(s, tools)
        case _:
            return


def _changed(policy: Policy, finding: Finding, tools: Tools, way: _Way, before: Counter[tuple[str, ...]]) -> str | None:
    """Return the text after a change, or None if the finding is not gone with it, or more is found than before."""
    text = tools.inputs[policy.path].text().content
    scene = _scene(policy, text, finding, tools)
    changes = next(way(scene), None) if scene is not None else None
    if changes is None:
        return None
    text = applied(text, *changes)
    try:
        [repaired] = read(Source(policy.path, text.encode()), {"kinds": {"**": policy.kind.value}})
    except UnreadableArtefact:
        return None
    after = _said(repaired, tools)
    gone = after[_key(finding)] < before[_key(finding)] and not _still_allowed(repaired, finding, tools)
    return text if gone and not after - before else None


def _scene(policy: Policy, text: str, finding: Finding, tools: Tools) -> _Scene | None:
    """Find the statement of a finding in the text; None if it stands in a text inside the text."""
    try:
        root = parse(text, policy.path)
    except UnreadableArtefact:
        return None  # percent-encoded: there are no places to change
    statement = _statement(policy, finding)
    pointer = statement.location.pointer
    node = at(root, pointer)
    parent = at(root, pointer.rpartition("/")[0]) if pointer.rpartition("/")[2].isdigit() else node
    if node is None or parent is None or not isinstance(node.value, dict) or "Effect" not in node.value:
        return None
    return _Scene(policy, statement, node, parent, Editor(text, root), finding, tools.options)


def _statement(policy: Policy, finding: Finding) -> Statement:
    return next((s for s in policy.statements if s.location == finding.location), policy.statements[0])


# What is found before and after.


def _said(policy: Policy, tools: Tools) -> Counter[tuple[str, ...]]:
    """Count what all rules find or leave undecided."""
    found: Counter[tuple[str, ...]] = Counter()
    for info in pkgutil.iter_modules(rules.__path__):
        if not info.name.startswith("_"):
            outcomes = importlib.import_module(f"{rules.__name__}.{info.name}").check(policy, tools)
            found.update(_key(o) for o in outcomes if isinstance(o, Finding | Undecided))
    return found


def _key(outcome: Finding | Undecided) -> tuple[str, ...]:
    return (outcome.kind, outcome.rule, *(outcome.anchor if isinstance(outcome, Finding) else ()))


def _still_allowed(policy: Policy, finding: Finding, tools: Tools) -> bool:
    """Whether a policy allows the request that a finding shows."""
    evidence = finding.evidence
    if not isinstance(evidence, Counterexample) or "request" not in evidence.given:
        return False
    return document_allows(policy, Request.from_json(evidence.given["request"]), Settings.of(tools.options))


def _edit(source: Source, new: str) -> Edit:
    """Return the smallest replacement of one region that makes the new text of the old one."""
    old = source.text().content
    start = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), min(len(old), len(new)))
    same = next((i for i, (a, b) in enumerate(zip(reversed(old[start:]), reversed(new[start:]), strict=False)) if a != b), None)
    tail = min(len(old), len(new)) - start if same is None else same
    return Edit(source.path, source.digest, start, len(old) - tail, new[start : len(new) - tail])


# Ways. Each yields its changes to the statement, or nothing if it does not fit.


def _without(scene: _Scene) -> Iterator[tuple[Change, ...]]:
    if isinstance(scene.statements.value, list) and len(scene.statements.value) > 1:
        yield (scene.editor.remove(scene.statements, scene.statement.index),)


def _only_accounts(scene: _Scene, accounts: list[str]) -> Iterator[tuple[Change, ...]]:
    principal = scene.node.value.get("Principal")
    listed = accounts[0] if len(accounts) == 1 else list(accounts)
    if principal is None:
        return
    if principal.value == "*":
        yield (scene.editor.replace(principal, {"AWS": listed}),)
    elif isinstance(principal.value, dict) and any(e.type == "*" for e in _entries(scene)):
        yield (scene.editor.replace(principal.value["AWS"], listed),)


def _without_principal(scene: _Scene) -> Iterator[tuple[Change, ...]]:
    """Take the entries that name the caller of the finding out of `Principal`, if others are left."""
    principal, evidence = scene.node.value.get("Principal"), scene.finding.evidence
    if principal is None or not isinstance(principal.value, dict) or not isinstance(evidence, Counterexample):
        return
    caller = Request.from_json(evidence.given["request"]).principal
    unwanted = {e.value for e in _entries(scene) if names(e, caller)}
    for kind, value in principal.value.items():
        texts = [n.value for n in value.value] if isinstance(value.value, list) else [value.value]
        kept = [t for t in texts if t not in unwanted]
        if len(kept) == len(texts):
            continue
        if kept:
            yield (scene.editor.replace(value, kept[0] if len(kept) == 1 else kept),)
        elif len(principal.value) > 1:
            yield (scene.editor.remove(principal, kind),)
        return


def _asked(scene: _Scene, key: str, values: list[str]) -> Iterator[tuple[Change, ...]]:
    """Ask for one of some values of a key, besides what the statement asks for already."""
    value = values[0] if len(values) == 1 else list(values)
    found = scene.node.value.get("Condition")
    if found is None:
        yield (scene.editor.add(scene.node, {"StringEquals": {key: value}}, "Condition"),)
        return
    if not found.value:
        yield (scene.editor.replace(found, {"StringEquals": {key: value}}),)
        return
    block = member(found, "StringEquals")
    if block is None:
        yield (scene.editor.add(found, {key: value}, "StringEquals"),)
    elif not block.value:
        yield (scene.editor.replace(block, {key: value}),)
    elif member(block, key) is None:
        yield (scene.editor.add(block, value, key),)


def _for(scene: _Scene, accounts: list[str]) -> Iterator[tuple[Change, ...]]:
    # Services that assume roles often send no such key, and accounts that are named beside a service never do.
    if scene.policy.kind is not Kind.TRUST and all(e.type == "Service" for e in _entries(scene)):
        yield from _asked(scene, "aws:SourceAccount", accounts)


def _for_owner(scene: _Scene) -> Iterator[tuple[Change, ...]]:
    owners = {r.split(":")[4] for r in scene.statement.resources or () if r.count(":") >= 5}
    if len(owners) == 1 and not scene.statement.not_resources and all(len(o) == 12 and o.isdigit() for o in owners):
        yield from _for(scene, sorted(owners))


def _for_organisations(scene: _Scene, organisations: list[str]) -> Iterator[tuple[Change, ...]]:
    if scene.policy.kind is not Kind.TRUST and all(e.type == "Service" for e in _entries(scene)):
        yield from _asked(scene, "aws:SourceOrgID", organisations)


def _with_patterns(scene: _Scene) -> Iterator[tuple[Change, ...]]:
    condition = scene.node.value.get("Condition")
    literal = {
        str(c.operator) for c, values in impossible(scene.policy, scene.statement) if any(set(v) & {"*", "?"} for v in values)
    }
    changes = []
    for name, block in condition.value.items() if condition is not None else ():
        pattern = next((o.replace("Equals", "Like") for o in literal if o.lower() == name.lower() and "Ignore" not in o), None)
        if pattern is not None and member(condition, pattern) is None:
            changes.append(scene.editor.rename(block, pattern))
    if changes:
        yield tuple(changes)


def _entry(scene: _Scene) -> tuple[list[str], list[str]]:
    """The entry of `never-grant` that a finding is about: its actions and resources."""
    entries = [(sorted(e["actions"]), sorted(e.get("resources", ["*"]))) for e in scene.options.get("never-grant", ())]
    return next((a, r) for a, r in entries if scene.finding.anchor[2:] == (*a, *r))


def _without_actions(scene: _Scene, entry: tuple[list[str], list[str]]) -> Iterator[tuple[Change, ...]]:
    """Take out the actions that are forbidden by name; only where they are forbidden on every resource."""
    actions, resources = entry
    listed = scene.node.value.get("Action")
    if listed is None or not isinstance(listed.value, list) or resources != ["*"]:
        return
    kept = [
        n.value for n in listed.value if set(n.value) & {"*", "?"} or not any(glob(p.lower(), n.value.lower()) for p in actions)
    ]
    if kept and len(kept) == len(listed.value) - 1:
        number = next(i for i, n in enumerate(listed.value) if n.value not in kept)
        yield (scene.editor.remove(listed, number),)
    elif kept and len(kept) < len(listed.value):
        yield (scene.editor.replace(listed, kept),)


def _denied(scene: _Scene, entry: tuple[list[str], list[str]]) -> Iterator[tuple[Change, ...]]:
    actions, resources = (v[0] if len(v) == 1 else v for v in entry)
    deny: dict[str, Any] = {"Effect": "Deny"}
    if scene.policy.kind.names_principals:
        deny["Principal"] = "*"
    deny["Action"] = actions
    if scene.policy.kind is not Kind.TRUST:
        deny["Resource"] = resources
    if isinstance(scene.statements.value, list):
        yield (scene.editor.add(scene.statements, deny),)
    else:
        yield scene.editor.enclose(scene.node, deny)


def _restored(scene: _Scene, tools: Tools) -> Iterator[tuple[Change, ...]]:
    """Put the statements of the reference in place of these, as they are written there."""
    source = tools.inputs.get(scene.finding.anchor[-1])
    if source is None:
        return
    text = source.text().content
    [reference] = read(source, {"kinds": {"**": scene.policy.kind.value}})
    pointer = reference.statements[0].location.pointer
    root = parse(text, source.path)
    node = at(root, pointer.rpartition("/")[0] if pointer.rpartition("/")[2].isdigit() else pointer)
    if node is not None and isinstance(node.value, list | dict):
        yield (Change(scene.statements.start, scene.statements.end, text[node.start : node.end]),)


def _entries(scene: _Scene) -> tuple[Any, ...]:
    principals = scene.statement.principals
    return principals.entries if principals is not None else ()
