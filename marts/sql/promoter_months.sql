-- Every promoter's month: level, performance, pay, and the level of the next month.
--
-- month: its first day
-- promoter_id: the promoter 推广员
-- level: the level's code in the rulebook
-- performance: 业绩, points of the month's booked rows that carry the promoter
-- commission: performance at the level's rate; negative where refunds outweigh
-- mentoring: shares of the promoter's mentees, and rests of their mentees, received as mentor 辅导人
-- mentoring_unallocated: the part of the promoter's shares that was cut and that nobody above could get
-- fixed_subsidy: what the level pays each month
-- bonus_subsidy: what it pays if the assessment is met
-- next_level: the level from next month on
-- promotion_streak: months in a row towards promotion, as the next month begins
-- miss_streak: missed assessments in a row, as the next month begins
select
    month,
    promoter_id,
    level,
    yuan(performance_fen) as performance,
    yuan(commission_fen) as commission,
    yuan(mentoring_fen) as mentoring,
    yuan(mentoring_unallocated_fen) as mentoring_unallocated,
    yuan(fixed_subsidy_fen) as fixed_subsidy,
    yuan(bonus_subsidy_fen) as bonus_subsidy,
    next_level,
    promotion_streak,
    miss_streak
from lake.promoter_months
order by month, promoter_id
