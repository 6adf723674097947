-- The ladder of the month: who stands where, and where they stand next month; nothing before its last day.
select
    level,
    next_level,
    count(*) as promoters,
    sum(performance) as performance,
    sum(commission + mentoring + fixed_subsidy + bonus_subsidy) as pay
from promoter_months
where month = date_trunc('month', getvariable('last')) and getvariable('last') = last_day(getvariable('last'))
group by level, next_level
order by level, next_level <> level, next_level
