"""A pair of policies as a question about strings, and the way back from its models to requests."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from probatum.access.artefacts import Condition, Kind, Operator, Policy, Statement
from probatum.access.model.strings.patterns import (
    ACTION_RANGES,
    AN_ARN,
    COLON,
    NO_COLON,
    Items,
    Variable,
    arn_of,
    folded,
    items_of,
    parts_of,
    regex,
    split,
    variables_in,
    variables_of,
)
from probatum.access.model.strings.terms import (
    FALSE,
    TRUE,
    all_of,
    among,
    concatenation,
    if_then_else,
    negation,
    sequence,
    signed,
    some_of,
    total,
    truth,
)
from probatum.access.model.strings.typed import NOWHERE, SHAPES, family, samples, true_of
from probatum.access.semantics import Caller, Request, Settings, axioms, condition_holds, document_allows, named
from probatum.access.semantics.axioms import ACCOUNT, ARN, PRINCIPAL_ARNS
from probatum.access.semantics.callers import CallerClass, classes
from probatum.access.semantics.conditions import positive
from probatum.access.semantics.keys import NAMES, TRUTH, may_hold_several
from probatum.access.semantics.patterns import ANY, ONE, tokenise
from probatum.errors import UsageError
from probatum.solve import Question, Sat, Value
from probatum.solve.text import string_literal

TRUTHS = ("true", "false")


class Inexpressible(Exception):
    """The theory of strings cannot say this; the text says what."""


@dataclass
class _Key:
    """One condition key: the constants that say what a request has for it."""

    name: str
    present: str
    several: str  # `false` if it never has several values
    elements: list[str]  # the first is the only value, unless there are several
    choices: list[str]  # parallel: what numbers, dates .. are read from; the elements themselves if nothing reads them as text
    values: tuple[str, ...] = ()  # of choices
    parts: list[list[str]] = field(default_factory=list)  # parallel: six parts where an element is an ARN


class Encoding:
    """A pair of policies as a question about strings.

    Attributes
    ----------
    inexact : list of str
        What has a loose and a tight reading; empty if the question is exact.
    """

    def __init__(self, a: Policy, b: Policy, settings: Settings, *, axioms_hold: bool = True) -> None:
        self.a, self.b, self.settings, self.axioms = a, b, settings, axioms_hold
        self.inexact: list[str] = []
        self._declarations: list[str] = []
        self._definitions: dict[str, str] = {}
        self._asserted: list[str] = []
        self._tight: list[str] = []
        self._report: list[str] = []
        policies = (a, b)
        self._joined = axioms_hold and axioms.account_is_in_arn(policies)
        self._read = axioms.keys_of(policies)
        self._groups = self._callers()
        self._facts = [axioms.facts(self._read, klass) if axioms_hold else () for klass, _ in self._groups]
        self._clauses = axioms.clauses(self._read) if axioms_hold else ()
        every = [c for p in policies for s in p.statements for c in s.conditions]
        every += [c for facts in self._facts for c in facts] + [c for clause in self._clauses for c, _ in clause]
        self._conditions: dict[str, list[Condition]] = {}
        for c in every:
            self._conditions.setdefault(c.key, []).append(c)
        self._named = {v.key for p in policies if p.variables_active for v in variables_of(p)}
        self._keys: dict[str, _Key] = {}
        self._action, self._resource, self._at = self._declare_request()
        for key in sorted({*self._conditions, *self._named}):
            self._key(key)
        self._selected = [self._constant(f"caller{n}", "Bool") for n in range(len(self._groups))]
        for n, selected in enumerate(self._selected):
            self._asserted.append(f"(=> {selected} {self._by(n)})")
        self._asserted.append(some_of(self._selected))

    def question(self, *, tight: bool = False) -> Question:
        """Return the question, in its loose or its tight reading."""
        lines = ["(set-logic QF_SLIA)", *self._declarations]
        lines += [f"(define-fun {name} () Bool {text})" for text, name in self._definitions.items()]
        lines += [f"(assert {text})" for text in (*self._asserted, *(self._tight if tight else ()))]
        return Question("\n".join(lines) + "\n", tuple(self._report))

    def replayed(self, answer: Sat) -> Request | None:
        """Return the request that a solver found, if A allows it and B does not; in plain letters if those do, too."""
        chosen = next(n for n, selected in enumerate(self._selected) if answer.values[selected])
        for plain in (True, False):
            for request in self._requests(answer.values, chosen, plain=plain):
                differs = document_allows(self.a, request, self.settings) and not document_allows(self.b, request, self.settings)
                if differs and self._possible(request, chosen):
                    return request
        return None

    # Callers: those that no statement and no fact tells apart are one.

    def _callers(self) -> list[tuple[CallerClass | None, Caller]]:
        if not self.a.kind.names_principals:
            return [(None, Caller("user", "arn:aws:iam::999999999900:user/x"))]
        out: dict[object, tuple[CallerClass | None, Caller]] = {}
        for klass in classes((self.a, self.b)):
            facts = axioms.facts(self._read, klass) if self.axioms else ()
            named_by = tuple(self._names(s, klass.caller) for p in (self.a, self.b) for s in p.statements)
            out.setdefault((facts, named_by), (klass, klass.caller))
        return list(out.values())

    def _names(self, statement: Statement, caller: Caller) -> bool:
        return statement.principals is None or named(statement, caller) != ""

    def _by(self, number_: int) -> str:
        """Say that a caller of the class makes a request that is allowed here and not there."""
        klass, caller = self._groups[number_]

        def about(policy: Policy, *, allows: bool) -> list[str]:
            chosen = [s for s in policy.statements if s.allows is allows]
            return [self._statement(policy, s) for s in chosen if klass is None or self._names(s, caller)]

        allowed = some_of(about(self.a, allows=True))
        if allowed == FALSE:
            return FALSE
        beyond = some_of((negation(some_of(about(self.b, allows=True))), *about(self.b, allows=False)))
        facts = [self._condition(c, variables=False) for c in self._facts[number_]]
        facts += [some_of(signed(self._condition(c, variables=False), sign) for c, sign in clause) for clause in self._clauses]
        return all_of((*facts, allowed, *(negation(x) for x in about(self.a, allows=False)), beyond))

    def _possible(self, request: Request, number_: int) -> bool:
        def holds(condition: Condition) -> bool:
            return condition_holds(condition, request, self.settings, variables=False)

        facts = all(map(holds, self._facts[number_]))
        return facts and all(any(holds(c) is sign for c, sign in clause) for clause in self._clauses)

    # What a request consists of.

    def _constant(self, name: str, sort: str) -> str:
        self._declarations.append(f"(declare-const {name} {sort})")
        self._report.append(name)
        return name

    def _define(self, text: str) -> str:
        if not text.startswith("("):
            return text
        return self._definitions.setdefault(text, f"f{len(self._definitions)}")

    def _declare_request(self) -> tuple[tuple[str, str], str, list[str]]:
        characters = f"(re.union {' '.join(f'(re.range {string_literal(x)} {string_literal(y)})' for x, y in ACTION_RANGES)})"
        spelled = {c for p in (self.a, self.b) for s in p.statements for t in s.actions for c in t.lower()}
        more = [c for c in sorted(spelled) if not c.isascii() and not c.isspace() and c.lower() == c]
        if more:
            characters = f"(re.union {characters} {' '.join(f'(str.to_re {string_literal(c)})' for c in more)})"
        service, name = self._constant("service", "String"), self._constant("name", "String")
        self._asserted += [f"(str.in_re {part} (re.+ {characters}))" for part in (service, name)]
        if self.settings.arn_mode == "flat":
            resource = self._constant("resource", "String")
            some, any_ = f"(re.+ {NO_COLON})", f"(re.* {NO_COLON})"
            shape = [x for part in ('(str.to_re "arn")', some, some, any_, any_) for x in (part, COLON)]
            self._asserted.append(f'(or (= resource "*") (str.in_re resource {sequence([*shape, "(re.+ re.allchar)"])}))')
            return (service, name), resource, []
        none = self._constant("no_resource", "Bool")
        at = ['"arn"', *(self._constant(f"resource{n}", "String") for n in range(1, 6))]
        self._asserted += [f"(str.in_re {at[n]} (re.+ {NO_COLON}))" for n in (1, 2)]
        self._asserted += [f"(str.in_re {at[n]} (re.* {NO_COLON}))" for n in (3, 4)]
        self._asserted.append(f'(not (= {at[5]} ""))')
        return (service, name), none, at

    def _key(self, key: str) -> _Key:
        known = self._keys.get(key)
        if known is not None:
            return known
        conditions = self._conditions.get(key, [])
        if self._joined and key == ACCOUNT:
            principal = self._key(ARN)
            return self._keys.setdefault(key, _Key(key, principal.present, FALSE, [principal.parts[0][4]], []))
        name = f"k{len(self._keys)}"
        present = self._constant(f"{name}_present", "Bool")
        any_of = self.settings.multivalue == "any"
        as_set = any_of or any(c.operator.quantifier for c in conditions)
        count = 1
        several = FALSE
        if may_hold_several(key, as_set) if self.axioms else as_set:
            several = self._constant(f"{name}_several", "Bool")
            # One value for each demand on some value, and two different ones: nothing else can be asked of several.
            demands = [c for c in conditions if c.operator.quantifier or (any_of and c.operator.name != "Null")]
            count = max(2, len({(c.operator, c.values) for c in demands}))
            self._asserted.append(f"(=> {several} {present})")
        elements = [self._constant(f"{name}_{n}", "String") for n in range(count)]
        if several != FALSE:
            self._asserted.append(f"(not (= {elements[0]} {elements[1]}))")
        found = self._keys[key] = _Key(key, present, several, elements, list(elements))
        self._restrict(found, conditions)
        return found

    def _restrict(self, key: _Key, conditions: Sequence[Condition]) -> None:
        """Say which texts are values of the key, and make the texts that stand for all numbers, dates .. known."""
        if self.axioms and key.name in TRUTH:
            self._asserted += [among(e, TRUTHS) for e in key.elements]
            return
        if self.axioms and key.name in NAMES:
            self._asserted += [f'(not (str.contains {e} "{c}"))' for e in key.elements for c in "*?"]
        if self.axioms and key.name == ARN:
            [element] = key.elements
            parts = ['"arn"', *(self._constant(f"{element}_{n}", "String") for n in range(1, 6))]
            self._asserted.append(f"(str.in_re {parts[1]} (re.+ {NO_COLON}))")
            self._asserted.append(f'(= {parts[3]} "")')
            self._asserted.append(f"(str.in_re {parts[4]} {sequence([NO_COLON] * 12)})")
            kinds = []
            for segments in PRINCIPAL_ARNS:
                start, _, _ = segments[5].partition("?*")
                longer = f"(str.prefixof {string_literal(start)} {parts[5]})", f"(not (= {parts[5]} {string_literal(start)}))"
                name = all_of(longer) if segments[5].endswith("?*") else f"(= {parts[5]} {string_literal(start)})"
                kinds.append(all_of((f"(= {parts[2]} {string_literal(segments[2])})", name)))
            self._asserted += [some_of(kinds), f'(not (str.contains {parts[5]} ":"))']
            self._asserted.append(f"(= {element} {arn_of(parts)})")
            key.parts = [parts]
            return
        typed = [c for c in conditions if family(c)]
        if not typed:
            return
        families = {family(c) for c in typed}
        if "Binary" in families and len(families) > 1:
            raise Inexpressible(f"condition key `{key.name}` is compared both as bytes and otherwise")
        values = samples(typed)
        if len(typed) == sum(c.operator.name != "Null" for c in conditions) and key.name not in self._named:
            key.values = tuple(values)
            self._asserted += [among(e, values) for e in key.elements]
            return
        # Read as text, too. A text that cannot be a number, a date .. is like `x`; one that can be has, loosely, any value.
        self.inexact.append(f"that condition key `{key.name}` is compared both as text and otherwise")
        key.values = tuple(dict.fromkeys([*values, *(v for c in conditions for v in c.values)]))
        key.choices = [self._constant(f"{e}_read", "String") for e in key.elements]
        for element, choice in zip(key.elements, key.choices, strict=True):
            plain = f"(not (str.in_re {element} (re.union {' '.join(SHAPES)})))"
            self._asserted.append(among(choice, key.values))
            self._asserted += [f"(=> (= {element} {v}) (= {choice} {v}))" for v in map(string_literal, key.values)]
            self._asserted.append(f'(=> {plain} (= {choice} "x"))')
            self._tight.append(some_of((plain, f"(= {element} {choice})")))

    # Statements and their elements.

    def _statement(self, policy: Policy, statement: Statement) -> str:
        parts = [self._actions(statement)]
        if statement.resources is not None:
            hits = [self._resource_hit(p, policy.kind, variables=policy.variables_active) for p in statement.resources]
            parts.append(signed(some_of(hits), not statement.not_resources))
        parts += [self._condition(c, variables=policy.variables_active) for c in statement.conditions]
        return self._define(all_of(parts))

    def _actions(self, statement: Statement) -> str:
        service, name = self._action
        by_service: dict[str, list[str]] = {}
        for pattern in dict.fromkeys(p.lower() for p in statement.actions):
            # The action has one colon, so the pattern's own colon is that one.
            first, colon, rest = pattern.partition(":")
            if not pattern.strip("*") and pattern:
                by_service[TRUE] = [TRUE]
            elif not colon:
                whole = f'(str.++ {service} ":" {name})'
                by_service.setdefault(TRUE, []).append(f"(str.in_re {whole} {regex(tokenise(pattern))})")
            elif ":" not in rest:
                by_service.setdefault(self._glob(service, list(tokenise(first))), []).append(
                    self._glob(name, list(tokenise(rest)))
                )
        hit = some_of(all_of((where, some_of(what))) for where, what in by_service.items())
        return signed(self._define(hit), not statement.not_actions)

    def _resource_hit(self, pattern: str, kind: Kind, *, variables: bool) -> str:
        if pattern and not pattern.strip("*"):
            return TRUE
        if self.settings.arn_mode == "flat":
            return self._glob(self._resource, items_of(pattern, variables=variables))
        parts = parts_of(pattern, variables=variables)
        may = TRUE
        if len(parts) < 6:
            may = self._may_be_short(parts, kind)
            # Variables must have values for the pattern to match at all; the parts below see to that.
            parts += [[ANY]] * (6 - len(parts))
        return all_of((may, negation(self._resource), *map(self._glob, self._at, parts)))

    def _may_be_short(self, parts: list[Items], kind: Kind) -> str:
        match kind:
            case Kind.IDENTITY | Kind.SESSION | Kind.BOUNDARY:
                return TRUE
            case Kind.RESOURCE | Kind.TRUST | Kind.ENDPOINT:
                return truth(any(ANY in part for part in parts))
            case Kind.SCP:
                last = list(parts[-1])
                empty = []
                while last and isinstance(variable := last[-1], Variable):
                    empty.append(f'(= {self._value(variable)} "")')
                    last.pop()
                return all_of(empty) if last and last[-1] == ANY else FALSE
            case Kind.RCP:
                return FALSE

    def _condition(self, condition: Condition, *, variables: bool) -> str:
        key = self._key(condition.key)
        if condition.operator.name == "Null":
            wanted = {v.lower() for v in condition.values}
            return if_then_else(key.present, truth("false" in wanted), truth("true" in wanted))
        ones = [self._holds(condition, key, n, variables=variables) for n in range(len(key.elements))]
        quantifier = condition.operator.quantifier
        if quantifier:
            many = some_of(ones) if quantifier == "ForAnyValue" else all_of(ones)
            absent = truth(quantifier == "ForAllValues")
        else:
            many = FALSE if self.settings.multivalue == "never" else some_of(ones)
            absent = truth(condition.operator.if_exists or positive(condition.operator.name)[1])
        return self._define(if_then_else(key.present, if_then_else(key.several, many, ones[0]), absent))

    def _holds(self, condition: Condition, key: _Key, number_: int, *, variables: bool) -> str:
        name, negated = positive(condition.operator.name)
        text = key.elements[number_]
        if family(condition):
            hit = self._typed(condition, key, number_)
        elif name == "Bool":
            known = [v for v in condition.values if v.lower() in ("true", "false")]
            plain = self.axioms and key.name in TRUTH
            hit = among(text, (v.lower() for v in known)) if plain else some_of(folded(text, list(v)) for v in known)
        elif name in ("ArnEquals", "ArnLike"):
            hit = some_of(self._arn_hit(v, key, number_, variables=variables) for v in condition.values)
        else:
            patterns = [items_of(v, variables=variables, wildcards=name == "StringLike") for v in condition.values]
            if name == "StringEqualsIgnoreCase":
                hit = some_of(self._either_case(text, p, condition) for p in patterns)
            else:
                hit = some_of(self._glob(text, p) for p in patterns)
        return signed(self._define(hit), not negated)

    def _typed(self, condition: Condition, key: _Key, number_: int) -> str:
        """Numbers, dates, addresses, bytes: say which of the values that stand for all satisfy the positive operator."""
        plain = Condition(Operator(positive(condition.operator.name)[0]), "k", "k", condition.values, NOWHERE)
        if self.axioms and key.name in TRUTH:
            return among(key.elements[number_], [v for v in TRUTHS if true_of(plain, v)])
        if key.name == ARN and key.parts:
            return truth(true_of(plain, "arn:aws:iam::999999999900:user/x"))
        return among(key.choices[number_], [v for v in key.values if true_of(plain, v)])

    def _arn_hit(self, pattern: str, key: _Key, number_: int, *, variables: bool) -> str:
        parts = parts_of(pattern, variables=variables)
        if len(parts) < 6:
            return FALSE
        if not key.parts and not any(variables_in(p) for p in parts):
            pieces = [regex(p, stops=n < 5) for n, p in enumerate(parts)]
            return f"(str.in_re {key.elements[number_]} {sequence([x for p in pieces for x in (COLON, p)][1:])})"
        if not key.parts:
            key.parts = [self._cut(e) for e in key.elements]
        is_arn = TRUE if key.name == ARN and self.axioms else f"(str.in_re {key.elements[number_]} {AN_ARN})"
        return all_of((is_arn, *map(self._glob, key.parts[number_], parts)))

    def _cut(self, text: str) -> list[str]:
        """Return six constants that are the parts of a text wherever it is an ARN."""
        parts = [self._constant(f"{text}_{n}", "String") for n in range(6)]
        inside = [f"(str.in_re {p} (re.* {NO_COLON}))" for p in parts[:5]]
        self._asserted.append(f"(=> (str.in_re {text} {AN_ARN}) {all_of((*inside, f'(= {text} {arn_of(parts)})'))})")
        return parts

    def _either_case(self, text: str, items: Items, condition: Condition) -> str:
        if all(isinstance(i, str) and i.isascii() for i in items):
            return folded(text, items)
        # Equal up to case: loosely, anything that includes equal.
        what = "policy variables" if variables_in(items) else "letters outside ASCII"
        return self._between(self._glob(text, items), TRUE, f"{what} where case is ignored (`{condition.key_text}`)")

    def _between(self, least: str, most: str, what: str) -> str:
        """Return a truth that follows from `least` and implies `most`, and, tightly, is `least`."""
        if least == most:
            return least
        self.inexact.append(what)
        free = f"free{len(self.inexact)}"
        self._declarations.append(f"(declare-const {free} Bool)")
        self._asserted.append(all_of((f"(=> {least} {free})", f"(=> {free} {most})")))
        self._tight.append(f"(= {free} {least})")
        return free

    # Globs over strings, some of which are values of variables.

    def _glob(self, text: str, items: Items) -> str:
        if not variables_in(items):
            if set(items) == {ANY}:
                return TRUE
            if ANY in items or ONE in items:
                return f"(str.in_re {text} {regex(items)})"
            literal = string_literal("".join(map(str, items)))
            return truth(text == literal) if text.startswith('"') else f"(= {text} {literal})"
        defined = [self._defined(v) for v in variables_in(items)]
        first, *middle = split(items, ANY)
        if not middle:
            length = f"(= (str.len {text}) {self._length(first)})"
            return all_of((*defined, self._stands_at(text, "0", first), length if ONE in first else TRUE))
        last = middle.pop()
        room = f"(>= (str.len {text}) {total([self._length(first), self._length(last)])})"
        after = f"(- (str.len {text}) {self._length(last)})"
        ends = [self._starts(text, first), self._ends(text, last, after), room if first and last else TRUE]
        middle = [m for m in middle if m]
        if not middle:
            return all_of((*defined, *ends))
        if not any(variables_in(m) for m in middle):
            inner = f"(str.substr {text} {self._length(first)} (- (str.len {text}) {total([self._length(first), self._length(last)])}))"
            pattern = [x for m in middle for x in (ANY, *m)] + [ANY]
            return all_of((*defined, *ends, room, f"(str.in_re {inner} {regex(pattern)})"))
        if any(ONE in m for m in middle):
            pattern_text = "".join("*" if i == ANY else "?" if i == ONE else str(getattr(i, "key", i)) for i in items)
            necessary = all_of((*defined, *ends, room))
            return self._between(FALSE, necessary, f"a policy variable between wildcards (`{pattern_text}`)")
        # The leftmost place for each piece in turn leaves the most room for the rest.
        at, found = self._length(first), []
        for piece in middle:
            string = self._string(piece)
            place = f"(str.indexof {text} {string} {at})"
            found.append(f"(>= {place} 0)")
            at = f"(+ {place} (str.len {string}))"
        return all_of((*defined, *ends, room, *found, f"(>= {after} {at})"))

    def _starts(self, text: str, piece: Items) -> str:
        if not piece:
            return TRUE
        if ONE in piece:
            return all_of((f"(>= (str.len {text}) {self._length(piece)})", self._stands_at(text, "0", piece)))
        return f"(str.prefixof {self._string(piece)} {text})"

    def _ends(self, text: str, piece: Items, after: str) -> str:
        if not piece:
            return TRUE
        if ONE in piece:
            return all_of((f"(>= (str.len {text}) {self._length(piece)})", self._stands_at(text, after, piece)))
        return f"(str.suffixof {self._string(piece)} {text})"

    def _stands_at(self, text: str, start: str, piece: Items) -> str:
        """Say that a piece stands at a place of a text that is long enough."""
        if ONE not in piece:
            return f"(= {text} {self._string(piece)})"
        out, at = [], start
        for number_, run in enumerate(split(piece, ONE)):
            if number_:
                at = total([at, "1"])
            if run:
                string = self._string(run)
                out.append(f"(= (str.substr {text} {at} (str.len {string})) {string})")
                at = total([at, f"(str.len {string})"])
        return all_of(out)

    def _string(self, piece: Items) -> str:
        terms: list[str] = []
        for plain, run in itertools.groupby(piece, lambda i: isinstance(i, str)):
            listed = list(run)
            terms += [string_literal("".join(map(str, listed)))] if plain else [self._value(v) for v in variables_in(listed)]
        return concatenation(terms)

    def _length(self, piece: Items) -> str:
        lengths = [f"(str.len {self._value(v)})" for v in variables_in(piece)]
        return total([*lengths, str(len(piece) - len(lengths))])

    def _value(self, variable: Variable) -> str:
        key = self._key(variable.key)
        if variable.default is None:
            return key.elements[0]
        return if_then_else(key.present, key.elements[0], string_literal(variable.default))

    def _defined(self, variable: Variable) -> str:
        key = self._key(variable.key)
        return all_of((key.present if variable.default is None else TRUE, negation(key.several)))

    # From values back to a request.

    def _requests(self, values: Mapping[str, Value], chosen: int, *, plain: bool) -> list[Request]:
        """Return the request as made by the caller whose ARN it has, if there is one, and as made by any of the class."""

        def text(name: str) -> str:
            found = str(values[name])
            return "".join(c if 0x20 <= ord(c) < 0x7F else "x" for c in found) if plain else found

        service, name = self._action
        if self.settings.arn_mode == "flat":
            resource = text(self._resource)
        else:
            resource = "*" if values[self._resource] else ":".join(["arn", *(text(n) for n in self._at[1:])])
        context: dict[str, tuple[str, ...]] = {}
        for key in self._keys.values():
            if values[key.present]:
                several = key.several != FALSE and values[key.several]
                context[key.name] = tuple(text(e) for e in (key.elements if several else key.elements[:1]))
        klass, caller = self._groups[chosen]
        callers = [caller]
        if ARN in context and (klass is None or (klass.arn is not None and not klass.only)):
            callers = [*_with_arn(context[ARN][0], None if klass is None else caller.kind), caller]
        return [Request(c, f"{text(service)}:{text(name)}", resource, context=context) for c in callers]


def _with_arn(arn: str, kind: str | None) -> list[Caller]:
    try:
        caller = Caller.parse(arn)
    except UsageError:
        return []
    if caller.kind == "role-session" and caller.role:
        session = f"arn:{caller.partition}:sts::{caller.account}:assumed-role/{caller.role_name}/x"
        caller = Caller("role-session", session, caller.role)
    return [caller] if kind in (None, caller.kind) else []
