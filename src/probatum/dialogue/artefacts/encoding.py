"""JSON, written and read many times over: as `json` does it, without what that sets up anew for each value.

`json.loads` with an option makes a decoder for each text, and an encoder of `json` makes its inner one for each value; of
values as small as turns, that is half of the time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from json import encoder
from typing import Any

Encode = Callable[[Any], str]


def encoding(*, ascii_only: bool = False, sort_keys: bool = False) -> Encode:
    """Return what encodes values that came from JSON, without blanks: as `json.JSONEncoder(...).encode`.

    What contains itself, which nothing from JSON does, is a RecursionError.
    """
    plain = json.JSONEncoder(ensure_ascii=ascii_only, sort_keys=sort_keys, separators=(",", ":"), check_circular=False)
    make: Any = getattr(encoder, "c_make_encoder", None)
    if make is None:  # another Python than CPython
        return plain.encode
    text = encoder.encode_basestring_ascii if ascii_only else encoder.encode_basestring
    inner = make(None, plain.default, text, None, ":", ",", sort_keys, False, True)

    def encode(value: Any) -> str:
        return "".join(inner(value, 0))

    return encode


def text_of(value: str) -> str:
    """Return a text as JSON, in UTF-8."""
    return encoder.encode_basestring(value)


_decode = json.JSONDecoder().raw_decode


def decode(text: str) -> Any:
    """Return the value of a text that `encoding` made: that nothing follows it is not looked at."""
    return _decode(text)[0]
