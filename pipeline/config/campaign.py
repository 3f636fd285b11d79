"""The section `campaign` of params.yaml: what contacts do to the simulated users of the demo log."""

from pydantic import Field

from pipeline.config.section import Section, Seed


class CampaignEffects(Section):
    answer_now: float = Field(ge=0, le=1)
    way_past: float = Field(ge=0, le=1)
    new_company: float = Field(ge=0, le=1)
    one_new_thing: float = Field(ge=0, le=1)
    local_price: float = Field(ge=0, le=1)
    first_success: float = Field(ge=0, le=1)


class Campaign(Section):
    seed: Seed
    effects: CampaignEffects
    half_life_days: float = Field(ge=0.1, le=3650)
    settled_ratio: float = Field(ge=0, le=100)
    sleeping_ratio: float = Field(ge=0, le=100)
    low_engagement: float = Field(ge=-10, le=10)
    return_share: float = Field(ge=0, le=1)
