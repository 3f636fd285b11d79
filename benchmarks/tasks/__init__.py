"""Scripts that a measurement runs as processes of their own."""
