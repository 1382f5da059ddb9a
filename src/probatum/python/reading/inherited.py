"""Contracts that methods have from what they override."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from probatum.python.program import Class, Contract, Module, Program, Syntax

# Syntaxes whose contracts hold of overriding methods whatever their classes say, and how.
_always_passed_on = {Syntax.NATIVE: "add", Syntax.PEP316: "replace"}
_constructors = frozenset({"__init__", "__new__", "__post_init__", "__init_subclass__", "__class_getitem__"})


def pass_contracts_on(program: Program, modules: Iterable[Module]) -> None:
    """Give methods without a contract the one of what they override, where contracts are written so that they pass on."""
    for module in modules:
        for class_ in module.classes.values():
            for key, method in class_.methods.items():
                if method.contract.syntax == Syntax.NONE and not method.contract.says_something:
                    passed = _passed_on(program, class_, key)
                    if passed is not None:
                        contract = replace(passed, place=method.place)
                        class_.methods[key] = replace(method, contract=contract)  # type: ignore[index]  # made above, as a dict


def _passed_on(program: Program, class_: Class, name: str) -> Contract | None:
    """Return a contract that has nothing of its own and inherits all; None if no class above passes one on."""
    if (name.startswith("__") and not name.endswith("__")) or name in _constructors:
        return None
    waiting, seen = list(class_.bases), {class_.qualified}
    policy = class_.inherits
    found: Contract | None = None
    while waiting:
        known = program.class_(waiting.pop(0))
        if known is None or known.qualified in seen:
            continue
        seen.add(known.qualified)
        waiting.extend(known.bases)
        policy = policy or known.inherits
        above = known.methods.get(name)
        if found is None and above is not None and above.contract.syntax != Syntax.NONE:
            found = above.contract
    if found is None:
        return None
    policy = policy or _always_passed_on.get(found.syntax, "")
    return Contract(found.syntax, inherits=policy) if policy else None
