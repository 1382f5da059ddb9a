"""A camera in the network that gives a picture for a GET of its address."""

from __future__ import annotations

import http.client
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from typing import IO, Any

from probatum.errors import UsageError
from probatum.inspection.artefacts.sources import Shot
from probatum.inspection.artefacts.unusable import LIMITS, Limits, Unusable

_PIECE = 64 * 1024


class _Stays(urllib.request.HTTPRedirectHandler):
    """Follows nobody to another place: a camera that was taken over must not send us through the network of its owner."""

    def redirect_request(  # noqa: PLR0917 - urllib calls it so
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: Any, newurl: str
    ) -> None:
        del req, fp, code, msg, headers, newurl


class Snapshots:
    """Addresses of cameras.

    Parameters
    ----------
    addresses : mapping of str to str
        From the name of each view to its address, `http://` or `https://`.
    timeout_s : float, default 5
        For each picture, from its first byte to its last.
    limits : Limits

    Raises
    ------
    UsageError
        If an address is another kind of address, as of files.
    """

    def __init__(self, addresses: Mapping[str, str], *, timeout_s: float = 5.0, limits: Limits = LIMITS) -> None:
        for name, address in addresses.items():
            if not address.lower().startswith(("http://", "https://")):
                raise UsageError(
                    f"the address of `{name}` is not of a camera in the network", help="write `http://` or `https://`"
                )
        self._addresses, self._timeout, self._limits = dict(addresses), timeout_s, limits
        self._opener = urllib.request.build_opener(_Stays, urllib.request.ProxyHandler({}))

    def capture(self) -> list[Shot]:
        """Ask each camera once."""
        return [Shot(name, self._got(address)) for name, address in self._addresses.items()]

    def close(self) -> None:
        """Do nothing: no connection stays open."""

    def _got(self, address: str) -> bytes | Unusable:
        until = time.monotonic() + self._timeout
        pieces: list[bytes] = []
        size = 0
        try:
            with self._opener.open(address, timeout=self._timeout) as answer:
                promised = answer.headers.get("Content-Length") or ""
                while piece := answer.read1(_PIECE):
                    size += len(piece)
                    pieces.append(piece)
                    if size > self._limits.most_bytes:
                        return Unusable("too-large", f"the camera sends more than {self._limits.most_bytes:,} bytes")
                    if time.monotonic() > until:
                        return Unusable("no-answer", f"the camera did not finish within {self._timeout:g} s")
        except urllib.error.HTTPError as error:
            with error:
                return Unusable("no-answer", f"the camera answers {error.code}", "look at its address in a browser")
        except (urllib.error.URLError, http.client.HTTPException, OSError, ValueError) as problem:
            why = getattr(problem, "reason", None) or problem
            return Unusable("no-answer", f"no answer from the camera: {str(why).lower()[:80]}")
        if promised.isdigit() and size < int(promised):
            return Unusable("truncated", "the camera sent less than it said")
        return b"".join(pieces) or Unusable("empty", "the camera sent nothing")
