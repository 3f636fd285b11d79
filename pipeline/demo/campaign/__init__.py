"""The days after the demo log, lived twice from its end: with and without the contacts of a list."""
