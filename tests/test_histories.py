"""Random histories: nights, corrected feeds, backfills, closes, restatements, crashes, re-runs, in any order.

After every step: the closed days' files are byte for byte what they were, the trial balance is zero, and, unless a
corrected feed still waits for its backfill, the sums of the ledger per holder, asset and kind are the oracle's on the
feeds as they are now. `SETTLE_HISTORIES` is how many histories are drawn.
"""

import os
import re
import shutil
import tempfile
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import hypothesis.strategies as st
import polars as pl
import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lake.draft.draft import Draft
from lake.runs.log import RunLog
from lake.runs.run import Run
from lake.tables.store import Store
from schemas.errors import ConfigurationError
from schemas.tables import JOURNAL, LEDGER
from tests.engine import backfill, close, night
from tests.oracle import settle_world
from tests.test_restatement import changed_feed
from tests.worlds import make_world

HISTORIES = int(os.environ.get("SETTLE_HISTORIES", "6"))
STEPS = int(os.environ.get("SETTLE_HISTORY_STEPS", "10"))
WORLDS = (2, 168, 252, 286, 148)
"""Worlds with events, clawbacks, month-ends and payables within some weeks."""


class CrashError(Exception):
    """The machine stops here."""


class Histories(RuleBasedStateMachine):
    """One lake and what has been done to it."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Path(tempfile.mkdtemp(prefix="history-"))
        self.waiting: date | None = None  # the earliest day whose feed was corrected since it was settled
        self.closed: list[tuple[object, ...]] = []

    @initialize(seed=st.sampled_from(WORLDS), days=st.integers(12, 30))
    def begin(self, seed: int, days: int) -> None:
        self.world = make_world(seed, days=days, mess=5)
        _, self.rulebook = self.world.write(self.root)
        self.rules = self.rulebook.read_text(encoding="utf-8")
        self.settled = self.world.first + timedelta(days=4)
        backfill(self.root, self.rulebook, self.world.first, self.settled, buckets=2)

    @precondition(lambda self: self.settled < self.world.last)
    @rule(days=st.integers(1, 5))
    def nights(self, days: int) -> None:
        until = min(self.settled + timedelta(days=days), self.world.last)
        if self.has_other_rules:
            with pytest.raises(ConfigurationError, match="is not the one that settled days"):
                night(self.root, self.rulebook, until)
            return
        self.settled = until
        night(self.root, self.rulebook, self.settled)

    @property
    def has_other_rules(self) -> bool:
        """Whether the rulebook at hand is not that of the settled days: until a backfill, nights are refused."""
        return self.rulebook.read_text(encoding="utf-8") != self.rules

    @rule(back=st.integers(0, 12))
    def correct(self, back: int) -> None:
        day = max(self.world.first, self.settled - timedelta(days=back))
        changed_feed(self.root, day)
        self.waiting = min(day, self.waiting or day)

    @rule(rate=st.sampled_from(("0.05", "0.031", "0.2", "0")))
    def correct_the_rulebook(self, rate: str) -> None:
        """Other rates of bindings and referrals, from the first day on."""
        text = self.rulebook.read_text(encoding="utf-8")
        self.rulebook.write_text(re.sub(r'(?m)^rate = "[^"]*"', f'rate = "{rate}"', text), encoding="utf-8")
        self.waiting = self.world.first

    @precondition(lambda self: self.waiting is not None)
    @rule()
    def backfill_with_restatement(self) -> None:
        run = self.run
        if run.closed_through is not None and run.closed_through >= self.settled:
            return
        backfill(self.root, self.rulebook, self.waiting or self.settled, self.settled, restate=True)
        self.waiting, self.rules = None, self.rulebook.read_text(encoding="utf-8")

    @precondition(lambda self: self.waiting is None)
    @rule(back=st.integers(0, 20))
    def run_again(self, back: int) -> None:
        first = max(self.world.first, self.settled - timedelta(days=back))
        assert backfill(self.root, self.rulebook, first, self.settled, restate=True) is None

    @rule(back=st.integers(1, 6))
    def close(self, back: int) -> None:
        through = self.settled - timedelta(days=back)
        if self.waiting is None and through >= self.world.first and close(self.root, through):
            self.closed = self._closed_rows()

    @precondition(lambda self: self.settled < self.world.last and not self.has_other_rules)
    @rule(after=st.integers(0, 25))
    def crash(self, after: int) -> None:
        """A night dies between two Delta commits; the run log does not know of it."""
        before, committed = self.run, 0
        whole = Store.commit

        def dying(store: Store, *given: object) -> int:
            nonlocal committed
            committed += 1
            if committed > after:
                raise CrashError
            return whole(store, *given)  # type: ignore[arg-type]

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Store, "commit", dying)
            # What a killed process leaves behind stays: it cannot clean up.
            patch.setattr(Draft, "discard", lambda _: None)
            try:
                night(self.root, self.rulebook, self.settled + timedelta(days=1))
            except CrashError:
                assert self.run == before
                return
        self.settled += timedelta(days=1)

    @property
    def run(self) -> Run:
        run = RunLog(self.root / "lake").last()
        assert run is not None
        return run

    @property
    def lake(self) -> Draft:
        return Draft(Store(self.root / "lake"), self.run.versions, "reader")

    def _closed_rows(self) -> list[tuple[object, ...]]:
        through = self.run.closed_through
        rows = self.lake.between(LEDGER, date.min, through) if through else LEDGER.empty().lazy()
        return rows.sort(LEDGER.key).collect().rows()

    @invariant()
    def closed_days_stand(self) -> None:
        assert self._closed_rows() == self.closed

    @invariant()
    def the_trial_balance_is_zero(self) -> None:
        sums = self.lake.small(JOURNAL).select(pl.col("debit_fen", "credit_fen").sum()).row(0)
        assert sums[0] == sums[1]

    @invariant()
    def sums_are_the_oracles(self) -> None:
        if self.waiting is not None:
            return
        expected: Counter[tuple] = Counter()
        for row in settle_world(self.root / "landing", self.rulebook, self.world.first, self.settled)["ledger"]:
            expected[row[2:7]] += row[8]
        rows = self.lake.scan(LEDGER).group_by("holder_kind", "holder_id", "asset", "kind", "pool")
        found = {row[:5]: Decimal(row[5]) / 100 for row in rows.agg(pl.col("amount_fen").sum()).collect().iter_rows()}
        assert {k: v for k, v in found.items() if v} == {k: v for k, v in expected.items() if v}

    def teardown(self) -> None:
        shutil.rmtree(self.root, ignore_errors=True)


Histories.TestCase.settings = settings(
    max_examples=HISTORIES,
    stateful_step_count=STEPS,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)
TestHistories = Histories.TestCase
