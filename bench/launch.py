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
CONTROLLERS = (("/sys/fs/cgroup", "memory.max"), ("/sys/fs/cgroup/memory", "memory.limit_in_bytes"))
"""Where the memory controller of either version is, and its hard limit."""


def main(result: str, log: str, limit: int, command: list[str]) -> None:
    """Run `command` to its end."""
    group = memory_group(limit) if limit else None
    within = partial(limited, limit, group) if limit else None
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
    if group:
        os.rmdir(group)  # noqa: PTH106
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


def memory_group(limit: int) -> str | None:
    """A control group in which the kernel kills who uses more memory; None where this user can make none."""
    for root, setting in CONTROLLERS:
        group = f"{root}/greenpoints-bench-{os.getpid()}"
        try:
            os.mkdir(group)  # noqa: PTH102
            try:
                # In a folder that is no controller's nothing appears by itself.
                with open(f"{group}/{setting}", "r+", encoding="ascii") as file:  # noqa: PTH123
                    file.write(str(limit))
            except OSError:
                os.rmdir(group)  # noqa: PTH106
                continue
        except OSError:
            continue
        return group
    return None


def limited(limit: int, group: str | None) -> None:
    """Put this process under its limit. RLIMIT_DATA counts private writable memory, whether it is touched or not."""
    if group is None:
        resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
        return
    with open(f"{group}/cgroup.procs", "w", encoding="ascii") as file:  # noqa: PTH123
        file.write(str(os.getpid()))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4:])
