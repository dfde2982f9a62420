"""Older proof types that are still met, for verification alone; nothing here signs, and nothing uses it unasked."""

from collections.abc import Mapping
from typing import Final

from panacea.credentials.rdf import Contexts
from panacea.credentials.suites.proofs import Legacy

LEGACY: Final[Mapping[str, Legacy]] = {}
"""A verifier for each older proof type, to be passed to `proofs.verify_proofs`."""


def legacy_contexts(contexts: Contexts) -> Contexts:
    """These contexts, and those that older proof types are read with."""
    return contexts
