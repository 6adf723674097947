-- What was sold and refunded in the period. One row.
select
    count(*) filter (kind = 'purchase') as purchases,
    count(*) filter (kind = 'refund') as refunds,
    coalesce(sum(amount) filter (kind = 'purchase'), 0.00) as sold,
    coalesce(sum(amount) filter (kind = 'refund'), 0.00) as refunded,
    coalesce(sum(if(kind = 'refund', -amount, amount)), 0.00) as sales,
    coalesce(sum(concession), 0.00) as concession,
    count(distinct member_id) as members,
    count(distinct merchant_id) as merchants
from transactions
where business_date between getvariable('first') and getvariable('last')
