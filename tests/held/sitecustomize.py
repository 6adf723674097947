"""Put on PYTHONPATH, this lets a test stop a settlement of another process in the middle: see tests/prefect_site.py.

If the file that SETTLE_TEST_HOLD names exists, a run that is about to commit its transactions says so in
`<file>.reached` and waits, until it is ended or the file is gone.
"""

import os
import time
from pathlib import Path

from schemas import steps

HOLD = Path(os.environ.get("SETTLE_TEST_HOLD", "/nonexistent"))


def hold(name: str) -> None:
    if name == "commit transactions" and HOLD.exists():
        HOLD.with_suffix(".reached").touch()
        while HOLD.exists():
            time.sleep(0.1)


steps.hook = hold
