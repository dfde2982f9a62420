"""The first state, out of a genesis document, and a genesis document out of a state."""

from collections.abc import Sequence

from panacea.chain.consensus import state as consensus
from panacea.chain.consensus.params import read_params
from panacea.chain.context import Context
from panacea.chain.module import JSON, Module
from panacea.primitives.rejected import Rejected


class InvalidGenesis(Rejected):
    """A genesis document names what this chain does not have, or contradicts itself."""


def default_genesis(modules: Sequence[Module]) -> JSON:
    """The application state of a new chain, by module."""
    return {module.name: genesis for module in modules if (genesis := module.default_genesis())}


def init_genesis(ctx: Context, modules: Sequence[Module], consensus_params: JSON, app_state: JSON) -> None:
    """Write the first state, module by module in their order; one that the document leaves out gets its default.

    Raises:
        Rejected: InvalidGenesis, or what a module finds wrong in its part.
    """
    unknown = sorted(app_state.keys() - {module.name for module in modules})
    if unknown:
        raise InvalidGenesis("unknown modules", names=", ".join(unknown))
    consensus.params.set(ctx, read_params(consensus_params))
    for module in modules:
        genesis = app_state.get(module.name)
        module.init_genesis(ctx, module.default_genesis() if genesis is None else genesis)


def export_genesis(ctx: Context, modules: Sequence[Module]) -> JSON:
    """The whole state, by module, in the form that `init_genesis` reads."""
    return {module.name: genesis for module in modules if (genesis := module.export_genesis(ctx))}
