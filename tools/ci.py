"""What `make ci` runs: the tests, the descriptors rebuilt and compared, the wheel built and its demo run elsewhere."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
BUILD = ROOT / "build" / "ci"


def run(title: str, *command: str, cwd: Path = ROOT, env: dict[str, str] | None = None) -> None:
    """Run one step; the first that fails ends everything with its own exit code."""
    print(f"\n== {title}: {' '.join(command)}", flush=True)
    started = time.monotonic()
    done = subprocess.run(command, cwd=cwd, env=env, check=False)
    print(f"== {title}: {time.monotonic() - started:.0f} s, exit code {done.returncode}", flush=True)
    if done.returncode:
        sys.exit(done.returncode)


def build_wheel() -> Path:
    """The wheel of this checkout."""
    shutil.rmtree(BUILD, ignore_errors=True)
    run("wheel", sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(BUILD / "dist"))
    return next((BUILD / "dist").glob("*.whl"))


def run_wheel(wheel: Path) -> None:
    """Install the wheel into an environment of its own, at the locked versions, and run the demo far from here."""
    venv = BUILD / "venv"
    run("environment", sys.executable, "-m", "venv", str(venv))
    python = str(venv / "bin" / "python")
    run(
        "install",
        *(str(BIN / "uv"), "pip", "install", "--quiet", "--python", python),
        *("--constraint", str(without_hashes(BUILD / "constraints.txt")), f"{wheel}[demo,tables]"),
    )
    with tempfile.TemporaryDirectory() as elsewhere:
        folder = Path(elsewhere)
        run("demo", str(venv / "bin" / "panacea"), "demo", "--home", str(folder / "home"), "--keep", cwd=folder)
        found = list((folder / "home").rglob("deal-*.parquet"))
        print(json.dumps({"tables": [file.name for file in found]}))
        if not found:
            sys.exit("error: the demo wrote no table")


def without_hashes(path: Path) -> Path:
    """The lock as constraints: the wheel has no hash there, so hashes cannot be demanded of the whole install."""
    lines = (ROOT / "requirements.txt").read_text().splitlines()
    pins = [line.split(" \\")[0].rstrip() for line in lines if line and not line.startswith((" ", "#"))]
    path.write_text("\n".join(pins) + "\n")
    return path


def main() -> None:
    """All steps in order."""
    os.environ.update(PYTHONDONTWRITEBYTECODE="1", PANACEA_REQUIRE_VECTORS="1")
    run("tests", sys.executable, "-m", "pytest", "-q", "-n", "2")
    run("descriptors", sys.executable, "tools/make_proto.py", "--check")
    run_wheel(build_wheel())
    print("\nall steps passed")


if __name__ == "__main__":
    main()
