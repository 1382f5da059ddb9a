"""What a shop has."""
# twin: `self.stock[name] = left` becomes `self.stock[name] = left - 1`; then `Inventory.remove` is wrong

from typing import Dict


class OutOfStock(Exception):
    pass


class Inventory:
    """
    inv: all(n >= 0 for n in self.stock.values())
    """

    def __init__(self) -> None:
        self.stock: Dict[str, int] = {}

    def add(self, name: str, n: int) -> None:
        """
        pre: n > 0
        post[self]: self.stock[name] >= n
        """
        if name in self.stock:
            self.stock[name] += n
        else:
            self.stock[name] = n

    def remove(self, name: str, n: int) -> None:
        """
        pre: n > 0
        raises: OutOfStock
        post[self]: name in self.stock
        """
        left = self.stock.get(name, 0) - n
        if left < 0:
            raise OutOfStock(name)
        self.stock[name] = left

    def count(self, name: str) -> int:
        """
        post: __return__ >= 0
        """
        return self.stock.get(name, 0)
