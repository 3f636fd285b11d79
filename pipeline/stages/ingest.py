"""Stage `ingest`: a raw log becomes canonical events, one file per bucket of users.

Promise: `lines == kept + duplicates + quarantined + excluded` for every log. The same log gives the same bytes. A line
that names a counterpart is stored with the counterpart too, as `received`. Only the figure `received` counts these
copies.
"""

import shutil

from pipeline.config.sections import Engine, Features, Ingest, Log
from pipeline.ingestion.files import log_files
from pipeline.ingestion.identities import give_to_users, links_in_table
from pipeline.ingestion.merge import merge_bucket
from pipeline.ingestion.partition import Parts, partition
from pipeline.ingestion.quarantine import Quarantine
from pipeline.ingestion.report import (
    Ingested,
    facts_of,
    refuse_other_unit,
    refuse_unusable,
    report_of,
    warn,
)
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import read_external_data
from pipeline.log.facts import FACTS_FILE, write_facts
from pipeline.log.feature_set import choice_of
from pipeline.runner.local import over_buckets
from pipeline.runner.stage import In, Out, main
from pipeline.storage.datasets import ANONYMOUS, EVENTS, EXTERNAL_REPORT, INGEST_REPORT, QUARANTINE
from pipeline.storage.files import write_json


def run(
    log: Log,
    ingest: Ingest,
    engine: Engine,
    features: Features,
    events: Out = EVENTS.path,
    quarantine: Out = QUARANTINE.path,
    report: Out = INGEST_REPORT.path,
    anonymous: Out = ANONYMOUS.path,
    external_report: In = EXTERNAL_REPORT.path,
) -> None:
    """Write the events of the log with its facts, the anonymous visitors, the rejected lines, and a report.

    Raises InputError when no event is left or too many lines are rejected, ContractError when the contract does not
    fit the log. Both are also raised when `features` cannot be made: before the log is read if possible.
    """
    contract = load_contract(log.contract)
    choice = choice_of(contract, features, read_external_data(external_report))
    choice.in_use()  # refused before the log is read
    files = log_files(log.path, log.files)
    parts, rejected = Parts(events / ".parts", engine.buckets), Quarantine(quarantine / "lines.parquet")
    read = partition(files, contract, ingest.chunk_rows, parts, rejected, links_in_table(contract))
    refuse_unusable(rejected, read, ingest.max_quarantined, log.path, log.contract)
    refuse_other_unit(read, contract)
    identities = give_to_users(contract, parts, read.links, anonymous)
    buckets = over_buckets(
        lambda bucket: merge_bucket(contract, parts, bucket, events),
        range(engine.buckets),
        "ingest: sorting buckets",
    )
    shutil.rmtree(parts.folder, ignore_errors=True)
    ingested = Ingested(len(files), read, buckets, identities)
    facts, bounds = facts_of(ingested, contract, log)
    write_facts(facts, events / FACTS_FILE)
    findings = report_of(ingested, facts, bounds, contract, log)
    warn(findings, contract)
    write_json(findings | {"features": choice.report(facts)}, report)


if __name__ == "__main__":
    main(run)
