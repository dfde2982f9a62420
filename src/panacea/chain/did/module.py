"""How this module is wired: one table."""

from panacea.chain.did import genesis, messages, transitions
from panacea.chain.did.queries import QUERIES
from panacea.chain.did.types import NAME
from panacea.chain.module import Handler, Module

_CREATE = Handler(messages.check_document_message, transitions.create_did)
_UPDATE = Handler(messages.check_document_message, transitions.update_did)
_DEACTIVATE = Handler(messages.check_deactivate_did, transitions.deactivate_did)


def did() -> Module:
    """The module; it has no neighbours."""
    return Module(
        name=NAME,
        store=NAME,
        messages={
            "/panacea.did.v2.MsgCreateDIDRequest": _CREATE,
            "/panacea.did.v2.MsgUpdateDIDRequest": _UPDATE,
            "/panacea.did.v2.MsgDeactivateDIDRequest": _DEACTIVATE,
            "/panacea.did.v2.MsgCreateDID": _CREATE,
            "/panacea.did.v2.MsgUpdateDID": _UPDATE,
            "/panacea.did.v2.MsgDeactivateDID": _DEACTIVATE,
        },
        queries=QUERIES,
        default_genesis=genesis.default_genesis,
        init_genesis=genesis.init_genesis,
        export_genesis=genesis.export_genesis,
        invariants={"entries": genesis.require_entries},
    )
