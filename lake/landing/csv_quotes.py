"""Whether the quotes of a CSV file are where SPEC 2 allows them, told from its bytes alone.

A quote opens a cell at its beginning, is doubled inside, and is followed by a comma or the line's end. Where that holds
for every quote, each second one closes what the one before it has opened (a doubled quote closes and opens again), and
nobody can disagree about which commas and line ends are inside a cell. Hence two questions: what stands before a quote
that opens, and what stands behind one that closes. They are asked of 64 bytes at once, one bit a byte: a file in which
every cell is quoted may not take much longer than one without a quote.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

_Codes = npt.NDArray[np.uint8]
_Words = npt.NDArray[np.uint64]

_QUOTE: Final = ord('"')
_ALLOWED: Final = frozenset(b',\r\n"')
"""What may stand before a quote that opens, and behind one that closes."""
_AT_ONCE: Final = 1 << 18
"""Bytes that are looked at together, so that what is made of them stays in the processor's cache."""
_ONE, _TOP = np.uint64(1), np.uint64(63)


@dataclass(frozen=True)
class QuoteFault:
    """A quote that is not allowed, by its offset. `opened`: the quote before it, if that has opened the cell which
    this one should have closed; None if it stands in a cell that no quote has opened."""

    at: int
    opened: int | None = None


class Quotes:
    """The quotes of a file, block by block. `fault`: the first that is not allowed."""

    def __init__(self) -> None:
        self.fault: QuoteFault | None = None
        self.open_since: int | None = None
        """The quote that opened the cell in which the bytes seen so far end; None outside of quotes."""
        self._seen = 0
        self._last = ord("\n")
        self._closed: QuoteFault | None = None
        """A quote that closed a cell with the last byte seen: at fault, if the next byte is not allowed there."""

    def see(self, block: bytes) -> None:
        """Look at the next bytes; nothing more once a fault is found."""
        for start in range(0, len(block), _AT_ONCE):
            if self.fault is None:
                self._see(block[start : start + _AT_ONCE] if len(block) > _AT_ONCE else block)

    def _see(self, block: bytes) -> None:
        if self._closed and block[0] not in _ALLOWED:
            self.fault = self._closed
            return
        self._closed = None
        last = block.rfind(b'"')
        if last >= 0:
            self._look(block, last)
        self._seen += len(block)
        self._last = block[-1]

    def _look(self, block: bytes, last: int) -> None:
        """`last`: where the last quote of the block is."""
        sound, inside = _sound(block, inside=self.open_since is not None, before=self._last)
        if not sound:
            self.fault = self._first_fault(block)
        elif inside:
            self.open_since = self._seen + last
        else:
            earlier = block.rfind(b'"', 0, last)
            opened = self._seen + earlier if earlier >= 0 else self.open_since
            self._closed = QuoteFault(self._seen + last, opened) if last == len(block) - 1 else None
            self.open_since = None

    def _first_fault(self, block: bytes) -> QuoteFault:
        """The first fault of a block that has one, quote by quote."""
        opened, at = self.open_since, -1
        while (at := block.find(b'"', at + 1)) >= 0:
            before = block[at - 1] if at else self._last
            behind = block[at + 1 : at + 2]
            if opened is None and before not in _ALLOWED:
                return QuoteFault(self._seen + at)
            if opened is not None and behind and behind[0] not in _ALLOWED:
                return QuoteFault(self._seen + at, opened)
            opened = self._seen + at if opened is None else None
        raise AssertionError("the block has a fault")


def _sound(block: bytes, *, inside: bool, before: int) -> tuple[bool, bool]:
    """Whether all quotes of a block are where they may be, and whether it ends inside of quotes.

    `inside`: whether it begins there; `before`: the byte before it. Nothing is said of what follows on the last byte.
    """
    codes = np.frombuffer(block, np.uint8)
    is_quote = codes == _QUOTE
    allowed = (codes == ord(",")) | (codes == ord("\n")) | (codes == ord("\r")) | is_quote
    quotes, beside = _bits(is_quote), _bits(allowed)
    within = _within(quotes, inside)
    behind = beside >> _ONE
    behind[:-1] |= beside[1:] << _TOP
    behind[(len(block) - 1) // 64] |= _ONE << np.uint64((len(block) - 1) % 64)
    ahead = beside << _ONE
    ahead[1:] |= beside[:-1] >> _TOP
    ahead[0] |= np.uint64(before in _ALLOWED)
    # A quote that opens is within itself; one that closes is not.
    wrong = quotes & ~((within & ahead) | (~within & behind))
    return not wrong.any(), bool(within[-1] >> _TOP)


def _bits(flags: npt.NDArray[np.bool_]) -> _Words:
    """One bit a flag, the first one lowest, in words of 64; zeros after the last."""
    packed = np.packbits(flags, bitorder="little")
    words = np.zeros(-(-packed.size // 8), "<u8")
    words.view(np.uint8)[: packed.size] = packed
    return words


def _within(quotes: _Words, inside: bool) -> _Words:
    """The bytes with an odd number of quotes up to them, themselves included: from a quote that opens to the byte
    before the one that closes. `inside`: whether one is open before."""
    within = quotes.copy()
    for shift in (1, 2, 4, 8, 16, 32):
        within ^= within << np.uint64(shift)
    odd = np.bitwise_xor.accumulate(within >> _TOP)
    odd ^= np.uint64(inside)
    turned = np.concatenate([[np.uint64(inside)], odd[:-1]])
    within ^= np.negative(turned)  # all ones, or nothing
    return within
