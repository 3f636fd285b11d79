"""The morning's list without DVC: a log, a day, and the registry's champion.

Promise: nothing after the day is read into the list, and the pipeline's own outputs are left alone.
"""

import os
import tempfile
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path

from pipeline import activity, ingest, logins, outside, profile, rates, score
from pipeline.errors import InputError
from pipeline.log_facts import read_facts
from pipeline.model_store import load_model
from pipeline.outside_told import as_json, read_told, values_held
from pipeline.params import Label, Params, Styles
from pipeline.quiet import be_quiet
from pipeline.reading import log_files
from pipeline.stage import written_aside
from pipeline.storage import read_json, write_json
from pipeline.style_book import STYLES_FILE


def morning_list(params: Params, log: str, contract: str, as_of: date | None, out: Path) -> Path:
    """Write the CRM list of `log` as of the end of `as_of` (null: its last complete day) below `out`.

    The champion of `tracking.model_name` scores, with the definition of churn that it has learnt. Gives the
    folder of the list, `out`/DAY. Raises InputError when there is no champion.
    """
    here = params.log.model_copy(update={"path": log, "contract": contract, "ends_on": as_of})
    log_files(here.path, here.files)  # refused before the champion is fetched
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        beside, told = work / "outside", work / "outside.json"
        outside.run(here, params.external, params.engine, beside, told)  # likewise
        model = champion_of(params, work / "champion")
        card = load_model(model).card
        tell_what_is_asked(told, beside, load_model(model).features)
        label = Label.model_validate(asdict(card.churn))
        table, report = work / "rates.parquet", work / "ingest.json"
        rates.run(params.rates, table)
        features = params.features.model_copy(update={"only": None, "drop": ()})  # the champion has its own
        ingest.run(
            here, params.ingest, params.engine, features, work / "events", work / "quarantine", report, told
        )
        activity.run(
            here, params.rates, work / "events", table, report, work / "days", work / "activity.json"
        )
        logins.run(
            here, features, label, params.rates, work / "days", table, report, work / "logins", beside, told
        )
        profile.run(
            here, styles_since(params.styles, model), params.score, params.value, model, work / "logins",
            work / "days", report, told, work / "profiles", work / "segments.json",
        )  # fmt: skip
        folder = out / read_facts(report).log_end.isoformat()
        with written_aside({"crm": folder}) as outputs:
            score.run(
                here, params.score, params.value, model, work / "profiles", work / "days", report, **outputs,
                causes=work / "causes.json",
            )  # fmt: skip
    return folder


def styles_since(asked: Styles, model: Path) -> Styles:
    """`asked`, with the styles that were told together with the champion as the former ones, if it brought them."""
    known = model / STYLES_FILE
    return asked.model_copy(update={"former": str(known)}) if known.is_file() else asked


def tell_what_is_asked(report: Path, outside: Path, features: Iterable[str]) -> None:
    """Add to what is told the values of attributes that a model has features of: they may be rare by now."""
    told = read_told(report)
    completed = told.completed(features, values_held(outside, told))
    write_json({**read_json(report), "attributes": as_json(completed, "")["attributes"]}, report)


def champion_of(params: Params, place: Path) -> Path:
    """The model folder of the champion in the store that `tracking` names, brought to `place`."""
    be_quiet()
    from pipeline.tracking import champion, store_of  # noqa: PLC0415  # MLflow takes seconds

    root = Path(os.environ.get("DVC_ROOT") or Path.cwd())
    tracking = params.tracking
    store = store_of(tracking.uri, tracking.experiment, tracking.model_name, root)
    place.mkdir(parents=True, exist_ok=True)
    if tracking.uri is None and not (root / "mlflow.db").is_file():
        raise InputError(
            f"{root / 'mlflow.db'}: there is no such store, so no champion.\nMake one: dvc repro"
        )
    return champion(store, place)
