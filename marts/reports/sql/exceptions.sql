-- Balances of vouchers, coins and cash below zero at the end of the period, and since when: of the last settled day as
-- published, else from the ledger.
with is_last as (
    select getvariable('last') = max(business_date) as published
    from days
),

below_zero as (
    select
        holder_kind,
        holder_id,
        asset,
        sum(amount) as balance
    from ledger
    where
        not (select published from is_last)
        and business_date <= getvariable('last')
        and asset in ('voucher', 'coins', 'cash')
    group by holder_kind, holder_id, asset
    having sum(amount) < 0
),

by_day as (
    select
        holder_kind,
        holder_id,
        asset,
        business_date,
        sum(amount) as amount
    from ledger
    semi join below_zero using (holder_kind, holder_id, asset)
    where not (select published from is_last) and business_date <= getvariable('last')
    group by holder_kind, holder_id, asset, business_date
),

ends as (
    select
        holder_kind,
        holder_id,
        asset,
        business_date,
        sum(amount) over (partition by holder_kind, holder_id, asset order by business_date) as balance
    from by_day
),

good as (
    select
        holder_kind,
        holder_id,
        asset,
        max(business_date) as last_good
    from ends
    where balance >= 0
    group by holder_kind, holder_id, asset
),

reckoned as (
    select
        holder_kind,
        holder_id,
        asset,
        b.balance,
        min(e.business_date) as since
    from below_zero as b
    join ends as e using (holder_kind, holder_id, asset)
    left join good as g using (holder_kind, holder_id, asset)
    where g.last_good is null or e.business_date > g.last_good
    group by holder_kind, holder_id, asset, b.balance
)

select
    holder_kind,
    holder_id,
    asset,
    balance,
    since,
    cast(getvariable('last') - since as bigint) as days_below_zero
from (
    select
        holder_kind,
        holder_id,
        asset,
        balance,
        since
    from exceptions
    where (select published from is_last)
    union all
    from reckoned
)
