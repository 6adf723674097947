-- Every event of a pool: when it paid, why, and how much.
--
-- pool: the pool
-- event_no: 期, 1 is the launch
-- cutoff_date: lots up to this day take part; the run of this day decided the event
-- value_date: the day its amounts count from, the day after the cut-off
-- trigger: launch, growth (the target was reached) or deadline (it was time)
-- baseline: the value that growth is measured from, before the event; of a launch, the threshold
-- value: the pool's value on the cut-off date
-- growth: growth since the baseline; the target if it was reached; rounded down
-- holders: holders whose dividend is not zero
-- amount: the sum of their dividends, in vouchers
-- shortfall: the part of the need that the budget did not cover
-- next_baseline: the value that the next growth is measured from
select
    pool,
    event_no,
    cutoff_date,
    value_date,
    "trigger",
    yuan(baseline_fen) as baseline,
    yuan(value_fen) as value,
    rate(growth_pico) as growth,
    holders,
    yuan(amount_fen) as amount,
    yuan(shortfall_fen) as shortfall,
    yuan(next_baseline_fen) as next_baseline
from lake.pool_events
order by pool, event_no
