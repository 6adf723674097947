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
-- bucket: where the lake keeps the holder: bucket_of(holder_id). A condition on it saves the reading of all others
select
    -- Each column with its table, since macros have parameters of the same names, which a view would take them for.
    l.business_date,
    l.value_date,
    l.holder_kind,
    l.holder_id,
    l.asset,
    l.kind,
    l.pool,
    l.origin,
    yuan(l.amount_fen) as amount,
    l.bucket
from lake.ledger as l
order by l.business_date, l.holder_kind, l.holder_id, l.asset, l.kind, l.pool, l.value_date, l.origin
