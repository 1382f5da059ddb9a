"""What other people published, to compare our renderings with."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def published():
    """Return the path of a file in a package that `package.json` names, installed on first use."""

    def find(path: str) -> Path:
        file = HERE / "node_modules" / path
        with (HERE / ".gitignore").open() as lock:  # several test processes may come here at once
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not file.exists():
                npm = shutil.which("npm")
                if npm is None:
                    pytest.skip("npm is not installed, so what others published cannot be compared with")
                command = [
                    npm,
                    "install",
                    "--ignore-scripts",
                    "--no-audit",
                    "--no-fund",
                    "--no-package-lock",
                    "--prefix",
                    str(HERE),
                ]
                done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=110)
                if done.returncode != 0 or not file.exists():
                    pytest.skip(f"npm could not install what tests/report/package.json names: {done.stderr[-200:]}")
        return file

    return find
