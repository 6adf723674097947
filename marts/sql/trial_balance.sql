-- The journal's sums per account; the balances add up to zero.
--
-- account: the account
-- debit: sum of its debits
-- credit: sum of its credits
-- balance: credit - debit; settlement_fund below zero: more was paid than conceded
select
    account,
    yuan(sum(debit_fen)) as debit,
    yuan(sum(credit_fen)) as credit,
    yuan(sum(credit_fen) - sum(debit_fen)) as balance
from lake.journal
group by account
order by account
