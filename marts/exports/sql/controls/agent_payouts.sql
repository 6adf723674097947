-- journal (agent_payable): as posted, its restatements, and journal_due for what is corrected
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
    where account = 'agent_payable' and business_date between getvariable('first') and getvariable('last')
)

select
    (select sum(booked) from lines where account = 'agent_payable' and business_date < getvariable('first')) as opening,
    sum(settled) filter (kind = 'agent_commission') as agent_commission,
    -sum(settled) filter (kind = 'payout') as payouts,
    (select sum(booked) from lines where account = 'agent_payable' and business_date <= getvariable('last')) as closing,
    sum(restated) as restated,
    sum(due - settled) as correction,
    sum(due) filter (kind = 'agent_commission') as corrected_agent_commission,
    -sum(due) filter (kind = 'payout') as corrected_payouts
from of_month
