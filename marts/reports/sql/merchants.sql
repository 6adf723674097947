-- What each merchant sold, conceded and is owed. Merchants that did not move and are owed nothing are left out.
with sold as (
    select
        merchant_id,
        count(*) as transactions,
        sum(if(kind = 'refund', -amount, amount)) as sales,
        sum(concession) as concession
    from transactions
    where business_date between getvariable('first') and getvariable('last')
    group by merchant_id
),

cash as (
    select
        holder_id as merchant_id,
        sum(amount) filter (kind = 'sales_proceeds' and business_date >= getvariable('first')) as proceeds,
        -sum(amount) filter (kind = 'payout' and business_date >= getvariable('first')) as payouts,
        sum(amount) as payable
    from ledger
    where holder_kind = 'merchant' and asset = 'cash' and business_date <= getvariable('last')
    group by holder_id
)

select
    merchant_id,
    coalesce(s.transactions, 0) as transactions,
    coalesce(s.sales, 0.00) as sales,
    coalesce(s.concession, 0.00) as concession,
    coalesce(c.proceeds, 0.00) as proceeds,
    coalesce(c.payouts, 0.00) as payouts,
    coalesce(c.payable, 0.00) as payable
from sold as s
full join cash as c using (merchant_id)
where s.merchant_id is not null or c.proceeds is not null or c.payouts is not null or c.payable <> 0
