-- the other side of the journal: debits equal credits, and each restatement and correction is in balance
select
    sum(credit) as debit,
    sum(debit) as credit,
    0.00 as restated,
    0.00 as correction,
    0.00 as corrected
from journal
where business_date between getvariable('first') and getvariable('last')
