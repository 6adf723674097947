-- Every merchant's month: what was owed, sold, conceded, paid out, and what is owed now.
--
-- merchant_id: the merchant 商家
-- transactions: booked purchases and refunds
-- sales: 销售额, purchases less refunds, the part paid with vouchers included
-- vouchers: of it paid with vouchers 抵用券, less what refunds returned
-- concession: 让利, what the merchant conceded, less what refunds took back
-- opening: owed to the merchant before the month
-- proceeds: 货款, sales less concession as booked in the month, restatements of closed days included
-- payouts: 已付, what was paid to the merchant in the month
-- closing: 应付, owed after it: opening + proceeds - payouts
-- vouchers_earned: vouchers issued to the merchant: dividends and binding rewards 绑定, less what was taken back
with sold as (
    select
        merchant_id,
        count(*) as transactions,
        sum(if(kind = 'refund', -amount, amount)) as sales,
        sum(if(kind = 'refund', -voucher_amount, voucher_amount)) as vouchers,
        sum(concession) as concession
    from transactions
    where business_date between getvariable('first') and getvariable('last')
    group by merchant_id
),

booked as (
    select
        holder_id as merchant_id,
        sum(amount) filter (asset = 'cash' and business_date < getvariable('first')) as opening,
        sum(amount) filter (kind = 'sales_proceeds' and business_date >= getvariable('first')) as proceeds,
        -sum(amount) filter (
            asset = 'cash' and kind = 'payout' and business_date >= getvariable('first')
        ) as payouts,
        sum(amount) filter (asset = 'cash') as closing,
        sum(amount) filter (
            asset = 'voucher'
            and kind in ('dividend', 'dividend_clawback', 'binding_reward')
            and business_date >= getvariable('first')
        ) as vouchers_earned
    from ledger
    where holder_kind = 'merchant' and asset in ('cash', 'voucher') and business_date <= getvariable('last')
    group by holder_id
),

both_sides as (
    select
        merchant_id,
        coalesce(s.transactions, 0) as transactions,
        cast(coalesce(s.sales, 0) as decimal(18, 2)) as sales,
        cast(coalesce(s.vouchers, 0) as decimal(18, 2)) as vouchers,
        cast(coalesce(s.concession, 0) as decimal(18, 2)) as concession,
        cast(coalesce(b.opening, 0) as decimal(18, 2)) as opening,
        cast(coalesce(b.proceeds, 0) as decimal(18, 2)) as proceeds,
        cast(coalesce(b.payouts, 0) as decimal(18, 2)) as payouts,
        cast(coalesce(b.closing, 0) as decimal(18, 2)) as closing,
        cast(coalesce(b.vouchers_earned, 0) as decimal(18, 2)) as vouchers_earned
    from sold as s
    full join booked as b using (merchant_id)
)

from both_sides
where
    transactions > 0 or opening <> 0 or proceeds <> 0 or payouts <> 0 or closing <> 0 or vouchers_earned <> 0
order by merchant_id
