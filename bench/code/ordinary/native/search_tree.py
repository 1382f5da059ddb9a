"""Binary trees, as dataclasses."""
# twin: `return 1 + max(depth(tree.left), depth(tree.right))` becomes `return max(depth(tree.left), depth(tree.right))`; then `depth` is wrong

from __future__ import annotations

from dataclasses import dataclass
from typing import Optional

from probatum.spec import decreases, ensures, pure


@dataclass(frozen=True)
class Node:
    value: int
    left: Optional[Node] = None
    right: Optional[Node] = None


@pure
def size(tree: Optional[Node]) -> int:
    decreases(tree)
    ensures(lambda r: r >= 0)
    if tree is None:
        return 0
    return size(tree.left) + 1 + size(tree.right)


@pure
def depth(tree: Optional[Node]) -> int:
    decreases(tree)
    ensures(lambda r: 0 <= r <= size(tree))
    ensures(lambda r: (r == 0) == (tree is None))
    if tree is None:
        return 0
    return 1 + max(depth(tree.left), depth(tree.right))


def mirror(tree: Optional[Node]) -> Optional[Node]:
    decreases(tree)
    ensures(lambda r: size(r) == size(tree))
    if tree is None:
        return None
    return Node(tree.value, mirror(tree.right), mirror(tree.left))


def insert(tree: Optional[Node], value: int) -> Node:
    decreases(tree)
    ensures(lambda r: size(tree) <= size(r) <= size(tree) + 1)
    if tree is None:
        return Node(value)
    if value < tree.value:
        return Node(tree.value, insert(tree.left, value), tree.right)
    if value > tree.value:
        return Node(tree.value, tree.left, insert(tree.right, value))
    return tree
