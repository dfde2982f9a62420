"""Accounts: addresses, numbers, sequences and keys; module accounts; the parameters of the ante pipeline."""
