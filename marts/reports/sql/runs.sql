-- The runs whose result the period's days show, the latest first.
with shown as (
    select
        run_id,
        count(*) as days
    from days
    where business_date between getvariable('first') and getvariable('last')
    group by run_id
)

select
    r.run_id,
    r.kind,
    s.days,
    strftime(r.finished_at, '%Y-%m-%d %H:%M:%S %Z') as finished_at,
    r.rulebook_fingerprint,
    r.input_fingerprint,
    r.record_hash
from shown as s
join runs as r using (run_id)
order by r.finished_at desc, r.run_id desc
