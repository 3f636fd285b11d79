"""The embedded demo log: an online game whose users leave for known causes.

`world` says who the users are, `behaviour` what they do on a day and when they leave, `output` writes the log and the
hidden truth. `pipeline.stages.simulate` runs them.
"""
