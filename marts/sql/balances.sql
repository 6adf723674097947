-- What every holder has of every asset, as of the last settled day; balances of zero are left out.
--
-- holder_kind: member, merchant, promoter, agent or partner
-- holder_id: the holder
-- asset: points, coins, voucher or cash
-- balance: the sum of the holder's ledger rows
-- bucket: where the lake keeps the holder: bucket_of(holder_id). A condition on it saves the reading of all others
select
    holder_kind,
    holder_id,
    asset,
    yuan(sum(balance_fen)) as balance,
    bucket
from lake.balances
group by bucket, holder_kind, holder_id, asset
having sum(balance_fen) <> 0
order by holder_kind, holder_id, asset
