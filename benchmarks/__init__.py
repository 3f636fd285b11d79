"""Side-by-side measurements, run by `make bench`. Nothing here is used by the pipeline."""
