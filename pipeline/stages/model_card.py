"""Stage `model_card`: the purpose of the model, its quality and its weaknesses, on one page of Markdown."""

from pipeline.config.sections import Evaluate, Log
from pipeline.reporting.model_card import Models, model_card_page
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import INGEST_REPORT, METRICS_REPORT, MODEL, MODEL_CARD
from pipeline.storage.files import read_whole_json, write_text
from pipeline.storage.model_folder import LOGIN, load_features, load_models


def run(
    log: Log,
    evaluate: Evaluate,
    model: In = MODEL.path,
    ingest_report: In = INGEST_REPORT.path,
    metrics: In = METRICS_REPORT.path,
    card: Out = MODEL_CARD.path,
) -> None:
    """Write the page."""
    evaluated, scoring = load_models(model / "evaluated"), load_models(model / "scoring")
    models = Models(evaluated, scoring, load_features(model / "scoring" / LOGIN, scoring.login.features))
    page = model_card_page(log, evaluate, read_whole_json(ingest_report), read_whole_json(metrics), models)
    write_text(page, card)


if __name__ == "__main__":
    main(run)
