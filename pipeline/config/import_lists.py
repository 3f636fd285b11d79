"""The section `import_lists` of params.yaml: who stands on which list for import."""

from pydantic import Field

from pipeline.config.section import Days, Section, Share


class ImportLists(Section):
    path: str
    winback_days: Days
    promoter_score_days: Days
    promoter_tenure_days: int = Field(ge=0, le=3650)
    upgrade_days: int = Field(ge=0, le=365)
    upgrade_limit_share: float = Field(gt=0, le=1)
    reward_share: Share
    reward_tenure_days: int = Field(ge=0, le=3650)
    reward_anniversary_days: int = Field(ge=0, le=60)
    survey_days: int = Field(ge=0, le=365)
    survey_pause_days: int = Field(ge=0, le=3650)
