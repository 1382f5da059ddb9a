"""What provers remember: decisions under the digest of all that they depend on.

The digest covers the text, the wanted values, the options and the limits, the
ladder, the seed, the versions of the solvers, and a number that changes when
the meaning of any of these does.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from probatum.errors import StateError
from probatum.solve.obligations import Decision, Obligation

if TYPE_CHECKING:
    from probatum.store import State

_WRITTEN_AT_ONCE = 200  # a transaction costs as much as a small proof


class Cache(Protocol):
    """Where decisions are kept, as JSON. All calls come from the thread that iterates."""

    def get_many(self, keys: Sequence[str]) -> Mapping[str, Any]:
        """Return the values of those keys that are there."""
        ...

    def put(self, key: str, value: Any) -> None:
        """Keep a value, at the latest by the next `flush`."""
        ...

    def flush(self) -> None:
        """Write what is not written yet."""
        ...


class StoreCache:
    """A cache in the state directory of a project.

    A state that cannot be read or written costs time and nothing else: it is
    left alone from then on, and `note` says why.
    """

    def __init__(self, state: State) -> None:
        self._state = state
        self._fresh: dict[str, Any] = {}
        self.note: str | None = None

    def get_many(self, keys: Sequence[str]) -> Mapping[str, Any]:
        """Return the values of those keys that are there."""
        found = {key: self._fresh[key] for key in keys if key in self._fresh}
        missing = [key for key in keys if key not in found]
        if missing and self.note is None:
            try:
                found.update(self._state.get_many(missing))
            except StateError as problem:
                self.note = str(problem)
        return found

    def put(self, key: str, value: Any) -> None:
        """Keep a value."""
        self._fresh[key] = value
        if len(self._fresh) >= _WRITTEN_AT_ONCE:
            self.flush()

    def flush(self) -> None:
        """Write what is not written yet, in one transaction."""
        fresh, self._fresh = self._fresh, {}
        if fresh and self.note is None:
            try:
                self._state.put_many([(key, value, []) for key, value in fresh.items()])
            except StateError as problem:
                self.note = str(problem)


def digest_of(obligation: Obligation, seed: int, salt: str) -> str:
    """Return the key of an obligation.

    `timeout_s` and `ends` have no part: what depended on the clock is not kept.
    """
    own = "" if obligation.ladder is None else obligation.ladder.text()
    rest = json.dumps([salt, own, seed, obligation.values, obligation.rlimit, obligation.options, len(obligation.text)])
    hasher = hashlib.sha256(rest.encode())
    hasher.update(obligation.text.encode(errors="surrogatepass"))
    return hasher.hexdigest()


def read(value: Any) -> Decision | None:
    """Return a decision that was kept; None if there is none, or if it is not one."""
    if value is None:
        return None
    try:
        return Decision.from_json(value)
    except (KeyError, TypeError, ValueError):
        return None
