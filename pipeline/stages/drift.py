"""Stage `drift`: do the logins to be scored look like those the model learnt from, and does it still hold?

Promise: like is compared with like, logins as they were at the login, each login once. What the stage finds
is written with a verdict; `lastlogin score` refuses to write a list at `stop`, the stage itself only says so.
"""

import sys

from models.checks.check import not_passed
from pipeline.checks.drift import drift_of, of_the_day
from pipeline.config.params import Drift
from pipeline.learning.dataset import read_rows
from pipeline.log.facts import read_facts
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import DRIFT_REPORT, LOG_FACTS, LOGINS, SCORING_MODEL
from pipeline.storage.files import write_json
from pipeline.storage.model_folder import load_features, load_model, load_references


def run(
    drift: Drift,
    model: In = SCORING_MODEL.path,
    logins: In = LOGINS.path,
    facts_file: In = LOG_FACTS.path,
    drift_report: Out = DRIFT_REPORT.path,
) -> None:
    """Write `drift.json`: verdict, why, and the figures behind it."""
    trained, facts = load_model(model), read_facts(facts_file)
    calendar = of_the_day(load_features(model, trained))
    found = drift_of(drift, trained, load_references(model), read_rows(logins), facts, calendar)
    write_json(found.as_json(), drift_report)
    for check in not_passed(found.checks):
        sys.stderr.write(f"drift: {check.verdict}: {check.name}: {check.sentence}\n")


if __name__ == "__main__":
    main(run)
