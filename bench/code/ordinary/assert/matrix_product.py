"""Matrices."""
# twin: `assert len(a[0]) == len(b)` becomes `assert len(a) == len(b)`; then `product` is wrong


def product(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
    assert len(a) > 0 and len(b) > 0
    assert all(len(row) == len(a[0]) for row in a)
    assert all(len(row) == len(b[0]) for row in b)
    assert len(a[0]) == len(b)
    result = [[0] * len(b[0]) for _ in range(len(a))]
    for i in range(len(a)):
        for j in range(len(b[0])):
            for k in range(len(b)):
                result[i][j] += a[i][k] * b[k][j]
    assert len(result) == len(a)
    assert all(len(row) == len(b[0]) for row in result)
    return result


def trace(m: list[list[int]]) -> int:
    assert all(len(row) == len(m) for row in m)
    total = sum(m[i][i] for i in range(len(m)))
    assert len(m) != 1 or total == m[0][0]
    return total


def identity(n: int) -> list[list[int]]:
    assert n >= 0
    m = [[1 if i == j else 0 for j in range(n)] for i in range(n)]
    assert len(m) == n
    assert all(m[i][i] == 1 for i in range(n))
    return m
