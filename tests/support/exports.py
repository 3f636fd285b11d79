"""Logs as analytics and payment tools export them, made of plain lines of a shop.

A line is `customer, time, what, sum` as in `tests.support.tiny.visits`; what: visit, purchase or refund.
"""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the shop. `number`: its position; `paid`: null for a visit, below 0 for a refund."""

    number: int
    who: str
    at: datetime
    what: str
    paid: float | None

    @property
    def seconds(self) -> int:
        """The time as an epoch."""
        return int(self.at.timestamp())

    def iso(self, form: str = "%Y-%m-%dT%H:%M:%S.000Z") -> str:
        """The time in text."""
        return self.at.strftime(form)


def lines_of(shop: pl.DataFrame) -> list[Line]:
    """The lines of `shop`."""
    times = shop["time"].str.to_datetime(time_zone="UTC")
    sums = shop["sum"].cast(pl.Float64, strict=False)
    rows = zip(shop["customer"], times, shop["what"], sums, strict=True)
    return [Line(number, who, at, what, paid) for number, (who, at, what, paid) in enumerate(rows)]


def ga4(line: Line) -> Row:
    value = dict.fromkeys(("string_value", "int_value", "float_value", "double_value"))
    kinds = {"visit": "page_view", "purchase": "purchase", "refund": "refund"}
    return {
        "event_date": line.iso("%Y%m%d"),
        "event_timestamp": line.seconds * 1_000_000 + line.number % 1000,
        "event_name": kinds[line.what],
        "event_params": [
            {"key": "page_location", "value": value | {"string_value": "https://shop.example/"}},
            {"key": "ga_session_id", "value": value | {"int_value": line.seconds // 1800}},
        ],
        "user_id": line.who,
        "user_pseudo_id": f"browser.{line.who}",
        "geo": {"country": "Germany", "city": "(not set)"},
        "ecommerce": {
            "purchase_revenue_in_usd": line.paid if line.what == "purchase" else None,
            "refund_value_in_usd": -(line.paid or 0) if line.what == "refund" else None,
        },
    }


def amplitude(line: Line) -> Row:
    kinds = {"visit": "[Amplitude] Page Viewed", "purchase": "revenue_amount", "refund": "refund"}
    bought = {"$productId": "p1", "$price": line.paid, "$quantity": 1} if line.paid is not None else {}
    return {
        "$insert_id": f"i{line.number}", "amplitude_id": 7, "device_id": f"phone-{line.who}", "user_id": line.who,
        "event_type": kinds[line.what], "event_time": line.iso("%Y-%m-%d %H:%M:%S.000000"),
        "server_upload_time": line.iso("%Y-%m-%d %H:%M:%S.500000"), "session_id": line.seconds // 1800,
        "country": "Germany", "city": "Berlin", "event_properties": bought, "user_properties": {},
    }  # fmt: skip


def mixpanel(line: Line) -> Row:
    kinds = {"visit": "$mp_web_page_view", "purchase": "Purchase", "refund": "Refund"}
    paid = {} if line.paid is None else {"revenue": line.paid}
    return {
        "event": kinds[line.what],
        "properties": {
            "time": line.seconds, "distinct_id": line.who, "$insert_id": f"i{line.number}", "mp_country_code": "DE",
            "$city": "Berlin", **paid,
        },
    }  # fmt: skip


def posthog(line: Line) -> Row:
    kinds = {"visit": "$pageview", "purchase": "purchase", "refund": "refund"}
    properties = {
        "$session_id": f"s{line.seconds // 1800}",
        "$geoip_country_code": "DE",
        "$geoip_city_name": "Berlin",
    }
    paid = {} if line.paid is None else {"revenue": line.paid}
    return {
        "uuid": f"018f-{line.number}", "event": kinds[line.what], "distinct_id": f"browser-{line.who}",
        "person_id": line.who, "properties": json.dumps(properties | paid), "timestamp": line.at, "created_at": line.at,
    }  # fmt: skip


def segment(line: Line) -> Row:
    bought = line.what != "visit"
    event = {"purchase": {"event": "Order Completed"}, "refund": {"event": "Order Refunded"}}.get(
        line.what, {}
    )
    money = {"purchase": {"revenue": line.paid}, "refund": {"total": -(line.paid or 0)}}.get(line.what, {})
    return {
        "type": "track" if bought else "page", **event, "messageId": f"m{line.number}", "userId": line.who,
        "anonymousId": f"browser-{line.who}", "timestamp": line.iso(), "receivedAt": line.iso(),
        "properties": {**money, **({"currency": "USD"} if bought else {"path": "/"})},
    }  # fmt: skip


def snowplow(line: Line) -> Row:
    kinds = {"visit": "page_view", "purchase": "transaction", "refund": "transaction_refund"}
    return {
        "event_id": f"e{line.number}", "event_name": kinds[line.what], "user_id": line.who,
        "domain_userid": f"browser-{line.who}", "domain_sessionid": f"s{line.seconds // 1800}",
        "derived_tstamp": line.iso(), "collector_tstamp": line.iso(), "useragent": "Mozilla/5.0",
        "geo_country": "DE", "geo_city": "Berlin", "tr_total": line.paid,
        "tr_currency": None if line.paid is None else "EUR",
        "contexts_com_snowplowanalytics_snowplow_web_page_1": [{"id": "w1"}],
    }  # fmt: skip


def matomo(line: Line) -> Row:
    return {
        "idVisit": line.number, "visitorId": f"{line.number:016x}", "userId": line.who,
        "firstActionTimestamp": line.seconds, "countryCode": "de", "city": "Berlin",
        "visitEcommerceStatus": "ordered" if line.what == "purchase" else "none",
        "goalConversions": 1 if line.what == "refund" else 0,
        "actionDetails": [{"type": "action", "url": "https://shop.example/", "timestamp": line.seconds}],
    }  # fmt: skip


def stripe(line: Line) -> Row:
    kinds = {"visit": "checkout.session.completed", "purchase": "invoice.paid", "refund": "charge.refunded"}
    cents = None if line.paid is None else round(abs(line.paid) * 100)
    amount = {"purchase": {"amount_paid": cents}, "refund": {"amount_refunded": cents}}.get(line.what, {})
    thing_of = {"visit": "checkout.session", "purchase": "invoice", "refund": "charge"}[line.what]
    thing = {"id": f"o{line.number}", "object": thing_of, "customer": line.who, "currency": "eur", **amount}
    return {
        "id": f"evt_{line.number}", "object": "event", "created": line.seconds, "type": kinds[line.what],
        "livemode": True,
        "data": {"object": thing},
    }  # fmt: skip


EXPORTS: dict[str, Callable[[Line], Row]] = {
    "ga4": ga4, "amplitude": amplitude, "mixpanel": mixpanel, "posthog": posthog, "segment": segment,
    "snowplow": snowplow, "matomo": matomo, "stripe": stripe,
}  # fmt: skip
"""By tool, which is the name of its contract in data/contracts/exports, a line as it exports it."""


def written(tool: str, shop: pl.DataFrame, folder: Path) -> Path:
    """The log of `shop` below `folder` as `tool` exports it: in files, packed and in a form of its own."""
    rows = [EXPORTS[tool](line) for line in lines_of(shop)]
    folder.mkdir(parents=True, exist_ok=True)
    if tool in ("ga4", "posthog"):
        pl.DataFrame(rows, infer_schema_length=None).write_parquet(folder / "events_20240101.parquet")
    elif tool == "matomo":
        (folder / "visits.json").write_text(json.dumps(rows))
    elif tool in ("amplitude", "segment"):
        half = len(rows) // 2
        for number, part in enumerate((rows[:half], rows[half:])):
            packed = gzip.compress("\n".join(map(json.dumps, part)).encode())
            (folder / f"{number}.json.gz").write_bytes(packed)
    else:
        (folder / "events.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return folder
