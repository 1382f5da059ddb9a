"""Dates of the Gregorian calendar."""
# twin: `return 29 if is_leap(year) else 28` becomes `return 28 if is_leap(year) else 29`; then `days_in_month` is wrong


def is_leap(year: int) -> bool:
    """
    pre: year >= 1
    post: __return__ == ((year % 4 == 0) and (year % 100 != 0 or year % 400 == 0))
    """
    if year % 400 == 0:
        return True
    if year % 100 == 0:
        return False
    return year % 4 == 0


def days_in_month(year: int, month: int) -> int:
    """
    pre: year >= 1
    pre: 1 <= month <= 12
    post: 28 <= __return__ <= 31
    post: __return__ != 29 or is_leap(year)
    """
    if month == 2:
        return 29 if is_leap(year) else 28
    if month in (4, 6, 9, 11):
        return 30
    return 31


def days_before_month(year: int, month: int) -> int:
    """
    pre: year >= 1
    pre: 1 <= month <= 12
    post: 28 * (month - 1) <= __return__ <= 31 * (month - 1)
    """
    days = 0
    for m in range(1, month):
        days += days_in_month(year, m)
    return days


def next_day(year: int, month: int, day: int) -> tuple[int, int, int]:
    """
    pre: year >= 1 and 1 <= month <= 12
    pre: 1 <= day <= days_in_month(year, month)
    post: 1 <= __return__[1] <= 12
    post: 1 <= __return__[2] <= days_in_month(__return__[0], __return__[1])
    post: __return__ > (year, month, day)
    """
    if day < days_in_month(year, month):
        return year, month, day + 1
    if month < 12:
        return year, month + 1, 1
    return year + 1, 1, 1


def minutes(clock: tuple[int, int]) -> int:
    """
    pre: 0 <= clock[0] < 24 and 0 <= clock[1] < 60
    post: 0 <= __return__ < 24 * 60
    post: (__return__ // 60, __return__ % 60) == clock
    """
    hours, minute = clock
    return hours * 60 + minute
