-- What each merchant sold, conceded and is owed: as posted, and as corrected since by restatements, so that sales less
-- concession are the proceeds in either. Merchants that did not move and are owed nothing are left out.
with corrected as (
    select
        merchant_id,
        count(*) as transactions,
        sum(if(kind = 'refund', -amount, amount)) as sales,
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
        sum(concession) as concession
    from restated_sales
    where restated_date between getvariable('first') and getvariable('last')
    group by merchant_id
),

cash as (
    select
        holder_id as merchant_id,
        sum(amount) filter (
            kind = 'sales_proceeds' and origin = 'settlement' and business_date >= getvariable('first')
        ) as proceeds,
        -sum(amount) filter (
            kind = 'payout' and origin = 'settlement' and business_date >= getvariable('first')
        ) as payouts,
        sum(amount) filter (origin = 'restatement' and business_date >= getvariable('first')) as restated,
        sum(amount) as payable
    from ledger
    where holder_kind = 'merchant' and asset = 'cash' and business_date <= getvariable('last')
    group by holder_id
)

select
    merchant_id,
    cast(coalesce(s.transactions, 0) - coalesce(r.transactions, 0) as bigint) as transactions,
    coalesce(s.sales, 0.00) - coalesce(r.sales, 0.00) as sales,
    coalesce(s.concession, 0.00) - coalesce(r.concession, 0.00) as concession,
    coalesce(c.proceeds, 0.00) as proceeds,
    coalesce(c.payouts, 0.00) as payouts,
    coalesce(c.restated, 0.00) as restated,
    coalesce(c.payable, 0.00) as payable,
    coalesce(s.sales, 0.00) as corrected_sales,
    coalesce(s.concession, 0.00) as corrected_concession,
    coalesce(s.sales, 0.00) - coalesce(s.concession, 0.00) as corrected_proceeds
from corrected as s
full join resold as r using (merchant_id)
full join cash as c using (merchant_id)
where
    s.merchant_id is not null
    or r.merchant_id is not null
    or c.proceeds is not null
    or c.payouts is not null
    or c.restated is not null
    or c.payable <> 0
