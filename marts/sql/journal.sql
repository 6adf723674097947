-- Double entry in yuan: every business date's debits equal its credits. Points and coins are counted, not money.
--
-- business_date: the day whose run booked it
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
from lake.journal
order by business_date, value_date, kind, account
