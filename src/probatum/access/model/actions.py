"""Long lists of action patterns, looked up by service.

Policies list thousands of actions, nearly all of which spell out their service.
Two patterns of different services share no action, so only those of one service,
and the few with a wildcard in it, need to be compared.
"""

from __future__ import annotations

from functools import lru_cache

from probatum.access.model.patterns import action_glob


class ActionIndex:
    """Action patterns, in lower case, by service."""

    def __init__(self, patterns: tuple[str, ...]) -> None:
        self.exact = frozenset(p for p in patterns if not _wild(p))
        self._near: dict[str, list[str]] = {}
        self._anywhere: list[str] = []
        for pattern in patterns:
            service = service_of(pattern)
            if service is None:
                self._anywhere.append(pattern)
            else:
                self._near.setdefault(service, []).append(pattern)
        self._all = patterns
        self._globs: dict[str, list[str]] = {service: [p for p in listed if _wild(p)] for service, listed in self._near.items()}

    def near(self, pattern: str) -> tuple[str, ...]:
        """Return the patterns that may share actions with another."""
        service = service_of(pattern)
        return self._all if service is None else (*self._near.get(service, ()), *self._anywhere)

    def matches(self, action: str) -> bool:
        """Whether some pattern matches an action, in lower case."""
        if action in self.exact:
            return True
        globs = (*self._globs.get(action.partition(":")[0], ()), *self._anywhere)
        return any(action.startswith((glob := action_glob(p)).prefix) and glob.matches(action) for p in globs)


def service_of(pattern: str) -> str | None:
    """Return the service of a pattern, or None if it has a wildcard in it."""
    service, colon, _ = pattern.partition(":")
    return service if colon and not _wild(service) else None


def _wild(text: str) -> bool:
    return "*" in text or "?" in text


@lru_cache(maxsize=50_000)
def action_index(patterns: tuple[str, ...]) -> ActionIndex:
    """Return the index of some patterns."""
    return ActionIndex(patterns)
