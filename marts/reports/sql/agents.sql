-- Every regional agent's month, by prefix; nothing before its last day.
select
    agent_id,
    region_prefix,
    concession,
    amount,
    partner_amount,
    amount - partner_amount as agent_amount
from agent_months
where month = date_trunc('month', getvariable('last')) and getvariable('last') = last_day(getvariable('last'))
