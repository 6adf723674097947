-- Where each pool stands at the end of the period, and its last event. A row per pool.
with standing as (
    select
        pool,
        sum(inflow) filter (business_date >= getvariable('first')) as inflow,
        max_by(value, business_date) as value
    from pool_days
    where business_date <= getvariable('last')
    group by pool
),

events as (
    select
        pool,
        max(event_no) as event_no,
        max_by(value_date, event_no) as value_date,
        max_by(next_baseline, event_no) as baseline,
        count(*) filter (cutoff_date >= getvariable('first')) as events_in_period
    from pool_events
    where cutoff_date <= getvariable('last')
    group by pool
)

select
    s.pool,
    s.value,
    s.inflow,
    coalesce(e.event_no, 0) as event_no,
    e.value_date,
    e.baseline,
    coalesce(e.events_in_period, 0) as events_in_period
from standing as s
left join events as e using (pool)
order by s.value desc, s.pool
