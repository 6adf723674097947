-- Every pool's value by day, up to the end of the period.
select
    pool,
    business_date,
    inflow,
    value
from pool_days
where business_date <= getvariable('last')
order by pool, business_date
