"""The game."""
# twin: `if n % 15 == 0:` becomes `if n % 30 == 0:`; then `fizzbuzz` is wrong

import deal


@deal.pre(lambda n: n > 0)
@deal.ensure(lambda n, result: ("Fizz" in result) == (n % 3 == 0))
@deal.ensure(lambda n, result: result.endswith("Buzz") == (n % 5 == 0))
def fizzbuzz(n: int) -> str:
    if n % 15 == 0:
        return "FizzBuzz"
    if n % 5 == 0:
        return "Buzz"
    if n % 3 == 0:
        return "Fizz"
    return str(n)


@deal.pre(lambda n: n >= 0)
@deal.ensure(lambda n, result: len(result) == n)
def game(n: int) -> list[str]:
    return [fizzbuzz(i) for i in range(1, n + 1)]
