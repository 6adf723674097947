"""`settle upgrade`: an older lake to the newest format, in place."""

from collections.abc import Iterator

from flows.commands.app import Given
from flows.commands.output import print_json
from flows.operations.faults import at_work
from flows.operations.publish import publish_lake
from flows.operations.upgrade import upgrade as upgrade_lake
from flows.operations.warehouse import require_own
from flows.settings import Settings, now
from lake.runs.run import FORMAT
from schemas.errors import ConfigurationError
from schemas.rulebook import SHIPPED, Rulebook, load_rulebook, rulebook_path


def upgrade(*, given: Given) -> None:
    """Bring a lake of an older format to the newest, in place: nothing that was settled, closed or restated changes."""
    settings = given
    require_own(settings.root, settings.warehouse)
    done = upgrade_lake(settings.root, _known(settings), now())
    if done is not None:
        with at_work(settings.root):
            publish_lake(settings.root, settings.warehouse)
    before = done[0].format if done else FORMAT
    if settings.as_json:
        run_id = done[1].run_id if done else None
        print_json({"format_before": before, "format": FORMAT, "upgraded": done is not None, "run_id": run_id})
    elif done is None:
        print(f"the lake has format {FORMAT} already: nothing to do")
    else:
        print(f"the lake has format {FORMAT} now (it had {before}), by run {done[1].run_id}")
        print(f"warehouse: {settings.warehouse} (published)")


def _known(settings: Settings) -> Iterator[Rulebook]:
    """Rulebooks at hand, the likeliest first; one that cannot be read was not settled by as it is."""
    if settings.rulebook:
        yield load_rulebook(settings.rulebook)
    for path in (rulebook_path(settings.root, None), SHIPPED):
        try:
            yield load_rulebook(path)
        except ConfigurationError:
            continue
