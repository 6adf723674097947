-- Day by day: the fund, the vouchers that are out, what holders can still get, and how much of it money stands behind.
--
-- business_date: the day
-- fund_balance: the settlement fund; below zero: more was paid than conceded
-- voucher_liability: outstanding vouchers
-- remaining_ceiling: what live cohorts and open lots can still be paid under their ceilings
-- coverage: (fund_balance + voucher_liability) / voucher_liability; empty if nothing is outstanding
select
    business_date,
    yuan(fund_fen) as fund_balance,
    yuan(liability_fen) as voucher_liability,
    yuan(remaining_fen) as remaining_ceiling,
    cast(cast(coverage_e4 as decimal(20, 0)) * 0.0001 as decimal(18, 4)) as coverage
from lake.solvency
order by business_date
