"""Charts of the report: Vega-Lite drawn to static SVG once for wide and once for narrow pages, no script left in it.

The SVG holds the colours of the light scheme; `style.css` gives each of them its dark counterpart. Amounts travel as
text and become numbers in the drawing alone: a line on a page is no amount.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from html import escape
from typing import Any, Final

import altair as alt
import vl_convert

from marts.reading import Row

INK, MUTED, GRID, PAPER = "#1c2420", "#58635d", "#d9ded9", "#fcfcfa"
FIRST, SECOND, ALARM = "#1b6b4a", "#9a5b00", "#b3261e"
PALETTE: Final = (INK, MUTED, GRID, PAPER, FIRST, SECOND, ALARM)
"""No chart has another colour."""
WIDE, NARROW, HEIGHT = 720, 350, 220
POINTS: Final = 240
"""Points of a line: more cannot be told apart."""

Drawing = Callable[[int], alt.TopLevelMixin]
"""A chart of a given width."""
_FONT = "system-ui, -apple-system, 'Segoe UI', 'Noto Sans', 'PingFang SC', 'Microsoft YaHei', sans-serif"
_CONFIG: dict[str, Any] = {
    "aria": False,
    "background": "transparent",
    "font": _FONT,
    "view": {"stroke": None},
    "axis": {
        "domainColor": MUTED,
        "gridColor": GRID,
        "tickColor": MUTED,
        "labelColor": MUTED,
        "titleColor": MUTED,
        "labelFontSize": 12,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 8,
    },
    "legend": {
        "orient": "top",
        "title": None,
        "labelColor": INK,
        "labelFontSize": 12,
        "labelLimit": 300,
        # Readers' fonts may be wider than the one that the drawing was measured with.
        "columnPadding": 36,
        "symbolStrokeWidth": 2,
    },
}


def figure(draw: Drawing, says: str, shows: str) -> str:
    """A chart in both widths. `says`: what it shows, for whoever cannot see it; `shows`: its title, HTML."""
    drawn = "".join(_svg(draw(width), says, name) for name, width in (("wide", WIDE), ("narrow", NARROW)))
    return f"<figure><figcaption>{shows}</figcaption>{drawn}</figure>"


def _svg(chart: alt.TopLevelMixin, says: str, name: str) -> str:
    drawn = vl_convert.vegalite_to_svg({**chart.to_dict(validate=False), "config": _CONFIG})
    # Roles of its parts have no meaning inside an image; the name spaces are implied in HTML.
    bare = re.sub(r' (xmlns(:xlink)?|version|class|role|aria-[a-z]+)="[^"]*"', "", drawn)
    return bare.replace("<svg", f'<svg class="chart {name}" role="img" aria-label="{escape(says)}"', 1)


def data(rows: Sequence[Row]) -> dict[str, Any]:
    """Rows for a chart: dates as ISO text, amounts and rates as decimal text that the drawing reads as numbers."""
    numbers = {name: "number" for row in rows for name, value in row.items() if isinstance(value, Decimal)}
    values = [{name: _plain(value) for name, value in row.items()} for row in rows]
    return {"values": values, "format": {"parse": numbers}}


def thinned(rows: Sequence[Row]) -> list[Row]:
    """As many rows as a line can show, the last one among them."""
    step = -(-len(rows) // POINTS)
    return list(rows[(len(rows) - 1) % step :: step]) if rows else []


def days_axis(width: int) -> alt.Axis:
    """An axis of dates with as many labels as there is room for, and none between two days."""
    whole_days = "hours(datum.value) == 0 ? datum.label : ''"
    return alt.Axis(
        title=None, grid=False, labelExpr=whole_days, tickCount=width // 90, labelOverlap=True, labelSeparation=8
    )


def amounts_axis(title: str | None) -> alt.Axis:
    """An axis of amounts: 20k, 1.5M."""
    plain_zero = "datum.value == 0 ? '0' : datum.label"
    return alt.Axis(title=title, format="~s", labelExpr=plain_zero, tickCount=5, domain=False, ticks=False)


def coverage_axis() -> alt.Axis:
    """An axis of coverage: 100 %, 250 %."""
    return alt.Axis(title="coverage", format="%", tickCount=4, domain=False, ticks=False)


def fund_is_empty() -> alt.Chart:
    """The line of 100 % coverage. Thin and whole: the paths that may run along it are thick or dashed."""
    line: alt.Chart = alt.Chart(data([{"y": 1}])).mark_rule(color=MUTED, strokeWidth=1).encode(y="y:Q")
    return line


def _plain(value: object) -> object:
    if isinstance(value, date):
        # With a time it is read as local time, as the axis is drawn, whatever zone the machine lives in.
        return f"{value.isoformat()}T00:00:00"
    return str(value) if isinstance(value, Decimal) else value
