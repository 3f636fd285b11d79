"""The morning's list without DVC: a log, a day, and the registry's champion.

Promise: nothing after the day is read into the list, and the pipeline's own outputs are left alone.
"""

import sys
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.checks.drift import drift_of, of_the_day
from pipeline.config.params import Label, Params, Styles
from pipeline.errors import InputError
from pipeline.ingestion.files import log_files
from pipeline.learning.dataset import read_rows
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import as_json, read_external_data, values_held
from pipeline.log.facts import read_facts
from pipeline.log.feature_set import features_of_model
from pipeline.runner.stage import written_aside
from pipeline.stages import activity, external, ingest, logins, profile, rates, score
from pipeline.storage.files import read_json, write_json
from pipeline.storage.model_folder import load_model, load_references
from pipeline.storage.styles_file import STYLES_FILE
from pipeline.tracking.registry import champion_of


def score_log(params: Params, log: str, contract: str, as_of: date | None, out: Path) -> Path:
    """Write the CRM list of `log` as of the end of `as_of` (null: its last complete day) below `out`.

    The champion of `tracking.model_name` scores, with the definition of churn that it has learnt. Gives the
    folder of the list, `out`/DAY. Raises InputError when there is no champion.
    """
    here = params.log.model_copy(update={"path": log, "contract": contract, "ends_on": as_of})
    log_files(here.path, here.files)  # refused before the champion is fetched, as is a bad contract
    meaning = load_contract(Path(contract))
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        beside, told = work / "outside", work / "external.json"
        external.run(here, params.external, params.engine, beside, told)  # likewise
        model = champion_of(params, work / "champion")
        trained = load_model(model)
        add_attribute_values(told, beside, trained.features)
        label = Label.model_validate(asdict(trained.card.churn))
        table, report = work / "rates.parquet", work / "ingest.json"
        rates.run(params.rates, table)
        features = params.features.model_copy(update={"only": None, "drop": ()})  # the champion has its own
        ingest.run(
            here, params.ingest, params.engine, features, work / "events", work / "quarantine", report, told
        )
        asked = features_of_model(trained.features, meaning, read_external_data(told), read_facts(report))
        activity.run(
            here, params.rates, work / "events", table, report, work / "days", work / "activity.json"
        )
        logins.run(
            here, features, label, params.rates, work / "days", table, report, work / "logins", beside, told
        )
        calendar = of_the_day(asked, read_external_data(told))
        found = drift_of(
            params.drift,
            trained,
            load_references(model),
            read_rows(work / "logins"),
            read_facts(report),
            calendar,
        )
        refuse_drift(found, log)
        profile.run(
            here, styles_since(params.styles, model), params.risk_bands, params.value, model, work / "logins",
            work / "days", report, told, work / "profiles", work / "segments.json",
        )  # fmt: skip
        folder = out / read_facts(report).log_end.isoformat()
        with written_aside({"crm": folder}) as outputs:
            score.run(
                here, params.risk_bands, params.holdout, params.value, model, work / "profiles", work / "days", report,
                **outputs, causes=work / "causes.json",
            )  # fmt: skip
            write_json(found, outputs["crm"] / "drift.json")
    return folder


def refuse_drift(found: dict[str, Any], log: str) -> None:
    """Say what has drifted. Raises InputError at `stop`, before any list is written."""
    if found["verdict"] == "pass":
        return
    because = "\n".join(f"- {reason}" for reason in found["because"])
    if found["verdict"] == "warn":
        sys.stderr.write(f"{log}: the logins to be scored have drifted from those of training:\n{because}\n")
        return
    raise InputError(
        f"{log}: the logins to be scored do not look like those that the champion was fitted on.\n{because}\n"
        "Look whether the log is whole, train again (dvc repro), or allow more in the section drift of params.yaml. "
        "No list was written."
    )


def styles_since(asked: Styles, model: Path) -> Styles:
    """`asked`, with the styles that were told together with the champion as the former ones, if it brought them."""
    known = model / STYLES_FILE
    return asked.model_copy(update={"former": str(known)}) if known.is_file() else asked


def add_attribute_values(report: Path, outside: Path, features: Iterable[str]) -> None:
    """Add to what is told the values of attributes that a model has features of: they may be rare by now."""
    told = read_external_data(report)
    completed = told.completed(features, values_held(outside, told))
    write_json({**read_json(report), "attributes": as_json(completed, "")["attributes"]}, report)
