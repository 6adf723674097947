-- days for the concession, journal (merchant_payable) for the rest
select
    (
        select sum(concession)
        from days
        where business_date between getvariable('first') and getvariable('last')
    ) as concession,
    sum(credit - debit) filter (business_date < getvariable('first')) as opening,
    sum(credit - debit) filter (kind = 'sales' and business_date >= getvariable('first')) as proceeds,
    sum(debit - credit) filter (kind = 'payout' and business_date >= getvariable('first')) as payouts,
    sum(credit - debit) as closing
from journal
where account = 'merchant_payable' and business_date <= getvariable('last')
