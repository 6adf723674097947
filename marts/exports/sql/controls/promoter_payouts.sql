-- journal (promoter_payable)
select
    sum(credit - debit) filter (business_date < getvariable('first')) as opening,
    sum(credit - debit) filter (kind = 'commission' and business_date >= getvariable('first')) as commission,
    sum(credit - debit) filter (kind = 'mentoring' and business_date >= getvariable('first')) as mentoring,
    sum(credit - debit) filter (kind = 'fixed_subsidy' and business_date >= getvariable('first')) as fixed_subsidy,
    sum(credit - debit) filter (kind = 'bonus_subsidy' and business_date >= getvariable('first')) as bonus_subsidy,
    sum(debit - credit) filter (kind = 'payout' and business_date >= getvariable('first')) as payouts,
    sum(credit - debit) as closing
from journal
where account = 'promoter_payable' and business_date <= getvariable('last')
