"""The state machine: consensus code, without clock, chance, floats, sets in order, locale or environment."""
