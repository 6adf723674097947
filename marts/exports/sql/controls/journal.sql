-- the other side of the journal: debits equal credits
select
    sum(credit) as debit,
    sum(debit) as credit
from journal
where business_date between getvariable('first') and getvariable('last')
