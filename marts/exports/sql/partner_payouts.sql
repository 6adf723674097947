-- What each partner earned in the month and is owed after it.
--
-- partner_id: the partner 合伙人
-- opening: owed before the month
-- partner_share: earned in the month
-- payouts: 已付, what was paid out in the month
-- closing: 应付, owed after it: opening + partner_share - payouts + restated; below zero, the partner owes it
-- restated: 重述, cash that restatements of closed days booked in the month; of which days they are, says the list of restatements
-- correction: what restatements, whenever booked, have changed about this month's days: what was earned less payouts, corrected less posted
-- corrected_partner_share: as corrected since
-- corrected_payouts: as corrected since
with booked as (
    select
        holder_id as partner_id,
        sum(amount) filter (business_date < getvariable('first')) as opening,
        sum(amount) filter (kind = 'partner_share' and settled) as partner_share,
        -sum(amount) filter (kind = 'payout' and settled) as payouts,
        sum(amount) filter (business_date >= getvariable('first') and not settled) as restated,
        sum(amount) as closing
    from (
        select
            *,
            business_date >= getvariable('first') and origin = 'settlement' as settled
        from ledger
    )
    where holder_kind = 'partner' and asset = 'cash' and business_date <= getvariable('last')
    group by holder_id
),

rebooked as (
    select
        holder_id as partner_id,
        sum(difference) as correction,
        sum(difference) filter (kind = 'partner_share') as partner_share,
        -sum(difference) filter (kind = 'payout') as payouts
    from restatements
    where
        holder_kind = 'partner'
        and asset = 'cash'
        and restated_date between getvariable('first') and getvariable('last')
    group by holder_id
)

select
    partner_id,
    cast(coalesce(b.opening, 0) as decimal(18, 2)) as opening,
    cast(coalesce(b.partner_share, 0) as decimal(18, 2)) as partner_share,
    cast(coalesce(b.payouts, 0) as decimal(18, 2)) as payouts,
    cast(coalesce(b.closing, 0) as decimal(18, 2)) as closing,
    cast(coalesce(b.restated, 0) as decimal(18, 2)) as restated,
    cast(coalesce(c.correction, 0) as decimal(18, 2)) as correction,
    cast(coalesce(b.partner_share, 0) + coalesce(c.partner_share, 0) as decimal(18, 2)) as corrected_partner_share,
    cast(coalesce(b.payouts, 0) + coalesce(c.payouts, 0) as decimal(18, 2)) as corrected_payouts
from booked as b
full join rebooked as c using (partner_id)
order by partner_id
