-- Balances below zero as of the last settled day: vouchers and coins that were spent and later taken back, cash that was
-- paid out and then not earned.
--
-- business_date: the last settled day
-- holder_kind: member, merchant, promoter, agent or partner
-- holder_id: the holder
-- asset: voucher, coins or cash
-- balance: what the holder owes, negative
-- reason: negative_balance of vouchers and coins; of cash: overpaid, more was paid out than earned; negative_earnings, what was earned is itself below zero; cash_below_zero, one of the two: what partners earn is not kept by partner
-- since: the business date since whose end the balance has been below zero without a break
-- days_below_zero: days from then to the last settled day; 0: it fell today
with settled as (
    select max(business_date) as last_day
    from lake.days
),

earned as (
    -- Merchants cannot earn less than nothing; of others every amount follows from their months.
    select
        'promoter' as holder_kind,
        promoter_id as holder_id,
        sum(commission_fen + mentoring_fen + fixed_subsidy_fen + bonus_subsidy_fen) as earned_fen
    from lake.promoter_months
    group by promoter_id
    union all
    select
        'agent' as holder_kind,
        agent_id as holder_id,
        sum(amount_fen - partner_fen) as earned_fen
    from lake.agent_months
    group by agent_id
),

shares as (
    select coalesce(bool_or(partner_fen < 0), false) as may_be_negative
    from lake.agent_months
)

select
    s.last_day as business_date,
    o.holder_kind,
    o.holder_id,
    o.asset,
    yuan(o.balance_fen) as balance,
    case
        when o.asset <> 'cash' then 'negative_balance'
        when e.earned_fen < 0 then 'negative_earnings'
        when o.holder_kind = 'partner' and p.may_be_negative then 'cash_below_zero'
        else 'overpaid'
    end as reason,
    o.since,
    cast(s.last_day - o.since as bigint) as days_below_zero
from lake.overdrawn as o
cross join settled as s
cross join shares as p
left join earned as e using (holder_kind, holder_id)
order by o.holder_kind, o.holder_id, o.asset
