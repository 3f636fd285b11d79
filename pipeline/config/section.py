"""What every section of params.yaml is, and the kinds of value that several have."""

import re
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(gt=0, lt=1)]
Days = Annotated[int, Field(ge=1, le=3650)]
SnakeName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]


class Section(BaseModel):
    """One section of params.yaml."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def section_name(section: type[Section]) -> str:
    """The name of a section in params.yaml: that of its class in snake case, `risk_bands` for `RiskBands`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", section.__name__).lower()
