-- What each regional agent earned in the month and is owed after it.
--
-- agent_id: the agent 区域代理
-- regions: the prefixes in force on the month's last day
-- opening: owed before the month
-- agent_commission: earned in the month, the partners' parts taken off
-- payouts: 已付, what was paid out in the month
-- closing: 应付, owed after it: opening + agent_commission - payouts + restated; below zero, the agent owes it
-- restated: 重述, cash that restatements of closed days booked in the month; of which days they are, says the list of restatements
-- correction: what restatements, whenever booked, have changed about this month's days: what was earned less payouts, corrected less posted
-- corrected_agent_commission: as corrected since
-- corrected_payouts: as corrected since
with booked as (
    select
        holder_id as agent_id,
        sum(amount) filter (business_date < getvariable('first')) as opening,
        sum(amount) filter (kind = 'agent_commission' and settled) as agent_commission,
        -sum(amount) filter (kind = 'payout' and settled) as payouts,
        sum(amount) filter (business_date >= getvariable('first') and not settled) as restated,
        sum(amount) as closing
    from (
        select
            *,
            business_date >= getvariable('first') and origin = 'settlement' as settled
        from ledger
    )
    where holder_kind = 'agent' and asset = 'cash' and business_date <= getvariable('last')
    group by holder_id
),

rebooked as (
    select
        holder_id as agent_id,
        sum(difference) as correction,
        sum(difference) filter (kind = 'agent_commission') as agent_commission,
        -sum(difference) filter (kind = 'payout') as payouts
    from restatements
    where
        holder_kind = 'agent' and asset = 'cash' and restated_date between getvariable('first') and getvariable('last')
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
    cast(coalesce(b.closing, 0) as decimal(18, 2)) as closing,
    cast(coalesce(b.restated, 0) as decimal(18, 2)) as restated,
    cast(coalesce(c.correction, 0) as decimal(18, 2)) as correction,
    cast(
        coalesce(b.agent_commission, 0) + coalesce(c.agent_commission, 0) as decimal(18, 2)
    ) as corrected_agent_commission,
    cast(coalesce(b.payouts, 0) + coalesce(c.payouts, 0) as decimal(18, 2)) as corrected_payouts
from in_force as f
full join booked as b using (agent_id)
full join rebooked as c using (agent_id)
order by agent_id
