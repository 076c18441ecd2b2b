"""Benchmarks: ratios against named alternatives in the same run; `python -m benchmarks` lists them."""
