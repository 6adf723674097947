"""Put on PYTHONPATH, this lets a test stop a settlement of another process in the middle: see tests/prefect_site.py.

If the file that SETTLE_TEST_HOLD names exists, a run that is about to commit its transactions says so in
`<file>.reached` and waits, until it is ended or the file is gone.

What the file of SETTLE_TEST_PLACES says is put into the surroundings of each flow run, as if it were its service's: one
service settles one place, and the tests have many.
"""

import json
import os
import time
from pathlib import Path

from schemas import steps

HOLD = Path(os.environ.get("SETTLE_TEST_HOLD", "/nonexistent"))
PLACES = Path(os.environ.get("SETTLE_TEST_PLACES", "/nonexistent"))


def hold(name: str) -> None:
    if name == "commit transactions" and HOLD.exists():
        HOLD.with_suffix(".reached").touch()
        while HOLD.exists():
            time.sleep(0.1)


steps.hook = hold
if "PREFECT__FLOW_RUN_ID" in os.environ and PLACES.exists():
    os.environ.update(json.loads(PLACES.read_text(encoding="utf-8")))
