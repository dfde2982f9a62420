"""What a chain's id says about it."""


def is_test_chain(chain_id: str) -> bool:
    """Whether simulated enclaves and loopback addresses may exist on this chain at all: its id says so."""
    return chain_id.startswith(("sim-", "test-"))
