"""The errors a user may meet, each with the exit code of SPEC 12.

An error says what was wrong, where, and what to do. Anything else that escapes is a defect of ours.
"""

from schemas.shown import shown_lines


class SettleError(Exception):
    """What was wrong, where it stands, and what the reader can do about it."""

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what, self.where, self.todo = what, where, todo

    def __str__(self) -> str:
        """For people: each part on lines of its own, whatever characters the values in it have."""
        lines = [self.what]
        if self.where:
            lines.append(f"  where: {self.where}")
        if self.todo:
            lines.append(f"  to do: {self.todo}")
        return "\n".join(map(shown_lines, lines))


class UsageError(SettleError):
    """The command was called in a way that has no meaning."""

    exit_code = 2


class ConfigurationError(SettleError):
    """A rulebook or a setting that cannot be used."""

    exit_code = 10


class InputMissingError(SettleError):
    """A feed, day or file that has to be there is not."""

    exit_code = 11


class InputRefusedError(SettleError):
    """Input that would cost more than a bad row: nothing has been written."""

    exit_code = 12


class ControlFailedError(SettleError):
    """The books did not prove themselves: the published state is as it was. `every`: names of the failed controls."""

    exit_code = 13
    every: tuple[str, ...] = ()


class DamagedLakeError(ControlFailedError):
    """A committed file of the lake is not as its run left it."""


class StorageError(SettleError):
    """The machine could not read or write: a full disk, a missing permission. No settled day is lost."""


class PublicationError(StorageError):
    """The warehouse could not be built: the lake holds what was settled, the warehouse is as it was."""


class AnotherRunError(SettleError):
    """Another run holds the lake."""

    exit_code = 14
