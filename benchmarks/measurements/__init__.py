"""The measurements of `make bench`: one module for each name of `--only`."""
