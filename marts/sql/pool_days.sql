-- What flowed into each pool 积分池 on each settled day, and what it was worth at the end of it.
--
-- pool: the pool's name in the rulebook
-- business_date: the day
-- inflow: net points booked on the day, refunds negative
-- value: 分红值, the sum of all inflows up to the day; neither dividends nor retirements lower it
select
    pool,
    business_date,
    yuan(inflow_fen) as inflow,
    yuan(value_fen) as value
from lake.pool_days
order by pool, business_date
