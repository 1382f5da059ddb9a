"""Hexadecimal text."""
# twin: `return ord(c) - ord("a") + 10` becomes `return ord(c) - ord("a") + 11`; then `digit_value` is wrong


def digit_value(c: str) -> int:
    assert len(c) == 1
    assert "0" <= c <= "9" or "a" <= c <= "f"
    value = _value(c)
    assert 0 <= value < 16
    return value


def _value(c: str) -> int:
    if "0" <= c <= "9":
        return ord(c) - ord("0")
    return ord(c) - ord("a") + 10


def parse_hex(text: str) -> int:
    assert all(c in "0123456789abcdef" for c in text)
    total = 0
    for c in text:
        total = total * 16 + digit_value(c)
    assert total >= 0
    return total


def checksum(data: bytes) -> int:
    total = 0
    for b in data:
        total = (total + b) % 256
    assert 0 <= total <= 255
    return total


def xor_all(data: bytes, key: int) -> bytes:
    assert 0 <= key < 256
    result = bytes(b ^ key for b in data)
    assert len(result) == len(data)
    return result
