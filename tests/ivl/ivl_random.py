"""Random programs, and what one run of them gives.

`Writer.fixed` writes a program without loops whose start is given, so that its
end can be computed: by running it, and by proof. `Writer.wild` writes one with
loops, jumps, choices and assertions of which nothing is known.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Any

from probatum.ivl import compile_text
from probatum.ivl.execution import RandomChoices, run
from probatum.ivl.execution.values import Built, Table
from probatum.ivl.syntax import tree

BITS = """\
function {:bvbuiltin "bvadd"} Plus(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvmul"} Times(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvudiv"} Div(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvurem"} Rem(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvxor"} Xor(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvshl"} Left(x: bv8, y: bv8): bv8;
function {:bvbuiltin "bvult"} Below(x: bv8, y: bv8): bool;
function {:bvbuiltin "bvslt"} SignedBelow(x: bv8, y: bv8): bool;
"""
"""Functions on bit vectors, declared."""

HEAD = (
    BITS
    + """\
type Ref;
datatype D { A(x: int), B(y: bool, z: int), N() }
function {:inline} twice(x: int): int { x + x }
function {:define} larger(x: int, y: int): int { if x < y then y else x }
function same(d: D, e: D): bool { d == e }
var g: int;
var h: [int]int;
procedure Add(x: int) returns (r: int)
  modifies g;
  ensures g == old(g) + x && r == old(g);
{
  r := g;
  g := g + x;
}
procedure Put(i: int, x: int)
  modifies h;
  ensures h == old(h)[i := x];
{
  h[i] := x;
}
procedure {:inline 1} Swap(x: int, y: int) returns (a: int, b: int)
  modifies g;
{
  var k: int;
  k := x;
  g := g + 1;
  if (y > x) { a, b := y, k; return; }
  a, b := k, y + old(g) - old(g);
}
procedure {:inline 2} Down(n: int) returns (r: int)
{
  if (n <= 0) { r := 0; return; }
  r := n;
  if (n == 1) { call r := Down(0); }
}
procedure Same<t>(x: t) returns (y: t)
  ensures y == x;
{
  y := x;
}
"""
)

TYPES = {
    "int": ("i", "j", "k", "g"),
    "bool": ("p", "q"),
    "real": ("u",),
    "bv8": ("b", "c"),
    "D": ("d", "e"),
    "[int]int": ("m", "h"),
    "[bool]int": ("n",),
    "[int,bool]D": ("s",),
}
GLOBALS = ("g", "h")
LOCALS = [(name, type_) for type_, names in TYPES.items() for name in names if name not in GLOBALS]


@dataclass
class Writer:
    """Writes one program from a seed."""

    seed: int
    wild: bool = False
    random: random.Random = field(init=False)
    count: int = 0
    bound: dict[str, list[str]] = field(default_factory=dict)
    spent: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def choice(self, options: Any) -> Any:
        return self.random.choice(options)

    def fresh(self, letter: str) -> str:
        self.count += 1
        return f"{letter}{self.count}"

    # Expressions

    def variable(self, type_: str) -> str:
        return self.choice([*TYPES[type_], *self.bound.get(type_, ())])

    def literal(self, type_: str) -> str:
        number = self.choice((0, 1, 2, 3, 5, 7, 10))
        match type_:
            case "int":
                return str(number)
            case "bool":
                return self.choice(("true", "false"))
            case "real":
                return self.choice(("0.0", "1.5", "2.0", "1e1", "0.25"))
            case "bv8":
                return f"{self.choice((0, 1, 2, 3, 127, 128, 200, 255))}bv8"
            case "D":
                return self.choice((f"A({number})", f"B(true, {number})", "N()"))
            case "[int]int":
                return f"(lambda y{number}: int :: y{number} + {number})" if self.wild else "h"
        return TYPES[type_][0]

    def expression(self, type_: str, depth: int = 3) -> str:
        if depth <= 0 or self.random.random() < 0.15:
            return self.variable(type_) if self.random.random() < 0.6 else self.literal(type_)

        def sub(t: str) -> str:
            return self.expression(t, depth - 1)

        pick = self.random.random()
        if pick < 0.08:
            return f"(if {sub('bool')} then {sub(type_)} else {sub(type_)})"
        if pick < 0.14:
            inner = self.choice(("int", "bool", "bv8", "D"))
            name = self.fresh("l")
            value = sub(inner)
            self.bound.setdefault(inner, []).append(name)
            body = sub(type_)
            self.bound[inner].pop()
            return f"(var {name} := {value}; {body})"
        if pick < 0.18 and type_ in ("int", "[int]int"):
            return f"old({self.expression(type_, depth - 1)})"
        match type_:
            case "int":
                options = (
                    lambda: f"({sub('int')} {self.choice('+-')} {sub('int')})",
                    lambda: f"({sub('int')} * {self.choice((2, 3))})",
                    lambda: f"({sub('int')} {self.choice(('div', 'mod'))} {self.choice((1, 2, 3, '(-2)', '(-3)'))})",
                    lambda: f"-{sub('int')}" if self.random.random() < 0.5 else f"(-{sub('int')})",
                    lambda: f"{sub('[int]int')}[{sub('int')}]",
                    lambda: f"n[{sub('bool')}]",
                    lambda: f"twice({sub('int')})",
                    lambda: f"larger({sub('int')}, {sub('int')})",
                    lambda: f"int({sub('real')})",
                    lambda: f"A({sub('int')})->x",
                    lambda: self.applied_lambda(depth),
                )
            case "bool":
                compared = self.choice(("int", "int", "bool", "real", "bv8", "D"))
                options = (
                    lambda: f"({sub('int')} {self.choice(('<', '<=', '>', '>=', '==', '!='))} {sub('int')})",
                    lambda: f"({sub(compared)} {self.choice(('==', '!='))} {sub(compared)})",
                    lambda: f"({sub('bool')} {self.choice(('&&', '||', '==>', '<==', '<==>'))} {sub('bool')})",
                    lambda: f"!{sub('bool')}",
                    lambda: f"({sub('real')} {self.choice(('<', '<='))} {sub('real')})",
                    lambda: f"{self.choice(('Below', 'SignedBelow'))}({sub('bv8')}, {sub('bv8')})",
                    lambda: f"({sub('D')} is {self.choice('ABN')})",
                    lambda: f"same({sub('D')}, {sub('D')})",
                    lambda: self.quantifier(depth),
                )
            case "real":
                options = (
                    lambda: f"({sub('real')} {self.choice('+-')} {sub('real')})",
                    lambda: f"({sub('real')} * {self.choice(('2.0', '0.5'))})",
                    lambda: f"({sub('real')} / {self.choice(('2.0', '4.0'))})",
                    lambda: f"real({sub('int')})",
                )
            case "bv8":
                options = (
                    lambda: f"{self.choice(('Plus', 'Times', 'Div', 'Rem', 'Xor', 'Left'))}({sub('bv8')}, {sub('bv8')})",
                    lambda: f"({self.variable('bv8')}[4:0] ++ {self.variable('bv8')}[8:4])",
                    lambda: f"(3bv3 ++ {self.variable('bv8')}[6:1])",
                )
            case "D":
                options = (
                    lambda: f"A({sub('int')})",
                    lambda: f"B({sub('bool')}, {sub('int')})",
                    lambda: f"A({sub('int')})->(x := {sub('int')})",
                    lambda: f"s[{sub('int')}, {sub('bool')}]",
                )
            case "[int]int":
                options = (
                    lambda: f"{self.variable('[int]int')}[{sub('int')} := {sub('int')}]",
                    lambda: f"{self.variable('[int]int')}[{sub('int')} := {sub('int')}][{sub('int')} := {sub('int')}]",
                )
            case "[bool]int":
                options = (lambda: f"n[{sub('bool')} := {sub('int')}]",)
            case _:
                options = (lambda: f"s[{sub('int')}, {sub('bool')} := {sub('D')}]",)
        return self.choice(options)()

    def applied_lambda(self, depth: int) -> str:
        name = self.fresh("a")
        argument = self.expression("int", depth - 1)
        self.bound.setdefault("int", []).append(name)
        body = self.expression("int", depth - 2)
        self.bound["int"].pop()
        return f"(lambda {name}: int :: {body})[{argument}]"

    def quantifier(self, depth: int) -> str:
        name = self.fresh("x")
        type_ = self.choice(("bool", "int"))
        word = self.choice(("forall", "exists"))
        low = self.random.randint(-2, 2)
        self.bound.setdefault(type_, []).append(name)
        body = self.expression("bool", depth - 2)
        self.bound[type_].pop()
        if type_ == "int":
            joined = "==>" if word == "forall" else "&&"
            body = f"({low} <= {name} && {name} < {low + self.random.randint(0, 3)}) {joined} {body}"
        return f"({word} {name}: {type_} :: {body})"

    # Statements

    def block(self, size: int, depth: int, pad: str, loops: list[str]) -> list[str]:
        lines: list[str] = []
        for _ in range(size):
            lines += self.statement(depth, pad, loops)
        return lines

    def statement(self, depth: int, pad: str, loops: list[str]) -> list[str]:
        pick = self.random.random()
        self.spent += 1
        if depth > 0 and self.spent < 25:
            if pick < 0.14:
                guard = "*" if self.wild and self.random.random() < 0.3 else self.expression("bool", 2)
                lines = [f"{pad}if ({guard}) {{", *self.block(2, depth - 1, pad + "  ", loops), f"{pad}}}"]
                if self.random.random() < 0.6:
                    lines[-1] += " else {"
                    lines += [*self.block(2, depth - 1, pad + "  ", loops), f"{pad}}}"]
                return lines
            if pick < 0.20 and self.wild:
                return self.loop(depth, pad, loops)
            if pick < 0.25:
                label = self.fresh("out")
                inner = self.block(1, depth - 1, pad + "  ", [*loops])
                leave = f"{pad}  if ({self.expression('bool', 2)}) {{ break {label}; }}"
                return [f"{pad}{label}: if (true) {{", *inner, leave, *self.block(1, depth - 1, pad + "  ", loops), f"{pad}}}"]
            if pick < 0.31:
                return self.jump(depth, pad, loops)
        if self.wild and pick > 0.85:
            if self.random.random() < 0.7:
                return [f"{pad}assert {self.expression('bool', 2)};"]
            return [f"{pad}assume {self.expression('bool', 2)};"]
        if loops and pick > 0.97:
            return [f"{pad}if ({self.expression('bool', 1)}) {{ break; }}"]
        pick = self.random.random()
        if pick < 0.10:
            return [f"{pad}call {self.choice('ijk')} := Add({self.expression('int', 2)});"]
        if pick < 0.15:
            return [f"{pad}call Put({self.expression('int', 2)}, {self.expression('int', 2)});"]
        if pick < 0.21:
            one, other = self.random.sample("ijk", 2)
            return [f"{pad}call {one}, {other} := Swap({self.expression('int', 2)}, {self.expression('int', 2)});"]
        if pick < 0.24:
            return [f"{pad}call {self.choice('ij')} := Down({self.expression('int', 1)} mod 2);"]
        if pick < 0.28:
            type_, name = self.choice((("int", "j"), ("D", "e"), ("bool", "p"), ("[int]int", "m")))
            return [f"{pad}call {name} := Same({self.expression(type_, 2)});"]
        if pick < 0.34:
            name, type_ = self.choice([v for v in LOCALS if "[" not in v[1]])
            value = self.expression(type_, 2)
            if self.wild and self.random.random() < 0.5:
                return [f"{pad}havoc {name};"]
            kept = self.fresh("z")
            self.kept.append((kept, type_))
            return [f"{pad}{kept} := {value};", f"{pad}havoc {name};", f"{pad}assume {name} == {kept};"]
        if pick < 0.42:
            return [f"{pad}{self.choice('mh')}[{self.expression('int', 2)}] := {self.expression('int', 2)};"]
        if pick < 0.46:
            return [f"{pad}s[{self.expression('int', 1)}, {self.expression('bool', 1)}] := {self.expression('D', 2)};"]
        if pick < 0.50:
            return [
                f"{pad}if (d is B) {{",
                f"{pad}  B(q, k) := d;",
                f"{pad}  d->z := {self.expression('int', 1)};",
                f"{pad}}}",
            ]
        if pick < 0.58:
            one, other = self.random.sample(LOCALS, 2)
            values = f"{self.expression(one[1], 2)}, {self.expression(other[1], 2)}"
            return [f"{pad}{one[0]}, {other[0]} := {values};"]
        name, type_ = self.choice([*LOCALS, ("g", "int"), ("h", "[int]int")])
        return [f"{pad}{name} := {self.expression(type_)};"]

    def loop(self, depth: int, pad: str, loops: list[str]) -> list[str]:
        counter = self.fresh("t")
        self.kept.append((counter, "int"))
        label = self.fresh("loop")
        bound = self.random.randint(0, 3)
        lines = [f"{pad}{counter} := 0;"]
        if self.random.random() < 0.7:
            invariant = self.choice(
                ("", f"invariant {counter} <= {bound};", f"invariant 0 <= {counter};", f"invariant {self.expression('bool', 1)};")
            )
            guard = self.choice((f"{counter} < {bound}", f"{counter} < {bound}", "*"))
            body = self.block(2, depth - 1, pad + "  ", [*loops, label])
            return [
                *lines,
                f"{pad}{label}: while ({guard})",
                f"{pad}  {invariant}",
                f"{pad}{{",
                *body,
                f"{pad}  {counter} := {counter} + 1;",
                f"{pad}}}",
            ]
        out = self.fresh("done")
        body = self.block(1, 0, pad, [])
        leading = [f"{pad}assert {counter} <= {bound};"] if self.random.random() < 0.5 else []
        return [
            *lines,
            f"{pad}goto {label};",
            f"{pad}{label}:",
            *leading,
            *body,
            f"{pad}{counter} := {counter} + 1;",
            f"{pad}goto {label}, {out};" if self.random.random() < 0.8 else f"{pad}goto {out}, {label}, {out};",
            f"{pad}{out}:",
            f"{pad}assume {counter} >= {bound};",
        ]

    def jump(self, depth: int, pad: str, loops: list[str]) -> list[str]:
        yes, no, join = self.fresh("yes"), self.fresh("no"), self.fresh("join")
        kept = self.fresh("z")
        self.kept.append((kept, "bool"))
        return [
            f"{pad}{kept} := {self.expression('bool', 2)};",
            f"{pad}goto {yes}, {no};",
            f"{pad}{yes}:",
            f"{pad}assume {kept};",
            *self.block(1, depth - 1, pad, []),
            f"{pad}goto {join};",
            f"{pad}{no}:",
            f"{pad}assume !{kept};",
            *self.block(1, depth - 1, pad, []),
            f"{pad}goto {join};",
            f"{pad}{join}:",
        ]

    # Programs

    def body(self, size: int, depth: int = 3) -> list[str]:
        self.kept: list[tuple[str, str]] = []
        return self.block(size, depth, "  ", [])

    def procedure(self, name: str, requires: list[str], body: list[str], end: list[str], ensures: list[str]) -> str:
        ins = ", ".join(f"{n}0: {t}" for n, t in LOCALS)
        local = [f"  var {n}: {t};" for n, t in [*LOCALS, *self.kept]]
        start = [f"  {n} := {n}0;" for n, _ in LOCALS]
        clauses = [*(f"  requires {r};" for r in requires), "  modifies g, h;", *(f"  ensures {e};" for e in ensures)]
        return "\n".join([f"procedure {name}({ins})", *clauses, "{", *local, *start, *body, *end, "}", ""])

    def wild_program(self) -> str:
        """Return a program with assertions that may hold or not."""
        self.wild = True
        body = self.body(self.random.randint(3, 7))
        end = [f"  assert {self.expression('bool', 2)};"] if self.random.random() < 0.5 else []
        requires = []
        if self.random.random() < 0.5:
            requires.append(f"g == {self.random.randint(-2, 2)}")
        ensures = [self.choice(("g >= old(g)", "h == old(h)", "g == old(g) + 1", "(exists i: int :: h[i] == old(h)[i])"))]
        if self.random.random() < 0.5:
            ensures = []
        return HEAD + self.procedure("Main", requires, body, end, ensures)


def text_of(value: Any, type_: str) -> str:
    """Return an expression for a value that was read from JSON."""
    match value:
        case bool():
            return "true" if value else "false"
        case {"int": digits}:
            if type_ == "bv8":
                return f"{digits}bv8"
            return digits if not digits.startswith("-") else f"(-{digits[1:]})"
        case {"real": digits}:
            top, _, bottom = digits.partition("/")
            text = f"{top.lstrip('-')}.0"
            text = f"({text} / {bottom}.0)" if bottom else text
            return f"(-{text})" if top.startswith("-") else text
        case {"constructor": name, "fields": fields}:
            return f"{name}({', '.join(text_of(one, 'int') for one in fields)})"
    raise AssertionError(value)


def reads(name: str, type_: str, value: Any) -> list[tuple[str, str, Any]]:
    """Return expressions of plain types that say what a variable holds, with their types and values."""
    if "[" not in type_:
        return [(name, type_, value)]
    found = []
    element = type_.rpartition("]")[2]
    for key, one in value["entries"][:3]:
        index = ", ".join(text_of(k, "int") for k in key)
        found.append((f"{name}[{index}]", element, one))
    return found


def other_than(value: Any, type_: str) -> str:
    """Return an expression for another value of the type."""
    match type_:
        case "int":
            return f"({text_of(value, type_)} + 1)"
        case "bool":
            return f"!{text_of(value, type_)}"
        case "real":
            return f"({text_of(value, type_)} + 0.5)"
        case "bv8":
            return f"Xor({text_of(value, type_)}, 1bv8)"
    return "N()" if value["constructor"] != "N" else "A(0)"


# Programs whose end is known

EMPTY = {
    "[int]int": ("(lambda y: int :: 0)", Table(0)),
    "[bool]int": ("(lambda y: bool :: 0)", Table(0)),
    "[int,bool]D": ("(lambda y: int, w: bool :: N())", Table(Built("N", ()))),
}


@dataclass(frozen=True)
class Fixed:
    """A program whose procedure `Right` says of its end what a run gave, and `Wrong` something else in its last assertion.

    `last` is the line of that assertion.
    """

    text: str
    last: int


@dataclass(slots=True)
class _Given(RandomChoices):
    values: dict[str, Any] = field(default_factory=dict)

    def value(self, name: str, type_: Any, shapes: Any) -> Any:
        return self.values[name] if name in self.values else RandomChoices.value(self, name, type_, shapes)


def fixed(seed: int) -> Fixed | None:
    """Return a program whose end is known; None if its run could not be determined."""
    writer = Writer(seed)
    body = writer.body(writer.random.randint(2, 7))
    plain = HEAD + writer.procedure("Right", [], _without_choices(body), [], [])
    program, errors = compile_text(plain, "r.bpl")
    assert program is not None, errors
    main = next(d for d in program.declarations if isinstance(d, tree.Implementation) and d.name == "Right")
    # Starts as random as those of any run, but maps begin empty.
    start = _Given(random.Random(seed), values={name: EMPTY[t][1] for name, t in _inputs() if t in EMPTY})
    begun = run(program, main, start, follow_calls=True, steps=0).state
    requires = []
    chosen = _Given(random.Random(seed), values=dict(start.values))
    for name, type_ in _inputs():
        if type_ in EMPTY:
            requires.append(f"{name} == {EMPTY[type_][0]}")
        else:
            requires.append(f"{name} == {text_of(begun[name], type_)}")
    ran = run(program, main, chosen, follow_calls=True)
    if ran.ended.how != "returned":
        assert ran.ended.how == "undetermined", (seed, ran.ended)
        return None
    claims = [read for name, type_ in _outputs() if name in ran.state for read in reads(name, type_, ran.state[name])]
    right = [f"  assert {text} == {text_of(value, type_)};" for text, type_, value in claims]
    text, type_, value = writer.choice(claims)
    wrong = f"  assert {text} == {other_than(value, type_)};"
    first = HEAD + writer.procedure("Right", requires, body, right, [])
    both = first + writer.procedure("Wrong", requires, body, [wrong], [])
    return Fixed(both, both.count("\n") - 1)


def _without_choices(lines: list[str]) -> list[str]:
    """Return a body that says outright what its assumptions make of its choices."""
    plain = list(lines)
    for place, line in enumerate(lines):
        pad, text = line[: len(line) - len(line.lstrip())], line.strip()
        if text.startswith("havoc "):
            plain[place] = f"{pad}{lines[place + 1].strip().removeprefix('assume ').replace(' == ', ' := ')}"
        elif text.startswith("goto yes"):
            yes, no = text.removeprefix("goto ").rstrip(";").split(", ")
            guard = lines[place - 1].strip().partition(" := ")[0]
            plain[place] = f"{pad}if ({guard}) {{ goto {yes}; }} goto {no};"
    return plain


def _inputs() -> list[tuple[str, str]]:
    return [("g", "int"), ("h", "[int]int"), *((f"{name}0", type_) for name, type_ in LOCALS)]


def _outputs() -> list[tuple[str, str]]:
    return [("g", "int"), ("h", "[int]int"), *LOCALS]
