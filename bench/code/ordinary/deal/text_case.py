"""Text."""
# twin: `return text[: width - 3] + "..."` becomes `return text[:width] + "..."`; then `shorten` is wrong

import deal


@deal.pre(lambda text, width: width >= 3)
@deal.ensure(lambda text, width, result: len(result) <= width)
@deal.ensure(lambda text, width, result: result == text or result.endswith("..."))
def shorten(text: str, width: int) -> str:
    if len(text) <= width:
        return text
    return text[: width - 3] + "..."


@deal.pre(lambda text, width, fill=" ": len(fill) == 1)
@deal.ensure(lambda text, width, fill, result: len(result) == max(len(text), width))
@deal.ensure(lambda text, width, fill, result: result.endswith(text))
def pad_left(text: str, width: int, fill: str = " ") -> str:
    return fill * (width - len(text)) + text


@deal.ensure(lambda words, separator, result: not words or result.startswith(words[0]))
def join_words(words: list[str], separator: str) -> str:
    result = ""
    for i, word in enumerate(words):
        if i > 0:
            result += separator
        result += word
    return result


@deal.pre(lambda line: line.count("=") == 1)
@deal.ensure(lambda line, result: result[0] + "=" + result[1] == line)
def split_pair(line: str) -> tuple[str, str]:
    at = line.index("=")
    return line[:at], line[at + 1 :]
