"""Benchmarks of the product as it is run: real processes on loopback, side by side, one command each."""
