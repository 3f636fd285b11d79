"""Side-by-side measurements, run by `make bench`. Nothing here is used by the pipeline.

`measurements` says what is measured, `tasks` holds what a measured process runs, `hand_tuned` and `peers` hold what
others would write for the same rows, `support` starts processes and keeps the figures.
"""
