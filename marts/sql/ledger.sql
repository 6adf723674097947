-- Every amount booked: sums per holder, day and kind. The sum of a holder's rows of an asset is the balance.
--
-- business_date: the day whose run booked it
-- value_date: the day it counts from
-- holder_kind: member, merchant, promoter, agent or partner
-- holder_id: the holder
-- asset: points 积分, coins 金币, voucher 抵用券 or cash
-- kind: why it was booked
-- pool: of dividends, clawbacks and retirements, the pool; else empty
-- origin: settlement, or restatement of a closed day
-- amount: yuan, vouchers, points or coins; negative takes away
select
    business_date,
    value_date,
    holder_kind,
    holder_id,
    asset,
    kind,
    pool,
    origin,
    yuan(amount_fen) as amount
from lake.ledger
order by business_date, holder_kind, holder_id, asset, kind, pool, value_date, origin
