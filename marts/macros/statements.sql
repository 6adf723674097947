-- A holder's account as a bank statement: every ledger row with the running balance of its asset.
--
-- business_date: the day whose run booked it
-- value_date: the day it counts from
-- asset: points 积分, coins 金币, voucher 抵用券 or cash
-- description: the kind of the booking in words
-- amount: negative takes away
-- balance: what the holder has of the asset after it
create macro holder_statement(kind_of_holder, id) as table
select
    business_date,
    value_date,
    asset,
    case l.kind
        when 'points_earned' then 'points earned 积分'
        when 'points_retired' then 'points retired, their dividends are complete'
        when 'coins_earned' then 'gold coins earned 金币'
        when 'coins_redeemed' then 'gold coins spent in the mall'
        when 'redemption' then 'vouchers used or returned'
        when 'dividend' then 'dividend 分红 of pool ' || l.pool
        when 'dividend_clawback' then 'dividend taken back after a refund, pool ' || l.pool
        when 'binding_reward' then 'binding reward 绑定'
        when 'referral_reward' then 'referral reward 推荐'
        when 'sales_proceeds' then 'sales less concession 让利'
        when 'commission' then 'commission 佣金'
        when 'mentoring' then 'mentoring 辅导'
        when 'fixed_subsidy' then 'fixed subsidy 固定补贴'
        when 'bonus_subsidy' then 'bonus subsidy 奖励补贴'
        when 'agent_commission' then 'agent commission 区域代理'
        when 'partner_share' then 'partner share 合伙人'
        when 'payout' then 'paid out'
        else l.kind
    end || case when l.origin = 'restatement' then ' (restated)' else '' end as description,
    amount,
    cast(
        sum(amount) over (
            partition by asset
            order by business_date, value_date, l.kind, l.pool, l.origin
            rows between unbounded preceding and current row
        ) as decimal(18, 2)
    ) as balance
from main.ledger as l
where l.bucket = bucket_of(id) and l.holder_kind = kind_of_holder and l.holder_id = id
order by business_date, asset, value_date, l.kind, l.pool, l.origin;

-- A member's statement: holder_statement('member', id).
create macro member_statement(id) as table from holder_statement('member', id);

-- A merchant's statement: holder_statement('merchant', id).
create macro merchant_statement(id) as table from holder_statement('merchant', id);

-- A promoter's statement: holder_statement('promoter', id).
create macro promoter_statement(id) as table from holder_statement('promoter', id);

-- A regional agent's statement: holder_statement('agent', id).
create macro agent_statement(id) as table from holder_statement('agent', id);

-- A partner's statement: holder_statement('partner', id).
create macro partner_statement(id) as table from holder_statement('partner', id);
