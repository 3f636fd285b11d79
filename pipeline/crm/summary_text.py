"""The summary of a list in plain lines, for the terminal and the report."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from models.targeting.risk import BANDS

_WATCHED = {
    "no_play": "nothing stands out",
    "no_profit": "a contact costs more than it brings",
    "beyond_capacity": "beyond the capacity",
    "beyond_budget": "beyond the budget",
    "beyond_profit": "no profit is known",
}
_UNLISTED = {
    "beyond_horizon": "silent for longer than the horizon",
    "silent_for_longer": "silent for longer than any user of training",
    "not_scored": "not scored",
    "without_login": "without a login",
}
_ASSUMED = {
    "contact_cost": "a contact costs {:g}",
    "margin": "{:.0%} of the revenue is profit",
    "stayers_take_offer": "{:.0%} of those who would have stayed take an offer",
    "half_life_gaps": "after {:g} usual gaps of silence a contact reaches half as many",
    "capacity_share": "{:.0%} of the listed users can be contacted",
    "capacity_users": "{:,} users can be contacted",
    "budget": "the budget is {:,g}",
}


def in_words(summary: Mapping[str, Any]) -> list[str]:
    """The lines for the terminal: the grade, those of `choice_in_words`, and the lists for import.

    `summary`: `summary.json`.
    """
    return [
        f"Grade {summary['grade']}: {summary['grade_because']}.",
        *choice_in_words(summary),
        *_lists(summary.get("lists", {})),
    ]


def _lists(lists: Mapping[str, Any]) -> list[str]:
    """The sizes of the lists for import, and why one is empty. A list of an older version has none."""
    if not lists:
        return []
    sizes = ", ".join(f"{name} {entry['users']:,}" for name, entry in lists.items())
    empty = [f"{name}: {entry['because']}" for name, entry in lists.items() if entry["because"]]
    return [f"Lists for import: {sizes}.", *(f"Empty, {one}." for one in empty)]


def files_in_words(folder: Path, summary: Mapping[str, Any]) -> list[str]:
    """The lines: the CSV files of a delivered list in its `folder`, and what is in those of changes."""
    csv = summary.get("csv", {"profile": "plain", "files": ["list.csv"], "without_key": 0})
    lines = [f"CRM list: {_files(folder, csv['files'])}"]
    if csv["without_key"]:
        lines.append(
            f"Left out of the CSV: {csv['without_key']:,} users whose id for {csv['profile']} is not known or taken."
        )
    if "changes" in csv:
        of = csv["changes"]
        file = _files(folder, of["files"])
        lines.append(
            f"Changes since the last list for {csv['profile']}: {file}: {of['values']:,} values of "
            f"{of['users']:,} users, {of['users_reset']:,} of them have left the list."
        )
    return lines


def _files(folder: Path, names: Sequence[str]) -> str:
    more = f" and {len(names) - 1:,} more" if len(names) > 1 else ""
    return f"{folder / names[0]}{more}"


def choice_in_words(summary: Mapping[str, Any]) -> list[str]:
    """The lines: the users of the log, of the list, the choice, and what it is expected to bring."""
    known = {"listed": "listed", **_UNLISTED}
    counts = [
        f"{summary[name]:,} {says}" for name, says in known.items() if name == "listed" or summary[name]
    ]
    lines = [
        f"The log has {summary['users_in_log']:,} users: {', '.join(counts)}.",
        f"The list has {_actions(summary)}.",
    ]
    if summary["scored_by"] == "baseline":
        lines.append(f"Scored by the baseline: {summary['scored_because']}.")
    if summary["excluded_duties"]:
        lines.append(
            f"{summary['excluded_duties']:,} excluded users have an open request: support answers it, not this list."
        )
    lines.append(f"Chosen by {summary['choice']['rule']}: {summary['choice']['because']}.")
    lines.append(expected_in_words(summary))
    lines += effects_in_words(summary)
    if summary["expected"]["contacts"]:
        said = summary["arms"]["says"]
        lines.append(f"{said[0].upper()}{said[1:]}.")
    return lines


def _actions(summary: Mapping[str, Any]) -> str:
    duty = summary["contact"]["duty"]
    parts = [
        f"{summary['actions']['contact']:,} to contact"
        + (f" ({duty:,} with an open request)" if duty else ""),
        f"{summary['actions']['holdout']:,} held out",
        f"{summary['actions']['watch']:,} to watch{_parts(summary['watch'], _WATCHED)}",
        f"{summary['actions']['excluded']:,} excluded{_parts(summary['excluded'], {})}",
    ]
    return ", ".join(parts)


def _parts(counts: Mapping[str, int], words: Mapping[str, str]) -> str:
    told = [f"{words.get(name, name)}: {count:,}" for name, count in counts.items()]
    return f" ({'; '.join(told)})" if told else ""


def expected_in_words(summary: Mapping[str, Any]) -> str:
    """What the contacts are expected to bring, with the assumptions."""
    expected = summary["expected"]
    if not expected["contacts"]:
        pays = "" if expected["profit"] is None else " whose contact is expected to bring more than it costs"
        return f"No contact begins with this list: nobody who is free for one has a play{pays}."
    currency = f" {summary['currency']}" if summary.get("currency") else ""
    money = (
        f", {expected['revenue_kept']:,.2f}{currency} of revenue and {expected['profit']:,.2f}{currency} of profit "
        f"after a cost of {expected['cost']:,.2f}{currency}"
        if expected["profit"] is not None
        else ""
    )
    return (
        f"Expected of {expected['contacts']:,} contacts: {expected['users_kept']:,.1f} users kept{money}. "
        f"Assumed, not measured: {assumed_in_words(summary)}."
    )


def effects_in_words(summary: Mapping[str, Any]) -> list[str]:
    """Which plays are chosen by measured effects, and which are set aside; no line where no effect is known."""
    effects = summary.get("effects", {"measured": {}})
    if not effects["measured"]:
        return []
    aside = effects["set_aside"]
    helpful = {
        play: effect["overall"]
        for play, effect in effects["measured"].items()
        if len(aside.get(play, ())) < len(BANDS)
    }
    lines = []
    if helpful:
        points = ", ".join(f"{play} {100 * effect:.1f}" for play, effect in helpful.items())
        lines.append(f"Measured up to {effects['until']}, in points of churn less by a contact: {points}.")
    if aside:
        plays = ", ".join(
            play if len(bands) == len(BANDS) else f"{play} ({' and '.join(bands)} risk)"
            for play, bands in aside.items()
        )
        lines.append(f"Not used, because contacts kept nobody up to {effects['until']}: {plays}.")
    return lines


def assumed_in_words(summary: Mapping[str, Any]) -> str:
    """The assumptions of the choice in one line."""
    told = [
        _ASSUMED[name].format(value) for name, value in summary["assumptions"].items() if name in _ASSUMED
    ]
    accepts = summary.get("accepts", {})
    if accepts:
        least, most = min(accepts.values()), max(accepts.values())
        share = f"{least:.0%}" if least == most else f"{least:.0%} to {most:.0%}"
        told.insert(0, f"{share} of the leavers whom a contact reaches stay because of it, by play")
    return "; ".join(told)
