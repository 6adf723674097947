-- What was not booked in the period, by feed and reason.
select
    feed,
    reason,
    count(*) as quarantined,
    coalesce(sum(amount), 0.00) as amount
from quarantine
where business_date between getvariable('first') and getvariable('last')
group by feed, reason
order by quarantined desc, feed, reason
