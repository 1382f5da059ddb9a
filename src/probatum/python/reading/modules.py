"""From what a module binds to `program.Module`."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field

from probatum.python import contracts, definitions, module_code, types
from probatum.python.annotations import Annotations
from probatum.python.program import Class, Function, Module, Problem
from probatum.python.reading.classes import ClassReader
from probatum.python.reading.decorators import is_decorated
from probatum.python.reading.fields import FieldReader
from probatum.python.reading.functions import FunctionReader, coroutine
from probatum.python.reading.taken_attributes import with_taken
from probatum.python.reading.values import ValueTypes
from probatum.python.surfaces import Surface, World, defined_again


@dataclass
class ModuleReader:
    """Reads the definitions of one module."""

    surface: Surface
    world: World
    library: bool
    problems: list[Problem] = field(default_factory=list)

    def read(self) -> Module:
        """Return the module; what is wrong with single definitions is in its problems and theirs."""
        surface, scope = self.surface, self.world.scope(self.surface.name)
        self.problems.extend(surface.problems)
        stated = contracts.module_problems(surface.tree, scope)
        self.problems.extend(definitions.too_early(surface.tree, scope))
        self.problems.extend(definitions.extended_enumerations(surface.tree, scope))
        values = ValueTypes(surface, self.world)
        function_reader = FunctionReader(surface, self.world, self.library)
        class_reader = ClassReader(function_reader, FieldReader(values), self.problems)
        classes: dict[str, Class] = {}
        for node in surface.classes.values():
            if not self._bound_again(node.name, node):
                class_reader.read(node, scope, "", classes)
        classes = with_taken(classes)
        functions: dict[str, Function] = {}
        for name, nodes in surface.functions.items():
            kept = [n for n in nodes if not is_decorated(n, scope, "overload")] or nodes[-1:]
            if len(kept) > 1 and not all(any(n is s for s in surface.tree.body) for n in kept):
                message = f"`{name}` is defined in several places, so what it means is not known"
                self.problems.append(Problem(surface.positions.place(kept[-1]), message, surface.qualified(name)))
                continue
            for earlier in kept[:-1]:
                self.problems.append(defined_again(surface, earlier, kept[-1], surface.qualified(name)))
            if self._bound_again(name, kept[-1]):
                continue
            functions[name] = function_reader.read(kept[-1], scope, None, "")
        for async_function in surface.coroutines:
            self.problems.append(coroutine(async_function, scope, ""))
        self.problems.extend(definitions.handed_out(stated, functions, classes))
        constants = self.world.constants(surface.name)
        reader = Annotations(scope)
        assigned = surface.assigned
        constant_types = {n: values.of(assigned[n][0][1], v, reader) for n, v in constants.items()}
        variables = {n: values.of_variable(n, reader) for n in assigned if n not in constants and n not in classes}
        unclear = {*surface.rebound, *surface.functions, *surface.classes} - {*functions, *classes, *constants, *scope.imports}
        variables |= {n: types.UNKNOWN for n in unclear if n not in variables}
        aliases = {n: t for n in (*assigned, *surface.classes) if (t := self.world.alias(f"{surface.name}.{n}")) is not None}
        return Module(
            surface.name,
            surface.path,
            surface.text,
            surface.tree,
            scope.imports,
            functions,
            classes,
            constants,
            constant_types,
            variables,
            aliases,
            tuple(sorted(dict.fromkeys(self.problems), key=lambda p: (p.place.line, p.place.column))),
            None if self.library else module_code.code_of(surface, scope),
        )

    def _bound_again(self, name: str, node: ast.stmt) -> bool:
        """Whether a name that a definition binds is bound by something else too, so that calls may mean that; say so."""
        surface = self.surface
        both = name in surface.functions and name in surface.classes
        if not both and name not in surface.assigned and name not in surface.rebound and name not in surface.imports:
            return False
        message = f"`{name}` is bound elsewhere in the module too, so what it means is not known"
        self.problems.append(
            Problem(surface.positions.place(node), message, surface.qualified(name), help="give one of them another name")
        )
        return True
