"""What of a log is left out, by reason: lines, amounts, countries, kinds.

Promise: a share that stays small and even warns at most; a reason that begins one day and stays is a stop, because the
users of a new version of a product would look as if they had left.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np

from models.checks.check import Check, Verdict

LASTING = 0.05
"""From this rise of a reason's share on, a lasting change of its level is a stop."""
_LEAST_DAYS = 5
_SHOWN = 5
_LEAST_LINES = 20

_WORDS = {
    "lost_characters": "lines with bytes that are no text in the encoding of the contract",
    "doubtful_id": "events of ids that may name nobody or no single user",
    "unlinked_id": "lines of anonymous ids that count as users, though other lines link them to one",
    "missing_user": "lines without a user",
    "unreadable_time": "lines with an unreadable time",
    "unreadable_line": "unreadable lines",
    "line_too_long": "lines of more than a million characters",
    "wrong_number_of_fields": "lines with a wrong number of fields",
    "unreadable_amount": "amounts that are not numbers",
    "unreadable_quantity": "values of quantities that are not numbers",
    "thousands_mark": "amounts such as 1.250, which may be thousands",
    "not_converted": "amounts without an exchange rate",
    "unknown_country": "events of an unknown country",
    "kind_without_group": "events of a kind in no group",
    "not_in_users_table": "users who are not in the users table",
}
_ADVICE = {
    "lost_characters": "write the encoding in csv.encoding, such as cp1252 or latin-1",
    "doubtful_id": "add these ids to null_values, or to trusted_ids if they are users",
    "unlinked_id": "name the columns of both ids in identity.from and identity.to",
    "missing_user": "name the column of the user, or leave lines of nobody out with `exclude`",
    "unreadable_time": "list every way in which times are written in time.format",
    "unreadable_line": "correct csv.encoding or format",
    "line_too_long": "export the file again, with line ends",
    "wrong_number_of_fields": "correct csv.separator, or export the file again",
    "unreadable_amount": "say how numbers are written in numbers.decimal and numbers.thousands",
    "unreadable_quantity": "say what means no value in null_values",
    "thousands_mark": 'write numbers: {thousands: "."} if they are, numbers: {decimal: "."} if they are not',
    "not_converted": "say what the currency's name means in currency.names, or give rates",
    "unknown_country": "say what they mean in country.names",
    "kind_without_group": "put these kinds into groups",
    "not_in_users_table": "write the ids alike in the log and in the table",
}
_ALL_GONE = ("unreadable_amount", "unknown_country", "not_converted", "not_in_users_table")
_EITHER_WAY = ("thousands_mark", "doubtful_id", "unlinked_id")  # nothing is lost if they are what they seem


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One reason: `lost` of `of` lines, events or users.

    `names`: what is left out by name, with counts. `by_day`: day → (lost, of), empty if it is not known.
    """

    reason: str
    lost: int
    of: int
    names: Mapping[str, int] = field(default_factory=dict)
    by_day: Mapping[date, tuple[int, int]] = field(default_factory=dict)
    because: str = ""

    @property
    def share(self) -> float:
        """0..1."""
        return self.lost / self.of if self.of else 0.0


def check_left_out(
    reasons: Sequence[LeftOut], never_seen: Mapping[str, Sequence[str]], most_share: float
) -> Check:
    """The check `left_out`: it warns of a reason with more than `most_share` (0..1) of its lines.

    It stops if all amounts, countries or users of a kind are gone, or if the share of a reason rises by at least
    `LASTING` one day and stays. `never_seen`: kinds that the contract names and no event has, with similar kinds.
    """
    found = [_finding(one, most_share) for one in reasons if one.lost]
    table = [figures for figures, _ in found]
    verdicts: list[Verdict] = [verdict for _, verdict in found]
    said = [_sentence(figures) for figures, verdict in found if verdict != "pass"]
    advice = [_ADVICE[figures["reason"]] for figures, verdict in found if verdict != "pass"]
    if never_seen:
        verdicts.append("warn")
        shown = [_never(kind, near) for kind, near in list(never_seen.items())[:_SHOWN]]
        said.append(f"kinds that never occur: {', '.join(shown)}")
        advice.append("correct the names of these kinds")
    verdict: Verdict = "stop" if "stop" in verdicts else "warn" if "warn" in verdicts else "pass"
    if verdict == "pass":
        says = (
            "Less than 1 line in 100 is left out for any reason."
            if most_share == 0.01
            else (f"No reason leaves out more than {most_share:.1%}.")
        )
        return Check("left_out", verdict, {"reasons": table, "warn_beyond_share": most_share}, says)
    text = "; ".join(said)
    return Check(
        "left_out", verdict,
        {"reasons": table, "kinds_never_seen": list(never_seen), "warn_beyond_share": most_share},
        f"{text[:1].upper()}{text[1:]}.",
        f"In the contract: {'; '.join(dict.fromkeys(advice))}.",
    )  # fmt: skip


def lasting_change(by_day: Mapping[date, tuple[int, int]]) -> tuple[date, float, float] | None:
    """The day on which the share of lines lost rose by at least LASTING and stayed, with the shares before and after.

    The day splits the shares into two groups of least variance, of at least five days each. Before and after are their
    medians; nine in ten of the days after must lie above nine in ten of the days before. None if there is no such day.
    """
    days = [day for day in sorted(by_day) if by_day[day][1] > 0]
    if len(days) < 2 * _LEAST_DAYS:
        return None
    share = np.array([by_day[day][0] / by_day[day][1] for day in days])
    cuts = range(_LEAST_DAYS, len(days) - _LEAST_DAYS + 1)
    cut = min(cuts, key=lambda at: float(share[:at].var() * at + share[at:].var() * (len(share) - at)))
    before, after = share[:cut], share[cut:]
    rise = float(np.median(after) - np.median(before))
    if rise < LASTING or np.quantile(after, 0.1) <= np.quantile(before, 0.9):
        return None
    return days[cut], float(np.median(before)), float(np.median(after))


def _finding(one: LeftOut, most_share: float) -> tuple[dict[str, Any], Verdict]:
    change = lasting_change(one.by_day)
    figures: dict[str, Any] = {
        "reason": one.reason,
        "what": _WORDS[one.reason],
        "lost": one.lost,
        "of": one.of,
        "share": round(one.share, 6),
        "names": dict(list(one.names.items())[:_SHOWN]),
    }
    if one.because:
        figures["because"] = one.because
    if change is not None:
        day, before, after = change
        figures |= {
            "since": day.isoformat(),
            "share_before": round(before, 4),
            "share_since": round(after, 4),
        }
    gone = one.reason in _ALL_GONE and one.lost == one.of and one.of >= _LEAST_LINES
    if gone or (change is not None and one.reason not in _EITHER_WAY):
        return figures, "stop"
    return figures, "warn" if one.share > most_share else "pass"


def _sentence(figures: Mapping[str, Any]) -> str:
    text = f"{figures['what']}: {figures['lost']:,} of {figures['of']:,} ({figures['share']:.1%})"
    if figures["names"]:
        text += f", such as {', '.join(map(repr, figures['names']))}"
    if "since" in figures:
        text += (
            f", {figures['share_since']:.0%} since {figures['since']} and {figures['share_before']:.0%} before: "
            "the users of these lines would look as if they had left"
        )
    return f"{text}; {figures['because']}" if "because" in figures else text


def _never(kind: str, near: Sequence[str]) -> str:
    return f"{kind!r} (similar: {', '.join(map(repr, near))})" if near else repr(kind)
