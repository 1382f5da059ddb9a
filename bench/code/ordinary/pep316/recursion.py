"""Recursion."""
# twin: `return n * factorial(n - 1)` becomes `return n * factorial(n - 2)`; then `factorial` is wrong


def factorial(n: int) -> int:
    """
    pre: n >= 0
    post: __return__ >= 1
    post: __return__ >= n
    """
    if n == 0:
        return 1
    return n * factorial(n - 1)


def fib(n: int) -> int:
    """
    pre: n >= 0
    post: __return__ >= 0
    """
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def fib_loop(n: int) -> int:
    """
    pre: n >= 0
    post: __return__ == fib(n)
    """
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def digit_sum(n: int) -> int:
    """
    pre: n >= 0
    post: 0 <= __return__ <= n
    post: (n - __return__) % 9 == 0
    """
    if n < 10:
        return n
    return n % 10 + digit_sum(n // 10)


def hanoi(n: int) -> int:
    """
    pre: n >= 0
    post: __return__ == 2 ** n - 1
    """
    return 0 if n == 0 else 2 * hanoi(n - 1) + 1
