"""Benchmarks: what is compared is measured side by side, in turn, in one run. `make bench`."""
