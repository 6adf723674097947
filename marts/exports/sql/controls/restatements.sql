-- journal_due less journal as posted, for this month's days; ledger (origin restatement) for what it booked
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
        account in ('merchant_payable', 'promoter_payable', 'agent_payable', 'partner_payable', 'voucher_liability')
        and business_date between getvariable('first') and getvariable('last')
)

select
    (select sum(due - settled) from of_month) as of_this_month,
    (
        select sum(amount)
        from ledger
        where
            origin = 'restatement'
            and asset in ('cash', 'voucher')
            and business_date between getvariable('first') and getvariable('last')
    ) as booked_in_month
