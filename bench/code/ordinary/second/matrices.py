"""Matrices without libraries."""
# twin: `out[j][i] = m[i][j]` becomes `out[j][i] = m[i][0]`; then `transpose` is wrong


def transpose(m: list[list[int]]) -> list[list[int]]:
    assert len(m) > 0
    assert all(len(row) == len(m[0]) for row in m)
    out = [[0] * len(m) for _ in range(len(m[0]))]
    for i in range(len(m)):
        for j in range(len(m[0])):
            out[j][i] = m[i][j]
    assert len(out) == len(m[0])
    assert all(len(row) == len(m) for row in out)
    assert all(out[j][i] == m[i][j] for j in range(len(m[0])) for i in range(len(m)))
    return out


def add(a: list[list[int]], b: list[list[int]]) -> list[list[int]]:
    assert len(a) == len(b)
    assert all(len(a[i]) == len(b[i]) for i in range(len(a)))
    out = []
    for i in range(len(a)):
        row = []
        for j in range(len(a[i])):
            row.append(a[i][j] + b[i][j])
        out.append(row)
    assert len(out) == len(a)
    assert all(len(out[i]) == len(a[i]) for i in range(len(a)))
    return out


def row_sums(m: list[list[int]]) -> list[int]:
    result = [sum(row) for row in m]
    assert len(result) == len(m)
    assert all(result[i] == sum(m[i]) for i in range(len(m)))
    return result


def scale(m: list[list[int]], by: int) -> None:
    for i in range(len(m)):
        for j in range(len(m[i])):
            m[i][j] *= by


def contains(m: list[list[int]], x: int) -> bool:
    found = False
    for row in m:
        if x in row:
            found = True
    assert found == any(x in row for row in m)
    return found
