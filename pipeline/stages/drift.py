"""Stage `drift`: do the logins to be scored look like those the model learnt from, and does it still hold?

Promise: like is compared with like, logins as they were at the login, each login once. What the stage finds
is written with a verdict; `lastlogin score` refuses to write a list at `stop`, the stage itself only says so.
"""

import sys
from pathlib import Path

from pipeline.checks.drift import drift_of, of_the_day
from pipeline.config.params import Drift, Log
from pipeline.learning.dataset import read_rows
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import read_external_data
from pipeline.log.facts import read_facts
from pipeline.log.feature_set import features_of_model
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import DRIFT_REPORT, EXTERNAL_REPORT, INGEST_REPORT, LOGINS, SCORING_MODEL
from pipeline.storage.files import write_json
from pipeline.storage.model_folder import load_model, load_references


def run(
    log: Log,
    drift: Drift,
    model: In = SCORING_MODEL.path,
    logins: In = LOGINS.path,
    ingest_report: In = INGEST_REPORT.path,
    drift_report: Out = DRIFT_REPORT.path,
    external_report: In = EXTERNAL_REPORT.path,
) -> None:
    """Write `drift.json`: verdict, why, and the figures behind it."""
    trained, told = load_model(model), read_external_data(external_report)
    features = features_of_model(trained.features, load_contract(Path(log.contract)), told)
    calendar = of_the_day(features, told)
    found = drift_of(
        drift, trained, load_references(model), read_rows(logins), read_facts(ingest_report), calendar
    )
    write_json(found, drift_report)
    if found["verdict"] != "pass":
        sys.stderr.write(f"drift: {found['verdict']}: {'; '.join(found['because'])}\n")


if __name__ == "__main__":
    main(run)
