"""A copy of the set-up scripts, and interpreters that only pretend: nothing is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Everything the scripts call besides Python and uv.
SYSTEM_TOOLS = (
    *("bash", "env", "cat", "ls", "sort", "dirname", "mkdir", "rm", "cp", "chmod", "awk", "grep"),
    *("cut", "tail", "timeout", "flock", "sha256sum", "sleep", "touch"),
)

# Makes an environment whose Python and uv write down what they are asked to do.
INTERPRETER = """#!/usr/bin/env bash
echo "python $*" >>"$CALLS"
case "$*" in
--version) echo "Python $VERSION" ;;
"-m venv "*)
    [ -z "${NO_VENV:-}" ] || exit 1
    mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
    cat >"$3/bin/uv" <<'UV'
#!/usr/bin/env bash
echo "uv $*" >>"$CALLS"
exit ${UV_CODE:-0}
UV
    chmod +x "$3/bin/uv" ;;
"-m pip "*) case "$*" in *uv.lock*) exit 0 ;; *) exit ${PIP_CODE:-0} ;; esac ;;
esac
"""


@dataclass
class Project:
    """A folder with tools/ and lock files, and a PATH on which only chosen programs are."""

    root: Path
    path: Path
    home: Path

    def program(self, name: str, script: str, folder: Path | None = None) -> Path:
        """Puts an executable bash script on the PATH, or into `folder`."""
        file = (folder or self.path) / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(script if script.startswith("#!") else f"#!/usr/bin/env bash\n{script}\n")
        file.chmod(0o755)
        return file

    def python(self, name: str = "python3.10", version: str = "3.10.13") -> Path:
        """Puts an interpreter that works on the PATH."""
        return self.program(name, INTERPRETER.replace("$VERSION", version))

    def run(self, *command: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Runs a script of the project in a bare environment."""
        surroundings = {
            "PATH": str(self.path),
            "HOME": str(self.home),
            "CALLS": str(self.root / "calls"),
            **environment,
        }
        return subprocess.run(
            command, cwd=self.root, env=surroundings, capture_output=True, text=True, timeout=60
        )

    def calls(self) -> list[str]:
        """What the interpreters and uv were asked to do, and forgets it."""
        file = self.root / "calls"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return [line for line in lines if not line.endswith("--version")]


def make_project(folder: Path) -> Project:
    """A project in `folder`, without any Python yet."""
    project = Project(folder / "project", folder / "path", folder / "home")
    for made in (project.root, project.path, project.home):
        made.mkdir()
    shutil.copytree(ROOT / "tools", project.root / "tools")
    locks = project.root / "requirements"
    locks.mkdir()
    (locks / "run.lock").write_text(
        "rasa==1 \\\n    --hash=sha256:0\nuv==2 \\\n    --hash=sha256:1\n"
    )
    (locks / "dev.lock").write_text("pytest==1 \\\n    --hash=sha256:0\n")
    for tool in SYSTEM_TOOLS:
        real = shutil.which(tool)
        if real:
            os.symlink(real, project.path / tool)
    return project
