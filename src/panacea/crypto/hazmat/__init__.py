"""Curve arithmetic: correct and strict, but without protocol safety; use the rooms above instead."""
