"""Rubbish as input: logs, contracts, parameters and tables of users, each made from a seed."""
