"""Side-by-side measurements, run by `make bench`. Nothing here is used by the pipeline.

`measurements` has the measurements, `tasks` the scripts of measured processes, `hand_tuned` and `peers` other
implementations of the same rows. `support` starts processes and stores the figures.
"""
