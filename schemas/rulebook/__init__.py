"""The rulebook: what the business decided, by version, read from TOML (SPEC 11).

`load_rulebook` reads or refuses; a `Rulebook` says which rules judge a moment or a date.
"""

from schemas.rulebook.book import Rulebook
from schemas.rulebook.faults import Fault, RulebookError
from schemas.rulebook.ladder import Assessment, Level, Promotion
from schemas.rulebook.model import AgentTiers, Binding, Dividend, Earning, Intake, Mentoring, Referral, Rules
from schemas.rulebook.pools import Pool
from schemas.rulebook.reading import OWN, SHIPPED, load_rulebook, parse_rulebook, rulebook_from, rulebook_path
from schemas.rulebook.values import Fen, Pico

__all__ = [
    "OWN",
    "SHIPPED",
    "AgentTiers",
    "Assessment",
    "Binding",
    "Dividend",
    "Earning",
    "Fault",
    "Fen",
    "Intake",
    "Level",
    "Mentoring",
    "Pico",
    "Pool",
    "Promotion",
    "Referral",
    "Rulebook",
    "RulebookError",
    "Rules",
    "load_rulebook",
    "parse_rulebook",
    "rulebook_from",
    "rulebook_path",
]
