"""The login rows of the demo log, written by hand for that one log: the speed to compare with."""
