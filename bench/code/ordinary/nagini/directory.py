"""A dictionary of ages."""
# twin: `ages[name] = ages[name] + 1` becomes `ages[name] = ages[name] + 2`; then `birthday` is wrong

from typing import Dict, Optional

from nagini_contracts.contracts import *


def birthday(ages: Dict[str, int], name: str) -> None:
    Requires(Acc(dict_pred(ages)))
    Requires(name in ages)
    Ensures(Acc(dict_pred(ages)))
    Ensures(name in ages and ages[name] == Old(ages[name]) + 1)
    ages[name] = ages[name] + 1


def lookup(ages: Dict[str, int], name: str) -> Optional[int]:
    Requires(Acc(dict_pred(ages), 1 / 10))
    Ensures(Acc(dict_pred(ages), 1 / 10))
    Ensures(Implies(Result() is not None, name in ages))
    if name in ages:
        return ages[name]
    return None
