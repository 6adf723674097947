-- What each regional agent earned in the month and is owed after it.
--
-- agent_id: the agent 区域代理
-- regions: the prefixes in force on the month's last day
-- opening: owed before the month
-- agent_commission: earned in the month, the partners' parts taken off
-- payouts: 已付, what was paid out in the month
-- closing: 应付, owed after it; below zero, the agent owes it
with booked as (
    select
        holder_id as agent_id,
        sum(amount) filter (business_date < getvariable('first')) as opening,
        sum(amount) filter (kind = 'agent_commission' and business_date >= getvariable('first')) as agent_commission,
        -sum(amount) filter (kind = 'payout' and business_date >= getvariable('first')) as payouts,
        sum(amount) as closing
    from ledger
    where holder_kind = 'agent' and asset = 'cash' and business_date <= getvariable('last')
    group by holder_id
),

in_force as (
    select
        agent_id,
        string_agg(region_prefix, ' ' order by region_prefix) as regions
    from agent_months
    where
        month = date_trunc('month', getvariable('last'))
        and getvariable('last') = last_day(getvariable('last'))
    group by agent_id
)

select
    agent_id,
    f.regions,
    cast(coalesce(b.opening, 0) as decimal(18, 2)) as opening,
    cast(coalesce(b.agent_commission, 0) as decimal(18, 2)) as agent_commission,
    cast(coalesce(b.payouts, 0) as decimal(18, 2)) as payouts,
    cast(coalesce(b.closing, 0) as decimal(18, 2)) as closing
from in_force as f
full join booked as b using (agent_id)
order by agent_id
