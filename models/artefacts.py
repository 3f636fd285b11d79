"""Values in JSON files: the dataclass is the schema.

Promise: a value that is read equals the value that was written; otherwise it is refused with the wrong key.
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
    """The value of `kind` that `as_json` made plain. Unknown keys are ignored.

    Raises DataError with `name` and the wrong key.
    """
    try:
        result: Value = _adapter(kind).validate_python(plain)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "missing":
            raise DataError(f"{name}: there is no '{key}'") from error
        raise DataError(
            f"{name}: {key}{': ' if key else ''}{first['msg']}, not {first['input']!r:.100}"
        ) from error
    return result


def _adapter(kind: Any) -> TypeAdapter[Any]:
    """Built once, when it is first needed: importing a module builds nothing."""
    if kind not in _BUILT:
        _BUILT[kind] = TypeAdapter(kind)
    return _BUILT[kind]
