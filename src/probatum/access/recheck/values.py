"""Do assumptions about one dimension of a request leave a value? By automata of a few lines, and by samples.

A dimension is the action, the resource, or a condition key. What is said of it
comes from statements and facts, each true or false. Texts are decided exactly by
walking patterns together; numbers, dates and addresses by values that represent
all; the concrete semantics says what each operator makes of a value.
"""

from __future__ import annotations

import ipaddress
import itertools
import re
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from probatum.access.artefacts import Condition, Operator
from probatum.access.semantics import Caller, Request, Settings, axioms, condition_holds
from probatum.access.semantics.conditions import moment
from probatum.access.semantics.keys import NAMES, TRUTH, may_hold_several
from probatum.access.semantics.patterns import ANY, ONE, fold, resource_parts, split_pattern, substitute, tokenise

Literal = tuple[str, Any, bool]  # (dimension, what is said of it, whether it is true)
_Said = tuple[Condition, bool, bool]  # a condition, whether its policy has variables, whether it is true
_Pattern = list[tuple[str, bool, bool]]  # a character or wildcard; whether it stops at colons; whether case is ignored
_nobody = Caller("anonymous")


class Values:
    """What values a request can have, under the readings and axioms of a certificate."""

    def __init__(self, settings: Settings, sets: set[str], *, axioms_hold: bool, joined: bool) -> None:
        self.settings, self.sets, self.axioms, self.joined = settings, sets, axioms_hold, joined

    def some(self, core: frozenset[Literal]) -> bool:
        """Whether some value makes all literals, which are about one dimension, true; true also if there are several."""
        dimensions = {d for d, _, _ in core}
        if len(dimensions) != 1:
            return True
        [dimension] = dimensions
        if dimension.startswith("key:"):
            return self._some_value(dimension[4:], [(c, v, t) for _, (c, v), t in core])
        shapes = [_parts("?*", "?*")] if dimension == "action" else [_parts("arn", "?*", "?*", "*", "*", "?*"), _exactly("*")]
        texts = [(self._patterns(dimension, what), t) for _, what, t in core]
        return any(_word(texts, shape) is not None for shape in shapes)

    def _patterns(self, dimension: str, what: Any) -> list[_Pattern]:
        if dimension == "action":
            return [_parts(p) for p in what]
        texts, kind, v = what
        mode = self.settings.arn_mode
        found = (resource_parts(_one_name(p), mode=mode, kind=kind, context=_unknown, variables=v) for p in texts)
        return [_joined(parts) for parts in found if parts is not None]

    def _values(self, c: Condition, variables: bool) -> list[_Pattern]:
        """What the values of a condition match, as patterns for the key's text (or for the ARN that carries it)."""
        name, folds = c.operator.name.replace("Not", ""), c.operator.name.endswith("IgnoreCase")
        out = []
        for value in map(_one_name, c.values):
            if name.startswith("Arn"):
                parts = split_pattern(value, _unknown, variables=variables)
                out += [_joined(parts)] if parts is not None and len(parts) == 6 else []
                continue
            if name == "Bool" and fold(value) not in ("true", "false"):
                continue
            context = _unknown_up_to_case if folds else _unknown
            tokens = substitute(value, context, variables=variables, wildcards=name == "StringLike") or ()
            if not (self.joined and c.key == axioms.ACCOUNT):
                out.append([(t, False, folds or name == "Bool") for t in tokens])
            elif ":" not in tokens:
                wide = _parts("arn", "?*", "?*", "*", "")[:-1]
                out.append([*wide, (":", False, False), *((t, True, folds) for t in tokens), *_parts("", "?*")])
        return out

    def _some_value(self, key: str, said: list[_Said]) -> bool:
        """Whether some value of a key, absent, one or several, makes all conditions as true as said."""
        if all(self._holds(c, v, ()) is t for c, v, t in said):
            return True
        present = [(c, v, t) for c, v, t in said if c.operator.name != "Null"]
        if any(self._holds(c, v, ("x",)) is not t for c, v, t in said if c.operator.name == "Null"):
            return False
        if self._one(key, present, set()) is not None:
            return True
        wide = key in self.sets or self.settings.multivalue == "any"
        if not (may_hold_several(key, wide) if self.axioms else wide):
            return False
        every, some = [], []
        for c, v, t in present:
            if not c.operator.quantifier and self.settings.multivalue == "never":
                if t:
                    return False  # a plain operator is false of several values
            elif (c.operator.quantifier != "ForAllValues") is t:
                some.append((c, v, t))
            else:
                every.append((c, v, t))
        # Each demand on some value can be met within the demands on every value; two different values exist.
        found = [self._one(key, [*every, demand], set()) for demand in some]
        while None not in found and len(set(found)) < 2:
            found.append(self._one(key, every, {f for f in found if f is not None}))
        return None not in found

    def _one(self, key: str, said: list[_Said], but: set[str]) -> str | None:
        """Find one text of which the base operators are as said, other than those in `but`."""
        said = [(replace(c, operator=Operator(c.operator.name)), v, t) for c, v, t in said]
        typed = [x for x in said if not x[0].operator.name.startswith(("String", "Arn", "Bool"))]
        if typed:
            # A sample stands for all values like it, so another of them can be had. Where a key is also read as
            # text, only what one of the two readings excludes by itself is excluded.
            tries = (*_samples([c for c, _, _ in typed]), "x")
            kinds = {c.operator.name.replace("Not", "")[:3] for c, _, _ in typed}
            found = all(
                any(
                    all(self._holds(c, v, (x,)) is t for c, v, t in typed if c.operator.name.replace("Not", "")[:3] == kind)
                    for x in tries
                )
                for kind in kinds
            )
            rest = [x for x in said if x not in typed]
            return f"?{len(but)}" if found and (not rest or self._one(key, rest, set()) is not None) else None
        shapes = [_parts("*")]
        if self.axioms and key in TRUTH:
            shapes = [_exactly("true"), _exactly("false")]
        elif self.axioms and key == axioms.ARN:
            shapes = [_parts(*segments) for segments in axioms.PRINCIPAL_ARNS]
        texts = [(self._values(c, v), t is ("Not" not in c.operator.name)) for c, v, t in said]
        texts.append(([_exactly(b) for b in but], False))
        if self.axioms and key in NAMES:
            texts.append(([[(ANY, False, False), (c, False, False), (ANY, False, False)] for c in "*?"], False))
        if self.axioms and key == axioms.ARN:
            texts.append(([_parts(*["*"] * 7)], False))
        return next((w for shape in shapes if (w := _word(texts, shape)) is not None), None)

    def _holds(self, c: Condition, variables: bool, values: tuple[str, ...]) -> bool:
        return condition_holds(c, Request(_nobody, "a:b", "*", context={c.key: values}), self.settings, variables=variables)


# Unknown values of variables are letters of their own. Only the same letter and unrestricted runs match them.
class _Unknown(dict[str, tuple[str, ...]]):
    def __init__(self, mark: int) -> None:
        self.mark = mark

    def get(self, key: str, default: Any = ()) -> Any:  # noqa: ARG002 - every key has a value here
        if key not in self:
            self[key] = (chr(self.mark + len(self)),)
        return self[key]


_unknown, _unknown_up_to_case, _first_unknown = _Unknown(0xF0000), _Unknown(0x100000), "\U000f0000"


def _one_name(pattern: str) -> str:
    """Make a variable with its default one name, since either may be meant."""
    return re.sub(r"\$\{([^},]+),\s*'([^}]*)'\s*\}", lambda m: f"${{{m[1]}\x1fx{m[2].encode().hex()}}}", pattern)


def _parts(*texts: str) -> _Pattern:
    return _joined([tokenise(t) for t in texts])


def _joined(parts: Sequence[Sequence[str]]) -> _Pattern:
    """Put parts between colons; wildcards stop at colons in all parts but the last."""
    out: _Pattern = []
    for number, part in enumerate(parts):
        out += [(":", False, False)] * (number > 0) + [(t, number < len(parts) - 1, False) for t in part]
    return out


def _exactly(text: str) -> _Pattern:
    return [(c, False, False) for c in text]


def _word(texts: Sequence[tuple[list[_Pattern], bool]], shape: _Pattern) -> str | None:
    """Find a word of a shape that matches one of the patterns wherever the sign is true, and none where it is false."""
    against = [p for patterns, sign in texts if not sign for p in patterns]
    for chosen in itertools.product(*(patterns for patterns, sign in texts if sign)):
        # Unknowns: either any text stands for them, and patterns to avoid that have some are left out; or one pattern
        # is taken as it is, and only those are avoided whose unknowns it has, too. Both leave more words, not fewer.
        tries = [([shape, *map(_relaxed, chosen)], [p for p in against if not _unknowns(p)])]
        tries += [([p], [n for n in against if _unknowns(n) <= _unknowns(p)]) for p in chosen if _unknowns(p)]
        words = [_escape(*t) for t in tries]
        if None not in words:
            return words[0]
    return None


def _relaxed(pattern: _Pattern) -> _Pattern:
    return [(ANY if token >= _first_unknown else token, stops, folds) for token, stops, folds in pattern]


def _unknowns(pattern: _Pattern) -> set[str]:
    return {token for token, _, _ in pattern if token >= _first_unknown}


def _escape(required: list[_Pattern], against: list[_Pattern]) -> str | None:
    """Find a word that all required patterns match and no other. Walks all sets of positions, so it is exact.

    Characters that are spelled out only in patterns to avoid need not be tried: any new character avoids more.
    """
    spelled = {t for p in required for t, _, _ in p if len(t) == 1}
    spelled |= {
        v for p in required for t, _, folds in p if folds and len(t) == 1 for v in (fold(t), t.upper() if t.isascii() else t)
    }
    new = next(chr(n) for n in range(0xE000, 0xF000) if not any(t == chr(n) for p in (*required, *against) for t, _, _ in p))
    patterns = [*required, *against]
    start = tuple(_close(p, {0}) for p in patterns)
    seen, queue = {start}, [(start, "")]
    for states, word in queue:
        final = [len(p) in s for p, s in zip(patterns, states, strict=True)]
        if all(final[: len(required)]) and not any(final[len(required) :]):
            return word
        for c in sorted(spelled | {new, ":"}):
            after = tuple(_step(p, s, c) for p, s in zip(patterns, states, strict=True))
            if all(after[: len(required)]) and after not in seen:
                seen.add(after)
                queue.append((after, word + c))
    return None


def _step(pattern: _Pattern, states: frozenset[int], c: str) -> frozenset[int]:
    out = set()
    for at in states - {len(pattern)}:
        token, stops, folds = pattern[at]
        if token in (ANY, ONE):
            if not ((c == ":" and stops) or (c >= _first_unknown and (stops or token == ONE))):
                out.add(at if token == ANY else at + 1)
        elif token == c or (folds and fold(token) == fold(c)):
            out.add(at + 1)
    return _close(pattern, out)


def _close(pattern: _Pattern, states: set[int]) -> frozenset[int]:
    for at in range(len(pattern)):
        if at in states and pattern[at][0] == ANY:
            states.add(at + 1)
    return frozenset(states)


def _decimal(point: Fraction) -> str:
    # Sums and halves of decimal fractions end, so enough digits write them exactly.
    digits = len(str(point.denominator)) * 4
    whole = abs(point.numerator) * 10**digits // point.denominator
    return f"{'-' if point < 0 else ''}{whole // 10**digits}.{whole % 10**digits:0{digits}d}"


def _samples(conditions: Sequence[Condition]) -> list[str]:
    """Values between and at all breakpoints of numbers and dates, at and beside all ends of address ranges, and all bytes."""
    values = [v for c in conditions for v in c.values]
    points = sorted({Fraction(m) for v in values if (m := moment(v)) is not None})
    near = [*points, *((a + b) / 2 for a, b in itertools.pairwise(points)), *(p + d for p in points for d in (-1, 1))]
    out = [*map(_decimal, near), *values, "eHh4eHh4eHh4", "203.0.113.1", "2001:db8::1"]
    for value in values:
        try:
            net = ipaddress.ip_network(value, strict=False)
        except ValueError:
            continue
        for end in (net.network_address, net.broadcast_address):
            out += [str(type(end)(int(end) + d)) for d in (-1, 0, 1) if 0 <= int(end) + d < 2**net.max_prefixlen]
    return out
