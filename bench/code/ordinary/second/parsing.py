"""Texts: digits, words and pairs."""
# twin: `value = value * 10 + (ord(c) - ord("0"))` becomes `value = value * 10 - (ord(c) - ord("0"))`; then `to_number` is wrong

import deal


@deal.pre(lambda text: all("0" <= c <= "9" for c in text))
@deal.post(lambda result: result >= 0)
def to_number(text: str) -> int:
    value = 0
    for c in text:
        value = value * 10 + (ord(c) - ord("0"))
    return value


@deal.ensure(lambda text, result: 0 <= result <= len(text))
@deal.ensure(lambda text, result: all(c == " " for c in text[:result]))
@deal.ensure(lambda text, result: result == len(text) or text[result] != " ")
def skip_blanks(text: str) -> int:
    at = 0
    while at < len(text) and text[at] == " ":
        at += 1
    return at


@deal.ensure(lambda text, result: all(len(w) > 0 for w in result))
@deal.ensure(lambda text, result: all("," not in w for w in result))
def fields(text: str) -> list[str]:
    found: list[str] = []
    word = ""
    for c in text:
        if c == ",":
            if word:
                found.append(word)
            word = ""
        else:
            word += c
    if word:
        found.append(word)
    return found


@deal.ensure(lambda text, result: result == sum(1 for c in text if c in "aeiou"))
def vowels(text: str) -> int:
    n = 0
    for c in text:
        if c in "aeiou":
            n += 1
    return n


@deal.raises(ValueError)
@deal.ensure(lambda line, result: result[0] + ":" + result[1] == line)
def split_once(line: str) -> tuple[str, str]:
    at = line.find(":")
    if at < 0:
        raise ValueError("no colon")
    return line[:at], line[at + 1 :]


@deal.ensure(lambda text, result: len(result) == len(text))
@deal.ensure(lambda text, result: all(result[i] == text[len(text) - 1 - i] for i in range(len(text))))
def backwards(text: str) -> str:
    out = ""
    for c in text:
        out = c + out
    return out
