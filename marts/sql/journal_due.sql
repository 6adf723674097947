-- The journal as it should have been: the corrected history, each entry on its own day, without restatements. Where
-- nothing was restated, it is the journal.
--
-- business_date: the day whose run should have booked it
-- value_date: the day it counts from
-- kind: sales, payout, or the kind of reward; a clawback reverses its dividend
-- account: the account
-- debit: 借
-- credit: 贷
select
    business_date,
    value_date,
    kind,
    account,
    yuan(debit_fen) as debit,
    yuan(credit_fen) as credit
from lake.journal_due
order by business_date, value_date, kind, account
