-- What the runs that settled the period's days proved about them, by control.
select
    split_part(c.name, ':', 1) as control,
    count(*) as checked,
    count(*) filter (c.passed) as passed,
    count(*) filter (not c.passed) as failed
from controls as c
join days as d using (business_date, run_id)
where c.business_date between getvariable('first') and getvariable('last')
group by control
order by failed desc, control
