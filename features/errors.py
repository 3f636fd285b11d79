"""The errors of this layer for unusable input. Each says what is wrong, what there is, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager


class ContractError(ValueError):
    """A contract, event or external table that cannot be used: says what, what there is, what to do."""


class PlaysError(ValueError):
    """A file of plays, or a condition on users, that cannot be used."""


class Faults(list[str]):
    """What several checks of a contract find, so that all of it is said at once."""

    @contextmanager
    def collected(self) -> Iterator[None]:
        """Keep the message of a ContractError instead of raising it; what is known already is kept once."""
        try:
            yield
        except ContractError as error:
            if str(error) not in self:
                self.append(str(error))

    def refuse(self) -> None:
        """Raise one ContractError with everything that was found, if anything was."""
        if self:
            raise ContractError("\n".join(self))
