"""How what a contract, a table or a value is called becomes part of a feature's name or sentence."""

import re


def plain(name: str) -> str:
    """`name` in lower case, with one `_` for each run of other characters than letters, digits and `_`.

    >>> plain("Google Ads (paid)")
    'google_ads_paid'
    """
    return re.sub(r"\W+", "_", name).strip("_").lower()


def braceless(text: str) -> str:
    """`text` as it may stand in a sentence, where braces mean a value.

    >>> braceless("a {b}")
    'a (b)'
    """
    return text.replace("{", "(").replace("}", ")")
