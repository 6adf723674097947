-- Every promoter's month, with all that it pays; nothing before its last day.
select
    promoter_id,
    level,
    performance,
    commission,
    mentoring,
    fixed_subsidy + bonus_subsidy as subsidies,
    commission + mentoring + fixed_subsidy + bonus_subsidy as pay,
    mentoring_unallocated,
    next_level
from promoter_months
where month = date_trunc('month', getvariable('last')) and getvariable('last') = last_day(getvariable('last'))
