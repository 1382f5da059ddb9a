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
from probatum.access.artefacts import Kind, Policy, Principal, Statement, read
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

_Way = Callable[["_Scene"], tuple[Change, ...]]


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
    source, statement = tools.inputs.get(policy.path), _statement(policy, finding)
    ways = list(_ways(finding, tools))
    if source is None or source.digest != policy.digest or statement is None or not ways:
        return
    before = _said(policy, tools)
    for title, way in ways:
        text = _changed(policy, finding, tools, way, before)
        if text is None:
            continue
        claim = {"a": {"is": "text", "text": text}, "b": {"is": "policy"}}
        answer = claims.decide(policy, claim, tools, says=_SAYS)
        if not isinstance(answer, claims.Broken):
            proof = answer.evidence if isinstance(answer, claims.Holds) else None
            yield Repair(title=title.format(statement=statement.name), edits=(_edit(source, text),), verified=proof)


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
                yield (
                    f"let services act only for account `{accounts[0]}` by {{statement}}",
                    lambda s: _for(s, "aws:SourceAccount", accounts),
                )
            if organisations:
                yield (
                    "let services act only for the trusted organisations by {statement}",
                    lambda s: _for(s, "aws:SourceOrgID", organisations),
                )
        case "deny-never-applies":
            yield "read wildcards in {statement} as wildcards, with `StringLike`", _with_patterns
            yield "remove {statement}, which denies nothing", _without
        case "grants-nothing":
            yield "remove {statement}, which grants nothing", _without
        case "forbidden-access":
            yield "take what must never be granted out of {statement}", _without_actions
            yield "deny what must never be granted", _denied
            yield "remove {statement}", _without
        case "new-access":
            yield "restore the statements of the reference", lambda s: _restored(s, tools)
        case _:
            return


def _changed(policy: Policy, finding: Finding, tools: Tools, way: _Way, before: Counter[tuple[str, ...]]) -> str | None:
    """Return the text after a change, or None if the finding is not gone with it, or more is found than before."""
    text = tools.inputs[policy.path].text().content
    scene = _scene(policy, text, finding, tools)
    changes = way(scene) if scene is not None else ()
    if not changes:
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
    if statement is None:
        return None
    pointer = statement.location.pointer
    node = at(root, pointer)
    parent = at(root, pointer.rpartition("/")[0]) if pointer.rpartition("/")[2].isdigit() else node
    if node is None or parent is None or not isinstance(node.value, dict) or "Effect" not in node.value:
        return None
    return _Scene(policy, statement, node, parent, Editor(text, root), finding, tools.options)


def _statement(policy: Policy, finding: Finding) -> Statement | None:
    return next((s for s in policy.statements if s.location == finding.location), None)


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


# Ways. Each returns its changes; none if it does not fit.


def _without(scene: _Scene) -> tuple[Change, ...]:
    if not isinstance(scene.statements.value, list) or len(scene.statements.value) == 1:
        return ()
    return (scene.editor.remove(scene.statements, scene.statement.index),)


def _only_accounts(scene: _Scene, accounts: list[str]) -> tuple[Change, ...]:
    principal = scene.node.value.get("Principal")
    listed = accounts[0] if len(accounts) == 1 else list(accounts)
    if principal is None or not any(e.type == "*" for e in _entries(scene)):
        return ()
    if principal.value == "*":
        return (scene.editor.replace(principal, {"AWS": listed}),)
    return (scene.editor.replace(principal.value["AWS"], listed),)


def _without_principal(scene: _Scene) -> tuple[Change, ...]:
    """Take the entries that name the caller of the finding out of `Principal`, if others are left."""
    principal, evidence = scene.node.value.get("Principal"), scene.finding.evidence
    if principal is None or not isinstance(principal.value, dict) or not isinstance(evidence, Counterexample):
        return ()
    caller = Request.from_json(evidence.given["request"]).principal
    unwanted = {e.value for e in _entries(scene) if names(e, caller)}
    for kind, value in principal.value.items():
        texts = [n.value for n in value.value] if isinstance(value.value, list) else [value.value]
        kept = [t for t in texts if t not in unwanted]
        if len(kept) == len(texts):
            continue
        if kept:
            return (scene.editor.replace(value, kept[0] if len(kept) == 1 else kept),)
        return (scene.editor.remove(principal, kind),) if len(principal.value) > 1 else ()
    return ()


def _asked(scene: _Scene, key: str, values: list[str]) -> tuple[Change, ...]:
    """Ask for one of some values of a key, besides what the statement asks for already."""
    value = values[0] if len(values) == 1 else list(values)
    conditions = scene.node.value.get("Condition")
    if conditions is None:
        return (scene.editor.add(scene.node, {"StringEquals": {key: value}}, "Condition"),)
    if not conditions.value:
        return (scene.editor.replace(conditions, {"StringEquals": {key: value}}),)
    block = member(conditions, "StringEquals")
    if block is None:
        return (scene.editor.add(conditions, {key: value}, "StringEquals"),)
    if not block.value:
        return (scene.editor.replace(block, {key: value}),)
    return (scene.editor.add(block, value, key),) if member(block, key) is None else ()


def _for(scene: _Scene, key: str, values: list[str]) -> tuple[Change, ...]:
    # Services that assume roles often send no such key, and accounts that are named beside a service never do.
    if scene.policy.kind is Kind.TRUST or any(e.type != "Service" for e in _entries(scene)):
        return ()
    return _asked(scene, key, values)


def _for_owner(scene: _Scene) -> tuple[Change, ...]:
    resources = scene.statement.resources or ()
    owners = {r.split(":")[4] if r.count(":") >= 5 else "" for r in resources}
    if len(owners) != 1 or scene.statement.not_resources or not all(len(o) == 12 and o.isdigit() for o in owners):
        return ()
    return _for(scene, "aws:SourceAccount", sorted(owners))


def _with_patterns(scene: _Scene) -> tuple[Change, ...]:
    conditions = scene.node.value.get("Condition")
    literal = {
        str(c.operator) for c, values in impossible(scene.policy, scene.statement) if any(set(v) & {"*", "?"} for v in values)
    }
    changes = []
    for name, block in conditions.value.items() if conditions is not None else ():
        pattern = next((o.replace("Equals", "Like") for o in literal if o.lower() == name.lower() and "Ignore" not in o), None)
        if pattern is not None and member(conditions, pattern) is None:
            changes.append(scene.editor.rename(block, pattern))
    return tuple(changes)


def _entry(scene: _Scene) -> tuple[list[str], list[str]]:
    """The entry of `never-grant` that a finding is about: its actions and resources; empty if it is not there any more."""
    entries = [(sorted(e["actions"]), sorted(e.get("resources", ["*"]))) for e in scene.options.get("never-grant", ())]
    return next(((a, r) for a, r in entries if scene.finding.anchor[2:] == (*a, *r)), ([], []))


def _without_actions(scene: _Scene) -> tuple[Change, ...]:
    """Take out the actions that are forbidden by name; only where they are forbidden on every resource."""
    actions, resources = _entry(scene)
    listed = scene.node.value.get("Action")
    if listed is None or not isinstance(listed.value, list) or resources != ["*"]:
        return ()
    texts = [n.value for n in listed.value]
    kept = [t for t in texts if set(t) & {"*", "?"} or not any(glob(p.lower(), t.lower()) for p in actions)]
    if not kept or len(kept) == len(texts):
        return ()
    if len(kept) == len(texts) - 1:
        return (scene.editor.remove(listed, next(i for i, t in enumerate(texts) if t not in kept)),)
    return (scene.editor.replace(listed, kept),)


def _denied(scene: _Scene) -> tuple[Change, ...]:
    actions, resources = (v[0] if len(v) == 1 else v for v in _entry(scene))
    if not actions:
        return ()
    deny: dict[str, Any] = {"Effect": "Deny"}
    if scene.policy.kind.names_principals:
        deny["Principal"] = "*"
    deny["Action"] = actions
    if scene.policy.kind is not Kind.TRUST:
        deny["Resource"] = resources
    if isinstance(scene.statements.value, list):
        return (scene.editor.add(scene.statements, deny),)
    return scene.editor.enclose(scene.node, deny)


def _restored(scene: _Scene, tools: Tools) -> tuple[Change, ...]:
    """Put the statements of the reference in place of these, as they are written there."""
    source = tools.inputs.get(scene.finding.anchor[-1])
    if source is None:
        return ()
    text = source.text().content
    try:
        [reference] = read(source, {"kinds": {"**": scene.policy.kind.value}})
        root = parse(text, source.path)
    except UnreadableArtefact:
        return ()  # percent-encoded: its text is not that of a policy
    place, _, number = reference.statements[0].location.pointer.rpartition("/")
    node = at(root, place if number.isdigit() else f"{place}/{number}")
    if node is None or not isinstance(node.value, list | dict):
        return ()
    return (Change(scene.statements.start, scene.statements.end, text[node.start : node.end]),)


def _entries(scene: _Scene) -> tuple[Principal, ...]:
    principals = scene.statement.principals
    return principals.entries if principals is not None else ()
