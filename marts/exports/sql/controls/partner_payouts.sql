-- journal (partner_payable)
select
    sum(credit - debit) filter (business_date < getvariable('first')) as opening,
    sum(credit - debit) filter (kind = 'partner_share' and business_date >= getvariable('first')) as partner_share,
    sum(debit - credit) filter (kind = 'payout' and business_date >= getvariable('first')) as payouts,
    sum(credit - debit) as closing
from journal
where account = 'partner_payable' and business_date <= getvariable('last')
