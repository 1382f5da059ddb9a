"""What attributes say of terms: names, weights and pools of quantifiers, messages and conditions."""

from __future__ import annotations

from collections.abc import Iterator

from probatum.ivl.syntax import tree


def quantifier_name(one: tree.Quantifier) -> str:
    """Return the name for a quantifier: what `:qid` says, or where its first variable stands."""
    given = text_of(one.attributes, "qid")
    if given is not None or not one.bound:
        return given or ""
    at = one.bound[0].position
    file = "".join(c for c in at.file.replace("\\", "/").rsplit("/", 1)[-1] if c.isalnum())
    return f"{'_' if file[:1].isdigit() else ''}{file or 'unknown'}.{at.line}:{at.column}"


def weight(attributes: tree.Attributes) -> int | None:
    """Return what `{:weight n}` says."""
    one = tree.attribute(attributes, "weight")
    if one is not None and one.values and isinstance(value := one.values[0], tree.Literal) and isinstance(value.value, int):
        return value.value
    return None


def pool_names(attributes: tree.Attributes) -> list[str]:
    """Return the names of pools that a bound variable takes terms from."""
    return [value for one in attributes if one.key == "pool" for value in one.values if isinstance(value, str)]


def added_to_pools(attributes: tree.Attributes) -> Iterator[tuple[str, tree.Expression]]:
    """Yield what attributes add to pools: the name of the pool, and an expression."""
    for one in attributes:
        if one.key == "add_to_pool" and one.values and isinstance(name := one.values[0], str):
            for value in one.values[1:]:
                if not isinstance(value, str):
                    yield name, value


def text_of(attributes: tree.Attributes, key: str) -> str | None:
    """Return the text that an attribute gives."""
    one = tree.attribute(attributes, key)
    return one.values[0] if one is not None and one.values and isinstance(one.values[0], str) else None


def expression_of(attributes: tree.Attributes, key: str) -> tree.Expression | None:
    """Return the expression that an attribute gives, if it is one alone."""
    for one in attributes:
        if one.key == key and len(one.values) == 1 and not isinstance(one.values[0], str):
            return one.values[0]
    return None
