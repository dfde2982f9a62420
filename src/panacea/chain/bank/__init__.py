"""Balances, transfers, supply, and what is known about denominations."""
