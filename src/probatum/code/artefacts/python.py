"""Reading Python: a file, and then a program of it and of what it imports."""

from __future__ import annotations

import ast
import codecs
import io
import tokenize
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from probatum.code.artefacts.importing import Imported, imported, packages
from probatum.code.artefacts.libraries import libraries_in, library
from probatum.errors import UnreadableArtefact
from probatum.python.program import Class, Function, Module, ModuleCode, Program, Syntax
from probatum.python.types import Ranged
from probatum.source import Location, Source

__all__ = ["PythonModule", "read"]

_named = {
    "probatum": Syntax.NATIVE,
    "icontract": Syntax.ICONTRACT,
    "deal": Syntax.DEAL,
    "pep316": Syntax.PEP316,
    "assert": Syntax.ASSERTS,
    "nagini": Syntax.NAGINI,
}


@dataclass(frozen=True, slots=True, eq=False)
class PythonModule:
    """A module that parses.

    Attributes
    ----------
    subject : str
        The path of its file.
    location : Location
    text : str
    source : Source
        Its bytes.
    options : mapping
        Of the system.
    memo : dict
        What was worked out about it, by whoever did: rules on one artefact share it.
    """

    subject: str
    location: Location
    text: str
    source: Source
    options: Mapping[str, Any]
    memo: dict[str, Any] = field(default_factory=dict, repr=False)

    def program(self, inputs: Mapping[str, Source]) -> tuple[Program, Module]:
        """Return the module with what it imports, and the module itself.

        Parameters
        ----------
        inputs : mapping of str to Source
            The files that `imports` named for it, by path.

        Raises
        ------
        UnreadableArtefact
            If the module cannot be read; one that it imports is left out instead.
        """
        from probatum.source import digest_of

        key = f"program {digest_of({path: source.digest for path, source in inputs.items()})}"
        if key not in self.memo:
            self.memo[key] = _program(self, inputs)
        program, module = self.memo[key]
        return program, module

    @property
    def tree(self) -> ast.Module:
        """What the text is parsed to."""
        from probatum.python.texts import parse

        if "tree" not in self.memo:
            self.memo["tree"] = parse(self.text, self.subject)
        tree: ast.Module = self.memo["tree"]
        return tree

    def program_without(self, inputs: Mapping[str, Source], text: str) -> tuple[Program, Module]:
        """Return what `program` does, of a text from which parts of the module are left out; nothing of it is memorised."""
        return _program(self, inputs, text=text)

    def program_with(self, inputs: Mapping[str, Source], others: Mapping[str, str], text: str) -> Program:
        """Return the program with further modules beside it, texts by path; those that cannot be read are left out.

        `text`: that of this module, from which parts may be left out.
        """
        program, _ = _program(self, inputs, others, text=text)
        return program

    def imported(self, inputs: Mapping[str, Source]) -> Imported:
        """Return which of the inputs it imports itself, and what it imports that is not there."""
        return imported(self.subject, self.text.encode("utf-8", "surrogatepass"), inputs.__contains__)

    def wanted(self, module: Module, program: Program) -> tuple[Function, ...]:
        """Return the functions that are to be checked, in the order of the text, and what runs at import, if it claims something."""
        own = tuple(f for f in module.every_function() if self._wants(f, module, program))
        return own if module.code is None or not self._wants_code(module.code) else (*own, module.code)

    def _wants_code(self, code: ModuleCode) -> bool:
        """Whether the top level of a module claims something: it asserts, its loops have contracts, or Nagini would check it."""
        if self.options.get("all-functions"):
            return True
        syntaxes = {_named[name] for name in self.options.get("contracts", tuple(_named))}
        if code.contract.syntax in syntaxes:
            return True
        if Syntax.NATIVE in syntaxes and any(loop.invariants or loop.decreases for loop in code.loops.values()):
            return True
        nodes = [n for s in code.body for n in ast.walk(s)]
        asserts = Syntax.ASSERTS in syntaxes and any(isinstance(n, ast.Assert) for n in nodes)
        return asserts or (Syntax.NATIVE in syntaxes and any(isinstance(n, ast.Name) and n.id == "__check__" for n in nodes))

    def _wants(self, function: Function, module: Module, program: Program) -> bool:
        if function.stub or function.inline:
            return False
        if self.options.get("all-functions"):
            return True
        syntaxes = {_named[name] for name in self.options.get("contracts", tuple(_named))}
        owner = module.classes.get(function.owner)
        kept = owner is not None and any(c.syntax in syntaxes for c in _claiming(owner, program))
        said = function.contract.says_something and function.contract.syntax in syntaxes
        inner = any(loop.invariants or loop.decreases for loop in function.loops.values())
        # `-> UInt8` promises as a postcondition does.
        promised = Syntax.NATIVE in syntaxes and isinstance(function.returns, Ranged)
        return said or kept or inner or promised or function.lemma


def _claiming(class_: Class, program: Program) -> Iterator[Class]:
    """Yield the classes whose invariants methods of a class keep: it and those above it, unless their library looks at no others."""
    seen: set[str] = set()
    waiting = [class_]
    while waiting:
        one = waiting.pop()
        if one.qualified in seen:
            continue
        seen.add(one.qualified)
        passed_on = one is class_ or one.syntax is not Syntax.ICONTRACT or bool(one.inherits)
        # Of an invariant that cannot be read, each method says so.
        unread = one is class_ and any(p.unsupported and p.function in ("", one.qualified) for p in one.problems)
        if passed_on and (one.invariants or unread):
            yield one
        waiting += [known for known in map(program.class_, one.bases) if known is not None]


def read(source: Source, options: Mapping[str, Any]) -> PythonModule:
    """Read a module.

    Raises
    ------
    UnreadableArtefact
        If it is not text, or does not parse as Python.
    """
    from probatum.python.texts import check_compiles, parse

    text = decoded(source)
    tree = parse(text, source.path)
    check_compiles(text, source.path)
    return PythonModule(source.path, Location(source.path), text, source, options, {"tree": tree})


def _program(
    artefact: PythonModule, inputs: Mapping[str, Source], others: Mapping[str, str] | None = None, *, text: str | None = None
) -> tuple[Program, Module]:
    from probatum.python.reading import read_program
    from probatum.python.texts import module_name

    texts = {artefact.subject: artefact.text if text is None else text}
    roots: dict[str, None] = dict.fromkeys(_root(artefact.subject, inputs))
    waiting = [artefact.subject]
    while waiting:
        path = waiting.pop()
        found = imported(path, texts[path].encode("utf-8", "surrogatepass"), {*inputs, artefact.subject}.__contains__)
        for dotted, place in found.found.items():
            roots |= dict.fromkeys(_root_of(dotted, place))
            if place not in texts:
                try:
                    texts[place] = decoded(inputs[place])
                except UnreadableArtefact:
                    continue  # it is an artefact too, or its importers say that it is missing
                waiting.append(place)
    program = read_program({**texts, **(others or {})}, roots, libraries=_libraries(texts))
    if artefact.subject in program.unreadable:
        raise program.unreadable[artefact.subject]
    return program, program.modules[module_name(artefact.subject, roots)]


def _root(path: str, inputs: Mapping[str, Source]) -> tuple[str, ...]:
    """Return the folder that holds the outermost package of a file, if it is in one and that is not the top."""
    inside = packages(path, inputs.__contains__)
    if not inside:
        return ()
    outermost = inside[-1].rpartition("/")[0]
    return tuple(folder for folder in (outermost.rpartition("/")[0],) if folder)


def _root_of(dotted: str, place: str) -> tuple[str, ...]:
    """Return the folder below which a module has its dotted name, if that is not the top."""
    tail = dotted.replace(".", "/")
    for ending in (f"/{tail}/__init__.py", f"/{tail}.py"):
        if f"/{place}".endswith(ending):
            return tuple(folder for folder in (f"/{place}"[: -len(ending)].strip("/"),) if folder)
    return ()


def _libraries(texts: Mapping[str, str]) -> Mapping[str, Module]:
    """Return the contracts of the libraries that texts import."""
    found = {name: library(name) for text in texts.values() for name in libraries_in(text)}
    return {name: module for name, module in found.items() if module is not None}


def decoded(source: Source) -> str:
    """Decode a module as Python does: by its byte order mark, its coding comment, or as UTF-8.

    Raises
    ------
    UnreadableArtefact
        If the bytes are not text in that encoding, or contain NUL characters, as UTF-16 does, which Python does not read.
    """
    if source.raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):  # that of UTF-32 begins like one of them, or has NUL
        raise UnreadableArtefact(
            f"`{source.path}` is in UTF-16 or UTF-32, which Python does not read",
            help="save the file as UTF-8",
            location=Location(source.path, 1),
        )
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(source.raw).readline)
    except SyntaxError as error:
        # What UTF-8 cannot decode is said better by who decodes all other files.
        if "invalid or missing encoding" in str(error):
            return source.text().content
        raise UnreadableArtefact(
            f"`{source.path}` is in an encoding that is not known: {error.msg}",
            help="save the file as UTF-8",
            location=Location(source.path, 1),
        ) from None
    if encoding in ("utf-8", "utf-8-sig"):
        return source.text().content
    try:
        text = source.raw.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableArtefact(
            f"`{source.path}` is not valid {encoding}, as its first lines say: byte {error.start} cannot be decoded",
            help="save the file as UTF-8",
            location=Location(source.path, 1),
        ) from None
    return Source(source.path, text.encode("utf-8", "surrogatepass")).text().content
