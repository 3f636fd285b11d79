"""Implementations of the same rows with other tools. They run in the environment of benchmarks/peers.txt."""
