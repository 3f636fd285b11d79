"""The embedded demo log: an online game whose users leave for causes that are known.

One idea per file: who the users are (`population`), what they remember (`world`), what they do on a
login day (`play`, `friends`, `money`, `support`), when they return (`gaps`), when and why they leave
(`hazard`), and how it is told, cleanly (`lines`, `truth`) and then as a real export would (`dirt`).
"""
