"""Values that are kept in files, as JSON and back: the dataclass is the schema.

Promise: what is read back equals what was written, or it is refused with the place that is wrong.
"""

from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from models.errors import DataError

Value = TypeVar("Value")
_BUILT: dict[Any, TypeAdapter[Any]] = {}


def as_json(value: Any) -> dict[str, Any]:
    """The dataclass `value` as plain values; a date becomes its ISO text."""
    plain: dict[str, Any] = _adapter(type(value)).dump_python(value, mode="json")
    return plain


def from_json(kind: type[Value], plain: Any, name: str) -> Value:
    """The value of `kind` that `as_json` made plain. Unknown keys are left aside.

    Raises DataError, which calls it `name` and says which place is wrong.
    """
    try:
        found: Value = _adapter(kind).validate_python(plain)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing":
            raise DataError(f"{name}: there is no '{place}'") from error
        raise DataError(
            f"{name}: {place}{': ' if place else ''}{first['msg']}, not {first['input']!r:.100}"
        ) from error
    return found


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Built once, and not before it is needed: importing a module builds nothing."""
    if kind not in _BUILT:
        _BUILT[kind] = TypeAdapter(kind)
    return _BUILT[kind]
