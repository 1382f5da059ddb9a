"""Reading a policy about conversations: what must be there, what may be, and what was probably meant."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from probatum.dialogue.artefacts.importers.notation import Notation
from probatum.dialogue.artefacts.mapping import mapping_of
from probatum.dialogue.artefacts.policy import DETECTORS, Assistant, Log, Policy, Privacy, Requirement, SessionRule, Shared
from probatum.dialogue.artefacts.requirements import request_fails, rewrite_harms, stage_fails
from probatum.dialogue.artefacts.turn import STAGES
from probatum.project.document import Node, parse
from probatum.project.fields import Fields, fault
from probatum.source import Text
from probatum.stats.private_counts import Noise

LOWEST_SHARED = 10  # users, below which nothing that leaves a site may be learnt

# Kind of requirement -> what reads its fields. A kind that a policy does not mention is required with its defaults.
_kinds: dict[str, Callable[[str, Fields], Requirement]] = {
    "request-fails": request_fails.read,
    "rewrite-harms": rewrite_harms.read,
    "stage-fails": stage_fails.read,
}
_assistants = {
    "hassil": ("sentences", "lists", "language", "stages"),
    "rasa": ("url", "stages"),
    "command": ("argv", "path", "stages"),
    "url": ("url", "stages"),
}
_FEWEST_STAGES = 4


def read_policy(text: Text) -> Policy:
    """Read a policy.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with what to write instead.
    """
    root = Fields(parse(text, extra="dialogue"), "the policy")
    name = root.text("name", "")
    policy = Policy(
        subject=name or text.path,
        location=root.node.location,
        logs=_logs(root),
        sessions=_sessions(root),
        privacy=_privacy(root),
        shared=_files(root, "shared"),
        assistant=_assistant(root),
        alpha=float(root.number("alpha", 0.05, low=1e-9, high=0.5)),
        requirements=_requirements(root),
        digest=text.digest,
        stages=root.text("stages", ""),
    )
    root.text("schema", "", choices=["probatum-dialogue-policy/1"])
    root.text("description", "")
    root.close()
    return policy


def _logs(root: Fields) -> tuple[Log, ...]:
    node = root.get("logs")
    if node is None or not isinstance(node.value, tuple) or not node.value:
        where = root.node.location if node is None else node.location
        raise fault(where, "the policy names no logs", "add `logs:` with a list of files")
    return tuple(_log(item) for item in node.value)


def _log(item: Node) -> Log:
    if isinstance(item.value, str) and item.value:
        return Log(path=item.value, location=item.location)
    own = Fields(item, "a log")
    mapping = own.get("mapping")
    columns, notation = ({}, Notation()) if mapping is None else mapping_of(mapping)
    log = Log(
        path=own.text("path"),
        format=own.text("format", "auto" if mapping is None else "mapping"),
        mapping=columns,
        notation=notation,
        locale=own.text("locale", ""),
        location=item.location,
    )
    own.close()
    return log


def _sessions(root: Fields) -> SessionRule:
    node = root.get("sessions")
    if node is None:
        return SessionRule()
    own = Fields(node, "`sessions`")
    rephrase = own.number("rephrase", None, low=0.001)
    rule = SessionRule(
        gap_s=float(own.number("gap", 300.0, low=0.001)),
        rephrase_s=None if rephrase is None else float(rephrase),
        detector=own.text("detector", "words", choices=list(DETECTORS)),
    )
    own.close()
    return rule


def _privacy(root: Fields) -> Privacy:
    node = root.get("privacy")
    if node is None:
        return Privacy()
    own = Fields(node, "`privacy`")
    privacy = Privacy(
        users=own.whole("users", 20, low=1),
        households=own.whole("households", 5, low=1),
        shareable=own.boolean("shareable", True),
        public=_files(own, "public"),
        noise=_noise(own),
    )
    own.close()
    if privacy.shareable and privacy.users < LOWEST_SHARED:
        raise fault(
            own.at("users"),
            f"what {privacy.users} users said may not be shared",
            f"ask for at least {LOWEST_SHARED} users, or write `shareable: false` if nothing leaves this site",
        )
    return privacy


def _noise(privacy: Fields) -> Noise | None:
    node = privacy.get("noise")
    if node is None:
        return None
    own = Fields(node, "`noise`")
    noise = Noise(
        epsilon=float(own.number("epsilon", low=0.001, high=20.0)),
        delta=float(own.number("delta", low=1e-15, high=0.01)),
        most=own.whole("pairs", 8, low=1),
    )
    own.close()
    return noise


def _files(own: Fields, name: str) -> tuple[Shared, ...]:
    node = own.get(name)
    if node is None:
        return ()
    items = node.value if isinstance(node.value, tuple) else (node,)
    for item in items:
        if not isinstance(item.value, str) or not item.value:
            raise fault(
                item.location, f"`{name}` names something that is no file", "write a list of paths, relative to the policy"
            )
    return tuple(Shared(path=item.value, location=item.location) for item in items)


def _assistant(root: Fields) -> Assistant | None:
    node = root.get("assistant")
    if node is None:
        return None
    own = Fields(node, "`assistant`")
    kind = own.text("kind", choices=list(_assistants))
    options = {name: own.texts(name, ()) for name in _assistants[kind]}
    own.close()
    stages = options["stages"]
    if stages and (len(stages) < _FEWEST_STAGES or len(set(stages)) < len(stages)):
        raise fault(
            own.at("stages"),
            "`stages` does not name four different stages or more",
            "write them in their order: activation, input, those that the assistant tells of, result",
        )
    if stages and kind in ("hassil", "rasa") and len(stages) != len(STAGES):
        raise fault(own.at("stages"), f"an assistant of kind `{kind}` has five stages", f"name five, as in `{', '.join(STAGES)}`")
    return Assistant(kind=kind, options={name: value for name, value in options.items() if value}, location=node.location)


def _requirements(root: Fields) -> tuple[Requirement, ...]:
    node = root.get("require")
    items: tuple[Any, ...] = ()
    if node is not None:
        if not isinstance(node.value, tuple):
            raise fault(node.location, "`require` is not a list", "write `- {id: ..., kind: ...}` lines")
        items = node.value
    found: list[Requirement] = []
    for item in items:
        own = Fields(item, "a requirement")
        name = own.text("id")
        own.what = f"the requirement `{name}`"
        if any(other.id == name for other in found):
            raise fault(own.at("id"), f"the identifier `{name}` occurs twice", "give each requirement its own")
        found.append(_kinds[own.text("kind", choices=list(_kinds))](name, own))
        own.text("description", "")
        own.close()
    mentioned = {type(requirement) for requirement in found}
    for kind, read in _kinds.items():
        default = read(kind, Fields(Node({}, root.node.location, {}), "a requirement"))
        if type(default) not in mentioned:
            found.append(default)
    return tuple(found)
