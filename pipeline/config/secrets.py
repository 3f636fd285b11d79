"""Hides passwords and tokens in texts that are shown, logged or stored.

Promise: whatever form of URL or connection string holds it, no secret comes out. Too much may be hidden, never too
little; a text without a secret stays as it is.
"""

import re
from typing import Final
from urllib.parse import unquote

HIDDEN: Final = "***"
_KEY: Final = re.compile(
    r"passw(or)?d|passphrase|\bpwd$|\bpass$|secret|token|api_?key|access_?key|account_?key|credential|signature|\bsig$|"
    r"shared_?access|\bsas$|\bauth(orization)?$",
    re.IGNORECASE,
)
"""Names of settings that hold a secret: of libpq, of object stores, of signed URLs, of web services."""
_END: Final = r"\s'\"<>|"
_SCHEME: Final = r"\b(?P<scheme>[a-z][a-z0-9+.-]*(?:://|%3a%2f%2f))"
_WITH_PASSWORD: Final = re.compile(
    rf"{_SCHEME}(?P<user>(?:(?!%40|%3a|%2f)[^{_END}/?#@:])*)(?::|%3a)(?!\d{{1,5}}/)[^{_END}]*(?:@|%40)",
    re.IGNORECASE,
)
"""A user and a password before the last @. A number with a / after it is a port."""
_WITH_TOKEN: Final = re.compile(rf"\b(https?://)[^{_END}/?#@]+@", re.IGNORECASE)
"""A web address with a user alone, which often is a token."""
_WITHOUT_HOST: Final = re.compile(
    rf"{_SCHEME}(?P<user>[^{_END}/?#@:\[]+):(?!\d{{1,5}}(?:[/?#,;.)]|[{_END}]|$))[^{_END}]+", re.I
)
"""A user and a password, and then nothing, or something that cannot be read."""
_NAME: Final = re.compile(r"(?<![\w.%-])(?P<name>[\w.%-]+?)(?:\s*=\s*|%3d)", re.IGNORECASE)
_VALUE: Final = re.compile(rf"'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"|[^{_END}&;#]+")
_HEADER: Final = re.compile(r"\b(Bearer|Basic)\s+[\w.~+/=-]{8,}", re.IGNORECASE)


def without_secrets(text: str) -> str:
    """`text`, with HIDDEN in place of each password, key, token and signature."""
    if "=" not in text and ":" not in text and "%" not in text and " " not in text:
        return text
    hidden = _WITH_PASSWORD.sub(lambda found: f"{found['scheme']}{found['user']}:{HIDDEN}@", text)
    hidden = _WITH_TOKEN.sub(rf"\1{HIDDEN}@", hidden)
    hidden = _WITHOUT_HOST.sub(_without_password, hidden)
    return _HEADER.sub(rf"\1 {HIDDEN}", _without_values(hidden))


def _without_password(found: re.Match[str]) -> str:
    whole = found[0]
    return whole if f":{HIDDEN}@" in whole else f"{found['scheme']}{found['user']}:{HIDDEN}"


def _without_values(text: str) -> str:
    """`text` with the values of settings hidden whose names say that they hold a secret."""
    pieces, at = [], 0
    for found in _NAME.finditer(text):
        value = _VALUE.match(text, found.end())
        if found.start() < at or not value or value[0].startswith(HIDDEN):
            continue
        if _KEY.search(unquote(found["name"]).replace("-", "_")):
            pieces += [text[at : found.end()], HIDDEN]
            at = value.end()
    return "".join([*pieces, text[at:]])
