-- What every holder has of every asset, as of the last settled day; balances of zero are left out.
--
-- holder_kind: member, merchant, promoter, agent or partner
-- holder_id: the holder
-- asset: points, coins, voucher or cash
-- balance: the sum of the holder's ledger rows
select
    holder_kind,
    holder_id,
    asset,
    yuan(sum(balance_fen)) as balance
from lake.balances
group by holder_kind, holder_id, asset
having sum(balance_fen) <> 0
order by holder_kind, holder_id, asset
