"""The features that the log in use allows: the one place where contract and catalogue meet."""

from collections.abc import Iterable, Sequence

from features.catalogue import catalogue
from features.contract import Contract
from features.define import Feature
from features.told import Outside
from pipeline.errors import InputError


def features_in_use(
    contract: Contract, told: Iterable[str] | None = None, outside: Outside | None = None
) -> tuple[Feature, ...]:
    """The features that a log with this contract allows, in the catalogue's order.

    `told`: what the log turned out to tell (`tells` of the ingest report), `outside`: what is known beside
    it (`reports/outside.json`); without them, what is promised.
    """
    return catalogue(contract.sources(told, outside))


def features_of_model(names: Sequence[str], contract: Contract, outside: Outside) -> list[Feature]:
    """The features called `names`, in that order.

    Raises InputError when the log, or what is known beside it, no longer has one of them.
    """
    known = {feature.name: feature for feature in features_in_use(contract, outside=outside)}
    lacking = [name for name in names if name not in known]
    if lacking:
        raise InputError(
            f"{contract.name}: the model was trained with {', '.join(map(repr, lacking[:3]))}, which this log, its "
            "users table and the section external of params.yaml do not have.\n"
            "Give what it was trained with, or train anew."
        )
    return [known[name] for name in names]
