-- Every regional agent's month, per prefix in force on its last day.
--
-- month: its first day
-- agent_id: the agent 区域代理
-- region_prefix: province (2 digits), city (4) or county (6)
-- concession: net concession of the region's rows
-- amount: A, the tier's rate of it: the agent's and its partners' together
-- partner_amount: the part of A that goes to partners 合伙人
select
    month,
    agent_id,
    region_prefix,
    yuan(concession_fen) as concession,
    yuan(amount_fen) as amount,
    yuan(partner_fen) as partner_amount
from lake.agent_months
order by month, agent_id, region_prefix
