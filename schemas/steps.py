"""The steps at which a run may die, for the tests of it (SPEC 14). Without a hook they cost a call and do nothing.

A step is named before something is written, committed or put in place, and again after it, so that a hook which
kills the process at the n-th step leaves behind every state that a crash can leave behind.
"""

from collections.abc import Callable

hook: Callable[[str], None] | None = None
"""Hears every step. Only tests set it: it may count, raise as a full disk does, or end the process."""


def step(name: str) -> None:
    """Say that the run has come to the step `name`."""
    if hook is not None:
        hook(name)
