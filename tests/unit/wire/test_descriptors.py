"""The committed descriptor set is what proto/panacea compiles to; no Go and no network are needed to tell."""

import subprocess
import sys
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from panacea.wire.pool import file_names, options, pool

ROOT = Path(__file__).resolve().parents[3]
PROTO = ROOT / "proto"
OWN = sorted(path.relative_to(PROTO).as_posix() for path in (PROTO / "panacea").rglob("*.proto"))


def committed() -> FileDescriptorSet:
    return FileDescriptorSet.FromString((ROOT / "src/panacea/wire/wire.binpb").read_bytes())


def test_own_files_compile_to_what_is_committed(tmp_path: Path) -> None:
    described = committed().file
    standard, built = tmp_path / "standard.binpb", tmp_path / "own.binpb"
    others = [file for file in described if not file.name.startswith("panacea/")]
    standard.write_bytes(FileDescriptorSet(file=others).SerializeToString())
    protoc = [sys.executable, "-m", "grpc_tools.protoc", f"--proto_path={PROTO}", f"--descriptor_set_in={standard}"]
    subprocess.run([*protoc, f"--descriptor_set_out={built}", *OWN], check=True)
    compiled = {file.name: file for file in FileDescriptorSet.FromString(built.read_bytes()).file}
    assert compiled == {file.name: file for file in described if file.name.startswith("panacea/")}


def test_no_source_text_is_in_the_set() -> None:
    assert not any(file.HasField("source_code_info") for file in committed().file)


def test_every_message_of_a_msg_service_says_who_signs_and_its_amino_name() -> None:
    services = [
        service
        for name in file_names()
        if name.startswith("panacea/")
        for service in pool().FindFileByName(name).services_by_name.values()
    ]
    asked = [method.input_type for service in services if service.name == "Msg" for method in service.methods]
    assert len(asked) == 15
    for message in asked:
        (signer,) = options(message, "cosmos.msg.v1.signer")
        assert signer in message.fields_by_name
        assert options(message, "amino.name").startswith(("datadeal/v3/", "did/", "oracle/v3/"))


def test_every_query_has_a_route_that_names_its_fields() -> None:
    for name in file_names():
        if name.startswith("panacea/"):
            for service in pool().FindFileByName(name).services_by_name.values():
                for method in service.methods if service.name == "Query" else ():
                    route = options(method, "google.api.http").get
                    named = {part[1:-1] for part in route.split("/") if part.startswith("{")}
                    assert route.startswith("/panacea/")
                    assert named <= set(method.input_type.fields_by_name)
