-- journal (agent_payable)
select
    sum(credit - debit) filter (business_date < getvariable('first')) as opening,
    sum(credit - debit) filter (kind = 'agent_commission' and business_date >= getvariable('first')) as agent_commission,
    sum(debit - credit) filter (kind = 'payout' and business_date >= getvariable('first')) as payouts,
    sum(credit - debit) as closing
from journal
where account = 'agent_payable' and business_date <= getvariable('last')
