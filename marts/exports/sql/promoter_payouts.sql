-- What each promoter earned in the month and is owed after it.
--
-- promoter_id: the promoter 推广员
-- level: the level of the month, as corrected since; empty if the promoter did not take part in it
-- performance: 业绩, points of the month, as corrected since; no money
-- opening: owed before the month
-- commission: 佣金
-- mentoring: 辅导
-- fixed_subsidy: 固定补贴
-- bonus_subsidy: 奖励补贴
-- payouts: 已付, what was paid out in the month
-- closing: 应付, owed after it: opening + all that was earned - payouts + restated; below zero, the promoter owes it
-- next_level: the level of the next month, as corrected since
-- restated: 重述, cash that restatements of closed days booked in the month; of which days they are, says the list of restatements
-- correction: what restatements, whenever booked, have changed about this month's days: what was earned less payouts, corrected less posted
-- corrected_commission: as corrected since
-- corrected_mentoring: as corrected since
-- corrected_fixed_subsidy: as corrected since
-- corrected_bonus_subsidy: as corrected since
-- corrected_payouts: as corrected since
with booked as (
    select
        holder_id as promoter_id,
        sum(amount) filter (business_date < getvariable('first')) as opening,
        sum(amount) filter (kind = 'commission' and settled) as commission,
        sum(amount) filter (kind = 'mentoring' and settled) as mentoring,
        sum(amount) filter (kind = 'fixed_subsidy' and settled) as fixed_subsidy,
        sum(amount) filter (kind = 'bonus_subsidy' and settled) as bonus_subsidy,
        -sum(amount) filter (kind = 'payout' and settled) as payouts,
        sum(amount) filter (business_date >= getvariable('first') and not settled) as restated,
        sum(amount) as closing
    from (
        select
            *,
            business_date >= getvariable('first') and origin = 'settlement' as settled
        from ledger
    )
    where holder_kind = 'promoter' and asset = 'cash' and business_date <= getvariable('last')
    group by holder_id
),

rebooked as (
    select
        holder_id as promoter_id,
        sum(difference) as correction,
        sum(difference) filter (kind = 'commission') as commission,
        sum(difference) filter (kind = 'mentoring') as mentoring,
        sum(difference) filter (kind = 'fixed_subsidy') as fixed_subsidy,
        sum(difference) filter (kind = 'bonus_subsidy') as bonus_subsidy,
        -sum(difference) filter (kind = 'payout') as payouts
    from restatements
    where
        holder_kind = 'promoter'
        and asset = 'cash'
        and restated_date between getvariable('first') and getvariable('last')
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
    p.next_level,
    cast(coalesce(b.restated, 0) as decimal(18, 2)) as restated,
    cast(coalesce(c.correction, 0) as decimal(18, 2)) as correction,
    cast(coalesce(b.commission, 0) + coalesce(c.commission, 0) as decimal(18, 2)) as corrected_commission,
    cast(coalesce(b.mentoring, 0) + coalesce(c.mentoring, 0) as decimal(18, 2)) as corrected_mentoring,
    cast(coalesce(b.fixed_subsidy, 0) + coalesce(c.fixed_subsidy, 0) as decimal(18, 2)) as corrected_fixed_subsidy,
    cast(coalesce(b.bonus_subsidy, 0) + coalesce(c.bonus_subsidy, 0) as decimal(18, 2)) as corrected_bonus_subsidy,
    cast(coalesce(b.payouts, 0) + coalesce(c.payouts, 0) as decimal(18, 2)) as corrected_payouts
from taking_part as p
full join booked as b using (promoter_id)
full join rebooked as c using (promoter_id)
order by promoter_id
