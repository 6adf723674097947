-- What was restated of the month's closed days, and of any closed days in the month: a row per run that booked it, kind,
-- asset, and whether the days are the month's; kind and asset are null where the run moved no amount of the page.
with days as (
    select
        business_date,
        run_id,
        restated_date,
        restated_date between getvariable('first') and getvariable('last') as of_this_month
    from restated_days
    where
        restated_date between getvariable('first') and getvariable('last')
        or business_date between getvariable('first') and getvariable('last')
),

moved as (
    from restatements
    where {concerns}
)

select
    d.business_date,
    d.run_id,
    d.of_this_month,
    m.kind,
    m.asset,
    count(distinct d.restated_date) as days,
    min(d.restated_date) as first_day,
    max(d.restated_date) as last_day,
    count(distinct (m.holder_kind, m.holder_id)) filter (m.kind is not null) as holders,
    cast(coalesce(sum(m.difference), 0) as decimal(18, 2)) as difference
from days as d
left join moved as m using (business_date, run_id, restated_date)
group by d.business_date, d.run_id, d.of_this_month, m.kind, m.asset
qualify m.kind is not null or count(m.kind) over (partition by d.business_date, d.run_id, d.of_this_month) = 0
order by d.business_date, d.run_id, d.of_this_month desc, m.asset, m.kind
