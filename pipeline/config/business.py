"""The section `business` of params.yaml: the figures of a business, its cohorts, and what they are compared with."""

from typing import Final, Literal

from pydantic import Field, field_validator

from pipeline.config.section import Section, Seed, SnakeName

WITH_NORMS: Final = (
    "lost", "new", "returned", "end", "new_and_lost", "returned_and_lost", "new_and_lost_share", "churn_rate",
    "hidden_churn", "active", "ceiling", "revenue", "refunds", "net_revenue", "orders", "buyers", "arpc",
    "purchase_frequency", "average_check", "concentration", "mrr_new", "mrr_expansion", "mrr_contraction",
    "mrr_churn", "mrr_reactivation", "mrr_end", "gross_mrr_churn", "net_mrr_churn", "cac", "clv", "clv_discounted",
    "nps",
)  # fmt: skip
"""The figures that can have a norm: those of `models/business/kpis.py` with a better side. They stand here, too, so
that a change of how figures are computed runs no other stage again."""


class Business(Section):
    period: Literal["month", "week"]
    spend: str | None
    margin: float = Field(gt=0, le=1)
    discount_rate: float = Field(ge=0, le=10)
    grace_days: int = Field(ge=0, le=365)
    before_log_days: int | None = Field(ge=0, le=3650)
    cohorts_by: tuple[SnakeName, ...]
    norms: dict[str, float]
    bootstrap: int = Field(ge=20, le=10_000)
    seed: Seed

    @field_validator("norms")
    @classmethod
    def _of_figures_that_exist(cls, norms: dict[str, float]) -> dict[str, float]:
        unknown = [name for name in norms if name not in WITH_NORMS]
        if unknown:
            raise ValueError(
                f"There is no figure {unknown[0]!r}. Figures that can have a norm: {', '.join(WITH_NORMS)}"
            )
        return norms
