"""The syntax tree of a Boogie program.

The parser makes it and `probatum.ivl.checking` completes it: it fills in the
attributes that are None or empty before (`decl`, `type`, `type_args`) and
nothing else. Nodes are compared by identity, because two equal expressions at
different places are different claims.

Positions are those that Boogie prints: line and column from 1, of the token
that Boogie attaches to the node (for `a + b` the operator, for `m[i]` the
bracket, for an assignment the `:=`), because users and test suites compare them.
"""

from __future__ import annotations

from dataclasses import field
from enum import Enum
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from probatum.records import dataclass

if TYPE_CHECKING:
    from probatum.ivl.types import Type, TypeVariable


class Position(NamedTuple):
    """A place in a source text: line and column count from 1; line 0 is no place."""

    file: str
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}({self.line},{self.column})"


NOWHERE = Position("", 0, 0)


# Attributes and types, as written


@dataclass(slots=True, eq=False)
class Attribute:
    """`{:key value, ...}`; a value is an expression, or text if it was written as a string."""

    position: Position
    key: str
    values: list[Expression | str] = field(default_factory=list)


Attributes: TypeAlias = list[Attribute]


@dataclass(slots=True, eq=False)
class TypeName:
    """`int`, `bv32`, `float24e8`, `T`, `Pair int bool`: a name with arguments."""

    position: Position
    name: str
    arguments: list[TypeSyntax] = field(default_factory=list)


@dataclass(slots=True, eq=False)
class TypeMap:
    """`<a>[int, a]bool`; the parameters are names with their positions."""

    position: Position
    parameters: list[Name]
    domain: list[TypeSyntax]
    range: TypeSyntax


TypeSyntax: TypeAlias = TypeName | TypeMap


class Name(NamedTuple):
    """A name where it is declared or listed: a type parameter, a label after `goto`."""

    position: Position
    text: str


# Expressions


class LiteralKind(Enum):
    """What a literal denotes; `Literal.value` holds bool, int, Fraction, (value, width), text, text, text."""

    BOOL = "bool"
    INT = "int"
    REAL = "real"
    BITS = "bits"
    FLOAT = "float"
    STRING = "string"
    ROUNDING = "rounding"


@dataclass(slots=True, eq=False)
class Literal:
    """A value written out.

    `value` is a bool, an int, a Fraction, a pair (value, width) for bits, and
    text for the rest: a float as written, a string without its quotes, a
    rounding mode in its short form (RNE, RNA, RTP, RTN, RTZ). `text` is what was
    written, for the printer.
    """

    position: Position
    kind: LiteralKind
    value: bool | int | Fraction | tuple[int, int] | str
    text: str
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Identifier:
    """A variable or constant."""

    position: Position
    name: str
    decl: Variable | None = None
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Unary:
    """`!` or `-`."""

    position: Position
    operator: str
    operand: Expression
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Binary:
    """An operator between two expressions.

    `operator` is one of `<==> ==> || && == != < <= > >= ++ + - * / div mod **`;
    what was written as `<==`, or with a symbol that is not ASCII, has been turned
    into these, except that `<==` keeps its name and its operands their order.
    """

    position: Position
    operator: str
    left: Expression
    right: Expression
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Application:
    """`f(x, y)`: a function or a datatype constructor.

    `type_args` are the types for the function's (or datatype's) type parameters, in their order.
    """

    position: Position
    name: str
    arguments: list[Expression]
    decl: Function | Constructor | None = None
    type_args: tuple[Type, ...] = ()
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Old:
    """`old(e)`."""

    position: Position
    operand: Expression
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Conversion:
    """`int(e)` and `real(e)`: arithmetic coercions; `to` is the name."""

    position: Position
    to: str
    operand: Expression
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Ascription:
    """`e : T`."""

    position: Position
    operand: Expression
    written: TypeSyntax
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Select:
    """`m[i, j]`; `type_args` are the types for the parameters of a polymorphic map."""

    position: Position
    map: Expression
    indexes: list[Expression]
    type_args: tuple[Type, ...] = ()
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Store:
    """`m[i, j := v]`."""

    position: Position
    map: Expression
    indexes: list[Expression]
    value: Expression
    type_args: tuple[Type, ...] = ()
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Extract:
    """`e[upper:lower]`: bits lower (inclusive) to upper (exclusive)."""

    position: Position
    operand: Expression
    upper: int
    lower: int
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Field:
    """`e->f`; `constructors` are all of the datatype's that have the field."""

    position: Position
    operand: Expression
    name: str
    name_position: Position
    constructors: tuple[Constructor, ...] = ()
    type: Type | None = None


@dataclass(slots=True, eq=False)
class FieldUpdate:
    """`e->(f := v)`."""

    position: Position
    operand: Expression
    name: str
    name_position: Position
    value: Expression
    constructors: tuple[Constructor, ...] = ()
    type: Type | None = None


@dataclass(slots=True, eq=False)
class IsConstructor:
    """`e is C`."""

    position: Position
    operand: Expression
    name: str
    name_position: Position
    decl: Constructor | None = None
    type: Type | None = None


@dataclass(slots=True, eq=False)
class IfThenElse:
    """`if c then a else b`."""

    position: Position
    condition: Expression
    then: Expression
    otherwise: Expression
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Trigger:
    """`{e, ...}`; a negative one is `{:nopats e}`."""

    position: Position
    expressions: list[Expression]
    positive: bool = True


@dataclass(slots=True, eq=False)
class Quantifier:
    """`(forall ...)`, `(exists ...)` and `(lambda ...)`.

    `parameters` are the names after `<`; the checker puts their variables in
    `type_variables`.
    """

    position: Position
    kind: str  # forall, exists, lambda
    parameters: list[Name]
    bound: list[Variable]
    attributes: Attributes
    triggers: list[Trigger]
    body: Expression
    type_variables: tuple[TypeVariable, ...] = ()
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Let:
    """`(var x, y := e, f; body)`."""

    position: Position
    bound: list[Variable]
    values: list[Expression]
    attributes: Attributes
    body: Expression
    type: Type | None = None


@dataclass(slots=True, eq=False)
class Code:
    """`|{ ... }|`: a code expression; blocks end in `goto` or `return e`."""

    position: Position
    locals: list[Variable]
    blocks: list[CodeBlock]
    type: Type | None = None


Expression: TypeAlias = (
    Literal
    | Identifier
    | Unary
    | Binary
    | Application
    | Old
    | Conversion
    | Ascription
    | Select
    | Store
    | Extract
    | Field
    | FieldUpdate
    | IsConstructor
    | IfThenElse
    | Quantifier
    | Let
    | Code
)


# Commands


@dataclass(slots=True, eq=False)
class Assert:
    """`assert e;`."""

    position: Position
    attributes: Attributes
    expression: Expression


@dataclass(slots=True, eq=False)
class Assume:
    """`assume e;`."""

    position: Position
    attributes: Attributes
    expression: Expression


@dataclass(slots=True, eq=False)
class Measure:
    """`measure e, f;`: a command, or a clause of a procedure or loop (lexicographic)."""

    position: Position
    attributes: Attributes
    expressions: list[Expression]


@dataclass(slots=True, eq=False)
class Havoc:
    """`havoc x, y;`."""

    position: Position
    variables: list[Identifier]


@dataclass(slots=True, eq=False)
class Target:
    """The left side of an assignment: a variable, then `[...]` and `->f` from left to right."""

    variable: Identifier
    steps: list[IndexStep | FieldStep]
    type: Type | None = None


@dataclass(slots=True, eq=False)
class IndexStep:
    """`[i, j]` in a target."""

    position: Position
    indexes: list[Expression]
    type_args: tuple[Type, ...] = ()


@dataclass(slots=True, eq=False)
class FieldStep:
    """`->f` in a target."""

    position: Position
    name: str
    name_position: Position
    constructors: tuple[Constructor, ...] = ()


@dataclass(slots=True, eq=False)
class Assign:
    """`x, m[i] := e, f;`, simultaneous."""

    position: Position
    targets: list[Target]
    values: list[Expression]
    attributes: Attributes


@dataclass(slots=True, eq=False)
class Unpack:
    """`C(x, y) := e;`."""

    position: Position
    constructor: str
    constructor_position: Position
    targets: list[Identifier]
    value: Expression
    attributes: Attributes
    decl: Constructor | None = None


@dataclass(slots=True, eq=False)
class Call:
    """`call x, y := P(e, f);`; `async` and parallel calls belong to the concurrency layer and are refused by the checker."""

    position: Position
    attributes: Attributes
    callee: str
    callee_position: Position
    arguments: list[Expression]
    results: list[Identifier]
    free: bool = False
    asynchronous: bool = False
    decl: Procedure | None = None
    type_args: tuple[Type, ...] = ()


@dataclass(slots=True, eq=False)
class ParallelCall:
    """`call P(x) | Q(y);`: of the concurrency layer."""

    position: Position
    calls: list[Call]


@dataclass(slots=True, eq=False)
class HideReveal:
    """`hide f;`, `reveal *;`: `name` is None for `*`."""

    position: Position
    reveal: bool
    name: Identifier | None
    decl: Function | None = None


@dataclass(slots=True, eq=False)
class Scope:
    """`push;` and `pop;`: what was hidden or revealed in between is undone."""

    position: Position
    push: bool


Command: TypeAlias = Assert | Assume | Measure | Havoc | Assign | Unpack | Call | ParallelCall | HideReveal | Scope


@dataclass(slots=True, eq=False)
class Goto:
    """`goto a, b;`."""

    position: Position
    labels: list[Name]
    attributes: Attributes


@dataclass(slots=True, eq=False)
class Return:
    """`return;`, and `return e;` in code expressions."""

    position: Position
    attributes: Attributes
    expression: Expression | None = None


Transfer: TypeAlias = Goto | Return


@dataclass(slots=True, eq=False)
class If:
    """`if (e) {...} else ...`; `guard` is None for `*`; `otherwise` is another If after `else if`."""

    position: Position
    attributes: Attributes
    guard: Expression | None
    then: Statements
    otherwise: If | Statements | None


@dataclass(slots=True, eq=False)
class Invariant:
    """`invariant e;` of a loop; a free one is assumed and not asserted."""

    position: Position
    attributes: Attributes
    free: bool
    expression: Expression


@dataclass(slots=True, eq=False)
class While:
    """`while (e) invariant ...; {...}`."""

    position: Position
    guard: Expression | None
    invariants: list[Invariant]
    measures: list[Measure]
    body: Statements


@dataclass(slots=True, eq=False)
class Break:
    """`break;` or `break label;`."""

    position: Position
    label: str | None


Structured: TypeAlias = If | While | Break


@dataclass(slots=True, eq=False)
class Segment:
    """A label if there is one, commands, and at most one of a structured statement and a transfer (Boogie's "big block")."""

    position: Position
    label: str | None
    commands: list[Command]
    structured: Structured | None = None
    transfer: Transfer | None = None


@dataclass(slots=True, eq=False)
class Statements:
    """A list of segments; `end` is the position of the closing brace."""

    segments: list[Segment]
    end: Position


@dataclass(slots=True, eq=False)
class CodeBlock:
    """A block of a code expression."""

    position: Position
    label: str
    commands: list[Command]
    transfer: Transfer


# Declarations


class VariableKind(Enum):
    """Where a variable lives."""

    CONSTANT = "constant"
    GLOBAL = "global"
    IN = "in-parameter"
    OUT = "out-parameter"
    LOCAL = "local"
    BOUND = "bound"


@dataclass(slots=True, eq=False)
class Variable:
    """A constant, variable or parameter; a parameter of a function may have the empty name."""

    position: Position
    name: str
    written: TypeSyntax | None  # None for the variables of a let
    kind: VariableKind
    where: Expression | None = None
    attributes: Attributes = field(default_factory=list)
    type: Type | None = None


@dataclass(slots=True, eq=False)
class ConstantGroup:
    """`const unique a, b: T uses {...}`: `position` is that of the word `const`."""

    position: Position
    unique: bool
    constants: list[Variable]
    uses: list[Axiom]
    attributes: Attributes


@dataclass(slots=True, eq=False)
class Function:
    """`function f<a>(x: a) returns (r: T) { body } uses {...}`.

    `body` is what was written between the braces: with `{:inline}` it is
    substituted, with `{:define}` it becomes a definition, otherwise an axiom.
    """

    position: Position
    name: str
    parameters: list[Name]
    arguments: list[Variable]
    result: Variable
    body: Expression | None
    uses: list[Axiom]
    attributes: Attributes
    revealed: bool = False
    type_variables: tuple[TypeVariable, ...] = ()


@dataclass(slots=True, eq=False)
class Axiom:
    """`axiom e;`."""

    position: Position
    attributes: Attributes
    expression: Expression
    hideable: bool = False


@dataclass(slots=True, eq=False)
class TypeConstructor:
    """`type T a b;`."""

    position: Position
    name: str
    arity: int
    attributes: Attributes


@dataclass(slots=True, eq=False)
class TypeSynonym:
    """`type T a = ...;`."""

    position: Position
    name: str
    parameters: list[Name]
    body: TypeSyntax
    attributes: Attributes


@dataclass(slots=True, eq=False)
class Constructor:
    """A constructor of a datatype; the datatype's parameters are its type parameters."""

    position: Position
    name: str
    fields: list[Variable]
    datatype: Datatype | None = None


@dataclass(slots=True, eq=False)
class Datatype:
    """`datatype D<a> { C(x: a), N() }`."""

    position: Position
    name: str
    parameters: list[Name]
    constructors: list[Constructor]
    attributes: Attributes
    type_variables: tuple[TypeVariable, ...] = ()


@dataclass(slots=True, eq=False)
class Globals:
    """`var x, y: T where e;`."""

    position: Position
    variables: list[Variable]


@dataclass(slots=True, eq=False)
class Condition:
    """`requires e;` or `ensures e;`, perhaps `free`."""

    position: Position
    attributes: Attributes
    free: bool
    expression: Expression


@dataclass(slots=True, eq=False)
class Procedure:
    """A procedure with its specification."""

    position: Position
    name: str
    parameters: list[Name]
    ins: list[Variable]
    outs: list[Variable]
    requires: list[Condition]
    ensures: list[Condition]
    modifies: list[Identifier]
    measures: list[Measure]
    attributes: Attributes
    pure: bool = False
    type_variables: tuple[TypeVariable, ...] = ()


@dataclass(slots=True, eq=False)
class Implementation:
    """A body of a procedure.

    The parser makes one for each procedure that has a body, with its own copies
    of parameters (without `where`), locals and attributes.
    """

    position: Position
    name: str
    parameters: list[Name]
    ins: list[Variable]
    outs: list[Variable]
    locals: list[Variable]
    body: Statements
    attributes: Attributes
    procedure: Procedure | None = None
    type_variables: tuple[TypeVariable, ...] = ()


@dataclass(slots=True, eq=False)
class Concurrent:
    """A declaration of the concurrency layer (`action`, `yield ...`): kept by name and refused by the checker."""

    position: Position
    word: str
    name: str


Declaration: TypeAlias = (
    ConstantGroup
    | Function
    | Axiom
    | TypeConstructor
    | TypeSynonym
    | Datatype
    | Globals
    | Procedure
    | Implementation
    | Concurrent
)


@dataclass(slots=True, eq=False)
class Program:
    """Declarations in the order of their text; several files make one program."""

    declarations: list[Declaration]


def attribute(attributes: Attributes, key: str) -> Attribute | None:
    """Return the first attribute with this key."""
    for one in attributes:
        if one.key == key:
            return one
    return None


def flag(attributes: Attributes, key: str) -> bool:
    """Whether an attribute is there and, if it has a value, that value is not `false` (the last one decides)."""
    answer = False
    for one in attributes:
        if one.key == key:
            if not one.values:
                answer = True
            elif isinstance(value := one.values[0], Literal) and isinstance(value.value, bool):
                answer = value.value
    return answer
