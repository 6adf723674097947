-- Voucher and coin balances below zero at the end of the period: of the last settled day as published, else from the
-- ledger.
with standing as (
    select
        holder_kind,
        holder_id,
        asset,
        balance
    from exceptions
    where getvariable('last') = (select max(business_date) from days)
    union all
    select
        holder_kind,
        holder_id,
        asset,
        sum(amount) as balance
    from ledger
    where
        getvariable('last') < (select max(business_date) from days)
        and business_date <= getvariable('last')
        and asset in ('voucher', 'coins')
    group by holder_kind, holder_id, asset
)

select
    holder_kind,
    holder_id,
    asset,
    balance
from standing
where balance < 0
