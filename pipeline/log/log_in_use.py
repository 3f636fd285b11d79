"""The log in use as one value: its contract, its facts, its external data, and the features in use.

Promise: a stage reads the log in use here and nowhere else. Only the parts that it asks for are read.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from features.aggregation.from_events import RowSources
from features.contract.model import Contract
from features.define import Feature
from features.external.exchange_rates import RateTable
from features.external.join import ExternalFrames
from pipeline.config.sections import Features, Log, Rates
from pipeline.log.contract_file import load_contract
from pipeline.log.external_data import read_external_data, read_external_frames
from pipeline.log.facts import LogFacts, read_facts
from pipeline.log.feature_set import features_in_use
from pipeline.storage.frames import read_table


@dataclass(frozen=True, slots=True)
class LogInUse:
    """The log that params.yaml names.

    `external`: the frames of its external data, without users; empty when not asked for. `features`: those that the
    log allows and params.yaml asks for, in the catalogue's order; empty when not asked for.
    """

    contract: Contract
    facts: LogFacts
    external: ExternalFrames
    features: tuple[Feature, ...]

    def row_sources(self, rates: Rates, rates_table: Path) -> RowSources:
        """What rows are made from in addition to events. `rates_table`: the file of exchange rates."""
        return RowSources(
            contract=self.contract,
            tells=self.facts.tells,
            log_start=self.facts.log_start,
            log_end=self.facts.log_end,
            rates=RateTable(read_table(rates_table), rates.base, rates.max_age_days),
            external=self.external,
        )


def read_log_in_use(
    log: Log,
    facts: Path,
    external: Path | None = None,
    external_report: Path | None = None,
    features: Features | None = None,
    values_by: date | None = None,
) -> LogInUse:
    """The log of the section `log`.

    `facts`: the file of `ingest`; `external` and `external_report`: the folder and the report of the stage `external`.
    `values_by`: users' text attributes have the values that were common by this day; None: at any time.
    Raises ContractError, and InputError when a file is missing or does not fit, or when `features` names an unknown
    one.
    """
    contract, known = load_contract(log.contract), read_facts(facts)
    frames = ExternalFrames()
    if external is not None and external_report is not None:
        external_data = read_external_data(external_report)
        chosen_by = external_data if values_by is None else external_data.chosen_by(values_by)
        frames = read_external_frames(external, chosen_by, contract)
    chosen = () if features is None else features_in_use(contract, features, known, frames.external_data)
    return LogInUse(contract, known, frames, chosen)
