"""The ways this module says no; the codes are those of `panacea.did.v2` since its first release."""

from panacea.primitives.rejected import Rejected

NAME = "did"


class DIDRejected(Rejected, codespace="did"): ...


class DIDExists(DIDRejected, code=2, text="DID already exists"): ...


class InvalidDID(DIDRejected, code=3, text="invalid DID"): ...


class InvalidDIDDocument(DIDRejected, code=4, text="invalid DID document"): ...


class DIDNotFound(DIDRejected, code=5, text="DID not found"): ...


class InvalidSignature(DIDRejected, code=6, text="invalid signature"): ...


class MethodNotFound(DIDRejected, code=8, text="verification method id not found"): ...


class SignatureVerificationFailed(DIDRejected, code=9, text="signature verification failed"): ...


class InvalidSecp256k1Key(DIDRejected, code=10, text="invalid secp256k1 public key"): ...


class InvalidEntry(DIDRejected, code=12, text="invalid DIDDocumentWithSeq"): ...


class DIDDeactivated(DIDRejected, code=13, text="DID was already deactivated"): ...


class KeyTypeNotImplemented(DIDRejected, code=15, text="verification key type not implemented"): ...
