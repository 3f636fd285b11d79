"""Which columns say who, what, where and in which session: user id, kind, event id, session, country, city and others.

Promise: a column is given one meaning at most.
"""

from collections import Counter

import polars as pl

from features.contract.countries import country_code
from features.contract.values import PLACEHOLDER_IDS
from pipeline.first_contract.guess import Column, Guess, best_named, written

_WHO = (
    "user|customer|client|member|account|player|subscriber|person|kunden?|usuario|cliente|utilisateur|patient"
    "|student|guest"
)
_USER = {
    rf"^(main_)?({_WHO}|distinct)_?(id|nr|no|num|number|nummer|key|uuid|code)$": 12,
    rf"^({_WHO}|uid|actor|author|buyer|login_id)$": 10,
    r"^(e_?mail|user_?name|msisdn|phone|loyalty_card|card_no)$": 7,
    rf"({_WHO})": 5,
    r"distinct|anonymous|pseudo|device_id|visitor|cookie|client": 3,
}
_VISITOR = {r"^(anonymous|device|visitor|browser|cookie|domain_user)_?id$|pseudo_id$|^anonymous_?id$": 12}
_KIND = {
    r"^(event|kind|event_?(name|type|kind)|what|action|activity|activity_type|verb|event_action)$": 12,
    r"^(type|name|category|event_category|operation|aktion|ereignis|art|evento|transaction_type)$": 8,
    r"(event|action|activity).*(name|type)|_type$|status$": 4,
}
_OF_A_PERSON = {
    r"(^|_)(platform|device|os|browser|channel|source|medium|campaign|country|city|region|lang(uage)?|locale|plan|tier"
    r"|gender|segment|version|currency|tz|timezone|zone|referr?er|user_agent|store|shop|branch)(_|$)": 1,
}
_FEW_KINDS, _SEVERAL_EACH = 40, 1.3
_EVENT_ID = {
    r"^(event|insert|message|transaction|row|log|uu|gu)_?(id|uuid)$": 12,
    r"^(id|uuid|insert_id|event_uuid|message_?id)$": 10,
    r"(event|transaction|record).*(id|key|no)$": 5,
}
_SESSION = {
    r"^(ga_)?session_?(id|key|uuid|no)?$|^visit_?id$|^domain_sessionid$|^sid$": 12,
    r"session_?(id|key)": 8,
}
_COUNTRY = {r"^(geo_)?country(_code|_name|_iso)?$|^land$|^pais$|^pays$|^country_?region$": 12, r"country": 6}
_CITY = {r"^(geo_)?city(_name)?$|^town$|^stadt$|^ciudad$|^ville$": 12}
_COUNTERPART = {r"^(counterpart|friend|target|recipient|receiver|to_user|other_user|partner)(_?id)?$": 12}
_LEVEL, _SCORE = {r"^(level|player_level|rank_level)$": 12}, {r"^(nps|nps_score|score|rating|csat)$": 12}
_NUMBER = r"^[+-]?\d+([.,]\d+)?$"
_MOST_KINDS = 500
_ALL_THERE = 0.98
DOUBTFUL = ("0", "-1", "test", "admin", "root", "system", "bot", "default", "demo")


def user_of(columns: list[Column]) -> tuple[Column, Guess] | None:
    """The column of the user's id; None when no column can be it."""
    fit = [
        one
        for one in columns
        if one.distinct > 1 and not one.dtype.is_temporal() and one.share(r"\d[.,]\d*[1-9]$") < 0.5
    ]
    named = [
        (points, one)
        for points, one in best_named(fit, _USER)
        if not one.plain.endswith(("name", "type")) or points == 7
    ]
    if named:
        points, column = named[0]
        others = [one.name for _, one in named[1:4]]
        also = f"; or {', '.join(others)}" if others else ""
        why = f"its name; {_spread(column)}{also}"
        return column, Guess(column.name, why, unsure=points < 10 or column.filled < 0.5)
    repeated = [
        one
        for one in fit
        if one.repeats > 1.5
        and one.distinct > 20
        and one.share(r"\s") < 0.2
        and one.share("^.*[-:].*[-:]") < 0.5
    ]
    if not repeated:
        return None
    column = max(repeated, key=lambda one: one.distinct)
    return column, Guess(column.name, f"{_spread(column)}; no column is called user or customer", unsure=True)


def visitor_of(columns: list[Column]) -> str | None:
    """The column of an id that a device, a browser or a visitor has before anybody knows the user."""
    full = [one for one in columns if one.filled > _ALL_THERE and one.distinct > 1]
    return next((one.name for _, one in best_named(full, _VISITOR)), None)


def kind_of(columns: list[Column]) -> tuple[Column, Guess] | None:
    """The column of the kind of event; None when no column tells kinds."""
    fit = [
        one
        for one in columns
        if one.filled > 0.5 and one.distinct <= _MOST_KINDS and one.share(_NUMBER) < 0.5
    ]
    named = [(points, one) for points, one in best_named(fit, _KIND) if one.distinct > 1 or points == 12]
    if not named:
        return None
    points, column = named[0]
    several = "one kind" if column.distinct == 1 else f"{written(column.distinct)} kinds"
    return column, Guess(column.name, f"its name; {several}", unsure=points < 12)


def unnamed_kind_of(columns: list[Column], user: Column) -> tuple[Column, Guess] | None:
    """The column that may hold the kind, though its name does not say so: few texts, several of them for a user."""
    country = country_of(columns)
    fit = [
        one
        for one in columns
        if one.filled == user.filled == 1.0
        and one.text
        and 1 < one.distinct <= _FEW_KINDS
        and one.share(r"^[\d.,:+-]+$|^[A-Z]{3}$") < 0.5
        and (country is None or one is not country[0])
        and not best_named([one], _OF_A_PERSON)
        and pl.DataFrame([user.values.alias("user"), one.values.alias("kind")]).n_unique()
        > _SEVERAL_EACH * user.distinct
    ]
    if not fit:
        return None
    column = max(fit, key=lambda one: one.distinct)
    why = f"{written(column.distinct)} texts, of which a user has several; its name does not say so"
    return column, Guess(column.name, why, unsure=True)


def others_of(columns: list[Column], lines: int) -> dict[str, Guess]:
    """Further columns of an event, by canonical name."""
    found: dict[str, Guess] = {}
    unique = [
        one for one in columns if one.distinct > 0.9 * lines and one.filled > 0.9 and not one.dtype.is_float()
    ]
    for points, one in best_named(unique, _EVENT_ID)[:1]:
        again = 1 - one.distinct / one.values.len()
        said = f"{written(0, again)} of the lines repeat one" if again else "each line has its own"
        found["event_id"] = Guess(one.name, f"its name; {said}", unsure=points < 10)
    repeated = [one for one in columns if one.distinct > 1 and one.repeats >= 1]
    for _, one in best_named([one for one in repeated if not one.dtype.is_float()], _SESSION)[:1]:
        found["session"] = Guess(one.name, f"its name; {_spread(one)}")
    country = country_of(columns)
    if country is not None:
        found["country"] = country[1]
    for name, patterns in (("city", _CITY), ("counterpart", _COUNTERPART)):
        for _, one in best_named(
            [one for one in columns if one.share(_NUMBER) < 0.9 or name != "city"], patterns
        )[:1]:
            found[name] = Guess(one.name, "its name", unsure=name == "counterpart")
    zones = [
        one
        for one in columns
        if one.share(r"^([A-Z]\w+/[A-Z]\w+(/\w+)?|UTC)$") > _ALL_THERE and one.distinct > 1
    ]
    for one in zones[:1]:
        found["timezone"] = Guess(
            one.name, "its values are time zones: that of each line's own clock", unsure=True
        )
    numbers = [one for one in columns if one.share(_NUMBER) > _ALL_THERE]
    for name, patterns in (("level", _LEVEL), ("score", _SCORE)):
        for _, one in best_named([one for one in numbers if name != "score" or _to_ten(one)], patterns)[:1]:
            found[name] = Guess(one.name, "its name, and its values are numbers", unsure=True)
    return found


def _to_ten(column: Column) -> bool:
    """Whether all values are whole numbers from 0 to 10, as answers to "would you recommend us?" are."""
    return column.share(r"^(\d|10)(\.0+)?$") > _ALL_THERE


def country_of(columns: list[Column]) -> tuple[Column, Guess] | None:
    """The column of the country: by its name, or because its values are countries."""
    for _, one in best_named([one for one in columns if one.share(_NUMBER) < 0.5], _COUNTRY):
        return one, Guess(one.name, f"its name; {_known_countries(one)}")
    for one in columns:
        words = one.values.unique().head(50).to_list()
        known = sum(country_code(word) is not None for word in words)
        if len(words) > 2 and one.share("^([A-Z]{2}|[A-Z][a-z].{2,})$") > 0.9 and known > 0.9 * len(words):
            return one, Guess(one.name, "its values are countries", unsure=True)
    return None


def ids_that_name_nobody(user: Column, lines: int) -> list[str]:
    """What is to be known of ids that may name nobody, as comments."""
    counts = Counter(dict(user.values.str.to_lowercase().value_counts().iter_rows()))
    named = {one: counts[one] for one in PLACEHOLDER_IDS if counts[one]}
    doubtful = {one: counts[one] for one in DOUBTFUL if counts[one]}
    said = []
    if named:
        shown = ", ".join(f"{one!r} ({written(count)} lines)" for one, count in named.items())
        said.append(f"these ids name nobody, which is known without being said: {shown}")
    if doubtful:
        shown = ", ".join(f"{one!r} ({written(count)} lines)" for one, count in doubtful.items())
        said.append(f"unsure whether these ids are users: {shown}; if not, add them to placeholder_ids")
    first, most = counts.most_common(1)[0]
    if most > 0.2 * lines and len(counts) > 10 and first not in named:
        said.append(
            f"{first!r} has {written(0, most / lines)} of all lines: if it is no user, add it to placeholder_ids"
        )
    return said


def _spread(column: Column) -> str:
    on = f"{written(column.distinct)} values, each on {column.repeats:,.1f} lines on average"
    return on if column.filled > 0.999 else f"{on}, none on {written(0, 1 - column.filled)} of the lines"


def _known_countries(column: Column) -> str:
    counts = column.values.value_counts(sort=True)
    unknown = [name for name in counts[column.values.name].to_list() if country_code(name) is None]
    if not unknown:
        return "all values are known countries"
    return f"unknown are {', '.join(map(repr, unknown[:5]))}: say what they mean in country.names"


def without(columns: list[Column], *taken: str) -> list[Column]:
    """`columns` without those that have a meaning already."""
    return [one for one in columns if one.name not in taken]
