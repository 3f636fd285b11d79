"""The reference of contracts: every key with its meaning and an example, and what groups, meanings and columns feed.

Promise: it is made of the models and the catalogue, so it names every key and no other.
"""

import ast
import inspect
from collections.abc import Iterator
from dataclasses import replace
from textwrap import dedent
from typing import Any, get_args

from pydantic import BaseModel

from features.catalogue.available import available
from features.catalogue.kinds import OF_GROUP, OF_MEANING
from features.contract.model import OF_NO_KIND, Contract
from features.contract.parse import parse_contract
from features.contract.quantities import Quantity
from features.define import Feature
from pipeline.reporting.contract_examples import EXAMPLES
from pipeline.reporting.markdown import code

_NEEDED = ("format", "columns.user_id", "columns.at", "groups")
_SHOWN = 4
_WITH_EVERYTHING: dict[str, Any] = {
    "format": "parquet",
    "columns": {
        "user_id": "user", "at": "at", "kind": "kind", "amount": "amount", "counterpart": "friend",
        "session": "session", "level": "level", "score": "score", "country": "country", "city": "city",
        "paid_until": "paid_until",
    },
    "quantities": {"points": {"column": "points", "form": "total"}, "energy": {"column": "energy", "form": "level"}},
    "currency": {"fixed": "EUR"},
    "groups": {
        "access": ["open"], "progress": ["done", "failed", "step"], "social": ["chat"], "support": ["ticket", "reply"],
        "trade": ["buy", "back", "subscribed", "ended", "extra"], "feedback": ["thanks"],
    },
    "meaning": {
        "onboarding": ["step"], "goal": ["done"], "paid_for": ["extra"], "subscription_start": ["subscribed"],
        "subscription_end": ["ended"], "complaint": ["ticket"], "answer": ["reply"], "praise": ["thanks"],
        "refund": ["back"], "failure": ["failed"], "renewal_days": 30,
    },
}  # fmt: skip
"""A contract that has whatever features are made of."""


def contract_page() -> str:
    """The reference as Markdown. Raises KeyError when a key has no example."""
    whole = parse_contract(_WITH_EVERYTHING, "reference")
    return "\n".join([*_heading(), *_keys(), *_groups(whole), *_meanings(whole), *_columns(whole)]) + "\n"


def keys_of(model: type[BaseModel], before: str = "") -> Iterator[tuple[str, str, str]]:
    """Each key of a contract by its path, with its default and what it means; sections come as their keys."""
    said = _docstrings(model)
    for name, field in model.model_fields.items():
        key = f"{before}{field.alias or name}"
        section = _section(field.annotation)
        if key == "name":
            continue
        if section is not None and not before:
            yield from keys_of(section, f"{key}.")
        else:
            needed = field.is_required() or key in _NEEDED
            yield key, "needed" if needed else _default(field.default), said[name]


def _heading() -> Iterator[str]:
    yield "# The contract of a log"
    yield ""
    yield "A contract says what the columns and kinds of event of a log mean, in one YAML file."
    yield "`lastlogin contract init LOG` writes a first one, `lastlogin check CONTRACT --log LOG` says what is wrong."
    yield "`data/contracts` has examples. Wherever a column is named, a path into nested values may stand:"
    yield "`geo.country`, `items[0].price`, `event_params[ga_session_id].int_value`."
    yield ""
    yield "This page is made by `make docs`."


def _keys() -> Iterator[str]:
    rows = list(keys_of(Contract))
    yield from _table("Keys", "", [row for row in rows if "." not in row[0]])
    for name, section in _sections().items():
        within = [row for row in rows if row[0].startswith(f"{name}.")]
        yield from _table(f"`{name}`", inspect.getdoc(section) or "", within)
    of_quantity = [*keys_of(Quantity, "quantities.NAME.")]
    yield from _table(
        "`quantities`", f"{inspect.getdoc(Quantity)} Its column alone may stand for it.", of_quantity
    )


def _table(title: str, said: str, rows: list[tuple[str, str, str]]) -> Iterator[str]:
    yield from ("", f"## {title}", "")
    if said:
        yield from (*said.splitlines(), "")
    yield from ("| key | meaning | default | example |", "|---|---|---|---|")
    for key, default, meaning in rows:
        name = key.rsplit(".", maxsplit=1)[-1]
        cells = (code(key), meaning, default, code(f"{name}: {EXAMPLES[key]}"))
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _groups(whole: Contract) -> Iterator[str]:
    yield from ("", "## What groups feed", "")
    yield "Any name is a group. Each group has features of its share, its days and its last event, and so has each of"
    yield "the first 24 kinds. The names below are reserved: they say what it means when their kinds become rarer."
    yield from (
        "",
        "| group | dimension | cause | features that need it |",
        "|---|---|---|---|",
    )
    for group, theme in OF_GROUP.items():
        yield f"| {code(group)} | {theme.dimension} | {code(theme.cause)} | {_fed(whole, f'group:{group}')} |"


def _meanings(whole: Contract) -> Iterator[str]:
    yield from ("", "## What meanings feed", "")
    yield "A kind with a meaning speaks of this cause, whatever its group."
    yield from ("", "| meaning | cause | features that need it |", "|---|---|---|")
    for name in (*whole.meaning.kinds, "renewal_days"):
        cause = code(OF_MEANING[name].cause) if name in OF_MEANING else ""
        yield f"| {code(name)} | {cause} | {_fed(whole, f'meaning:{name}')} |"
    of_lists = ", ".join(code(name) for name in sorted(OF_NO_KIND - {"renewal_days"}))
    yield from ("", f"{of_lists} make no feature: the lists for import use them (`upgrade`).")


def _columns(whole: Contract) -> Iterator[str]:
    yield from ("", "## What columns feed", "")
    yield "| column | features that need it |"
    yield "|---|---|"
    for name in sorted(whole.tells):
        if ":" not in name:
            yield f"| {code(name)} | {_fed(whole, name)} |"
    yield ""
    yield "`quantity_points` stands for a quantity of the form `total` or `net`, `quantity_energy` for a `level`."
    yield "`clock` is a time of day, `received` a counterpart who is a user of the log. What can be known in another"
    yield "way needs no column: sessions follow from pauses, and the end of paid time from `meaning`."


def _fed(whole: Contract, what: str) -> str:
    """The features that a log with everything but `what` lacks, in short."""
    sources = whole.sources()
    left = {feature.name for feature in available(replace(sources, tells=sources.tells - {what}))}
    lost: list[Feature] = [feature for feature in available(sources) if feature.name not in left]
    shown = ", ".join(code(feature.name) for feature in lost[:_SHOWN])
    more = len(lost) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown or "none"


def _sections() -> dict[str, type[BaseModel]]:
    found = {name: _section(field.annotation) for name, field in Contract.model_fields.items()}
    return {name: section for name, section in found.items() if section is not None}


def _section(annotation: Any) -> type[BaseModel] | None:
    """The model of a section of the contract; None for a plain value."""
    kinds = (
        [annotation]
        if isinstance(annotation, type)
        else [one for one in get_args(annotation) if isinstance(one, type)]
    )
    return next((kind for kind in kinds if issubclass(kind, BaseModel)), None) if len(kinds) <= 2 else None


def _docstrings(model: type[BaseModel]) -> dict[str, str]:
    """The texts below the fields of a model; "" where there is none."""
    body = ast.parse(dedent(inspect.getsource(model))).body[0]
    found: dict[str, str] = {}
    name = None
    for node in body.body if isinstance(body, ast.ClassDef) else ():
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            name = node.target.id
            found[name] = ""
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and name is not None:
            found[name] = " ".join(str(node.value.value).split())
            name = None
        else:
            name = None
    return found


def _default(value: Any) -> str:
    if value is None or value in ((), {}):
        return "null" if value is None else "none"
    if isinstance(value, bool):
        return code(str(value).lower())
    text = ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    return "a list of its own" if len(text) > 40 else code(text)
