"""`settle rulebook check`."""

from pathlib import Path

from flows.answers import print_json
from flows.settings import SHANGHAI, Settings
from schemas.rulebook import load_rulebook, warnings


def check_rulebook(settings: Settings, file: Path) -> None:
    """Read a rulebook and tell its versions and what to think about. Raises ConfigurationError (10) if refused."""
    book = load_rulebook(file)
    remarks = warnings(book)
    starts = [rules.effective_from.astimezone(SHANGHAI) for rules in book.versions]
    if settings.as_json:
        answer = {"file": file, "versions": starts, "fingerprint": book.fingerprint, "warnings": remarks}
        print_json(answer)
        return
    print(f"{file}: good, {len(starts)} version{'s' if len(starts) > 1 else ''}")
    for start in starts:
        print(f"  in force from {start.isoformat()}")
    for remark in remarks:
        print(f"  warning: {remark}")
