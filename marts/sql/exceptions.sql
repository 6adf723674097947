-- Voucher and coin balances below zero as of the last settled day: spent, and later taken back.
--
-- business_date: the last settled day
-- holder_kind: member or merchant
-- holder_id: the holder
-- asset: voucher or coins
-- balance: what the holder owes, negative
-- reason: why the row stands here
select
    (select max(business_date) from lake.days) as business_date,
    holder_kind,
    holder_id,
    asset,
    yuan(balance_fen) as balance,
    'negative_balance' as reason
from lake.overdrawn
order by holder_kind, holder_id, asset
