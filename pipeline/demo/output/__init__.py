"""The log as an export writes it, with the faults of real logs; the users' plans; and the truth that only we know."""
