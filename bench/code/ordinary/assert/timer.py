"""A context manager, and what finally does."""
# twin: `self.depth -= 1` becomes `self.depth -= self.depth`; then `nested` is wrong


class Nesting:
    def __init__(self) -> None:
        self.depth = 0

    def __enter__(self) -> "Nesting":
        self.depth += 1
        return self

    def __exit__(self, kind, error, trace) -> None:
        self.depth -= 1


def nested(nesting: Nesting) -> int:
    assert nesting.depth >= 0
    before = nesting.depth
    with nesting:
        with nesting as inner:
            seen = inner.depth
    assert nesting.depth == before
    assert seen == before + 2
    return seen


def cleaned_up(log: list[str], key: str, table: dict[str, int]) -> int:
    n = len(log)
    result = 0
    try:
        result = table[key]
    except KeyError:
        result = -1
    finally:
        log.append("done")
    assert len(log) == n + 1
    assert log[-1] == "done"
    assert result == table.get(key, -1)
    return result
