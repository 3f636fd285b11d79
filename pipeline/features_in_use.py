"""The features that the log in use allows: the one place where contract and catalogue meet."""

from collections.abc import Iterable, Sequence

from features.catalogue import catalogue, every_feature, known_values, values_named
from features.contract import Contract
from features.define import Feature
from pipeline.errors import InputError


def features_in_use(contract: Contract, told: Iterable[str] | None = None) -> tuple[Feature, ...]:
    """The features that a log with this contract allows, in the catalogue's order.

    `told`: what the log turned out to tell (`tells` of the ingest report); without it, what is promised.
    """
    return catalogue(contract.sources(told))


def features_of_model(
    names: Sequence[str], contract: Contract, told: Iterable[str] | None = None
) -> tuple[Feature, ...]:
    """The features that a model names, in its order.

    Raises InputError naming those that such a log no longer gives, and what it lacks for them.
    """
    sources = contract.sources(told)
    known = {feature.name: feature for feature in catalogue(sources)}
    lacking = [name for name in names if name not in known]
    if not lacking:
        return tuple(known[name] for name in names)
    made_of = {
        feature.name: values_named(feature) - known_values(sources) for feature in every_feature(sources)
    }
    values = sorted({value for name in lacking for value in made_of.get(name, ())})
    unknown = [name for name in lacking if name not in made_of]
    raise InputError(
        f"{contract.name}: the model needs {len(lacking)} features that this log does not give: {_some(lacking)}.\n"
        + (f"The log has no {_some(values)}. " if values else "")
        + (f"This version's catalogue has no {_some(unknown)}. " if unknown else "")
        + "\nGive the log and its contract what they had when the model was trained, or train on the log as it is "
        "(dvc repro) and take that model: lastlogin promote"
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")
