"""Encrypt a text with two data keys and AES-GCM, show the frames, and show what is refused.

Run with `python demo.py` in this folder; it needs the `cryptography` package.
"""

from __future__ import annotations

import os

os.environ.setdefault("PROBATUM_CONTRACTS", "off")  # they are proved; `all` checks them while it runs

from framing.header import FRAMED, DataKey, End, Header, Pair, Start, take_header
from framing.message import decrypt_message, encrypt_message
from framing.sequence import parse
from framing.wire import ParseError


def main() -> None:
    """Print a message and five that are refused."""
    keys = (os.urandom(32), os.urandom(32))
    start = Start(2, 0x0478, os.urandom(32))
    pairs, wrapped = (Pair(b"purpose", b"demo"),), (DataKey(b"none", b"one", b""), DataKey(b"none", b"two", b""))
    header = Header(start, pairs, wrapped, End(FRAMED, 16, bytes(32)))
    text = b"Frames are opened with the keys and in the order in which they were sealed."

    message = encrypt_message(keys, header, text)
    print(f"{len(text)} bytes of text, {len(message)} bytes of message")
    taken = take_header(message)
    if taken is not None:
        for frame in parse(taken[1][16:], 16)[0]:
            print(f"  frame {frame.sequence}: {frame.content.hex()}{'  final' if frame.final else ''}")
    print(decrypt_message(keys, message)[1].decode())

    size = 4 + 12 + 16 + 16
    body = len(message) - (4 * size + 40 + len(text) % 16)
    first, second = message[body : body + size], message[body + size : body + 2 * size]
    refused = {
        "two frames have changed places": message[:body] + second + first + message[body + 2 * size :],
        "a frame comes twice": message[:body] + first + first + message[body + size :],
        "a frame is lost": message[:body] + message[body + size :],
        "the end is lost": message[:-1],
        "a bit is another": message[:-1] + bytes([message[-1] ^ 1]),
    }
    for what, wrong in refused.items():
        print(f"{what}: {reason(keys, wrong)}")
    print(f"two keys are swapped: {reason((keys[1], keys[0]), message)}")


def reason(keys: tuple[bytes, ...], message: bytes) -> str:
    """Return why a message is refused."""
    try:
        decrypt_message(keys, message)
    except ParseError as refusal:
        return str(refusal)
    return "accepted"


if __name__ == "__main__":
    main()
