"""What a simulated vendor says of its platforms, in the shapes of Intel's provisioning certification service."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime

COMPONENT_SVN, PCE_SVN, QE_SVN, EVALUATION = 5, 13, 8, 20
QE_ATTRIBUTES = bytes.fromhex("11" + "00" * 15)
QE_PRODUCTS = {"sgx": 1, "tdx": 2}
MODULE_VERSION, MODULE_SVN = 1, 6
_IDS = {"sgx": "SGX", "tdx": "TDX"}
_QE_IDS = {"sgx": "QE", "tdx": "TD_QE"}
_TD_MODULE = {"mrsigner": "00" * 48, "attributes": "00" * 8, "attributesMask": "FF" * 8}


def tcb_info(
    kind: str, fmspc: bytes, issued: int, expires: int, *, status: str, advisories: Sequence[str] = ()
) -> bytes:
    """TCB info of one level, which every simulated platform of this family reaches."""
    date = _time(issued)
    components = [{"svn": COMPONENT_SVN}] * 16
    tcb: dict[str, object] = {"sgxtcbcomponents": components, "pcesvn": PCE_SVN}
    document: dict[str, object] = {
        "id": _IDS[kind],
        "version": 3,
        "issueDate": date,
        "nextUpdate": _time(expires),
        "fmspc": fmspc.hex().upper(),
        "pceId": "0000",
        "tcbType": 0,
        "tcbEvaluationDataNumber": EVALUATION,
    }
    if kind == "tdx":
        tcb["tdxtcbcomponents"] = [{"svn": svn} for svn in (MODULE_SVN, 0, *[COMPONENT_SVN] * 14)]
        level = {"tcb": {"isvsvn": MODULE_SVN}, "tcbDate": date, "tcbStatus": "UpToDate"}
        document["tdxModule"] = _TD_MODULE
        document["tdxModuleIdentities"] = [{"id": f"TDX_{MODULE_VERSION:02X}", **_TD_MODULE, "tcbLevels": [level]}]
    level = {"tcb": tcb, "tcbDate": date, "tcbStatus": status}
    return _encode({**document, "tcbLevels": [level | ({"advisoryIDs": list(advisories)} if advisories else {})]})


def qe_identity(kind: str, mr_signer: bytes, issued: int, expires: int) -> bytes:
    """The identity of the simulated quoting enclave for this TEE."""
    date = _time(issued)
    return _encode(
        {
            "id": _QE_IDS[kind],
            "version": 2,
            "issueDate": date,
            "nextUpdate": _time(expires),
            "tcbEvaluationDataNumber": EVALUATION,
            "miscselect": "00000000",
            "miscselectMask": "FFFFFFFF",
            "attributes": QE_ATTRIBUTES.hex().upper(),
            "attributesMask": "FBFFFFFFFFFFFFFF0000000000000000",
            "mrsigner": mr_signer.hex().upper(),
            "isvprodid": QE_PRODUCTS[kind],
            "tcbLevels": [{"tcb": {"isvsvn": QE_SVN}, "tcbDate": date, "tcbStatus": "UpToDate"}],
        }
    )


def sgx_extension(ppid: bytes, fmspc: bytes) -> bytes:
    """The SGX extension of a PCK certificate, in DER (Intel's PCK certificate profile, 1.5)."""
    components = [_pair(bytes([2, place]), _number(COMPONENT_SVN)) for place in range(1, 17)]
    svns = (*components, _pair(b"\x02\x11", _number(PCE_SVN)), _pair(b"\x02\x12", _octets(bytes([COMPONENT_SVN] * 16))))
    return _element(
        0x30,
        _pair(b"\x01", _octets(ppid)),
        _pair(b"\x02", _element(0x30, *svns)),
        _pair(b"\x03", _octets(bytes(2))),
        _pair(b"\x04", _octets(fmspc)),
        _pair(b"\x05", _element(0x0A, b"\x00")),
    )


def _pair(kind: bytes, value: bytes) -> bytes:
    """A field of the extension: its type under the SGX arc, then its value."""
    return _element(0x30, _element(0x06, bytes.fromhex("2a864886f84d010d01") + kind), value)


def _number(value: int) -> bytes:
    return _element(0x02, bytes([value]))


def _octets(value: bytes) -> bytes:
    return _element(0x04, value)


def _element(tag: int, *parts: bytes) -> bytes:
    """A DER element of less than 64 KiB."""
    content = b"".join(parts)
    size = len(content).to_bytes(2, "big").lstrip(b"\x00") or b"\x00"
    return bytes([tag]) + (size if len(content) < 0x80 else bytes([0x80 | len(size)]) + size) + content


def _time(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _encode(document: object) -> bytes:
    return json.dumps(document, separators=(",", ":")).encode("ascii")
