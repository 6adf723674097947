-- Every voucher issued in the month, and what was taken back of earlier ones.
--
-- business_date: the day whose run booked it
-- value_date: the day it counts from
-- holder_kind: member or merchant
-- holder_id: the holder
-- kind: dividend 分红, dividend_clawback, binding_reward 绑定 or referral_reward 推荐
-- pool: of dividends and clawbacks, the pool 积分池
-- origin: settlement, or restatement of a closed day
-- amount: 抵用券 in yuan; negative takes away
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
order by business_date, holder_kind, holder_id, kind, pool, value_date, origin
