"""Module `did`: decentralised identifiers, whose documents lie on chain."""
