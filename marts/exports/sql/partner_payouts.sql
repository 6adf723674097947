-- What each partner earned in the month and is owed after it.
--
-- partner_id: the partner 合伙人
-- opening: owed before the month
-- partner_share: earned in the month
-- payouts: 已付, what was paid out in the month
-- closing: 应付, owed after it; below zero, the partner owes it
select
    holder_id as partner_id,
    cast(coalesce(sum(amount) filter (business_date < getvariable('first')), 0) as decimal(18, 2)) as opening,
    cast(
        coalesce(sum(amount) filter (kind = 'partner_share' and business_date >= getvariable('first')), 0)
        as decimal(18, 2)
    ) as partner_share,
    cast(
        coalesce(-sum(amount) filter (kind = 'payout' and business_date >= getvariable('first')), 0)
        as decimal(18, 2)
    ) as payouts,
    cast(sum(amount) as decimal(18, 2)) as closing
from ledger
where holder_kind = 'partner' and asset = 'cash' and business_date <= getvariable('last')
group by holder_id
order by partner_id
