-- How a dividend came about: a row per cohort, whose amounts add up to the ledger's dividend of that value date.
-- Points are those of the event: what refunds took later is put back. An entitlement is trunc(points x rate, 2) in exact
-- decimals; points are widened first, as a product of two DECIMAL(18) would overflow from 10,000.00 on.
create macro explain_dividend(holder_kind, id, value_date) as table
with paid as (
    select distinct l.pool, l.business_date
    from main.ledger as l
    where l.holder_kind = holder_kind
      and l.holder_id = id
      and l.value_date = cast(value_date as date)
      and l.business_date between cast(value_date as date) - 1 and cast(value_date as date)
      and l.kind = 'dividend'
      and l.origin = 'settlement'
),

events as (
    select e.pool, e.event_no, e.cutoff_date
    from main.pool_events as e
    join paid as p on e.pool = p.pool and e.cutoff_date = p.business_date
),

held as (
    select p.pool, p.cohort_no, p.points
    from main.positions as p
    join events as e using (pool)
    where p.holder_id = id
    union all
    select c.pool, c.cohort_no, -c.points
    from main.position_changes as c
    join events as e using (pool)
    where c.holder_id = id and c.business_date > e.cutoff_date
),

rated as (
    select
        e.pool,
        e.event_no,
        r.cohort_no,
        cast(sum(h.points) as decimal(38, 2)) as points,
        coalesce(any_value(b.cumulative_rate), 0) as rate_before,
        any_value(r.cumulative_rate) as rate_after
    from events as e
    join main.cohort_rates as r on r.pool = e.pool and r.event_no = e.event_no
    join held as h on h.pool = r.pool and h.cohort_no = r.cohort_no
    left join main.cohort_rates as b
        on b.pool = r.pool and b.cohort_no = r.cohort_no and b.event_no = r.event_no - 1
    group by e.pool, e.event_no, r.cohort_no
)

select
    pool,
    event_no,
    cohort_no,
    cast(points as decimal(18, 2)) as points,
    cast(rate_before as decimal(18, 12)) as rate_before,
    cast(rate_after as decimal(18, 12)) as rate_after,
    cast(trunc(points * rate_before, 2) as decimal(18, 2)) as entitled_before,
    cast(trunc(points * rate_after, 2) as decimal(18, 2)) as entitled_after,
    cast(trunc(points * rate_after, 2) - trunc(points * rate_before, 2) as decimal(18, 2)) as amount
from rated
where points <> 0
order by pool, cohort_no;
