"""The page: headline, sections, and a style sheet, in one file that loads nothing."""

from collections.abc import Sequence
from html import escape
from importlib.resources import files

from marts.reports.figures import Figures
from marts.reports.headline import key_figures, lead, story, title
from marts.reports.outlook import Outlook
from marts.reports.sections import Section
from marts.reports.sections.forecast import forecast_section
from marts.reports.sections.holders import agents_section, merchants_section, promoters_section
from marts.reports.sections.pools import pools_section
from marts.reports.sections.quality import audit_section, controls_section, exceptions_section, quarantine_section
from marts.reports.sections.restated import restated_section
from marts.reports.sections.solvency import solvency_section
from marts.reports.words import chinese

POLICY = "default-src 'none'; style-src 'unsafe-inline'"
"""The browser itself sees to it that the page loads nothing from anywhere and runs no script."""


def report_page(found: Figures, outlook: Outlook) -> str:
    """The report of a period as one HTML document."""
    sections = _sections(found, outlook)
    links = "".join(f'<li><a href="#{each.ident}">{each.heading}</a></li>' for each in sections)
    paragraphs = "".join(f"<p>{words}</p>" for words in story(found, outlook.forecast))
    style = files("marts.reports").joinpath("style.css").read_text(encoding="utf-8")
    alarm = ' class="alarm"' if found.failed_controls or found.solvency[-1]["fund_balance"] < 0 else ""
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title(found))} · green points</title>
<style>
{style}</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
<header>
<p class="kicker">Green points {chinese("绿色积分")} · {_kind(found)}</p>
<h1>{escape(title(found))}</h1>
<p id="lead"{alarm}>{lead(found)}</p>
</header>
<main id="main" tabindex="-1">
{key_figures(found)}
<div class="story">{paragraphs}</div>
<nav aria-label="Sections"><ul>{links}</ul></nav>
{"".join(_framed(each) for each in sections)}
</main>
<footer><p>Amounts in yuan unless said otherwise, exact to the fen. Charts draw what stands in the tables.</p></footer>
</body>
</html>
"""


def _kind(found: Figures) -> str:
    return f"month {chinese('月报')}" if found.period.is_month else f"night {chinese('日报')}"


def _sections(found: Figures, outlook: Outlook) -> Sequence[Section]:
    monthly = [promoters_section(found, outlook.titles), agents_section(found)] if _month_ends(found) else []
    return (
        pools_section(found, outlook),
        solvency_section(found),
        forecast_section(found, outlook),
        merchants_section(found),
        *monthly,
        *restated_section(found),
        quarantine_section(found),
        exceptions_section(found),
        controls_section(found),
        audit_section(found, outlook),
    )


def _month_ends(found: Figures) -> bool:
    """Whether promoters and agents were reckoned in the period, or would have been."""
    return found.period.is_month or found.promoters.count > 0 or found.agents.count > 0


def _framed(section: Section) -> str:
    heading = f'<h2 id="{section.ident}-heading">{section.heading} {chinese(section.term)}</h2>'
    return (
        f'<section id="{section.ident}" aria-labelledby="{section.ident}-heading">{heading}{section.body}</section>\n'
    )
