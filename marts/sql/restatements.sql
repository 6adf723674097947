-- What restatements have changed about closed days: each amount as it was and as it should have been posted. The ledger
-- has the differences, summed, on the day that booked them.
--
-- business_date: the day that booked it
-- run_id: the run that booked it
-- restated_date: the closed day that it corrects
-- value_date: the day the amount counts from
-- holder_kind: member, merchant, promoter, agent or partner
-- holder_id: the holder
-- asset: points 积分, coins 金币, voucher 抵用券 or cash
-- kind: why it was booked
-- pool: of dividends, clawbacks and retirements, the pool; else empty
-- before: as it stood until then: posted, or corrected by a restatement before this one; zero: there was none
-- after: as it should have been; zero: there should be none
-- difference: after less before, which the restatement has booked
select
    r.business_date,
    r.run_id,
    r.restated_date,
    r.value_date,
    r.holder_kind,
    r.holder_id,
    r.asset,
    r.kind,
    r.pool,
    yuan(r.before_fen) as before,
    yuan(r.after_fen) as after,
    yuan(r.after_fen - r.before_fen) as difference
from lake.restatements as r
order by
    r.business_date, r.run_id, r.restated_date, r.holder_kind, r.holder_id, r.asset, r.kind, r.pool, r.value_date
