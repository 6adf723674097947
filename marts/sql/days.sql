-- Every settled day: how many rows came in, what they were worth, what was conceded and paid.
--
-- business_date: the day
-- rows_in: rows of all its feeds
-- rows_booked: of those, booked
-- rows_quarantined: of those, quarantined
-- concession: net concession booked, in yuan
-- dividends: dividends decided, net of clawbacks
-- quarantine_accepted: the operator accepted a quarantine over the limit
-- run_id: the run that settled it
select
    business_date,
    rows_in,
    rows_booked,
    rows_quarantined,
    yuan(concession_fen) as concession,
    yuan(dividend_fen) as dividends,
    accepted as quarantine_accepted,
    run_id
from lake.days
order by business_date
