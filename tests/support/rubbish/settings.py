"""Contracts and parameters with faults: values of other types, bad tags, dates that do not exist, odd expressions."""

import copy
from random import Random
from typing import Any

import yaml

from tests.support.rubbish.files import damaged

Settings = dict[str, Any]

_ODD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 10**30, 1.5, float("nan"), float("inf"), "", " ", "x", "\0", "é", "x" * 3000,
    [], {}, [[]], [None], ["a", "a"], {"a": None}, {"": ""}, {1: 2}, {None: None}, "UTC", "Nowhere/Land",
    "../../etc/passwd", "/", "%Y", "%", "%Q%q%", "%z" * 50, "%Y-%m-%d %H:%M:%S%.f%z", "24:00", "12:60",
    "epoch_s", "epoch", "utf-16", "rot13", "undefined", "idna", "base64", "zip", "nope", "EUR", "eur",
    "whole_line", "event_id", "csv", "jsonl", "parquet", "postgresql://u:secret@nowhere.invalid/x#t",
    "sqlite:///none.db#t", "https://[", "://", ["time"], ["no such"],
)  # fmt: skip
_EXPRESSIONS = (
    "1", "NULL", "''", "'a", "sum", '"sum" * 2', "sum / 0", "CAST(sum AS INT)", "TRY_CAST(sum AS INT)",
    "SUM(sum)", "COUNT(*)", "*", "a.*", "(SELECT 1)", "(SELECT sum FROM self)", "sum IN (SELECT sum FROM self)",
    "EXISTS (SELECT 1)", "read_csv('params.yaml')", "REPEAT('x', 1000000000)", "LPAD(what, 1000000000, 'x')",
    "RPAD(what, 99999999, what)", "REPLACE(what, '', what)", "CONCAT(what, what)", "what || sum || time",
    "RANDOM()", "NOW()", "CURRENT_DATE", "DATE('2024-02-30')", "DATE(time, '%Q')", "STRPTIME(time, '%')",
    "STRFTIME(time, '%Q')", "EXTRACT(YEAR FROM time)", "REGEXP_LIKE(what, '(')", "what LIKE '%('",
    "what ~ '((((a+)+)+)+)$'", "SUBSTR(what, -5, -5)", "SUBSTR(what, 99999999999)",
    "STRING_TO_ARRAY(what, ',')", "ARRAY_AGG(what)", "UNNEST(what)", "what[1]", "sum OVER ()",
    "ROW_NUMBER() OVER (ORDER BY sum)", "CASE WHEN sum > 0 THEN 'a' END", "CASE WHEN sum THEN 1 ELSE 'a' END",
    "INTERVAL '1 day'", "time + INTERVAL '1 day'", "INTERVAL '99999999999 years'", "COLUMNS('.*')",
    "sum; DROP TABLE self", "--", "/*", "1 AS a, 2 AS b", "nosuch + 1", "NOSUCH(sum)", "POW(sum, 1e9)", "1e400",
    "99999999999999999999999999999", "-9223372036854775808 - 1", "1 << 100", "sum % 0", "TRUE", "X'ff'",
    "COALESCE()", "GREATEST()", "LEAST(sum, 1)", "NULLIF(sum, sum)", "ROUND(sum, 99999)", "ROUND(sum, -1)",
    "CHR(9999999999)", "CAST(what AS STRUCT)", "CAST(what AS TIMESTAMP)", "CAST(time AS TIME)",
    "CAST(sum AS DECIMAL(99, 99))", "sum::bool", "\0", "(" * 400, "NOT " * 2000 + "TRUE", "1" + " + 1" * 3000,
)  # fmt: skip
_TEXTS = (
    "!!python/object/apply:os.getcwd []", "!!int abc", "!!float x", "!!timestamp x", "!!binary é", "!!set [a]",
    "!!omap x", "!!nope x", "!x y", "2024-02-30", "2024-02-30 25:00:00", "0000-00-00", "99999-01-01", "1_000",
    "0o99", "0x", "1:99:99", "&a [*a]", "*none", "<<: 1", "{<<: [1]}", "? [a]\n: b", "[" * 2000, "{a: " * 2000,
    "- " * 2000, "\t", "\0", "'", '"\\ud800"', '"\\x"', '"\\U7fffffff"', "%TAG ! x", "---", "...", "%YAML 9.9",
    "|9", ">-", "@", "`", "{}", "[", "\ufeff", "\x85", "=", "~", ".nan", "-.inf", "9" * 5000,
    "2024-01-01T00:00:00+99:99",
)  # fmt: skip
_LAUGHS = "".join(f"l{n}: &l{n} [" + ", ".join([f"*l{n - 1}" if n else "x"] * 9) + "]\n" for n in range(10))


def mutated(random: Random, settings: Settings) -> bytes:
    """`settings` as YAML, with faults."""
    changed = copy.deepcopy(settings)
    for _ in range(random.choice((0, 1, 1, 2, 4))):
        _change(random, changed)
    text = yaml.safe_dump(changed, sort_keys=False, allow_unicode=True)
    way = random.randrange(8)
    if way in {0, 1}:
        lines = text.splitlines()
        at = random.randrange(len(lines))
        key, colon, _ = lines[at].partition(":")
        odd = random.choice(_TEXTS)
        lines[at] = f"{key}{colon} {odd}" if colon and random.random() < 0.7 else odd
        text = "\n".join(lines)
    elif way == 2 and random.random() < 0.2:
        text += _LAUGHS
    raw = text.encode(random.choice(("utf-8",) * 9 + ("utf-16", "latin-1")), "replace")
    return damaged(random, raw) if way == 3 else raw


def with_expressions(random: Random, contract: Settings) -> Settings:
    """`contract` with odd expressions in derive and exclude."""
    changed = copy.deepcopy(contract)
    for name in random.sample(
        ("amount", "kind", "at", "user_id", "level", "currency"), random.choice((1, 1, 2))
    ):
        changed.setdefault("derive", {})[name] = random.choice(_EXPRESSIONS)
        if random.random() < 0.9:
            changed["columns"].pop(name, None)
    if random.random() < 0.3:
        changed["exclude"] = random.choice(_EXPRESSIONS)
    return changed


def _change(random: Random, settings: Settings) -> None:
    """Change one value somewhere in `settings`, in place."""
    inside: Any = settings
    while True:
        keys = list(inside) if isinstance(inside, dict) else list(range(len(inside)))
        if not keys:
            return
        key = random.choice(keys)
        if isinstance(inside[key], dict | list) and inside[key] and random.random() < 0.8:
            inside = inside[key]
            continue
        break
    way = random.randrange(5)
    if way == 0:
        del inside[key]
    elif way == 1 and isinstance(inside, dict):
        inside[random.choice((f"{key}x", "", 1, None, "é", "__class__", True))] = inside.pop(key)
    elif way == 2:
        inside[key] = random.choice(([inside[key]], {"a": inside[key]}, str(inside[key])))
    else:
        inside[key] = copy.deepcopy(random.choice(_ODD))
