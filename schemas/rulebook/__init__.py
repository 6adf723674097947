"""The rulebook: what the business decided, by version, read from TOML (SPEC 11).

`load_rulebook` reads or refuses; a `Rulebook` says which rules judge a moment or a date; `warnings` doubts.
"""

from schemas.rulebook.book import Rulebook
from schemas.rulebook.costs import commissions_per_yuan, rewards_per_yuan
from schemas.rulebook.faults import Fault, RulebookError
from schemas.rulebook.ladder import Assessment, Level, Promotion
from schemas.rulebook.model import AgentTiers, Binding, Dividend, Earning, Intake, Mentoring, Referral, Rules
from schemas.rulebook.pools import Pool
from schemas.rulebook.reading import OWN, SHIPPED, load_rulebook, parse_rulebook, rulebook_from, rulebook_path
from schemas.rulebook.remarks import warnings
from schemas.rulebook.steady import promised, six_places, steady_dividends, steady_needs
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
    "commissions_per_yuan",
    "load_rulebook",
    "parse_rulebook",
    "promised",
    "rewards_per_yuan",
    "rulebook_from",
    "rulebook_path",
    "six_places",
    "steady_dividends",
    "steady_needs",
    "warnings",
]
