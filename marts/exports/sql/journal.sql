-- The month's double entry.
--
-- business_date: the day whose run booked it
-- value_date: the day it counts from
-- kind: sales, payout, or the kind of reward; a clawback reverses its dividend
-- account: the account 科目
-- debit: 借
-- credit: 贷
-- restated: 重述, of credit - debit what restatements of closed days booked; of which days they are, says the list of restatements
-- correction: what restatements, whenever booked, have changed about this entry: corrected - (credit - debit - restated)
-- corrected: credit - debit as it should have been posted on the day
with lines as (
    select
        business_date,
        value_date,
        kind,
        account,
        debit,
        credit,
        0.00 as restated,
        0.00 as due
    from journal
    union all
    select
        business_date,
        value_date,
        kind,
        account,
        0.00 as debit,
        0.00 as credit,
        credit - debit as restated,
        0.00 as due
    from journal_restatements
    union all
    select
        business_date,
        value_date,
        kind,
        account,
        0.00 as debit,
        0.00 as credit,
        0.00 as restated,
        credit - debit as due
    from journal_due
)

select
    business_date,
    value_date,
    kind,
    account,
    cast(sum(debit) as decimal(18, 2)) as debit,
    cast(sum(credit) as decimal(18, 2)) as credit,
    cast(sum(restated) as decimal(18, 2)) as restated,
    cast(sum(due) - sum(credit - debit - restated) as decimal(18, 2)) as correction,
    cast(sum(due) as decimal(18, 2)) as corrected
from lines
where business_date between getvariable('first') and getvariable('last')
group by all
order by business_date, value_date, kind, account
