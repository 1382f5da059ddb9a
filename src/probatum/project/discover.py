"""Which files belong to which system, without importing the systems.

A file is claimed by its name and, for systems that share a suffix, by its
content: the claim is quick and generous, the system's own reader is exact. A
file that nobody can read is nobody's, and is a `Problem`: it may have been
anything, so leaving it out in silence would let a check pass that checked less.
"""

from __future__ import annotations

import ast
import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import field
from typing import Any

from probatum.errors import UnreadableArtefact
from probatum.findings import Why
from probatum.project.globs import matches
from probatum.project.system import System, TooLarge
from probatum.records import dataclass
from probatum.source import Location, Text, decode, digest


@dataclass(frozen=True, slots=True)
class Found:
    """A file that a system claims, as it was when it was found."""

    path: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True)
class Problem:
    """A file that may have been an artefact and cannot be read."""

    location: Location
    why: Why
    reason: str


@dataclass(frozen=True, slots=True)
class Claim:
    """Which files are artefacts of one system.

    Attributes
    ----------
    system : str
        Its name.
    suffixes : tuple of str
        Of the names of files that may be artefacts, in lower case.
    of_json : callable, optional
        For files that are JSON: whether the parsed value is an artefact. Gets
        the value and the text. None claims every file with the suffix, unread.
    of_raw : tuple of (str, callable)
        Suffixes of which only some files are artefacts, by their bytes, each with
        who says so. Gets the bytes, the path and the options of the system.
    """

    system: str
    suffixes: tuple[str, ...]
    of_json: Callable[[Any, str], bool] | None = None
    of_raw: tuple[tuple[str, Callable[[bytes, str, Mapping[str, Any]], bool]], ...] = ()


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is in a directory."""

    files: Mapping[str, tuple[Found, ...]]  # system -> its artefacts, ordered by path
    problems: tuple[Problem, ...]
    notes: tuple[str, ...]


skipped_names = frozenset(
    {
        ".git",
        ".hg",
        ".svn",
        ".jj",
        ".venv",
        ".probatum",
        "node_modules",
        "__pycache__",
        ".tox",
        ".nox",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        ".import_linter_cache",
        ".terraform",
        ".cache",
        ".eggs",
        ".direnv",
        ".gradle",
        ".idea",
        ".yarn",
        ".pnpm-store",
    }
)
_not_quite_json = (
    "tsconfig*.json",
    "jsconfig*.json",
    ".vscode/**",
    "**/.vscode/**",
    "devcontainer.json",
    ".devcontainer.json",
    "*.code-workspace",
    "tslint.json",
    ".eslintrc.json",
    ".swcrc",
    "api-extractor.json",
)


_PARSED_BYTES = 500_000  # in all, of Python files that are not checked: about half a second


@dataclass(slots=True)
class _Tally:
    """What is counted on the way."""

    files: dict[str, list[Found]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)  # pipes, sockets, devices with a name of interest
    unclaimed: int = 0
    without_contracts: int = 0
    no_python: list[str] = field(default_factory=list)  # of those without contracts
    parsed: int = 0  # bytes
    ours: int = 0
    comments: int = 0
    excluded: int = 0

    def look_at(self, raw: bytes, path: str) -> None:
        """Note whether a Python file that is not checked can be parsed at all, while that takes no time to speak of."""
        if self.parsed + len(raw) > _PARSED_BYTES:
            return
        self.parsed += len(raw)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the file, which nobody asked about
            try:
                compile(raw, path, "exec", flags=ast.PyCF_ONLY_AST, dont_inherit=True)
            except (SyntaxError, ValueError, RecursionError, MemoryError):  # null bytes; nested too deeply
                self.no_python.append(path)


def discover(
    system: System,
    claims: Iterable[Claim],
    *,
    within: str = "",
    exclude: Iterable[str] = (),
    max_bytes: int = 20_000_000,
    options: Mapping[str, Mapping[str, Any]] | None = None,
) -> Inventory:
    """Find the artefacts below a directory, or look at one file.

    Parameters
    ----------
    within : str
        A directory or a file; "" for the root. A file that is named is looked
        at even if it is excluded.
    exclude : iterable of str
        Globs of files and directories to leave out.
    max_bytes : int
        Larger files are problems.
    options : mapping, optional
        Options of each system, by its name.
    """
    tally = _Tally()
    known = tuple(_Asked(claim, (options or {}).get(claim.system, {})) for claim in claims)
    patterns = tuple(exclude)
    if system.kind(within) == "directory":
        for path, kind in _walk(system, within, patterns, tally):
            _consider(system, path, kind, claims=known, max_bytes=max_bytes, tally=tally)
    else:
        _consider(system, within, "file", claims=known, max_bytes=max_bytes, tally=tally)
    return Inventory(
        {asked.claim.system: tuple(sorted(tally.files.get(asked.claim.system, []), key=lambda f: f.path)) for asked in known},
        tuple(sorted(tally.problems, key=lambda p: p.location.sort_key())),
        tuple(_notes(system, tally)),
    )


def _walk(system: System, top: str, exclude: tuple[str, ...], tally: _Tally) -> Iterator[tuple[str, str]]:
    """Files, links and others below a directory; directories that are caches or excluded are not entered."""
    waiting = [top]
    while waiting:
        folder = waiting.pop()
        try:
            entries = system.list(folder)
        except OSError as error:
            advice = _or_exclude(folder)
            tally.problems.append(
                Problem(
                    Location(folder or "."),
                    Why.UNREADABLE,
                    f"the directory `{folder or '.'}` cannot be listed ({_said(error)}): make it readable, {advice}",
                )
            )
            continue
        names = {e.name for e in entries}
        if folder != top and ("pyvenv.cfg" in names or "CACHEDIR.TAG" in names):
            continue
        for entry in entries:
            path = f"{folder}/{entry.name}" if folder else entry.name
            if entry.kind == "directory" and entry.name in skipped_names:
                continue
            if exclude and matches(path, exclude):
                tally.excluded += entry.kind != "directory"
            elif entry.kind == "directory":
                waiting.append(path)
            else:
                yield path, entry.kind


@dataclass(frozen=True, slots=True)
class _Asked:
    """A claim, and the options under which it is made."""

    claim: Claim
    options: Mapping[str, Any]

    def claims(self, raw: bytes, path: str) -> bool:
        """Whether bytes are an artefact, as far as bytes can tell."""
        tells = next((tells for suffix, tells in self.claim.of_raw if path.lower().endswith(suffix)), None)
        return tells is None or tells(raw, path, self.options)


def _consider(system: System, path: str, kind: str, *, claims: tuple[_Asked, ...], max_bytes: int, tally: _Tally) -> None:
    if kind == "link":
        tally.links.append(path)
        return
    lower = path.lower()
    wanted = [c for c in claims if lower.endswith(c.claim.suffixes)]
    if not wanted:
        return
    if kind == "other":
        tally.other.append(path)
        return
    try:
        path.encode()
    except UnicodeEncodeError:
        shown = path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
        tally.problems.append(
            Problem(Location(shown), Why.UNREADABLE, f"the name of `{shown}` is not valid UTF-8: rename the file")
        )
        return
    try:
        _claim(system, path, wanted, max_bytes, tally)
    except _NotRead as error:
        if matches(path, _not_quite_json):
            tally.comments += 1
        else:
            tally.problems.append(Problem(error.location, Why.UNREADABLE, error.reason))


class _NotRead(Exception):
    def __init__(self, location: Location, reason: str) -> None:
        super().__init__(reason)
        self.location = location
        self.reason = reason


def _claim(system: System, path: str, wanted: list[_Asked], max_bytes: int, tally: _Tally) -> None:
    raw = _read(system, path, max_bytes)
    by_content = [c.claim for c in wanted if c.claim.of_json is not None]
    mine = [c.claim for c in wanted if c.claim.of_json is None and c.claims(raw, path)]
    if not mine and not by_content:
        if path.lower().endswith(".py"):
            tally.without_contracts += 1
            tally.look_at(raw, path)
        return
    content_digest = ""
    if by_content:
        text = _decoded(raw, path)
        content_digest = text.digest
        value = _parsed(text)
        claiming = [c for c in by_content if c.of_json is not None and c.of_json(value, text.content)]
        if isinstance(value, dict) and str(value.get("schema", "")).startswith("probatum-") and not _is_policy(value):
            tally.ours += 1
        elif claiming:
            mine += claiming
        elif not mine:
            tally.unclaimed += 1
    for claim in mine:
        tally.files.setdefault(claim.system, []).append(Found(path, content_digest or digest(raw), len(raw)))


def _read(system: System, path: str, max_bytes: int) -> bytes:
    advice = _or_exclude(path)
    try:
        return system.read(path, limit=max_bytes)
    except TooLarge as error:
        raise _NotRead(
            Location(path),
            f"`{path}` has {error.size:,} bytes, more than the limit of {max_bytes:,}: "
            f"raise `max-file-mb` in `[check]`, {advice}",
        ) from None
    except OSError as error:
        raise _NotRead(Location(path), f"`{path}` cannot be read ({_said(error)}): make it readable, {advice}") from None


def _decoded(raw: bytes, path: str) -> Text:
    try:
        return decode(raw, path)
    except UnreadableArtefact as error:
        raise _NotRead(error.location or Location(path), f"{error.message}: {error.help}") from None


def _parsed(text: Text) -> Any:
    advice = _or_exclude(text.path)
    if not text.content.strip():
        raise _NotRead(Location(text.path), f"`{text.path}` is empty: write its content, remove it, {advice}")
    try:
        return json.loads(text.content)
    except json.JSONDecodeError as error:
        raise _NotRead(
            Location(text.path, error.lineno, error.colno),
            f"`{text.path}` is not JSON ({error.msg[:1].lower()}{error.msg[1:]}): correct it at this place, {advice}",
        ) from None
    except RecursionError:
        raise _NotRead(Location(text.path), f"`{text.path}` is nested too deeply to be read: flatten it, {advice}") from None
    except ValueError:  # a number with more digits than Python converts
        raise _NotRead(
            Location(text.path), f"`{text.path}` has a number that is too long to be read: shorten it, {advice}"
        ) from None


def _or_exclude(path: str) -> str:
    return f"or exclude it: `exclude = [{json.dumps(path, ensure_ascii=False)}]` in `[check]`"


def _said(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()


def _notes(system: System, tally: _Tally) -> Iterator[str]:
    if tally.unclaimed:
        yield f"{_count(tally.unclaimed, 'JSON file')} without a policy {_was(tally.unclaimed)} not checked"
    if tally.without_contracts:
        unread = f"; not Python that can be parsed: {_some(tally.no_python)}" if tally.no_python else ""
        yield f"{_count(tally.without_contracts, 'Python file')} without contracts {_was(tally.without_contracts)} not checked{unread}"
    if tally.ours:
        yield f"{_count(tally.ours, 'file')} written by probatum {_was(tally.ours)} not checked"
    if tally.comments:
        yield f"{_count(tally.comments, 'settings file')} that may have comments {_was(tally.comments)} not checked"
    if tally.excluded:
        yield f"{_count(tally.excluded, 'file')} {_was(tally.excluded)} excluded by the configuration"
    # A link inside the directory leads to what is checked under its own name.
    out = sorted(path for path in tally.links if system.target(path) is None)
    if out:
        yield f"{_count(len(out), 'link')} out of the directory, in a circle or to nothing {_was(len(out))} not followed: {_some(out)}"
    if tally.other:
        yield f"{_count(len(tally.other), 'pipe, socket or device', 'pipes, sockets or devices')} {_was(len(tally.other))} not read: {_some(sorted(tally.other))}"


def _count(n: int, one: str, many: str = "") -> str:
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def _was(n: int) -> str:
    return "was" if n == 1 else "were"


def _some(paths: list[str]) -> str:
    shown = ", ".join(f"`{p.encode('utf-8', 'surrogateescape').decode('utf-8', 'backslashreplace')}`" for p in paths[:3])
    return shown + (f" and {len(paths) - 3:,} more" if len(paths) > 3 else "")


# --- the claims ---------------------------------------------------------------

_wrappers = ("Document", "PolicyDocument", "PolicyVersion", "Policy")
_encoded = re.compile(r"Statement")


def _is_policy(value: Any, depth: int = 0) -> bool:
    """Whether a value is a policy document, or one of the wrappers in which tools print it."""
    if isinstance(value, str):
        return _encoded.search(value) is not None and value.lstrip().startswith(("{", "%7B", "%7b"))
    if not isinstance(value, dict) or depth > 3:
        return False
    return "Statement" in value or any(_is_policy(value[name], depth + 1) for name in _wrappers if name in value)


def _mentions_statement(value: Any) -> bool:
    """Whether `Statement` is a key anywhere: CloudFormation, Terraform plans, dumps of accounts, lists of policies."""
    waiting = [value]
    while waiting:
        match waiting.pop():
            case dict() as table:
                if any(key.lower() == "statement" and isinstance(item, list | dict) for key, item in table.items()):
                    return True
                waiting.extend(table.values())
            case list() as items:
                waiting.extend(items)
            case str() as text if len(text) > 12 and "Statement" in text and text.lstrip().startswith(("{", "%7B", "%7b")):
                return True
            case _:
                pass
    return False


def _access_json(value: Any, text: str) -> bool:
    if _is_policy(value):
        return True
    if "tatement" not in text.lower() and "\\u" not in text:
        return False
    # A duplicate key hides what came before it from the quick parse.
    return _mentions_statement(value) or _mentions_statement(json.loads(text, object_pairs_hook=_all_pairs))


def _all_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) == len(pairs):
        return dict(pairs)
    return {key: [v for k, v in pairs if k == key] for key, _ in pairs}


_string = rb"(?:[rRuU]?(?:\"\"\".*?\"\"\"|'''.*?'''|\"[^\"\n]*\"|'[^'\n]*')[ \t;]*)"
_nothing = rb"(?:[ \t]*(?:#[^\n]*)?\n)*+[ \t]*"
# How a file shows that it may have contracts of a syntax. The lengths are bounded, so that no file takes long.
contract_marks: dict[str, re.Pattern[bytes]] = {
    "probatum": re.compile(rb"\bprobatum\s*\.\s*spec\b|\bfrom\s+probatum\s+import\s*\(?[\w\s,]{0,500}\bspec\b"),
    "icontract": re.compile(rb"^[ \t]*(?:from|import)\b[^\n]{0,200}\bicontract\b", re.MULTILINE),
    "deal": re.compile(rb"^[ \t]*(?:from|import)\b[^\n]{0,200}\bdeal\b", re.MULTILINE),
    "pep316": re.compile(rb"^[ \t]*[rRuU]?(?:\"\"\"|''')?[ \t]*(?:pre|post|inv)(?:\[[^\]\n]{0,200}\])?:", re.MULTILINE),
    "assert": re.compile(
        rb"^[ \t]*def\s+\w+\s*\((?:[^()]|\([^()]{0,500}\)){0,4000}+\)[^\n:]{0,500}:"
        + _nothing + rb"(?:" + _string + _nothing + rb")?assert\b"
        # ... or an assert after which a block only returns
        + rb"|^([ \t]+)assert\b[^\n]{0,500}(?:\n(?:[ \t]*(?:#[^\n]*)?(?=\n|\Z)|\1[ \t)\]}][^\n]{0,500})){0,50}+(?:\Z|\n(?:(?!\1)[ \t]*[^ \t\n]|\1return\b))",
        re.MULTILINE | re.DOTALL,
    ),
    "nagini": re.compile(rb"\bnagini_contracts\b"),
}  # fmt: skip  # a pattern and its parts stay together
_contract_words: dict[str, tuple[bytes, ...]] = {
    "probatum": (b"probatum",),
    "icontract": (b"icontract",),
    "deal": (b"deal",),
    "pep316": (b"pre:", b"post:", b"inv:", b"pre[", b"post[", b"inv["),
    "assert": (b"assert",),
    "nagini": (b"nagini_contracts",),
}
_START = 100  # bytes of a file that show whether it is in UTF-16 or UTF-32
_of_tests = re.compile(r"(?:.*/)?(?:test_[^/]*|[^/]*_test|conftest)\.py")


def _has_contracts(raw: bytes, path: str, options: Mapping[str, Any]) -> bool:
    """Whether a Python file may have contracts, in one of the syntaxes that are read."""
    if options.get("all-functions"):
        return True
    if b"\0" in raw[:_START]:  # no Python can read it, and whoever wrote contracts in it must be told
        raw = raw.replace(b"\0", b"")
    syntaxes = options.get("contracts", tuple(contract_marks))
    # What a test asserts is no contract of the test.
    wanted = [s for s in syntaxes if s != "assert" or _of_tests.fullmatch(path) is None]
    # Looking for a word is many times faster than for a pattern, and most files have none of the words.
    return any(
        any(word in raw for word in _contract_words[syntax]) and contract_marks[syntax].search(raw) is not None
        for syntax in wanted
    )


_decided = re.compile(rb"^[\"']?decision[\"']?[ \t]*:", re.MULTILINE)
_required = re.compile(rb"^[\"']?require[\"']?[ \t]*:", re.MULTILINE)
_of_fairness = re.compile(r"(?:.*[/.])?fairness\.ya?ml", re.IGNORECASE)


def _is_fairness_policy(raw: bytes, path: str, options: Mapping[str, Any]) -> bool:
    """Whether a YAML file is a fairness policy: by its name, or by what stands at its left margin."""
    del options
    return _of_fairness.fullmatch(path) is not None or (_decided.search(raw) is not None and _required.search(raw) is not None)


_of_dialogue = re.compile(r"(?:.*[/.])?dialogue\.ya?ml", re.IGNORECASE)
_dialogue_schema = re.compile(rb"^[\"']?schema[\"']?[ \t]*:[ \t]*[\"']?probatum-dialogue-policy/", re.MULTILINE)


def _is_dialogue_policy(raw: bytes, path: str, options: Mapping[str, Any]) -> bool:
    """Whether a YAML file is a policy about conversations: by its name, or by the schema that it names."""
    del options
    return _of_dialogue.fullmatch(path) is not None or _dialogue_schema.search(raw) is not None


_of_inspection = re.compile(r"(?:.*[/.])?inspection\.ya?ml", re.IGNORECASE)
_inspection_schema = re.compile(rb"^[\"']?schema[\"']?[ \t]*:[ \t]*[\"']?probatum-inspection-policy/", re.MULTILINE)


def _is_inspection_policy(raw: bytes, path: str, options: Mapping[str, Any]) -> bool:
    """Whether a YAML file is a policy about goods: by its name, or by the schema that it names."""
    del options
    return _of_inspection.fullmatch(path) is not None or _inspection_schema.search(raw) is not None


access_claim = Claim("access", (".json",), _access_json)
code_claim = Claim("code", (".bpl", ".py"), of_raw=((".py", _has_contracts),))
fairness_claim = Claim("fairness", (".yaml", ".yml"), of_raw=((".yaml", _is_fairness_policy), (".yml", _is_fairness_policy)))
inspection_claim = Claim(
    "inspection", (".yaml", ".yml"), of_raw=((".yaml", _is_inspection_policy), (".yml", _is_inspection_policy))
)
dialogue_claim = Claim("dialogue", (".yaml", ".yml"), of_raw=((".yaml", _is_dialogue_policy), (".yml", _is_dialogue_policy)))
