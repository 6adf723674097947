-- What moved the fund and the vouchers that are out in the period: a row per account and kind; what restatements of closed
-- days booked stands apart as kind `restated`.
with lines as (
    select
        business_date,
        account,
        kind,
        credit - debit as amount
    from journal
    union all
    select
        business_date,
        account,
        kind,
        debit - credit as amount
    from journal_restatements
    union all
    select
        business_date,
        account,
        'restated' as kind,
        credit - debit as amount
    from journal_restatements
)

select
    account,
    kind,
    sum(amount) filter (business_date >= getvariable('first')) as amount,
    coalesce(sum(amount) filter (business_date < getvariable('first')), 0.00) as before
from lines
where account in ('settlement_fund', 'voucher_liability') and business_date <= getvariable('last')
group by account, kind
order by account, kind <> 'sales', kind
