"""The features that the log in use allows and that params.yaml asks for."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from features.catalogue.available import allowed, available, every_feature
from features.catalogue.validation import lacking, mostly_cut, too_long
from features.contract.external_data import ExternalData
from features.contract.model import Contract
from features.contract.sources import Sources
from features.define import Feature
from pipeline.config.params import PARAMS_FILE
from pipeline.config.sections import Features
from pipeline.errors import InputError
from pipeline.log.facts import LogFacts


@dataclass(frozen=True, slots=True)
class FeatureChoice:
    """What the section `features` chooses from the catalogue of a log; the catalogue is made once.

    `external`: the external data of the log; None: what the contract promises.
    """

    contract: Contract
    chosen: Features
    external: ExternalData | None
    catalogue: tuple[Feature, ...]

    def in_use(self, facts: LogFacts | None = None) -> tuple[Feature, ...]:
        """The chosen features that the log allows, in the catalogue's order.

        `facts`: what the log holds; None: what the contract promises. Features that are `mostly_cut` are used by name
        only. Raises InputError when a chosen feature does not exist, or when this log lacks what it needs.
        """
        sources, chosen = _sources(self.contract, facts, self.external), self.chosen
        _check_names(chosen, self.catalogue, sources)
        cut = {} if facts is None else mostly_cut(self.catalogue, facts.log_days)
        wanted = {one.name for one in self.catalogue if one.name not in cut}
        if chosen.only is not None:
            wanted = set(chosen.only)
        in_use = tuple(
            feature
            for feature in allowed(self.catalogue, sources)
            if feature.name in wanted and feature.name not in chosen.drop
        )
        if not in_use:
            raise InputError(
                f"{PARAMS_FILE}: features.only and features.drop leave no feature.\nName more, or drop fewer."
            )
        return in_use

    def report(self, facts: LogFacts) -> dict[str, Any]:
        """How many features are in use. For the others: what the log lacks, or how long they look back.

        Raises as `in_use`.
        """
        lacks = lacking(self.catalogue, _sources(self.contract, facts, self.external))
        return {
            "in_use": len(self.in_use(facts)),
            "absent": {name: list(what) for name, what in lacks.items() if what},
            "too_long": {
                name: days
                for name, days in mostly_cut(self.catalogue, facts.log_days).items()
                if name not in (self.chosen.only or ())
            }
            | too_long(self.catalogue, facts.log_days),
        }


def choice_of(contract: Contract, chosen: Features, external: ExternalData | None = None) -> FeatureChoice:
    """The choice from the catalogue of this contract. Raises ContractError when features are declared wrongly."""
    return FeatureChoice(contract, chosen, external, every_feature(_sources(contract, None, external)))


def features_in_use(
    contract: Contract, chosen: Features, facts: LogFacts | None = None, external: ExternalData | None = None
) -> tuple[Feature, ...]:
    """`FeatureChoice.in_use` of this choice. Raises as `choice_of` and `in_use`."""
    return choice_of(contract, chosen, external).in_use(facts)


def features_of_model(
    names: Sequence[str], contract: Contract, external: ExternalData, facts: LogFacts | None = None
) -> list[Feature]:
    """The features called `names`, in that order.

    `facts`: what the log holds; None: what the contract promises. Raises InputError when the log or its external
    data lacks some of them. The message names these features and what they need.
    """
    sources = _sources(contract, facts, external)
    given = {feature.name: feature for feature in available(sources)}
    gone = [name for name in names if name not in given]
    if not gone:
        return [given[name] for name in names]
    asked = [feature for feature in every_feature(sources) if feature.name in gone]
    unknown = [name for name in gone if name not in {feature.name for feature in asked}]
    lacks = sorted({what for needs in lacking(asked, sources).values() for what in needs})
    long = {} if sources.log_days is None else too_long(asked, sources.log_days)
    raise InputError(
        f"{contract.name}: the model needs {len(gone)} features that this log does not give: {_some(gone)}.\n"
        + (f"The log lacks {_some(lacks)}. " if lacks else "")
        + (f"It has {sources.log_days} days, and {_some(list(long))} look back further. " if long else "")
        + (
            f"Neither this version's catalogue, nor the users table, nor the section external of {PARAMS_FILE} has "
            f"{_some(unknown)}. "
            if unknown
            else ""
        )
        + "\nGive what the model was trained with, or train on the log as it is (dvc repro) and take that model: "
        "lastlogin promote"
    )


def _some(names: Sequence[str]) -> str:
    return ", ".join(names[:10]) + (f" and {len(names) - 10} more" if len(names) > 10 else "")


def _sources(contract: Contract, facts: LogFacts | None, external: ExternalData | None) -> Sources:
    tells, log_days = (None, None) if facts is None else (facts.tells, facts.log_days)
    return contract.sources(tells, external, log_days)


def _check_names(chosen: Features, catalogue: Sequence[Feature], sources: Sources) -> None:
    features = {feature.name: feature for feature in catalogue}
    problems = [
        _unknown(key, name, features)
        for key, names in (("only", chosen.only or ()), ("drop", chosen.drop))
        for name in names
        if name not in features
    ]
    asked = [features[name] for name in chosen.only or () if name in features]
    problems += [
        f"{PARAMS_FILE}: features.only names {name!r}, and the log lacks {', '.join(what)}.\n"
        "Remove the name, or add to the contract what is missing."
        for name, what in lacking(asked, sources).items()
        if what
    ]
    if sources.log_days is not None:
        problems += [
            f"{PARAMS_FILE}: features.only names {name!r}, which looks back over {days} days, and the log has "
            f"{sources.log_days}.\nRemove the name, or take a longer log."
            for name, days in too_long(asked, sources.log_days).items()
        ]
    if problems:
        raise InputError("\n".join(problems))


def _unknown(key: str, name: str, features: dict[str, Feature]) -> str:
    near = get_close_matches(name, features, n=3)
    hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else "All names: lastlogin features"
    return f"{PARAMS_FILE}: features.{key} names {name!r}, which is not a feature.\n{hint}"
