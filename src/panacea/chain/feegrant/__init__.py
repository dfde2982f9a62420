"""Allowances: one account pays the fees of another, within limits."""
