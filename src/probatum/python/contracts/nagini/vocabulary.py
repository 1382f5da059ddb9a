"""The names that Nagini defines: what is read of them, and what the others belong to."""

from __future__ import annotations

import ast

from probatum.python import forms
from probatum.python.scopes import Scope, register_exports

library = "nagini_contracts"
contracts = f"{library}.contracts"
must_terminate = f"{library}.obligations.MustTerminate"
data_type = f"{library}.adt.ADT"  # a base class of classes whose instances never change, which has nothing of its own

header = frozenset({"Requires", "Ensures", "Exsures", "Decreases"})
loop = frozenset({"Invariant", "Decreases"})
predicates = frozenset({"list_pred", "set_pred", "dict_pred", "bytearray_pred"})
amounts = frozenset({"ARP", "RD_PRED"})
slots = frozenset({"MayCreate", "MaySet"})
permissions = frozenset({"Acc", "Rd", "Wildcard"}) | predicates | slots
quantifiers = {"Forall": 1, **{f"Forall{n}": n for n in range(2, 7)}, "Exists": 1}
decorators = frozenset({"Pure", "Opaque", "Ghost", "ContractOnly", "Predicate", "Inline", "AllLow", "PreservesLow"})
statements = {"Assert": forms.CHECK, "Assume": forms.ASSUME, "Refute": forms.REFUTE}
values = {"PSeq": forms.SEQUENCE, "PByteSeq": forms.SEQUENCE, "PSet": forms.SET, "PMultiset": forms.MULTISET}
views = {"ToSeq": forms.SEQUENCE, "ToByteSeq": forms.SEQUENCE, "ToMS": forms.MULTISET, "Old": forms.OLD}
plain = frozenset({"GInt", "GFloat", "GComplex", "GBool", "GStr", "MarkGhost"})  # types, and what marks them
terms = frozenset({"Result", "ResultT", "RaisedException", "Implies", "Let", "Previous", "Reveal", "isNaN"})
known = header | loop | permissions | amounts | statements.keys() | values.keys() | views.keys() | plain | terms
known |= quantifiers.keys() | decorators - {"Predicate", "AllLow", "PreservesLow"}

kinds = {
    "Predicate": "a predicate (`@Predicate`)",
    "Fold": "predicates (`Fold`)",
    "Unfold": "predicates (`Unfold`)",
    "Unfolding": "predicates (`Unfolding`)",
    **{
        w: f"information flow (`{w}`)"
        for w in ("Low", "LowVal", "LowEvent", "LowExit", "Declassify", "TerminatesSif", "AllLow", "PreservesLow")
    },
}
modules = {
    "io_contracts": "input and output",
    "io_builtins": "input and output",
    "obligations": "obligations",
    "thread": "threads",
    "lock": "locks",
}

register_exports(contracts, sorted(known | kinds.keys()))
register_exports(f"{library}.obligations", ["MustTerminate", "MustInvoke", "MustRelease", "WaitLevel", "Level", "BaseLock"])
register_exports(f"{library}.thread", ["Thread", "ThreadPost", "MayStart", "getArg", "getMethod", "getOld", "arg", "Joinable"])
register_exports(f"{library}.lock", ["Lock"])
register_exports(f"{library}.adt", ["ADT"])
register_exports(
    f"{library}.io_contracts",
    [
        *("IOForall", "IOExists", "IOOperation", "IOExistential", "Terminates", "TerminationMeasure", "token", "ctoken", "Place"),
        *("Open", "Eval", "IOExists1", "IOExists2", "IOExists3", "IOExists4", "IOExists5", "IOExists6", "IOExists7", "IOExists8"),
        *(
            "IOExists9",
            "gap_io",
            "no_op_io",
            "split_io",
            "join_io",
            "end_io",
            "set_var_io",
            "NoOp",
            "Gap",
            "End",
            "Split",
            "Join",
        ),
        *("SetVar", "MustTerminate", "MustInvoke", "MustRelease"),
    ],
)


def of(scope: Scope, expression: ast.AST) -> str:
    """Return which name of `nagini_contracts.contracts` an expression stands for, or ""."""
    name = scope.qualified(expression) if isinstance(expression, ast.Name | ast.Attribute) else None
    return name.removeprefix(f"{contracts}.") if name is not None and name.startswith(f"{contracts}.") else ""


def called(scope: Scope, node: ast.AST) -> str:
    """Return which name of `nagini_contracts.contracts` is called, or ""."""
    return of(scope, node.func) if isinstance(node, ast.Call) else ""


def measure_of(scope: Scope, node: ast.AST) -> ast.expr | None:
    """Return the measure of a `MustTerminate`."""
    if not isinstance(node, ast.Call) or len(node.args) != 1 or node.keywords:
        return None
    name = scope.qualified(node.func) if isinstance(node.func, ast.Name | ast.Attribute) else None
    return node.args[0] if name == must_terminate else None


def meaning(name: str) -> str:
    """Return what a qualified name of the library that is not read belongs to."""
    _, _, rest = name.partition(".")
    module, _, word = rest.partition(".")
    if module == "contracts":
        return kinds.get(word, f"`{word}` of Nagini")
    return f"{modules.get(module, 'a part of Nagini')} (`{word or module}`)"
