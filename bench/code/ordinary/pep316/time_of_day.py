"""Hours and minutes."""
# twin: `total = self.hour * 60 + self.minute + minutes` becomes `total = self.hour * 24 + self.minute + minutes`; then `TimeOfDay.plus` is wrong


class TimeOfDay:
    """A time without a date.

    inv: 0 <= self.hour < 24
    inv: 0 <= self.minute < 60
    """

    def __init__(self, hour: int, minute: int):
        """
        pre: 0 <= hour < 24 and 0 <= minute < 60
        """
        self.hour = hour
        self.minute = minute

    def minutes(self) -> int:
        """
        post: 0 <= __return__ < 1440
        """
        return self.hour * 60 + self.minute

    def plus(self, minutes: int) -> "TimeOfDay":
        """
        pre: minutes >= 0
        post: __return__.minutes() == (self.minutes() + minutes) % 1440
        """
        total = self.hour * 60 + self.minute + minutes
        return TimeOfDay(total // 60 % 24, total % 60)

    def __lt__(self, other: "TimeOfDay") -> bool:
        """
        post: __return__ == (self.minutes() < other.minutes())
        """
        return (self.hour, self.minute) < (other.hour, other.minute)
