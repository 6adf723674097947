-- What was restated: every amount of this month's closed days that was corrected since, and every correction of closed
-- days that was booked in this month; cash and vouchers.
--
-- business_date: the day that booked it
-- run_id: the run that booked it
-- restated_date: the closed day that it corrects
-- value_date: the day the amount counts from
-- holder_kind: member, merchant, promoter, agent or partner
-- holder_id: the holder
-- asset: voucher 抵用券 or cash
-- kind: why it was booked
-- pool: of dividends and clawbacks, the pool 积分池
-- before: as it stood until then: posted, or corrected by a restatement before this one
-- after: as it should have been
-- of_this_month: after - before, where the closed day is of this month: the corrections of its sheets
-- booked_in_month: after - before, where this month booked it: restated on its sheets
select
    business_date,
    run_id,
    restated_date,
    value_date,
    holder_kind,
    holder_id,
    asset,
    kind,
    pool,
    before,
    after,
    cast(
        if(restated_date between getvariable('first') and getvariable('last'), difference, 0) as decimal(18, 2)
    ) as of_this_month,
    cast(
        if(business_date between getvariable('first') and getvariable('last'), difference, 0) as decimal(18, 2)
    ) as booked_in_month
from restatements
where
    asset in ('cash', 'voucher')
    and (
        restated_date between getvariable('first') and getvariable('last')
        or business_date between getvariable('first') and getvariable('last')
    )
order by business_date, run_id, restated_date, holder_kind, holder_id, asset, kind, pool, value_date
