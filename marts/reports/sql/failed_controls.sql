-- The controls among them that failed.
select
    c.business_date,
    c.name,
    c.expected,
    c.actual,
    c.run_id
from controls as c
join days as d using (business_date, run_id)
where c.business_date between getvariable('first') and getvariable('last') and not c.passed
order by c.business_date, c.name
