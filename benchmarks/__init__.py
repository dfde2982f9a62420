"""Measurements: each module with a `run` prints its own. `python -m benchmarks [NAME …]` runs all of them, or those."""
