-- What moved the fund and the vouchers that are out in the period: a row per account and kind.
select
    account,
    kind,
    sum(credit - debit) filter (business_date >= getvariable('first')) as amount,
    coalesce(sum(credit - debit) filter (business_date < getvariable('first')), 0.00) as before
from journal
where account in ('settlement_fund', 'voucher_liability') and business_date <= getvariable('last')
group by account, kind
order by account, kind <> 'sales', kind
