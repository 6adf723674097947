"""Alerts on their way: through whatever Prefect notification block the operator has named."""

import logging
from typing import Any

from prefect import get_run_logger
from prefect.blocks import notifications
from prefect.blocks.abstract import NotificationBlock
from prefect.blocks.core import Block
from prefect.client.schemas.objects import FlowRun, State
from prefect.exceptions import MissingContextError
from prefect.flows import Flow
from prefect.logging import get_logger
from prefect.logging.loggers import LoggingAdapter
from prefect.settings import PREFECT_UI_URL

from flows.nights.alerts import Alert, failure_alert
from schemas.errors import ConfigurationError, SettleError

# Importing them is what makes Prefect's own kinds of block loadable by name.
assert notifications


def notification_block(name: str) -> NotificationBlock:
    """The block `kind/name`, as in custom-webhook/operators. Raises ConfigurationError (10) if there is none."""
    todo = "make it in the Prefect UI under Blocks, or name another one (kind/name, as in custom-webhook/operators)"
    try:
        block: Any = Block.load(name, _sync=True)  # type: ignore[call-arg]
    except ValueError as fault:
        raise ConfigurationError(f"the alert block cannot be used: {fault}", where=name, todo=todo) from fault
    if not isinstance(block, NotificationBlock):
        raise ConfigurationError("the alert block is no notification block", where=name, todo=todo)
    return block


def send(block_name: str, alert: Alert) -> None:
    """Send it. If that fails, the log says so: no night fails because nobody could be told of it."""
    logger = _logger()
    logger.warning("alert: %s\n%s", alert.subject, alert.body)
    try:
        block: Any = notification_block(block_name)
        with block.raise_on_failure():
            block.notify(alert.body, subject=alert.subject)
    except Exception as fault:
        # Neither its text nor its traceback: they show the address that the block posts to, which is a secret.
        logger.error("the alert could not be sent through %s: %s", block_name, _kind(fault))


def _kind(fault: Exception) -> str:
    if isinstance(fault, SettleError):
        return fault.what
    status = getattr(getattr(fault, "response", None), "status_code", None)
    return type(fault).__name__ + (f", answered {status}" if status else "")


def tell_failure(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """Hook of a flow: its run has failed, or its process has died."""
    block_name = flow_run.parameters.get("alert_block")
    if not block_name:
        return
    fault = state.result(raise_on_failure=False) if state.is_failed() else None
    alert = failure_alert(flow_run.name, fault, f"{flow.name}: {state.message}")
    link = f"{PREFECT_UI_URL.value()}/runs/flow-run/{flow_run.id}" if PREFECT_UI_URL.value() else str(flow_run.id)
    send(block_name, Alert(alert.subject, f"{alert.body}\n  flow run: {link}"))


def _logger() -> logging.Logger | LoggingAdapter:
    try:
        return get_run_logger()
    except MissingContextError:
        return get_logger("settle.alerts")
