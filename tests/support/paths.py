"""Where the project lies, whatever folder a test is in."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PARAMS_FILE = ROOT / "params.yaml"
CONTRACTS = ROOT / "data/contracts"
PLAYS_FILE = CONTRACTS / "plays.yaml"
LIST_TEXTS_FILE = CONTRACTS / "lists.yaml"
LOG_CONTRACTS = tuple(
    path for path in sorted(CONTRACTS.glob("*.yaml")) if path not in (PLAYS_FILE, LIST_TEXTS_FILE)
)
