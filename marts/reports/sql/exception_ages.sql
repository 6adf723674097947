-- The same by age and asset: how many balances have been below zero for how many days, and what they come to.
select
    case
        when days_below_zero <= 30 then '0 to 30 days'
        when days_below_zero <= 60 then '31 to 60 days'
        when days_below_zero <= 90 then '61 to 90 days'
        else 'more than 90 days'
    end as age,
    asset,
    count(*) as holders,
    sum(balance) as balance
from ({exceptions})
group by age, asset
order by min(days_below_zero) // 31, age, asset
