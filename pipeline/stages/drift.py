"""Stage `drift`: do the logins to be scored look like those the model was fitted on, and is the model still good?

Promise: every login is compared once, as it was at the login. The report has a verdict. The stage only reports it;
`lastlogin score` writes no list when the verdict is `stop`.
"""

import sys

from models.checks.check import not_passed
from pipeline.checks.drift import drift_of, of_the_day
from pipeline.config.sections import Drift
from pipeline.learning.dataset import read_rows_since
from pipeline.log.facts import read_facts
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import DRIFT_REPORT, LOG_FACTS, LOGINS, SCORING_MODEL
from pipeline.storage.files import write_json
from pipeline.storage.model_folder import LOGIN, load_features, load_login_model, load_references


def run(
    drift: Drift,
    model: In = SCORING_MODEL.path,
    logins: In = LOGINS.path,
    facts_file: In = LOG_FACTS.path,
    drift_report: Out = DRIFT_REPORT.path,
) -> None:
    """Write `drift.json`: the verdict, its reasons and the figures behind them."""
    trained, facts = load_login_model(model), read_facts(facts_file)
    calendar = of_the_day(load_features(model / LOGIN, trained.features))
    rows = read_rows_since(logins, trained.card.data_end)
    report = drift_of(drift, trained, load_references(model / LOGIN), rows, facts, calendar)
    write_json(report.as_json(), drift_report)
    for check in not_passed(report.checks):
        sys.stderr.write(f"drift: {check.verdict}: {check.name}: {check.sentence}. {check.advice}\n")


if __name__ == "__main__":
    main(run)
