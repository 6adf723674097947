-- journal (voucher_liability)
select sum(credit - debit) as amount
from journal
where
    account = 'voucher_liability'
    and kind in ('dividend', 'binding_reward', 'referral_reward')
    and business_date between getvariable('first') and getvariable('last')
