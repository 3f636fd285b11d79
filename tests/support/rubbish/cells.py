"""Rows of a log, or of a table of users, with odd values here and there."""

from random import Random

COLUMNS = ("customer", "time", "what", "sum", "currency", "country", "id", "day")
KINDS = ("visit", "purchase", "refund", "unseen kind")
ODD_NAMES = (
    "@file", "@line", "@text", "@order", "@same", "@reason", "@amount", "@bucket", "user_id", "at", "kind",
    "day", "reason", "line", "file", "text", "value", "role", "from_day", "", " ", "a.b", "é", "^.*$", "*", '"',
    "column_1", "len", "literal", "index", "x" * 300,
)  # fmt: skip
"""Headers named like columns that the pipeline uses itself, or hard to name in an expression."""
ODD_TEXTS = (
    "", " ", "\0", "\ufffd", "\x1a", "\x85", "\u2028", "\u202e", "\ufeff", "é", "e\u0301", "😀", "\t", "\r",
    "\n", "\r\n", '"', "'", '""', '"a', ",", ";", "=1+1", "null", "NULL", "None", "N/A", "NaN", "nan", "inf",
    "-Infinity", "1e400", "-1e-400", "9" * 400, "1.234,56", "12,50", "1,234,567.8", "٣", "0x10", "-0", "1_000",
    "true", "[]", "{}", "[1, 2]", '{"a": 1}', "2024-02-30", "0000-00-00", "0000-00-00 00:00:00",
    "2024-13-01T25:61:61Z", "9999-12-31 23:59:60", "2024-01-01T00:00:00+99:99", "+292277026596-12-04", "-1",
    "0", "1e18", "253402300800", "1704067200", "1704067200000", "2024-03-31 02:30:00", "24:00", "12/31/2024",
    "x" * 5000, "2262-04-11T23:47:16.854775807Z",
)  # fmt: skip


def names_of(random: Random) -> list[str]:
    """The columns of a log: mostly those of the contract, sometimes with odd ones beside or in place of them."""
    names = list(COLUMNS)
    for _ in range(random.choice((0, 0, 0, 1, 3))):
        names.insert(random.randrange(len(names) + 1), random.choice(ODD_NAMES))
    if random.random() < 0.1:
        names[random.randrange(len(names))] = random.choice((*ODD_NAMES, *names))
    if random.random() < 0.1:
        random.shuffle(names)
    return names


def rows_of(random: Random, names: list[str]) -> list[list[str]]:
    """Rows of text, most of them sound; the share of odd cells differs from log to log."""
    odd = random.choice((0.0, 0.01, 0.01, 0.1, 0.5))
    return [
        [
            random.choice(ODD_TEXTS) if random.random() < odd else _sound(random, name, number)
            for name in names
        ]
        for number in range(random.choice((0, 1, 2, 20, 60)))
    ]


def _sound(random: Random, name: str, number: int) -> str:
    second = random.randrange(40 * 86400)
    day, clock = f"2024-{1 + second // 86400 // 28:02d}-{1 + second // 86400 % 28:02d}", second % 86400
    values = {
        "customer": f"c{random.randrange(9)}",
        "time": f"{day} {clock // 3600:02d}:{clock // 60 % 60:02d}:{clock % 60:02d}",
        "what": random.choice(KINDS),
        "sum": f"{random.uniform(-9, 90):.2f}",
        "currency": random.choice(("EUR", "GBP", "GBp", "euro")),
        "country": random.choice(("DE", "Germany", "Atlantis")),
        "id": str(number),
        "day": day,
    }
    return values.get(name, f"{name[:5]}{number % 3}")
