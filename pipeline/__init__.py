"""How it runs: stages, parameters, storage, engine, tracking and the command line."""
