-- What refunds took from closed cohorts: with positions it gives what a holder held at the time of any event.
--
-- business_date: the day that booked the refunds
-- pool: the pool
-- cohort_no: the cohort
-- holder_id: the member or merchant
-- points: points taken, negative
-- bucket: where the lake keeps the holder: bucket_of(holder_id). A condition on it saves the reading of all others
select
    business_date,
    pool,
    cohort_no,
    holder_id,
    yuan(points_fen) as points,
    bucket
from lake.position_changes
order by business_date, pool, cohort_no, holder_id
