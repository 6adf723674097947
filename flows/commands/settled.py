"""What a night or a backfill has done, and what is to be said of settled days: the answer of both."""

from datetime import date

from flows.commands.output import described, print_json, print_outcome, say
from flows.operations.settle import Outcome
from flows.operations.told_of_days import changes_of, described_changes, told_changes, why_nothing
from flows.settings import Settings


def answer_settled(outcome: Outcome, settings: Settings, *, night: date | None = None) -> None:
    """Answer. `night`: the day up to which a night was to settle."""
    answer, changes = described(outcome, settings.root, settings.warehouse), changes_of(settings.root)
    answer["nothing_to_do"] = why_nothing(settings.root, night, changes) if night and outcome.run is None else None
    answer |= described_changes(changes)
    if settings.as_json:
        print_json(answer)
    else:
        print_outcome(answer)
        say(*told_changes(changes))
