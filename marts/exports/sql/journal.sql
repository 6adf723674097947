-- The month's double entry.
--
-- business_date: the day whose run booked it
-- value_date: the day it counts from
-- kind: sales, payout, or the kind of reward; a clawback reverses its dividend
-- account: the account 科目
-- debit: 借
-- credit: 贷
select
    business_date,
    value_date,
    kind,
    account,
    debit,
    credit
from journal
where business_date between getvariable('first') and getvariable('last')
order by business_date, value_date, kind, account
