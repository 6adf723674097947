"""What a measurement was made on, in general words: cores, memory, processor family, versions."""

import os
import platform
from importlib.metadata import version
from pathlib import Path

PACKAGES = ("polars", "duckdb", "pyarrow", "deltalake", "numpy")
GIBI = 2**30


def machine() -> dict[str, str]:
    """Label -> text."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    versions = [f"{name} {version(name)}" for name in PACKAGES]
    return {
        "cores": str(os.cpu_count()),
        "memory": f"{memory / GIBI:.0f} GiB",
        "processor": _processor(),
        "versions": ", ".join([f"Python {platform.python_version()}", *versions]),
    }


def load() -> float:
    """Mean number of running processes in the last minute: above 1 before a run, others are at work."""
    return os.getloadavg()[0]


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
