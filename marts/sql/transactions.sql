-- Every booked purchase and refund, with what it earned. Amounts of a refund are positive, what it takes back is negative.
--
-- business_date: the day that booked it
-- txn_id: identifies the transaction, together with its business date
-- kind: purchase, or refund 退款
-- occurred_at: the moment it happened
-- member_id: the consumer
-- merchant_id: the merchant
-- amount: order total in yuan, the voucher part included; of a refund, what is refunded
-- voucher_amount: the part paid with, or returned as, vouchers 抵用券
-- concession_rate: the rate applied, the row's own or the merchant's; of a refund, its purchase's
-- original_txn_id: of a refund, the purchase it refunds
-- lot_date: the day its points count from; of a refund, its purchase's
-- concession: 让利, what the merchant concedes, in yuan; of a refund never positive
-- points: 积分 that the consumer and the merchant each get; of a refund never positive
-- member_coins: 金币 of the consumer
-- merchant_coins: 金币 of the merchant
-- bound_merchant_id: the merchant that earns the binding reward 绑定 from it; empty: nobody
-- referrer_id: the member that earns the referral reward from it; empty: nobody
-- promoter_id: the promoter 推广员 whose performance it counts for; empty: nobody
-- region_code: the merchant's six-digit region when it happened
-- is_late: it happened before the day that booked it
-- original_date: of a refund, the day that booked its purchase
-- channel: online or offline
-- member_pool: the pool its points feed for the consumer
-- merchant_pool: the pool its points feed for the merchant
-- bucket: where the lake keeps the consumer: bucket_of(member_id). A condition on it saves the reading of all others
select
    business_date,
    txn_id,
    kind,
    occurred_at,
    member_id,
    merchant_id,
    yuan(amount_fen) as amount,
    yuan(voucher_fen) as voucher_amount,
    rate(concession_rate_pico) as concession_rate,
    original_txn_id,
    lot_date,
    yuan(concession_fen) as concession,
    yuan(points_fen) as points,
    yuan(member_coins_fen) as member_coins,
    yuan(merchant_coins_fen) as merchant_coins,
    bound_merchant_id,
    referrer_id,
    promoter_id,
    region_code,
    is_late,
    original_date,
    channel,
    member_pool,
    merchant_pool,
    bucket
from lake.transactions
order by business_date, txn_id
