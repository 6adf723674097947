-- The fund against its promises by day, up to the end of the period.
select
    business_date,
    fund_balance,
    voucher_liability,
    remaining_ceiling,
    coverage
from solvency
where business_date <= getvariable('last')
order by business_date
