"""What a night tells, to whom, and its reports and page."""

import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from flows.nights import send as notices
from flows.nights.alerts import Alert, Limits, failure_alert, night_alerts
from flows.nights.page import night_page
from flows.nights.reports import MOST_AT_ONCE, write_reports
from flows.settings import Settings
from marts.night import NightNumbers
from schemas.errors import (
    ControlFailedError,
    InputMissingError,
)
from tests.tiny import FIRST, day
from transforms.books.controls import Control, enforce


def numbers(**changes: object) -> NightNumbers:
    known: dict[str, object] = {
        "first": day(3),
        "last": day(3),
        "days": [(day(3), 1000, 995, 5, Decimal("10.00"), Decimal("0.00"))],
        "events": [("consumer", 1, day(4), "launch", 3, Decimal("1234.50"), Decimal("0.00"))],
        "kinds": [("dividend", "voucher", 3, Decimal("1234.50"))],
        "quarantine": [("transactions", "bad_amount", 5)],
        "controls": [("journal_balances", 1, 0)],
        "fund_balance": Decimal("-20.00"),
        "voucher_liability": Decimal("1234.50"),
    }
    return NightNumbers(**{**known, **changes})  # type: ignore[arg-type]


def test_an_ordinary_night_alerts_nobody() -> None:
    assert night_alerts(numbers(), Limits(Decimal(-20), Decimal("0.005"))) == []
    assert night_alerts(numbers(fund_balance=None), Limits(Decimal(0), None)) == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"fund_balance": Decimal("-20.01")}, ("fund is at -20.01", "tell finance")),
        (
            {"days": [(day(3), 1000, 994, 6, Decimal(0), Decimal(0))]},
            ("6 of 1,000 rows", "bad_amount: 5", "settle backfill"),
        ),
        (
            {"first": day(2), "days": [(day(n), 10, 10, 0, Decimal(0), Decimal(0)) for n in (2, 3)]},
            ("1 missing nights", f"{day(2)} to {day(3)}", "settle status"),
        ),
    ],
)
def test_what_a_good_night_still_has_to_say_comes_with_the_next_step(
    changes: dict[str, object], words: tuple[str, ...]
) -> None:
    [alert] = night_alerts(numbers(**changes), Limits(Decimal(-20), Decimal("0.005")))
    told = f"{alert.subject}\n{alert.body}"
    assert all(word in told for word in words), told
    assert "to do:" in alert.body


def test_a_failure_is_told_with_its_exit_code_and_the_next_step() -> None:
    fault = InputMissingError("no transactions", where="landing/x", todo="have it delivered")
    alert = failure_alert("nightly 2019-03-01", fault, "")
    assert alert.subject == "nightly 2019-03-01: no transactions"
    assert "to do: have it delivered" in alert.body
    assert "exit code: 11" in alert.body
    crashed = failure_alert("nightly 2019-03-01", None, "Flow run process exited with status -9")
    assert "status -9" in crashed.body
    assert "--direct" in crashed.body


def test_a_failed_control_is_told_with_both_its_numbers() -> None:
    with pytest.raises(ControlFailedError) as failed:
        enforce([Control(FIRST, "voucher_liability", 100, 99)])
    alert = failure_alert("nightly 2019-03-01", failed.value, "")
    assert "control failed" in alert.subject
    assert "voucher_liability of 2019-03-01: expected 100, found 99" in alert.body
    assert "exit code: 13" in alert.body
    assert "to do:" in alert.body


def test_the_page_of_a_night_shows_its_numbers() -> None:
    reports = {day(2): Path("/r/a b.html"), day(3): None}
    page = night_page(numbers(quarantine=[("transactions", "a|b", 5)]), Path("w.duckdb"), reports)
    assert "| consumer | 1 | 2019-03-04 | launch | 3 | 1,234.50 | 0.00 |" in page
    assert "| transactions | a\\|b | 5 |" in page
    assert "Fund **-20.00** yuan" in page
    assert "* report of 2019-03-02: [a b.html](file:///r/a%20b.html), `/r/a b.html`" in page
    assert "* report of 2019-03-03: none yet; `settle report --date 2019-03-03` writes it" in page
    by_hand = night_page(numbers(events=[]), Path("w.duckdb"), {})
    assert "## Pool events\n\nnone" in by_hand
    assert "`settle report --date 2019-03-03` writes it" in by_hand


class PanicException(BaseException):
    """As the engines underneath raise it."""


@pytest.fixture
def unwritable(monkeypatch: pytest.MonkeyPatch) -> dict[date, BaseException]:
    """Days whose report cannot be written, and why; tasks run without Prefect, in a run of a deployment."""
    faults: dict[date, BaseException] = {}

    def write(root: Path, warehouse: Path, day: date, rulebook: Path | None) -> Path:
        if day in faults:
            raise faults[day]
        return root / f"{day}.html"

    def task(**_: object) -> object:
        def made(work: Callable[[], None]) -> object:
            def call(*, return_state: bool) -> None:
                with suppress(Exception):
                    assert return_state
                    work()

            return call

        return made

    monkeypatch.setenv("PREFECT__RUNTIME__DEPLOYMENT__ID", "some")
    monkeypatch.setattr("flows.report.write.write_report", write)
    monkeypatch.setattr("flows.nights.reports.task", task)
    monkeypatch.setattr("flows.nights.reports.get_run_logger", logging.getLogger)
    return faults


@pytest.mark.parametrize("fault", [OSError("full"), InputMissingError("gone"), PanicException("defect")], ids=repr)
def test_a_report_that_cannot_be_written_keeps_no_other_from_being_written(
    fault: BaseException, unwritable: dict[date, BaseException], caplog: pytest.LogCaptureFixture
) -> None:
    unwritable[day(2)] = fault
    written = write_reports(Settings(Path("r")), [day(1), day(2), day(3)])
    assert written == {day(1): Path(f"r/{day(1)}.html"), day(2): None, day(3): Path(f"r/{day(3)}.html")}
    assert f"no report of {day(2)}: {fault}" in caplog.text


def test_a_night_that_is_ended_while_it_reports_is_ended(unwritable: dict[date, BaseException]) -> None:
    unwritable[day(2)] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        write_reports(Settings(), [day(2)])


def test_a_long_catch_up_reports_its_last_days_and_a_night_by_hand_none(
    unwritable: dict[date, BaseException], monkeypatch: pytest.MonkeyPatch
) -> None:
    days = [day(number) for number in range(1, 30)]
    assert list(write_reports(Settings(), days)) == days[-MOST_AT_ONCE:]
    monkeypatch.delenv("PREFECT__RUNTIME__DEPLOYMENT__ID")
    assert write_reports(Settings(), days) == {}


@pytest.mark.parametrize(
    "fault",
    [
        httpx.HTTPStatusError(
            "Client error '404' for url 'https://hooks.example/SECRET'",
            request=httpx.Request("POST", "https://hooks.example/SECRET"),
            response=httpx.Response(404),
        ),
        httpx.ConnectError("https://hooks.example/SECRET"),
        ValueError("hooks.example/SECRET"),
    ],
)
def test_an_alert_that_cannot_be_sent_does_not_show_its_address(
    fault: Exception, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(name: str) -> None:
        raise fault

    monkeypatch.setattr(notices, "notification_block", refuse)
    logger = logging.getLogger("settle.alerts.test")
    monkeypatch.setattr(notices, "_logger", lambda: logger)
    notices.send("custom-webhook/operators", Alert("subject", "body"))
    assert f"could not be sent through custom-webhook/operators: {type(fault).__name__}" in caplog.text
    assert "SECRET" not in caplog.text
    assert ("answered 404" in caplog.text) is isinstance(fault, httpx.HTTPStatusError)
