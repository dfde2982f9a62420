"""The consensus parameters: how large a block may be, how much gas it may use, how long evidence counts."""
