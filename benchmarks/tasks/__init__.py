"""Scripts that a measurement runs as separate processes."""
