"""The report's colours stand out from what is behind them, light and dark, by WCAG 2's measure."""

import re
from importlib.resources import files
from itertools import product

import pytest

from marts.reports import charts

TEXT, MARK = 4.5, 3.0
"""Contrast that text needs (success criterion 1.4.3, level AA), and marks of a chart (1.4.11)."""
STYLE = (files("marts.reports") / "style.css").read_text(encoding="utf-8")
SCREEN, DARK = STYLE.split("@media print")[0].split("@media (prefers-color-scheme: dark)")
DARK = DARK.split("\n}\n")[0]
LIGHT = SCREEN
DARKER = dict(re.findall(r'\[fill="(#[0-9a-f]{6})"\] \{ fill: (#[0-9a-f]{6}); \}', DARK))
"""What becomes of a chart's colours in the dark."""


def variables(scheme: str) -> dict[str, str]:
    return dict(re.findall(r"--([a-z]+): (#[0-9a-f]{6});", scheme))


def luminance(colour: str) -> float:
    parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted(map(luminance, (one, other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_the_measure() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("scheme", [LIGHT, DARK], ids=["light", "dark"])
def test_text_is_legible(scheme: str) -> None:
    colours = variables(scheme)
    assert set(colours) == {"paper", "raised", "ink", "muted", "line", "accent", "alarm"}
    for text, behind in product(("ink", "muted", "accent", "alarm"), ("paper", "raised")):
        assert contrast(colours[text], colours[behind]) >= TEXT, (text, behind)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_charts_are_legible(dark: bool) -> None:
    paper = variables(DARK if dark else LIGHT)["paper"]

    def seen(colour: str) -> str:
        return DARKER[colour] if dark else colour

    assert seen(charts.PAPER) == paper, "hollow marks show what is behind them"
    for words in (charts.INK, charts.MUTED):
        assert contrast(seen(words), paper) >= TEXT
    for mark in (charts.FIRST, charts.SECOND, charts.ALARM):
        assert contrast(seen(mark), paper) >= MARK


def test_a_colour_is_as_dark_as_a_line_as_it_is_as_an_area() -> None:
    lines = re.findall(r'\[stroke="(#[0-9a-f]{6})"\] \{ stroke: (#[0-9a-f]{6}); \}', DARK)
    assert dict(lines) == DARKER
    assert set(DARKER) == set(charts.PALETTE)
