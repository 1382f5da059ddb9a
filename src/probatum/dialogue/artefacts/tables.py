"""The stored model of conversations: one folder of Parquet tables, and a manifest that says what they came from.

Texts are stored once, under a number, and turns name them by it: whoever must
drop the words of a user, or of all users, drops rows of `texts` and keeps the
counts. Users, devices and households are pseudonyms under a key of the project.
"""

from __future__ import annotations

import hashlib
import re
from functools import lru_cache

SCHEMA = "probatum-dialogue/1"

# Column -> type, as DuckDB writes them. A new column is a new minor version; readers take what they know.
TURNS = {
    "turn_id": "VARCHAR",  # 16 hexadecimal digits: of the conversation and the position in it
    "conversation_id": "VARCHAR",
    "position": "INTEGER",  # from 0
    "user_id": "VARCHAR",  # pseudonym; null if the log has none
    "household_id": "VARCHAR",
    "device_id": "VARCHAR",
    "asked_at": "TIMESTAMP",  # UTC
    "answered_at": "TIMESTAMP",
    "text_id": "UBIGINT",  # of `texts`; null for a turn without words
    "hypotheses": "STRUCT(text_id UBIGINT, score DOUBLE)[]",
    "rewritten_id": "UBIGINT",  # the text that was acted on instead
    "rewrite": "VARCHAR",  # the one that was drawn for, whether or not the draw was to apply it
    "policy": "VARCHAR",
    "arm": "VARCHAR",
    "propensity": "DOUBLE",
    "domain": "VARCHAR",
    "intent": "VARCHAR",
    "slots": "STRUCT(name VARCHAR, value VARCHAR)[]",
    "response_id": "UBIGINT",
    "interrupted_ms": "DOUBLE",
    "stages": "STRUCT(name VARCHAR, ok BOOLEAN, confidence DOUBLE, code VARCHAR, output VARCHAR)[]",
    "tools": "STRUCT(name VARCHAR, arguments VARCHAR, result VARCHAR, ok BOOLEAN, error VARCHAR)[]",
    "signals": "STRUCT(kind VARCHAR, value DOUBLE, source VARCHAR)[]",
    "context": "STRUCT(name VARCHAR, value VARCHAR)[]",
    "locale": "VARCHAR",
    "channel": "VARCHAR",
    "source": "VARCHAR",  # file, relative to the checked directory
    "line": "BIGINT",
}
TEXTS = {
    "text_id": "UBIGINT",
    # `utterance.normalised`, and nothing else: how one user wrote what others say too would stay when that user is forgotten.
    "normalised": "VARCHAR",
}
UNKNOWN = {
    "conversation_id": "VARCHAR",
    "at": "TIMESTAMP",
    "kind": "VARCHAR",
    "payload": "VARCHAR",
    "source": "VARCHAR",
    "line": "BIGINT",
}
QUARANTINE = {"source": "VARCHAR", "line": "BIGINT", "reason": "VARCHAR", "start": "VARCHAR"}  # start: the first 200 characters


# What logs write where they do not know who: whoever is called so is not one.
_nobody = re.compile(
    r"null|none|nil|nan|n/?a|undefined|unknown|unavailable|anon(?:ymous)?|guest|default|-|[0-]{32,36}", re.IGNORECASE
)


def named(identifier: str) -> str:
    """Return an identifier, or "" if it only says that there is none."""
    found = identifier.strip()
    return "" if _nobody.fullmatch(found) else found


def pseudonym(identifier: str, key: bytes, kind: str) -> str | None:
    """Return 32 hexadecimal digits for an identifier, or None where nobody is `named`: HMAC-SHA256 under the project's key.

    Parameters
    ----------
    identifier : str
        As the log has it.
    key : bytes
        b"" where nothing is stored and nobody else sees the pseudonym.
    kind : str
        `user`, `device` ...: the same identifier of two kinds has two pseudonyms.
    """
    # A conversation is what an importer says that it is, whatever it is called.
    identifier = identifier if kind == "conversation" else named(identifier)
    if not identifier:
        return None
    return _authenticated(key, f"{kind}\0{identifier}").hex()[:32]


def text_number(normalised: str, key: bytes) -> int:
    """Return the number of a text: the first eight bytes of HMAC-SHA256 of its normalised form, under the project's key."""
    return int.from_bytes(_authenticated(key, f"text\0{normalised}")[:8], "big")


def _authenticated(key: bytes, text: str) -> bytes:
    """HMAC-SHA256 (RFC 2104) of a text, from the two states that only the key determines."""
    inner, outer = _states(key)
    inner, outer = inner.copy(), outer.copy()
    inner.update(text.encode("utf-8", "surrogatepass"))
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(4)
def _states(key: bytes) -> tuple[hashlib._Hash, hashlib._Hash]:
    block = (hashlib.sha256(key).digest() if len(key) > 64 else key).ljust(64, b"\0")
    return hashlib.sha256(bytes(byte ^ 0x36 for byte in block)), hashlib.sha256(bytes(byte ^ 0x5C for byte in block))
