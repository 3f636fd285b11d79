"""Array types, and dataclasses whose every field is an array over the same users."""

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Floats: TypeAlias = npt.NDArray[np.float64]
Singles: TypeAlias = npt.NDArray[np.float32]
Ints: TypeAlias = npt.NDArray[np.int64]
Smalls: TypeAlias = npt.NDArray[np.int32]
Flags: TypeAlias = npt.NDArray[np.bool_]
AnyArray: TypeAlias = npt.NDArray[Any]

NEVER = 1_000_000
"""A day that does not come."""

Arrays = TypeVar("Arrays", bound="DataclassInstance")


def joined(*parts: Arrays) -> Arrays:
    """The users of all `parts`, one part after the other."""
    names = [field.name for field in fields(parts[0])]
    return type(parts[0])(**{name: np.concatenate([getattr(part, name) for part in parts]) for name in names})


def taken(whole: Arrays, which: Ints) -> Arrays:
    """The entries `which` of `whole`, in that order."""
    return type(whole)(**{field.name: getattr(whole, field.name)[which] for field in fields(whole)})


def single(values: Floats) -> Singles:
    """Half the memory: what a user carries for life needs no more digits."""
    return values.astype(np.float32)


def copied(whole: Arrays) -> Arrays:
    """`whole` with arrays of its own."""
    return type(whole)(**{field.name: getattr(whole, field.name).copy() for field in fields(whole)})
