"""What a policy says of teaching: when users may be asked, where never, what is never learnt, and what names and requests there are."""

from __future__ import annotations

from dataclasses import dataclass

from probatum.dialogue.artefacts.utterance import normalised
from probatum.project.document import Node, parse
from probatum.project.fields import Fields, fault
from probatum.source import Text

SCHEMA = "probatum-dialogue-teaching/1"
NEVER = ("activity=driving", "motion=driving", "driving=true", "timer=ringing", "alarm=ringing", "call=active")
BOUND = ("room", "activity", "place")


@dataclass(frozen=True, slots=True, kw_only=True)
class Catalogue:
    """What the assistant knows, where it cannot be called, normalised: names of things and of rooms, and requests, with `{name}` for any of them."""

    names: frozenset[str] = frozenset()
    rooms: frozenset[str] = frozenset()
    requests: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class TeachingRules:
    """When users are asked, and what is learnt.

    Attributes
    ----------
    failures : int
        Requests like one another, all failed, in `window_s`, after which is asked.
    window_s, undo_s, patience_s : float
        In which requests belong together, in which the opposite undoes one, and for how long a question is open.
    pause_s : float
        Between two questions to one user that did not ask for them.
    never : tuple of str
        Circumstances, `name=value`, in which nobody is asked.
    bound : tuple of str
        Names of circumstances to which what is taught is bound, unless the user says that it holds everywhere.
    risky : tuple of str
        Intents that are never learnt, besides those whose names say that they are hard to undo.
    lasts_s : float or None
        After which what was taught expires; None: never, unless the user says so.
    unchecked : bool
        Whether what a user says of himself ("my team") may be stored though nothing knows the value.
    catalogue : Catalogue or None
    """

    failures: int = 2
    window_s: float = 300.0
    undo_s: float = 30.0
    patience_s: float = 90.0
    pause_s: float = 86400.0
    never: tuple[str, ...] = NEVER
    bound: tuple[str, ...] = BOUND
    risky: tuple[str, ...] = ()
    lasts_s: float | None = None
    unchecked: bool = True
    catalogue: Catalogue | None = None


def read_teaching(text: Text) -> TeachingRules:
    """Read a file of rules.

    Raises
    ------
    UnreadableArtefact
        At the first thing that is wrong, with what to write instead.
    """
    root = Fields(parse(text, extra="dialogue"), "the rules of teaching")
    own = TeachingRules()
    root.text("schema", "", choices=[SCHEMA])
    root.text("description", "")
    lasts = root.number("lasts_days", None, low=0.001)
    found = TeachingRules(
        failures=root.whole("failures", own.failures, low=2),
        window_s=float(root.number("window", own.window_s, low=1)),
        undo_s=float(root.number("undo", own.undo_s, low=1)),
        patience_s=float(root.number("patience", own.patience_s, low=1)),
        pause_s=86400 * float(root.number("pause_days", own.pause_s / 86400, low=0)),
        never=_never(root),
        bound=root.texts("bound", own.bound),
        risky=root.texts("risky", ()),
        lasts_s=None if lasts is None else 86400 * float(lasts),
        unchecked=root.boolean("unchecked", own.unchecked),
        catalogue=_catalogue(root),
    )
    root.close()
    return found


def _never(root: Fields) -> tuple[str, ...]:
    node = root.get("never")
    if node is None:
        return NEVER
    if not isinstance(node.value, dict):
        raise fault(node.location, "`never` is not a mapping", "write circumstances and values, as in `activity: [driving]`")
    own = Fields(node, "`never`")
    found = tuple(f"{name}={value}" for name in node.value for value in own.texts(name))
    own.close()
    return found


def _catalogue(root: Fields) -> Catalogue | None:
    node: Node | None = root.get("catalogue")
    if node is None:
        return None
    own = Fields(node, "`catalogue`")
    found = Catalogue(
        names=frozenset(map(normalised, own.texts("names", ()))),
        rooms=frozenset(map(normalised, own.texts("rooms", ()))),
        requests=frozenset(map(_request, own.texts("requests", ()))),
    )
    own.close()
    return found


def _request(written: str) -> str:
    """Return the normal form of a request, in which `{name}` stays."""
    return " ".join(filter(None, " {name} ".join(map(normalised, written.split("{name}"))).split(" ")))
