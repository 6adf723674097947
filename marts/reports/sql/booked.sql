-- What the ledger booked in the period: a row per kind and asset.
select
    kind,
    asset,
    count(*) as entries,
    sum(amount) as amount
from ledger
where business_date between getvariable('first') and getvariable('last')
group by kind, asset
order by asset, kind
