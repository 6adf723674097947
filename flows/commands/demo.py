"""`settle demo`."""

import os
import shutil
import time
from dataclasses import asdict, replace
from datetime import timedelta
from pathlib import Path

from flows.commands.app import Given
from flows.commands.output import described, print_json, print_outcome
from flows.commands.places import typed
from flows.commands.progress import listening
from flows.commands.simulate import written
from flows.operations.publish import DEMO as MARKER
from flows.operations.settle import Terms, settle_range
from flows.operations.warehouse import require_own
from flows.settings import Settings
from schemas.errors import UsageError
from schemas.rulebook import OWN
from simulator import WorldSpec

DEMO = WorldSpec(members=2000, merchants=100, days=150, transactions_per_day=300, seed=1)


def demo(*, given: Given) -> None:
    """Make a small world, settle it, publish the warehouse, tell what happened and where to look.

    It touches no folder that it did not make.
    """
    settings = given
    _clear(settings)
    (settings.root / MARKER).write_text("`settle demo` made this folder and may replace it.\n", encoding="utf-8")
    with listening("demo world", quiet=settings.as_json) as listener:
        summary = written(DEMO, settings.root, listener)
    began = time.monotonic()
    ours = replace(settings, rulebook=settings.rulebook or settings.root / OWN)
    last = DEMO.first_day + timedelta(days=DEMO.days - 1)
    with listening("demo settlement", quiet=settings.as_json) as listener:
        outcome = settle_range(ours, DEMO.first_day, last, Terms(listener=listener))
    from flows.report.write import write_report  # noqa: PLC0415

    report = write_report(settings.root, settings.warehouse, rulebook=ours.rulebook)
    answer = described(outcome, settings.root, settings.warehouse)
    if settings.as_json:
        print_json({"world": asdict(summary), **answer, "report": report})
        return
    print(f"A made-up world of {DEMO.members:,} members and {DEMO.merchants:,} merchants, in {settings.root}/landing.")
    print_outcome(answer)
    print(f"That took {time.monotonic() - began:.1f} s. Now look into it:")
    print(told_to_try(settings))
    print(f"The last night on one page, for a browser: {report}")


def _clear(settings: Settings) -> None:
    """Make room for the demo's world, but only over an older demo's. Raises UsageError (2) for anything else."""
    root, warehouse = settings.root, Path(os.path.realpath(settings.warehouse))
    theirs = [root / name for name in ("landing", "lake", OWN) if os.path.lexists(root / name)]
    if theirs and not (root / MARKER).exists():
        raise UsageError(
            "the demo will not touch data that it did not make",
            where=str(root),
            todo="give it a folder of its own: settle --root somewhere/else demo",
        )
    require_own(root, warehouse, over_demo=True)
    # First the warehouse: without its lake it would be nobody's.
    warehouse.unlink(missing_ok=True)
    for path in theirs:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    root.mkdir(parents=True, exist_ok=True)


def told_to_try(settings: Settings) -> str:
    """Commands to be pasted into a shell, whatever the paths are called."""
    warehouse, root = typed(settings.warehouse), typed(settings.root)
    if warehouse == str(settings.warehouse):
        modules, name, given = "duckdb", f"'{warehouse}'", ""
    else:  # quoted for a shell it cannot stand within a text of Python within quotes
        modules, name, given = "duckdb, sys", "sys.argv[1]", f" {typed(settings.warehouse.absolute())}"
    return _TRY.format(modules=modules, name=name, given=given, root=root)


_TRY = """\
  .venv/bin/python -c "import {modules}; print(duckdb.connect({name}, read_only=True).sql('''
      select pool, event_no, value_date, trigger, growth, holders, amount from pool_events order by value_date
  '''))"{given}
  .venv/bin/settle --root {root} status
  .venv/bin/settle --root {root} explain member 17
Every table and column is explained in the file itself: select table_name, comment from duckdb_tables()."""
