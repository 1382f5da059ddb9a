"""Matrices as lists of rows."""
# twin: `row.append(matrix[i][j])` becomes `row.append(matrix[j][i])`; then `transpose` is wrong

from probatum.spec import ensures, invariant, pure, requires


@pure
def is_matrix(m: list[list[int]], rows: int, columns: int) -> bool:
    return len(m) == rows and all(len(row) == columns for row in m)


def transpose(matrix: list[list[int]], rows: int, columns: int) -> list[list[int]]:
    requires(rows > 0, columns > 0, is_matrix(matrix, rows, columns))
    ensures(lambda r: is_matrix(r, columns, rows))
    ensures(lambda r: all(r[j][i] == matrix[i][j] for i in range(rows) for j in range(columns)))
    result: list[list[int]] = []
    for j in range(columns):
        invariant(is_matrix(result, j, rows))
        invariant(all(result[b][a] == matrix[a][b] for b in range(j) for a in range(rows)))
        row: list[int] = []
        for i in range(rows):
            invariant(len(row) == i, all(row[a] == matrix[a][j] for a in range(i)))
            row.append(matrix[i][j])
        result.append(row)
    return result


def zeros(rows: int, columns: int) -> list[list[int]]:
    requires(rows >= 0, columns >= 0)
    ensures(lambda r: is_matrix(r, rows, columns))
    ensures(lambda r: all(x == 0 for row in r for x in row))
    return [[0] * columns for _ in range(rows)]
