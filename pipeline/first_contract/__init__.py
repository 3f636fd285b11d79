"""A first contract for a log, and everything that is wrong with one, both from the log's first lines."""
