"""Points on which the services' behaviour is disputed, as switches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from probatum.errors import UsageError


@dataclass(frozen=True, slots=True)
class Settings:
    """How disputed points are read.

    Attributes
    ----------
    arn_mode : str
        ``segments``: a pattern for resources is matched part by part between
        colons. ``flat``: as one text.
    multivalue : str
        What a plain operator says of a key with several values. ``never``:
        false, whatever the operator. ``any``: as if ``ForAnyValue`` stood
        before it.
    """

    arn_mode: str = "segments"
    multivalue: str = "never"

    def __post_init__(self) -> None:
        """Keep typing mistakes from becoming a third reading."""
        if self.arn_mode not in ("segments", "flat"):
            raise UsageError(f"`{self.arn_mode}` is not an `arn-mode`", help="write `segments` or `flat`")
        if self.multivalue not in ("never", "any"):
            raise UsageError(f"`{self.multivalue}` is not a value of `multivalue`", help="write `never` or `any`")

    @staticmethod
    def of(options: Mapping[str, Any]) -> Settings:
        """Take the settings from the options of the system."""
        return Settings(options.get("arn-mode", "segments"), options.get("multivalue", "never"))
