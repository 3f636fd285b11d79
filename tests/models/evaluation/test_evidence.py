"""The rule of evidence is evaluated on rows later than those it was fitted to."""

import numpy as np
import polars as pl

from models.evaluation.evidence import evaluate_evidence
from models.learning.evidence import Evidence, ThinGroup, fit_evidence
from models.metrics.bootstrap import Bootstrap, log_loss_gain
from models.rows import labels
from tests.support.evidence_rows import blurred, logins

BOOTSTRAP = Bootstrap(100, 3)


def test_the_rule_is_judged_on_later_rows() -> None:
    earlier, later = logins(knows_from=17), logins(knows_from=17, seed=9)
    report = evaluate_evidence(later, fit_evidence(earlier, earlier), BOOTSTRAP)
    assert report["holds"]
    assert report["thin"]["rows"] + report["enough"]["rows"] == later.height
    assert report["thin"]["gain"].low <= 0 < report["enough"]["gain"].low
    wrong = Evidence((ThinGroup(4, None, 1, 0.38, 0.3, 0.4),), fit_evidence(earlier, earlier).rates)
    assert not evaluate_evidence(later.filter(pl.col("events_life") >= 17), wrong, BOOTSTRAP)["holds"]


def test_a_gain_that_few_rows_cannot_prove_is_no_lack_of_evidence() -> None:
    many, later = (blurred(logins(knows_from=0, rows=30_000, seed=seed), 0.5) for seed in (3, 4))
    few = many.head(1_200)  # 300 of each login number: a true gain, and its interval reaches 0
    first = few.filter(pl.col("login_number") == 1)
    churned = labels(first)
    share = np.full(first.height, churned.mean())
    gain = log_loss_gain(first["user_id"], churned, first["probability"].to_numpy(), share, BOOTSTRAP)
    assert gain.low <= 0 < gain.high
    evidence = fit_evidence(few, few)
    assert evidence.thin == ()
    assert evaluate_evidence(later, evidence, BOOTSTRAP)["holds"]
