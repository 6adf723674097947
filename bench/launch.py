"""Starts one measured child and writes down what the kernel counted. Standard library only, and run with `-S`: the peak
memory of a child is never below that of the process which started it, so this one has to be small.

Run as `launch.py RESULT LOG LIMIT COMMAND...`; LIMIT 0: none.
"""

import json
import os
import resource
import subprocess
import sys
import time
from functools import partial

KIBI = 1024


def main(result: str, log: str, limit: int, command: list[str]) -> None:
    """Run `command` to its end. RLIMIT_DATA counts private writable memory, whether it is touched or not."""
    within = partial(resource.setrlimit, resource.RLIMIT_DATA, (limit, limit)) if limit else None
    with open(log, "wb") as said:  # noqa: PTH123
        began = time.perf_counter()
        child = subprocess.Popen(command, stdout=said, stderr=subprocess.STDOUT, preexec_fn=within)  # noqa: PLW1509
        # Look at the child's counters before it is reaped, when they are gone.
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
        wall = time.perf_counter() - began
        with open(f"/proc/{child.pid}/io", encoding="ascii") as io:  # noqa: PTH123
            counters = dict(line.split(": ") for line in io)
        _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    usage = {
        "wall": wall,
        "user": used.ru_utime,
        "system": used.ru_stime,
        "peak": used.ru_maxrss * KIBI,
        "read": int(counters["rchar"]),
        "written": int(counters["wchar"]),
    }
    with open(result, "w", encoding="utf-8") as out:  # noqa: PTH123
        json.dump({"code": child.returncode, "usage": usage}, out)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
