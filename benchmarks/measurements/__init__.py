"""What `make bench` measures: one module for each name that `--only` takes."""
