-- What each cohort had been paid, per point, after each event.
--
-- pool: the pool
-- cohort_no: the event that closed the cohort
-- event_no: the event that paid
-- payout_no: how many payouts the cohort has had with it
-- rate: the rate of this payout, as if paid in full
-- cumulative_rate: all rates paid so far, funding and ceiling applied: a holder with p points has had trunc(p x this)
select
    pool,
    cohort_no,
    event_no,
    payout_no,
    rate(rate_pico) as rate,
    rate(cumulative_pico) as cumulative_rate
from lake.cohort_rates
order by pool, cohort_no, event_no
