-- How a dividend came about: a row per cohort, whose amounts add up to the ledger's dividend of that value date.
--
-- pool: the pool that paid
-- event_no: its event
-- cohort_no: the cohort, named by the event that closed it
-- points: what the holder had in it at the event; what refunds took later is put back
-- rate_before: the cohort's cumulative rate before the event
-- rate_after: the same after it
-- entitled_before: points x rate_before, cut to 0.01
-- entitled_after: points x rate_after, cut to 0.01
-- amount: entitled_after - entitled_before, the cohort's part of the dividend
--
-- Written for DuckDB 1.2, which opens the file: its trunc takes no number of places.
-- Entitlements are exact decimals, widened first, as a product of two DECIMAL(18) would overflow from 10,000.00 on.
-- Aliases begin with an underscore so that they do not capture a caller's:
-- explain_dividend(l.holder_kind, l.holder_id, l.value_date).
create macro explain_dividend(holder_kind, id, value_date) as table
with _paid as (
    select distinct _l.pool, _l.business_date
    from main.ledger as _l
    where _l.bucket = bucket_of(id)
      and _l.holder_kind = holder_kind
      and _l.holder_id = id
      and _l.value_date = cast(value_date as date)
      and _l.business_date between cast(value_date as date) - 1 and cast(value_date as date)
      and _l.kind = 'dividend'
      and _l.origin = 'settlement'
),

_events as (
    select _e.pool, _e.event_no, _e.cutoff_date
    from main.pool_events as _e
    join _paid on _e.pool = _paid.pool and _e.cutoff_date = _paid.business_date
),

_held as (
    select _p.pool, _p.cohort_no, _p.points
    from main.positions as _p
    join _events on _events.pool = _p.pool
    where _p.bucket = bucket_of(id) and _p.holder_id = id
    union all
    select _c.pool, _c.cohort_no, -_c.points
    from main.position_changes as _c
    join _events on _events.pool = _c.pool
    where _c.bucket = bucket_of(id) and _c.holder_id = id and _c.business_date > _events.cutoff_date
),

_rated as (
    select
        _events.pool,
        _events.event_no,
        _r.cohort_no,
        cast(sum(_held.points) as decimal(38, 2)) as points,
        coalesce(any_value(_b.cumulative_rate), 0) as rate_before,
        any_value(_r.cumulative_rate) as rate_after
    from _events
    join main.cohort_rates as _r on _r.pool = _events.pool and _r.event_no = _events.event_no
    join _held on _held.pool = _r.pool and _held.cohort_no = _r.cohort_no
    left join main.cohort_rates as _b
        on _b.pool = _r.pool and _b.cohort_no = _r.cohort_no and _b.event_no = _r.event_no - 1
    group by _events.pool, _events.event_no, _r.cohort_no
),

_entitled as (
    select
        _rated.*,
        trunc(_rated.points * _rated.rate_before * 100) * 0.01 as entitled_before,
        trunc(_rated.points * _rated.rate_after * 100) * 0.01 as entitled_after
    from _rated
    where _rated.points <> 0
)

select
    _entitled.pool,
    _entitled.event_no,
    _entitled.cohort_no,
    cast(_entitled.points as decimal(18, 2)) as points,
    cast(_entitled.rate_before as decimal(18, 12)) as rate_before,
    cast(_entitled.rate_after as decimal(18, 12)) as rate_after,
    cast(_entitled.entitled_before as decimal(18, 2)) as entitled_before,
    cast(_entitled.entitled_after as decimal(18, 2)) as entitled_after,
    cast(_entitled.entitled_after - _entitled.entitled_before as decimal(18, 2)) as amount
from _entitled
order by _entitled.pool, _entitled.cohort_no;
