-- journal (voucher_liability): as posted, its restatements, and journal_due for what is corrected
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
    where
        account = 'voucher_liability'
        and kind in ('dividend', 'binding_reward', 'referral_reward')
        and business_date between getvariable('first') and getvariable('last')
)

select
    sum(booked) as amount,
    sum(restated) as restated,
    sum(due - settled) as correction,
    sum(due) as corrected
from of_month
