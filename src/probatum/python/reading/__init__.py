"""From the text of Python files to `program.Module` and `program.Program`. Nothing is imported or run.

A module is read in two steps. The first (`surfaces`) takes what its top level
binds: imports, definitions, constants. The second, here, reads annotations and
contracts, for which the first must be over for all modules that are read
together, since they may import one another in a circle.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterable, Mapping

from probatum.errors import ProbatumError, UnreadableArtefact
from probatum.python.program import Module, Program
from probatum.python.reading.inherited import pass_contracts_on
from probatum.python.reading.modules import ModuleReader
from probatum.python.surfaces import Surface, World, note_patches, surface_of
from probatum.python.texts import base_of, import_statements, module_name
from probatum.source import Location

_never_missing = frozenset({"probatum", "icontract", "deal", "nagini_contracts", "typing_extensions", "crosshair"})


def read_module(text: str, path: str, name: str = "", *, library: bool = False) -> Module:
    """Read a module on its own.

    Parameters
    ----------
    path : str
        Relative to what is checked.
    name : str
        Its dotted name; by default what `module_name` makes of the path.
    library : bool
        A contract file of a library: functions without body are taken at their word.

    Raises
    ------
    UnreadableArtefact
        As `parse` does.
    """
    surface = surface_of(name or module_name(path), path, text)
    module = ModuleReader(surface, World({surface.name: surface}), library).read()
    pass_contracts_on(Program({module.name: module}), [module])
    return module


def read_program(
    sources: Mapping[str, str], roots: Iterable[str] = (), *, libraries: Mapping[str, Module] | None = None
) -> Program:
    """Read modules that may import one another, in circles too.

    Parameters
    ----------
    sources : mapping of str to str
        Relative path to text.
    roots : iterable of str
        Folders in which packages are looked for; the top is always one.
    libraries : mapping of str to Module
        Modules that were read before, by name; the program gets them as they are.

    Returns
    -------
    Program
        Of what can be read; `unreadable` says why the rest cannot.
    """
    surfaces: dict[str, Surface] = {}
    unreadable: dict[str, ProbatumError] = {}
    roots = tuple(roots)
    for path in sorted(sources):
        try:
            surface = surface_of(module_name(path, roots), path, sources[path])
        except UnreadableArtefact as error:
            unreadable[path] = error
            continue
        if surface.name in surfaces:
            message = f"`{path}` and `{surfaces[surface.name].path}` are both the module `{surface.name}`"
            advice = "name one root of packages in the configuration, or rename one of them"
            unreadable[path] = UnreadableArtefact(message, help=advice, location=Location(path))
            continue
        surfaces[surface.name] = surface
    note_patches(surfaces)
    world = World(surfaces)
    own = {n: ModuleReader(s, world, library=s.path.endswith(".pyi")).read() for n, s in surfaces.items()}
    modules = dict(libraries or {}) | own
    pass_contracts_on(Program(modules), own.values())
    return Program(modules, _missing(world, {*modules, *(module_name(path, roots) for path in unreadable)}), unreadable)


def _provides(world: World, package: str, name: str) -> bool:
    """Whether a package has a name of its own, which is no module in it."""
    surface = world.surfaces.get(package)
    if surface is None:
        return False
    return bool(surface.stars) or (name in surface.names() and surface.imports.get(name) != f"{package}.{name}")


def _missing(world: World, known: set[str]) -> tuple[str, ...]:
    """Return the modules that are imported, and that are neither here nor in the standard library."""
    found: dict[str, None] = {}
    folders = {".".join(n.split(".")[:i]) for n in known for i in range(1, n.count(".") + 1)}
    for surface in world.surfaces.values():
        for node in import_statements(surface.tree.body):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [a.name for a in node.names]
            elif (base := base_of(node, surface.name, package=surface.package)) and base not in folders:
                names = [base]
            elif base in folders:
                names = [f"{base}.{a.name}" for a in node.names if a.name != "*" and not _provides(world, base, a.name)]
            for name in names:
                top = name.partition(".")[0]
                if not (name in known or name in folders or top in sys.stdlib_module_names or top in _never_missing):
                    found[name] = None
    return tuple(found)
