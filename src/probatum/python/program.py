"""A module as it was read: functions, classes, and contracts in one normal form.

Expressions in contracts are Python expressions (`ast.expr`) over the names of
the function's parameters, in which these names are reserved:

- `__result__`: what the function returns;
- `__old__(e)`: the value of `e` at entry. A parameter always means the value
  that was passed, whatever the body assigns to its name; what it refers to is
  meant as it is at exit unless inside `__old__`;
- `__captured__(e)`: what `e` referred to at entry, as it is now: of an object or a list, not what it held then;
- `__forall__(domain, lambda x: p)`, `__exists__(domain, lambda x: p)`: `domain`
  is an iterable, or the name of a type (`int`, `bool`, a class);
- `__implies__(a, b)`: `b` is evaluated only if `a` holds;
- `__multiset__(s)`: how often each item occurs; two are equal if all counts are;
- `__fresh__(x)`: `x` was created by this call;
- `__exception__`: the exception, in a postcondition of raising;
- `__let__(e, lambda x: p)`;
- `__copy__(e)`: a deep copy of `e`; of an immutable value, itself;
- `__separate__(a, b, ...)`: no two of these objects are the same;
- `__sequence__(s)`, `__set__(s)`: the items of `s` as a mathematical value (`__multiset__` is one too), with
  the methods `take`, `drop`, `update`, `num` of Nagini's; `__seen__(x)`: the values that the target `x` of the
  enclosing `for` had in earlier iterations, as such a sequence;
- `__writable__(t)`, `__readable__(t)`: what `t` names is, by what held at entry, in `modifies` (or `reads`) of
  the contract, or was created by this call; in a loop invariant: of the loop, when it was entered. So a caller
  learns that `t` is new, or is one of what it passed.

Items of `modifies`, `reads` and `gives` are targets: an object (all its fields, or its items), `e.f` (that field),
`__items__(e)` (the items of the object that `e` is, where `e` alone would name a field), `__variable__(g)` (a variable
of the module), `__reach__(e)` (`e` and all that can be reached from it),
`__implies__(c, t)` (`t` if `c` holds) and `__forall__(domain, lambda x: t)`. They are evaluated where the
contract applies from: at entry, `gives` at exit.

Bodies are copies without docstrings and without the statements that are a
contract, in loops too. What is left of a syntax in them is in a normal form:
`__check__(e)` is to be proved here, `__assume__(e)` is taken for true, `__refute__(e)` must not be provable here,
`__reveal__(f)` opens an opaque function, `x = __ghost__(e)` is for proofs alone
(so is `with __ghost__():`); `assert` stays as it is.

Every node keeps the position of what the author wrote; where a syntax quotes
expressions in strings or docstrings, nodes are placed there.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from dataclasses import field
from enum import Enum

from probatum.errors import ProbatumError
from probatum.python.types import UNKNOWN, Type
from probatum.records import dataclass


class Syntax(Enum):
    """Which way of writing contracts a contract came from; each keeps its own meaning."""

    NATIVE = "probatum.spec"
    ICONTRACT = "icontract"
    DEAL = "deal"
    PEP316 = "PEP 316"
    ASSERTS = "assert"
    NAGINI = "nagini"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Place:
    """A region of the module's text: lines from 1, columns from 1 in code points; the end is the first position after it."""

    line: int
    column: int
    end_line: int = 0
    end_column: int = 0


@dataclass(frozen=True, slots=True)
class Clause:
    """One condition of a contract.

    Attributes
    ----------
    expression : ast.expr
        In the normal form above.
    place : Place
        Of what the author wrote.
    text : str
        What the author wrote, for messages, on one line.
    error : str
        Name of the exception class that the author wants raised instead of the usual one, or "".
    trusted : bool
        Assumed and never proved (what a stub of a library says).
    """

    expression: ast.expr
    place: Place
    text: str
    error: str = ""
    trusted: bool = False


@dataclass(frozen=True, slots=True)
class Raises:
    """A function may end by raising.

    Attributes
    ----------
    exception : ast.expr
        The class, as the author names it.
    when : Clause or None
        Exactly when it is raised, in the state at entry; None: it may be raised at any time.
    ensures : tuple of Clause
        What holds then.
    """

    exception: ast.expr
    place: Place
    when: Clause | None = None
    ensures: tuple[Clause, ...] = ()
    exact: bool = False  # this class and none derived from it
    gives: tuple[Clause, ...] | None = None  # as in `Contract`


@dataclass(frozen=True, slots=True)
class Contract:
    """What a function promises and expects.

    Attributes
    ----------
    modifies : tuple of Clause or None
        Objects that may change: each is an expression for an object (all its fields, or its items), or an attribute
        expression (that field). None: nobody said, and what may change is worked out from the body (`inferred`).
    raises : tuple of Raises
        Exceptions that may escape.
    any_raise : bool
        Exceptions may escape undeclared: the syntax has no way to say which.
    decreases : tuple of Clause or None
        Compared in lexicographic order; None: guessed.
        A trusted clause: termination is assumed; `__implies__(c, e)`: it is claimed where `c` holds at entry.
    may_diverge : bool
        Termination is not claimed (`decreases(None)` in some syntaxes).
    gives : tuple of Clause or None
        Targets that the caller may use afterwards, of those that `modifies` and `reads` name and of what is new;
        None: all of them. `__readable__(t)`: to look at, and to change only if `reads` names it and the caller could.
        Only Nagini's contracts keep anything back.
    inherits : str
        What an overriding method takes over from those it overrides: "" nothing; "weaken": preconditions are
        alternatives, postconditions add up; "replace": the overridden preconditions hold where it has none of its
        own, postconditions add up; "add": everything adds up.
    silent : bool
        Nothing is written to standard output, also not by what is called.
    """

    syntax: Syntax = Syntax.NONE
    requires: tuple[Clause, ...] = ()
    ensures: tuple[Clause, ...] = ()
    raises: tuple[Raises, ...] = ()
    any_raise: bool = False
    modifies: tuple[Clause, ...] | None = None
    reads: tuple[Clause, ...] = ()
    decreases: tuple[Clause, ...] | None = None
    may_diverge: bool = False
    place: Place = Place(1, 1)
    gives: tuple[Clause, ...] | None = None
    inherits: str = ""
    silent: bool = False

    @property
    def says_something(self) -> bool:
        """Whether the author claimed anything."""
        return bool(self.requires or self.ensures or self.raises or self.decreases or self.modifies or self.syntax != Syntax.NONE)


@dataclass(frozen=True, slots=True)
class LoopContract:
    """What a loop keeps and why it ends; `decreases` None: guessed. `element` and `seen` name what the syntax calls them."""

    invariants: tuple[Clause, ...] = ()
    decreases: tuple[Clause, ...] | None = None
    modifies: tuple[Clause, ...] | None = None
    reads: tuple[Clause, ...] = ()


class Passing(Enum):
    """How an argument reaches a parameter."""

    POSITIONAL = "positional only"
    BOTH = "positional or keyword"
    KEYWORD = "keyword only"
    REST = "*args"
    REST_KEYWORDS = "**kwargs"


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of a function; `default` None: it must be given. `evidence`: of a type that nobody declared, what tells it."""

    name: str
    type: Type
    place: Place
    default: ast.expr | None = None
    passing: Passing = Passing.BOTH
    annotated: bool = True
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something about the text that stands in the way of a proof.

    `function` is the qualified name of the function that it concerns, "" for the whole module.
    `unsupported`: a construct outside the language, `message` names it; otherwise it is a mistake
    (a contract with side effects, a contract that names what does not exist).
    """

    place: Place
    message: str
    function: str = ""
    unsupported: bool = True
    help: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """A function or method.

    Attributes
    ----------
    name : str
        Qualified within the module: `f`, `C.m`.
    module : str
        Dotted name of its module.
    owner : str
        Qualified name of its class, or "".
    body : sequence of ast.stmt
        In the normal form of this module.
    loops : mapping
        Contracts of loops, by the nodes (`ast.While`, `ast.For`) that are in `body`.
    kind : str
        `function`, `method`, `static`, `class`, `property`, `setter`.
    pure : bool
        Declared to be usable in contracts: no side effects, terminates, depends on its arguments alone.
    ghost, lemma, opaque, abstract, stub : bool
        `stub`: the body is missing (`...` in a contract file of a library); its contract is assumed.
    written : tuple or None
        Body and contracts of loops before iterators that variables keep were written out (`kept`), if any were.
    inline : bool
        It has no contract, and is verified only where it is called: there its body stands for the call.
    implied : tuple of Clause
        What the annotations of its parameters say beyond their types, if it has no contract: nobody has to show it, and
        what is made as an input, by calling it, has it.
    type_variables : tuple of str
    """

    name: str
    module: str
    node: ast.FunctionDef
    place: Place
    parameters: tuple[Parameter, ...]
    returns: Type
    contract: Contract
    body: Sequence[ast.stmt]
    loops: Mapping[ast.stmt, LoopContract] = field(default_factory=dict)
    owner: str = ""
    kind: str = "function"
    pure: bool = False
    ghost: bool = False
    lemma: bool = False
    opaque: bool = False
    abstract: bool = False
    stub: bool = False
    type_variables: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    inline: bool = False
    written: tuple[Sequence[ast.stmt], Mapping[ast.stmt, LoopContract]] | None = None
    implied: tuple[Clause, ...] = ()

    @property
    def run(self) -> tuple[Sequence[ast.stmt], Mapping[ast.stmt, LoopContract]]:
        """The body and its loops as they are run, without what is only written out for proofs."""
        return (self.body, self.loops) if self.written is None else self.written

    @property
    def qualified(self) -> str:
        """`module.C.m`."""
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class ModuleCode(Function):
    """What runs when a module is imported, as a function without parameters, whose qualified name is that of the module.

    Definitions in its body are hollow: they bind their names. All other names that it binds are the module's, too.
    """

    @property
    def qualified(self) -> str:
        """The module's name."""
        return self.module


@dataclass(frozen=True, slots=True)
class Field:
    """An attribute of instances: declared in the class body, or assigned to `self` in `__init__`; `default` is the dataclass's."""

    name: str
    type: Type
    place: Place
    default: ast.expr | None = None
    in_init: bool = True  # a dataclass's constructor takes it
    shared: bool = False  # an attribute of the class (`ClassVar`, or assigned in the class body without annotation)
    keyword_only: bool = False  # a dataclass's constructor takes it by name only
    made: bool = False  # `default` is evaluated anew for each instance (`default_factory`)
    absent: bool = False  # an instance may lack it: its constructor does not assign it, or `del` is used of it; never None


@dataclass(frozen=True, slots=True, eq=False)
class Class:
    """A class.

    `kind` is `class`, `dataclass`, `frozen` (a frozen dataclass or NamedTuple: a value), `enum`, `intenum`, `exception`, `protocol`.
    `bases` are qualified names; `members` of an enum are in `constants`.
    """

    name: str
    module: str
    node: ast.ClassDef
    place: Place
    kind: str
    bases: tuple[str, ...]
    fields: Mapping[str, Field]
    methods: Mapping[str, Function]
    invariants: tuple[Clause, ...] = ()
    constants: Mapping[str, ast.expr] = field(default_factory=dict)
    type_variables: tuple[str, ...] = ()
    syntax: Syntax = Syntax.NONE
    compares_by_value: bool = False  # a dataclass with `eq`
    ordered: bool = False  # a dataclass with `order`, or a NamedTuple: compared as the tuple of its fields
    inherits: str = ""  # as in `Contract`, for its methods but `__init__` and those of classes derived from it
    invariants_at_assignments: bool = False  # they are to hold after each assignment to an attribute, too
    problems: tuple[Problem, ...] = ()

    @property
    def qualified(self) -> str:
        """`module.C`."""
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, slots=True, eq=False)
class Module:
    """A module that was read.

    Attributes
    ----------
    name : str
        Dotted; "" for a file that is no part of a package.
    path : str
        Relative to what is checked.
    imports : mapping of str to str
        Local name to the qualified name it stands for: `{"np": "numpy", "requires": "probatum.spec.requires"}`.
    constants : mapping of str to ast.expr
        Names that the module assigns exactly once at top level, to an expression; `Final` or not.
    variables : mapping of str to Type
        Names that functions rebind through `global`, or that are assigned more than once.
    aliases : mapping of str to Type
        Names that stand for types.
    code : ModuleCode or None
        What runs when it is imported, if that is more than definitions.
    """

    name: str
    path: str
    text: str
    tree: ast.Module
    imports: Mapping[str, str]
    functions: Mapping[str, Function]
    classes: Mapping[str, Class]
    constants: Mapping[str, ast.expr] = field(default_factory=dict)
    constant_types: Mapping[str, Type] = field(default_factory=dict)
    variables: Mapping[str, Type] = field(default_factory=dict)
    aliases: Mapping[str, Type] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    code: ModuleCode | None = None

    def every_function(self) -> list[Function]:
        """Functions and methods, in the order of the text."""
        own = [*self.functions.values(), *(m for c in self.classes.values() for m in c.methods.values())]
        return sorted(own, key=lambda f: (f.place.line, f.place.column))


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """The modules that are known together, by dotted name; `missing`: imported, and not there; `unreadable`: why, by path."""

    modules: Mapping[str, Module]
    missing: tuple[str, ...] = ()
    unreadable: Mapping[str, ProbatumError] = field(default_factory=dict)

    def function(self, qualified: str) -> Function | None:
        """Return a function by its qualified name, through re-exports."""
        found = self._find(qualified)
        return found if isinstance(found, Function) else None

    def class_(self, qualified: str) -> Class | None:
        """Return a class by its qualified name, through re-exports."""
        found = self._find(qualified)
        return found if isinstance(found, Class) else None

    def _find(self, qualified: str, depth: int = 0) -> Function | Class | None:
        if depth > 20:  # modules that re-export each other's names in a circle
            return None
        parts = qualified.split(".")
        for cut in range(len(parts) - 1, -1, -1):
            module = self.modules.get(".".join(parts[:cut]))
            if module is None:
                continue
            rest = parts[cut:]
            if len(rest) == 1 and rest[0] in module.functions:
                return module.functions[rest[0]]
            if ".".join(rest) in module.classes:  # a class inside of another one is under both names
                return module.classes[".".join(rest)]
            for inner in range(len(rest) - 1, 0, -1):
                class_ = module.classes.get(".".join(rest[:inner]))
                if class_ is not None:
                    return class_.methods.get(".".join(rest[inner:]))
            if rest[0] in module.imports:
                return self._find(".".join([module.imports[rest[0]], *rest[1:]]), depth + 1)
        return None


__all__ = [
    "UNKNOWN",
    "Class",
    "Clause",
    "Contract",
    "Field",
    "Function",
    "LoopContract",
    "Module",
    "ModuleCode",
    "Parameter",
    "Passing",
    "Place",
    "Problem",
    "Program",
    "Raises",
    "Syntax",
]
