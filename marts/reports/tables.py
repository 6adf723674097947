"""Tables of the report: real HTML tables with plain figures, a caption, and headers that a screen reader finds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from great_tables import GT, html

from marts.reading import Row
from marts.reports.words import NONE, amount, count, many, text


@dataclass(frozen=True)
class Column:
    """A column: its name in the rows, its heading (HTML), how a value is written (HTML), and whether it is a figure."""

    name: str
    heading: str
    written: Callable[[Any], str] = text
    figure: bool = False


def money(name: str, heading: str) -> Column:
    """A column of amounts, two decimals."""
    return Column(name, heading, amount, figure=True)


def number(name: str, heading: str) -> Column:
    """A column of counts."""
    return Column(name, heading, count, figure=True)


def table(
    ident: str,
    caption: str,
    columns: Sequence[Column],
    rows: Sequence[Row],
    *,
    totals: Row | None = None,
    left_out: int = 0,
    total_label: str = "",
) -> str:
    """An HTML table in a box that scrolls by itself. The first column heads its rows; `totals` are of all rows,
    `left_out` says how many of them are not shown. `ident` is unique on the page."""
    if not rows:
        return ""
    written = pl.DataFrame({column.name: [column.written(row[column.name]) for row in rows] for column in columns})
    made = GT(written, rowname_col=columns[0].name, id=ident).tab_stubhead(html(columns[0].heading))
    made = made.cols_label({column.name: html(column.heading) for column in columns[1:]})
    made = made.cols_align("left").cols_align("right", [column.name for column in columns if column.figure])
    made = made.fmt_passthrough([column.name for column in columns], escape=False)
    if totals is not None:
        label = total_label or ("All" if left_out else "Total")
        made = made.grand_summary_rows(fns={label: _totals(columns, totals)})
    return _framed(ident, caption, made.as_raw_html(), left_out, totals)


def _totals(columns: Sequence[Column], totals: Row) -> pl.Expr:
    written = {each.name: each.written(totals[each.name]) if each.name in totals else "" for each in columns[1:]}
    return pl.struct(pl.lit(value).alias(name) for name, value in written.items()).struct.unnest()


def _framed(ident: str, caption: str, page: str, left_out: int, totals: Row | None) -> str:
    """The table alone, without the library's own style sheet, under our caption."""
    bare = page[page.index("<table") : page.index("</table>")]
    head, _, body = bare.partition(">")
    more = f"{many(left_out, 'row')} more {'is' if left_out == 1 else 'are'} not shown"
    note = f'<p class="note">{more}{"; the last line counts all" if totals else ""}.</p>' if left_out else ""
    return (
        f'<div class="scroll" role="region" tabindex="0" aria-labelledby="{ident}-caption">'
        f'{head}><caption id="{ident}-caption"><span>{caption}</span></caption>{body}</table></div>{note}'
    )


def facts(pairs: Sequence[tuple[str, str]]) -> str:
    """Names and values (both HTML) below each other."""
    inside = "".join(f"<div><dt>{name}</dt><dd>{value or NONE}</dd></div>" for name, value in pairs)
    return f'<dl class="facts">{inside}</dl>'


def unfolded(summary: str, inside: str) -> str:
    """HTML that opens at a click, and is open on paper."""
    return f"<details><summary>{summary}</summary>{inside}</details>" if inside else ""


def month_ends(rows: Sequence[Row], months: int = 24) -> list[Row]:
    """Of rows by ascending business_date, the last of each month; of the latest months, the latest first."""
    ends = {row["business_date"].replace(day=1): row for row in rows}
    return list(ends.values())[-months:][::-1]
