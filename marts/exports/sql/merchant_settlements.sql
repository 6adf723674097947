-- Every merchant's month: what was owed, sold, conceded, paid out, and what is owed now.
--
-- merchant_id: the merchant 商家
-- transactions: booked purchases and refunds
-- sales: 销售额, purchases less refunds, the part paid with vouchers included
-- vouchers: of it paid with vouchers 抵用券, less what refunds returned
-- concession: 让利, what the merchant conceded, less what refunds took back
-- opening: owed to the merchant before the month
-- proceeds: 货款, sales less concession, as posted by the month's nights
-- payouts: 已付, what was paid to the merchant in the month
-- closing: 应付, owed after it: opening + proceeds - payouts + restated
-- vouchers_earned: vouchers issued to the merchant: dividends and binding rewards 绑定, less what was taken back
-- restated: 重述, cash that restatements of closed days booked in the month; of which days they are, says the list of restatements
-- restated_vouchers_earned: vouchers likewise
-- correction: what restatements, whenever booked, have changed about this month's days: (corrected_proceeds - corrected_payouts) - (proceeds - payouts)
-- correction_vouchers_earned: corrected_vouchers_earned - vouchers_earned
-- corrected_transactions: booked purchases and refunds as corrected since
-- corrected_sales: sales as corrected since
-- corrected_vouchers: of it paid with vouchers
-- corrected_concession: concession as corrected since
-- corrected_proceeds: corrected_sales less corrected_concession
-- corrected_payouts: what was paid out as corrected since
-- corrected_vouchers_earned: vouchers issued as corrected since
with corrected as (
    -- `transactions` shows the corrected history.
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

resold as (
    select
        merchant_id,
        sum(transactions) as transactions,
        sum(sales) as sales,
        sum(vouchers) as vouchers,
        sum(concession) as concession
    from restated_sales
    where restated_date between getvariable('first') and getvariable('last')
    group by merchant_id
),

rebooked as (
    select
        holder_id as merchant_id,
        sum(difference) filter (asset = 'cash' and kind = 'sales_proceeds') as proceeds,
        -sum(difference) filter (asset = 'cash' and kind = 'payout') as payouts,
        sum(difference) filter (
            asset = 'voucher' and kind in ('dividend', 'dividend_clawback', 'binding_reward')
        ) as vouchers_earned
    from restatements
    where holder_kind = 'merchant' and restated_date between getvariable('first') and getvariable('last')
    group by holder_id
),

booked as (
    select
        holder_id as merchant_id,
        sum(amount) filter (asset = 'cash' and business_date < getvariable('first')) as opening,
        sum(amount) filter (
            kind = 'sales_proceeds' and origin = 'settlement' and business_date >= getvariable('first')
        ) as proceeds,
        -sum(amount) filter (
            asset = 'cash' and kind = 'payout' and origin = 'settlement' and business_date >= getvariable('first')
        ) as payouts,
        sum(amount) filter (
            asset = 'cash' and origin = 'restatement' and business_date >= getvariable('first')
        ) as restated,
        sum(amount) filter (asset = 'cash') as closing,
        sum(amount) filter (
            asset = 'voucher'
            and kind in ('dividend', 'dividend_clawback', 'binding_reward')
            and origin = 'settlement'
            and business_date >= getvariable('first')
        ) as vouchers_earned,
        sum(amount) filter (
            asset = 'voucher'
            and kind in ('dividend', 'dividend_clawback', 'binding_reward')
            and origin = 'restatement'
            and business_date >= getvariable('first')
        ) as restated_vouchers_earned
    from ledger
    where holder_kind = 'merchant' and asset in ('cash', 'voucher') and business_date <= getvariable('last')
    group by holder_id
),

all_sides as (
    select
        merchant_id,
        cast(coalesce(s.transactions, 0) - coalesce(r.transactions, 0) as bigint) as transactions,
        coalesce(s.sales, 0) - coalesce(r.sales, 0) as sales,
        coalesce(s.vouchers, 0) - coalesce(r.vouchers, 0) as vouchers,
        coalesce(s.concession, 0) - coalesce(r.concession, 0) as concession,
        coalesce(b.opening, 0) as opening,
        coalesce(b.proceeds, 0) as proceeds,
        coalesce(b.payouts, 0) as payouts,
        coalesce(b.closing, 0) as closing,
        coalesce(b.vouchers_earned, 0) as vouchers_earned,
        coalesce(b.restated, 0) as restated,
        coalesce(b.restated_vouchers_earned, 0) as restated_vouchers_earned,
        coalesce(c.proceeds, 0) - coalesce(c.payouts, 0) as correction,
        coalesce(c.vouchers_earned, 0) as correction_vouchers_earned,
        cast(coalesce(s.transactions, 0) as bigint) as corrected_transactions,
        coalesce(s.sales, 0) as corrected_sales,
        coalesce(s.vouchers, 0) as corrected_vouchers,
        coalesce(s.concession, 0) as corrected_concession,
        coalesce(b.proceeds, 0) + coalesce(c.proceeds, 0) as corrected_proceeds,
        coalesce(b.payouts, 0) + coalesce(c.payouts, 0) as corrected_payouts,
        coalesce(b.vouchers_earned, 0) + coalesce(c.vouchers_earned, 0) as corrected_vouchers_earned
    from corrected as s
    full join resold as r using (merchant_id)
    full join rebooked as c using (merchant_id)
    full join booked as b using (merchant_id)
)

select
    merchant_id,
    transactions,
    columns(* exclude (merchant_id, transactions, corrected_transactions))::decimal(18, 2),
    corrected_transactions
from all_sides
where
    transactions > 0
    or corrected_transactions > 0
    or opening <> 0
    or proceeds <> 0
    or payouts <> 0
    or closing <> 0
    or restated <> 0
    or correction <> 0
    or vouchers_earned <> 0
    or restated_vouchers_earned <> 0
    or correction_vouchers_earned <> 0
order by merchant_id
