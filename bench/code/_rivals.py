"""Nagini and CrossHair, each in an environment of its own, made on first use.

Both are installed from the package index by the Python that runs the benchmark:
`nagini==1.2.0` (newer ones need Python 3.12; it brings its Viper jars and a z3
of its own, and needs Java 11 or newer), and `crosshair-tool` with the libraries
whose contracts it reads.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

from _measuring import Measured, run

NAGINI = ("nagini==1.2.0",)
CROSSHAIR = ("crosshair-tool==0.0.112", "icontract==2.7.3", "deal==4.24.6")
DIAGNOSED = re.compile(r"^(?P<path>[^:\n]+\.py):(?P<line>\d+): (?P<kind>error|info|warning): (?P<message>.*)$", re.MULTILINE)


def environment(folder: Path, packages: tuple[str, ...]) -> Path:
    """Return the `bin` of an environment that has packages; it is made where `folder` does not hold it yet."""
    own = folder / re.sub(r"\W.*", "", packages[0])
    stamp = own / "packages.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(packages):
        subprocess.run([sys.executable, "-m", "venv", "--clear", own], check=True)
        subprocess.run([own / "bin" / "python", "-m", "pip", "install", "-q", *packages], check=True, stderr=subprocess.DEVNULL)
        stamp.write_text("\n".join(packages))
    return own / "bin"


class Nagini:
    """Nagini with Silicon; `answer` is (verdict, lines of errors)."""

    name = "nagini 1.2.0"

    def __init__(self, folder: Path) -> None:
        if shutil.which("java") is None:
            raise SystemExit(
                "error: Nagini needs Java\n  help: on Debian, `apt-get install --no-install-recommends default-jre-headless`"
            )
        self.bin = environment(folder, NAGINI)
        [self.jar] = self.bin.parent.rglob("backends/silicon.jar")

    def verify(self, path: Path, *, limit_s: float, options: tuple[str, ...] = ()) -> tuple[Measured, str, list[int]]:
        command = [self.bin / "nagini", f"--z3={self.bin / 'z3'}", f"--viper-jar-path={self.jar}", *options, path]
        done = run(command, limit_s=limit_s, cwd=path.parent, env={"PATH": f"{self.bin}:/usr/bin:/bin"})
        lines = [int(n) for n in re.findall(rf"\({re.escape(path.name)}@(\d+)\.\d+", done.output)]
        if not done.ended:
            return done, "no answer", []
        if "Verification successful" in done.output:
            return done, "proved", []
        if "Verification failed" in done.output:
            return done, "not proved", lines
        return done, "rejected", lines


class CrossHair:
    """CrossHair on one kind of contract; `answer` is (verdict, [(line, message)])."""

    name = "crosshair-tool 0.0.112"

    def __init__(self, folder: Path) -> None:
        self.bin = environment(folder, CROSSHAIR)

    def check(self, path: Path, *, limit_s: float, options: tuple[str, ...] = ()) -> tuple[Measured, str, list[tuple[int, str]]]:
        command = [self.bin / "python", "-m", "crosshair", "check", path, "--report_all", *options]
        done = run(command, limit_s=limit_s, cwd=path.parent)
        said = [(int(m["line"]), m["kind"], m["message"]) for m in DIAGNOSED.finditer(done.output)]
        errors = [(line, message) for line, which, message in said if which == "error"]
        if errors:
            return done, "bug found", errors
        if not done.ended:
            return done, "no answer", []
        open_ = [message for _, _, message in said if not message.startswith("Confirmed")]
        return done, "confirmed" if said and not open_ else "not confirmed", []
