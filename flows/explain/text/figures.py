"""Figures as they are read aloud: hundredths and rates in plain decimals, moments in Shanghai's time."""

from datetime import datetime
from decimal import Decimal

from flows.settings import told
from schemas.rulebook.decimals import AMOUNT_PLACES, RATE_PLACES, decimal_text

PRODUCT_PLACES = AMOUNT_PLACES + RATE_PLACES
"""Places of hundredths times a rate."""


def money(fen: int) -> str:
    """`123456` is `1,234.56`."""
    return f"{Decimal(fen).scaleb(-2):,}"


def signed(fen: int) -> str:
    """`115` is `+1.15`."""
    return f"{Decimal(fen).scaleb(-2):+,}"


def percent(pico: int) -> str:
    """`10_750_000_000` is `1.075 %`."""
    return f"{decimal_text(pico * 100, RATE_PLACES)} %"


def number(pico: int) -> str:
    """`5_000_000_000_000` is `5`."""
    return decimal_text(pico, RATE_PLACES)


def product(fen: int, pico: int) -> str:
    """An amount times a rate, before any rounding: `9999` at 8 % is `7.9992`."""
    return f"{Decimal(decimal_text(fen * pico, PRODUCT_PLACES)):,}"


def cut(fen: int, pico: int, result: int, word: str = "cut") -> str:
    """The product, and what rounding made of it where that is not the same: `7.9992, rounded to 8.00`."""
    same = fen * pico == result * 10**RATE_PLACES
    return money(result) if same else f"{product(fen, pico)}, {word} to {money(result)}"


def moment(at: datetime) -> str:
    """Shanghai's time to the second, with its zone: `2025-03-16 02:20:00 +08:00`."""
    return told(at)
