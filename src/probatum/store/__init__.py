"""State that survives: results and runs in SQLite, what is large under its digest.

Nothing here is needed for a check to be right, only for it to be quick: a state
directory that is full, damaged or forbidden raises `StateError`, and the engine
goes on without it.
"""

from __future__ import annotations

from probatum.store.objects import Objects
from probatum.store.state import Garbage, Remembered, Renewed, State

__all__ = ["Garbage", "Objects", "Remembered", "Renewed", "State"]
