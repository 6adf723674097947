-- Points per holder in each closed cohort, retired ones included, net of refunds; positions of zero are left out.
--
-- pool: the pool
-- cohort_no: the cohort
-- holder_id: the member or merchant
-- points: points held, as they count for dividends
-- bucket: where the lake keeps the holder: bucket_of(holder_id). A condition on it saves the reading of all others
with changes as (
    select pool, cohort_no, bucket, holder_id, sum(points_fen) as points_fen
    from lake.position_changes
    group by all
)

select
    p.pool,
    p.cohort_no,
    p.holder_id,
    yuan(p.points_fen + coalesce(c.points_fen, 0)) as points,
    p.bucket
from lake.positions as p
left join changes as c using (pool, cohort_no, bucket, holder_id)
where p.points_fen + coalesce(c.points_fen, 0) <> 0
order by p.pool, p.cohort_no, p.holder_id
