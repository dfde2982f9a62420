"""Oracles: bonded operators of attested enclaves, their keys by epoch, and the committees that guard deliveries."""
