-- The part of the journal that restatements have booked, on the day that booked it. The rest of `journal` is what the
-- nights have settled.
--
-- business_date: the day that booked it
-- value_date: the same day
-- kind: sales, payout, or the kind of reward
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
from lake.journal_restatements
order by business_date, value_date, kind, account
