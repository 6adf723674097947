-- journal: as posted, its restatements, and journal_due for what is corrected; days for corrected_concession
with lines as (
    select
        business_date,
        kind,
        account,
        credit - debit as booked,
        credit - debit as settled,
        0.00 as restated,
        0.00 as due
    from journal
    union all
    select
        business_date,
        kind,
        account,
        0.00 as booked,
        debit - credit as settled,
        credit - debit as restated,
        0.00 as due
    from journal_restatements
    union all
    select
        business_date,
        kind,
        account,
        0.00 as booked,
        0.00 as settled,
        0.00 as restated,
        credit - debit as due
    from journal_due
),

of_month as (
    from lines
    where business_date between getvariable('first') and getvariable('last')
),

payable as (
    select
        sum(booked) filter (business_date < getvariable('first')) as opening,
        sum(booked) as closing
    from lines
    where account = 'merchant_payable' and business_date <= getvariable('last')
),

conceded as (
    select sum(concession) as concession
    from days
    where business_date between getvariable('first') and getvariable('last')
)

select
    -sum(settled) filter (kind = 'sales' and account = 'voucher_liability') as vouchers,
    sum(settled) filter (kind = 'sales' and account = 'settlement_fund') as concession,
    any_value(p.opening) as opening,
    sum(settled) filter (kind = 'sales' and account = 'merchant_payable') as proceeds,
    -sum(settled) filter (kind = 'payout' and account = 'merchant_payable') as payouts,
    any_value(p.closing) as closing,
    sum(restated) filter (account = 'merchant_payable') as restated,
    sum(due - settled) filter (account = 'merchant_payable') as correction,
    -sum(due) filter (kind = 'sales' and account in ('clearing', 'voucher_liability')) as corrected_sales,
    -sum(due) filter (kind = 'sales' and account = 'voucher_liability') as corrected_vouchers,
    any_value(c.concession) as corrected_concession,
    sum(due) filter (kind = 'sales' and account = 'merchant_payable') as corrected_proceeds,
    -sum(due) filter (kind = 'payout' and account = 'merchant_payable') as corrected_payouts
from payable as p
cross join conceded as c
left join of_month on true
