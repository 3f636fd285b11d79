"""Settings that MLflow reads when it is imported: it sends nothing home and draws no bars in a log."""

import os

_QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
}


def disable_telemetry() -> None:
    """Set them before MLflow is imported; what the user has set stays."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
