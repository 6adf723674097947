-- The period's rows and what they came to. One row.
select
    count(*) as days,
    cast(sum(rows_in) as bigint) as rows_in,
    cast(sum(rows_booked) as bigint) as rows_booked,
    cast(sum(rows_quarantined) as bigint) as rows_quarantined,
    sum(concession) as concession,
    sum(dividends) as dividends,
    count(*) filter (quarantine_accepted) as days_accepted
from days
where business_date between getvariable('first') and getvariable('last')
