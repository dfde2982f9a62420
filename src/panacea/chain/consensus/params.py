"""Consensus parameters as a genesis document of CometBFT has them, and as the state keeps them.

In a genesis document 64-bit numbers are strings, and the age of evidence is a number of nanoseconds.
"""

from typing import TYPE_CHECKING, Any

from panacea.chain.times import read_duration, write_duration
from panacea.primitives.rejected import Rejected
from panacea.wire.pool import package

if TYPE_CHECKING:
    from panacea.wire.stubs.tendermint.types import params_pb2 as wire
else:
    wire = package("tendermint.types")

JSON = dict[str, Any]  # Any: JSON values

MAX_BLOCK_BYTES = 104_857_600
DEFAULT: JSON = {
    "block": {"max_bytes": "22020096", "max_gas": "-1"},
    "evidence": {"max_age_num_blocks": "100000", "max_age_duration": "172800000000000", "max_bytes": "1048576"},
    "validator": {"pub_key_types": ["ed25519"]},
    "version": {"app": "0"},
    "abci": {"vote_extensions_enable_height": "0"},
}


class InvalidConsensusParams(Rejected):
    """Parameters under which no chain can run; the SDK registers no code for it."""


def read_params(document: JSON) -> wire.ConsensusParams:
    """The parameters of a genesis document; a section that is left out has its default.

    Raises:
        InvalidConsensusParams: an unknown section or name, or a value out of range.
    """
    read = {section: {**DEFAULT[section], **document.get(section, {})} for section in DEFAULT}
    for section, values in document.items():
        if section not in DEFAULT or not DEFAULT[section].keys() >= values.keys():
            raise InvalidConsensusParams("unknown section or name", section=section)
    block, evidence = read["block"], read["evidence"]
    params = wire.ConsensusParams(
        block=wire.BlockParams(max_bytes=_int(block["max_bytes"]), max_gas=_int(block["max_gas"])),
        evidence=wire.EvidenceParams(
            max_age_num_blocks=_int(evidence["max_age_num_blocks"]),
            max_age_duration=write_duration(_int(evidence["max_age_duration"])),
            max_bytes=_int(evidence["max_bytes"]),
        ),
        validator=wire.ValidatorParams(pub_key_types=read["validator"]["pub_key_types"]),
        version=wire.VersionParams(app=_int(read["version"]["app"])),
        abci=wire.ABCIParams(vote_extensions_enable_height=_int(read["abci"]["vote_extensions_enable_height"])),
    )
    require_params(params)
    return params


def write_params(params: wire.ConsensusParams) -> JSON:
    """The parameters as a genesis document has them."""
    return {
        "block": {"max_bytes": str(params.block.max_bytes), "max_gas": str(params.block.max_gas)},
        "evidence": {
            "max_age_num_blocks": str(params.evidence.max_age_num_blocks),
            "max_age_duration": str(read_duration(params.evidence.max_age_duration)),
            "max_bytes": str(params.evidence.max_bytes),
        },
        "validator": {"pub_key_types": list(params.validator.pub_key_types)},
        "version": {"app": str(params.version.app)},
        "abci": {"vote_extensions_enable_height": str(params.abci.vote_extensions_enable_height)},
    }


def require_params(params: wire.ConsensusParams) -> None:
    """Refuse what no chain can run with. Raises InvalidConsensusParams."""
    block, evidence = params.block, params.evidence
    largest = MAX_BLOCK_BYTES if block.max_bytes == -1 else block.max_bytes
    if block.max_bytes != -1 and not 0 < block.max_bytes <= MAX_BLOCK_BYTES:
        raise InvalidConsensusParams("block.max_bytes", value=block.max_bytes)
    if block.max_gas < -1:
        raise InvalidConsensusParams("block.max_gas", value=block.max_gas)
    if evidence.max_age_num_blocks <= 0 or read_duration(evidence.max_age_duration) <= 0:
        raise InvalidConsensusParams("evidence.max_age")
    if not 0 <= evidence.max_bytes <= largest:
        raise InvalidConsensusParams("evidence.max_bytes", value=evidence.max_bytes)
    if list(params.validator.pub_key_types) != ["ed25519"]:
        raise InvalidConsensusParams("validator.pub_key_types", value=list(params.validator.pub_key_types))
    if params.abci.vote_extensions_enable_height != 0:
        raise InvalidConsensusParams("vote extensions are not supported")


def _int(value: object) -> int:
    if not isinstance(value, str | int) or isinstance(value, bool):
        raise InvalidConsensusParams("not a number", value=value)
    try:
        return int(value)
    except ValueError as no:
        raise InvalidConsensusParams("not a number", value=value) from no
