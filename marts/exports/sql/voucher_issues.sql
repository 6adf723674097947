-- Every voucher issued in the month, and what was taken back of earlier ones.
--
-- business_date: the day whose run booked it
-- value_date: the day it counts from
-- holder_kind: member or merchant
-- holder_id: the holder
-- kind: dividend 分红, dividend_clawback, binding_reward 绑定 or referral_reward 推荐
-- pool: of dividends and clawbacks, the pool 积分池
-- origin: settlement, or restatement of a closed day
-- amount: 抵用券 in yuan; negative takes away. What was booked: it does not change once the month is closed
-- restated: 重述, of it what restatements of closed days booked; of which days they are, says the list of restatements
-- correction: what restatements, whenever booked, have changed about this row; rows that should have been there have an amount of zero
-- corrected: what should have been issued on the day: amount + correction, and nothing on rows of restatements
with booked as (
    select
        business_date,
        value_date,
        holder_kind,
        holder_id,
        kind,
        pool,
        origin,
        amount
    from ledger
    where
        asset = 'voucher'
        and kind in ('dividend', 'dividend_clawback', 'binding_reward', 'referral_reward')
        and business_date between getvariable('first') and getvariable('last')
),

rebooked as (
    select
        restated_date as business_date,
        value_date,
        holder_kind,
        holder_id,
        kind,
        pool,
        'settlement' as origin,
        sum(difference) as correction
    from restatements
    where
        asset = 'voucher'
        and kind in ('dividend', 'dividend_clawback', 'binding_reward', 'referral_reward')
        and restated_date between getvariable('first') and getvariable('last')
    group by all
    having sum(difference) <> 0
)

select
    business_date,
    value_date,
    holder_kind,
    holder_id,
    kind,
    pool,
    origin,
    cast(coalesce(b.amount, 0) as decimal(18, 2)) as amount,
    cast(if(origin = 'restatement', b.amount, 0) as decimal(18, 2)) as restated,
    cast(coalesce(c.correction, 0) as decimal(18, 2)) as correction,
    cast(
        if(origin = 'restatement', 0, coalesce(b.amount, 0)) + coalesce(c.correction, 0) as decimal(18, 2)
    ) as corrected
from booked as b
full join rebooked as c using (business_date, value_date, holder_kind, holder_id, kind, pool, origin)
order by business_date, holder_kind, holder_id, kind, pool, value_date, origin
