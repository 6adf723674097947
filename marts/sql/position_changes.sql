-- What refunds took from closed cohorts: with positions it gives what a holder held at the time of any event.
--
-- business_date: the day that booked the refunds
-- pool: the pool
-- cohort_no: the cohort
-- holder_id: the member or merchant
-- points: points taken, negative
select
    business_date,
    pool,
    cohort_no,
    holder_id,
    yuan(points_fen) as points
from lake.position_changes
order by business_date, pool, cohort_no, holder_id
