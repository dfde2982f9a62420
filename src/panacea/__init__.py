"""Panacea: own a health record, sell a verified and minimal view of it, be paid in the same step."""
