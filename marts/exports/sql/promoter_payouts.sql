-- What each promoter earned in the month and is owed after it.
--
-- promoter_id: the promoter 推广员
-- level: the level of the month; empty if the promoter did not take part in it
-- performance: 业绩, points of the month; no money
-- opening: owed before the month
-- commission: 佣金
-- mentoring: 辅导
-- fixed_subsidy: 固定补贴
-- bonus_subsidy: 奖励补贴
-- payouts: 已付, what was paid out in the month
-- closing: 应付, owed after it; below zero, the promoter owes it
-- next_level: the level of the next month
with booked as (
    select
        holder_id as promoter_id,
        sum(amount) filter (business_date < getvariable('first')) as opening,
        sum(amount) filter (kind = 'commission' and business_date >= getvariable('first')) as commission,
        sum(amount) filter (kind = 'mentoring' and business_date >= getvariable('first')) as mentoring,
        sum(amount) filter (kind = 'fixed_subsidy' and business_date >= getvariable('first')) as fixed_subsidy,
        sum(amount) filter (kind = 'bonus_subsidy' and business_date >= getvariable('first')) as bonus_subsidy,
        -sum(amount) filter (kind = 'payout' and business_date >= getvariable('first')) as payouts,
        sum(amount) as closing
    from ledger
    where holder_kind = 'promoter' and asset = 'cash' and business_date <= getvariable('last')
    group by holder_id
),

taking_part as (
    from promoter_months
    where
        month = date_trunc('month', getvariable('last'))
        and getvariable('last') = last_day(getvariable('last'))
)

select
    promoter_id,
    p.level,
    cast(coalesce(p.performance, 0) as decimal(18, 2)) as performance,
    cast(coalesce(b.opening, 0) as decimal(18, 2)) as opening,
    cast(coalesce(b.commission, 0) as decimal(18, 2)) as commission,
    cast(coalesce(b.mentoring, 0) as decimal(18, 2)) as mentoring,
    cast(coalesce(b.fixed_subsidy, 0) as decimal(18, 2)) as fixed_subsidy,
    cast(coalesce(b.bonus_subsidy, 0) as decimal(18, 2)) as bonus_subsidy,
    cast(coalesce(b.payouts, 0) as decimal(18, 2)) as payouts,
    cast(coalesce(b.closing, 0) as decimal(18, 2)) as closing,
    p.next_level
from taking_part as p
full join booked as b using (promoter_id)
order by promoter_id
