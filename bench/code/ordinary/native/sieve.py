"""The sieve of Eratosthenes."""
# twin: `for multiple in range(p * p, n + 1, p):` becomes `for multiple in range(p, n + 1, p):`; then `sieve` is wrong

from probatum.spec import ensures, exists, invariant, pure, requires


@pure
def composite(n: int) -> bool:
    return exists(range(2, n), lambda d: n % d == 0)


def sieve(n: int) -> list[bool]:
    """Return which numbers up to n were never crossed out; crossed out numbers are composite."""
    requires(n >= 2)
    ensures(lambda r: len(r) == n + 1)
    ensures(lambda r: all(r[k] or composite(k) for k in range(2, n + 1)))
    is_prime = [True] * (n + 1)
    is_prime[0] = is_prime[1] = False
    p = 2
    while p * p <= n:
        invariant(p >= 2, len(is_prime) == n + 1)
        invariant(all(is_prime[k] or composite(k) for k in range(2, n + 1)))
        if is_prime[p]:
            for multiple in range(p * p, n + 1, p):
                invariant(len(is_prime) == n + 1, multiple % p == 0)
                invariant(all(is_prime[k] or composite(k) for k in range(2, n + 1)))
                is_prime[multiple] = False
        p += 1
    return is_prime
