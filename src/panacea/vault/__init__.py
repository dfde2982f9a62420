"""Private storage: seal, address by content, grant, keep, forget; and the node that keeps what it cannot read."""
