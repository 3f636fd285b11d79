"""`python -m benchmarks.tasks.peer_spec FILE`, in a project's folder: the facts that peers need about its log, as JSON.

A separate process, since the measuring process does not import Polars.
"""

import sys
from datetime import date
from pathlib import Path
from typing import Any

from features.contract.model import Contract
from features.names import group_measure, kind_measures
from pipeline.config.params import load_params
from pipeline.log.contract_file import load_contract
from pipeline.log.facts import LogFacts, read_facts
from pipeline.storage.datasets import LOG_FACTS
from pipeline.storage.files import write_json

_EPOCH = date(1970, 1, 1)


def spec_of(contract: Contract, facts: LogFacts) -> dict[str, Any]:
    """First and last day (since 1970), presence, whether events have a role, and the measures of kinds and groups."""
    return {
        "first_day": (facts.log_start - _EPOCH).days,
        "last_day": (facts.log_end - _EPOCH).days,
        "presence": contract.presence.kinds,
        "least_events": contract.presence.least_events,
        "roles": bool(facts.tells & {"counterpart", "received"}),
        "kinds": {name: kind for kind, name in kind_measures(contract.groups).items()},
        "groups": {group_measure(name): kinds for name, kinds in contract.groups.items()},
    }


if __name__ == "__main__":
    log = load_params(Path("params.yaml")).log
    facts = read_facts(LOG_FACTS.path)
    write_json(spec_of(load_contract(Path(log.contract)), facts), Path(sys.argv[1]))
