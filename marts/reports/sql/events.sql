-- Every event up to the end of the period, the latest first. `covered` and `beyond`: the parts of its dividends that the
-- budget bore and did not bear.
select
    pool,
    event_no,
    cutoff_date,
    value_date,
    "trigger",
    baseline,
    value,
    growth,
    holders,
    amount,
    shortfall,
    greatest(amount - shortfall, 0.00) as covered,
    least(amount, shortfall) as beyond,
    cutoff_date >= getvariable('first') as in_period
from pool_events
where cutoff_date <= getvariable('last')
order by cutoff_date desc, pool
