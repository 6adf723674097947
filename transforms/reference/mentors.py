"""Mentors of promoters: who has whom, and that nobody is its own mentor in the end (SPEC 2)."""

from schemas.reference import Sheet
from transforms.reference.rules import refuse


def refuse_mentor_cycles(promoters: Sheet) -> None:
    """Refuse the row with which a circle of mentors comes to exist on any date, naming its members.

    Rows count in the order of valid_from; those of one date count together. A circle must contain a promoter
    whose row has just begun, so it is enough to walk up from those. Promoters are few: a plain loop.
    """
    mentors: dict[int, int | None] = {}
    rows = promoters.frame.sort("valid_from", "promoter_id").select(
        "promoter_id", "mentor_id", "valid_from", "position"
    )
    for changes in rows.partition_by("valid_from", maintain_order=True):
        mentors.update(changes.select("promoter_id", "mentor_id").iter_rows())
        for promoter, day, position in changes.select("promoter_id", "valid_from", "position").iter_rows():
            circle = _circle(promoter, mentors)
            if circle:
                names = " -> ".join(map(str, circle))
                refuse(promoters, position, f"mentor cycle from {day} on: {names}")


def _circle(start: int, mentors: dict[int, int | None]) -> list[int]:
    """The way up from a promoter back to itself; empty if it ends elsewhere."""
    way, seen = [start], {start}
    while (mentor := mentors.get(way[-1])) is not None:
        way.append(mentor)
        if mentor in seen:
            return way if mentor == start else []
        seen.add(mentor)
    return []
