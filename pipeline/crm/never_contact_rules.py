"""Reads the rules of `never_contact` and the log of contacts, before a list is made.

Promise: every rule is checked; one that cannot be used stops the run.
"""

from collections.abc import Sequence
from datetime import date

import polars as pl

from features.advice.conditions import condition
from features.contract.model import Contract
from pipeline.config.sections import Contacts, FileRule
from pipeline.config.sections import NeverContact as NeverContactSection
from pipeline.crm.exclusions import BUILT_IN, NeverContact
from pipeline.crm.plays_file import known_columns
from pipeline.errors import InputError
from pipeline.external.never_contact import contact_log, opted_out


def rules_in_use(
    asked: NeverContactSection, contract: Contract, carry: Sequence[str], known_ids: pl.Series | None
) -> list[NeverContact]:
    """The rules of `never_contact` in order, their files read.

    `known_ids`: users of the log, with which those of the files are compared; None: not known yet. Raises InputError
    for a file that cannot be used or a name that is taken, PlaysError for a condition.
    """
    rules, taken = [], set(BUILT_IN)
    for rule in asked.rules:
        if rule.name in taken:
            raise InputError(
                f"params.yaml: never_contact: the rule name {rule.name} is taken.\n"
                f"Give each rule a name of its own; built in are {', '.join(BUILT_IN)}."
            )
        taken.add(rule.name)
        if isinstance(rule, FileRule):
            users = opted_out(rule.name, rule.path, rule.column, rule.until, known_ids)
            rules.append(NeverContact(rule.name, users, None))
        else:
            key = f"params.yaml: never_contact: rule {rule.name}: when"
            when = condition(key, rule.when, known_columns(contract, carry))
            rules.append(NeverContact(rule.name, None, when))
    return rules


def contacts_in_use(
    asked: Contacts, contract: Contract, known_ids: pl.Series | None, as_of: date
) -> pl.DataFrame | None:
    """The contacts up to `as_of` in the file `contacts.path`; None when it names none. `known_ids`: as above."""
    return None if asked.path is None else contact_log(asked.path, contract, known_ids, as_of)
