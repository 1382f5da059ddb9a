"""Days of months, and of years."""
# twin: `year % 4 == 0 and year % 100 != 0 or year % 400 == 0` becomes `year % 4 == 0 and year % 100 != 0`; then `is_leap` is wrong

from probatum.spec import ensures, invariant, pure, requires


@pure
def is_leap(year: int) -> bool:
    requires(year >= 1)
    ensures(lambda r: r == (year % 400 == 0 if year % 100 == 0 else year % 4 == 0))
    return year % 4 == 0 and year % 100 != 0 or year % 400 == 0


@pure
def days_in_month(year: int, month: int) -> int:
    requires(year >= 1, 1 <= month <= 12)
    ensures(lambda r: 28 <= r <= 31)
    match month:
        case 2:
            return 29 if is_leap(year) else 28
        case 4 | 6 | 9 | 11:
            return 30
        case _:
            return 31


def day_of_year(year: int, month: int, day: int) -> int:
    requires(year >= 1, 1 <= month <= 12, 1 <= day <= days_in_month(year, month))
    ensures(lambda r: day <= r <= 31 * (month - 1) + day)
    total = day
    for m in range(1, month):
        invariant(day <= total <= day + 31 * (m - 1))
        total += days_in_month(year, m)
    return total
