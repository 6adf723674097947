"""The report's sections, one subject a module: figures in, HTML out."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Section:
    """A part of the page: `ident` for links, a heading in English and Chinese, and its HTML."""

    ident: str
    heading: str
    term: str
    body: str
