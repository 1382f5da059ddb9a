"""What was read of a function, as texts."""

import ast


def shown(clauses):
    """The conditions of clauses."""
    return [ast.unparse(c.expression) for c in clauses]


def messages(one):
    """What is wrong with it."""
    return [p.message for p in one.problems]
