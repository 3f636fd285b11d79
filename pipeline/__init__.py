"""How it runs: stages, parameters, storage, engine, tracking and the command line."""

import os

# Polars' allocator gives memory back after half a second, only to ask for it again with the next bucket: a
# sixth of the processor time of `activity` and `logins`. Read when Polars is first imported.
os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:5000,muzzy_decay_ms:-1")
