"""The definition of churn in use."""

from models.labels.churn import Churn, from_json
from pipeline.config.sections import Label


def churn_of(label: Label) -> Churn:
    """The definition of churn in the section `label`."""
    return from_json(label.model_dump())
