"""Where the project lies, whatever folder a test is in."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
PARAMS_FILE = ROOT / "params.yaml"
CONTRACTS = ROOT / "data/contracts"
