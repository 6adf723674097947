-- What restatements have changed about merchants' sales of closed days: `transactions`, which shows the corrected history,
-- less this is what was posted. Refunds are negative.
--
-- business_date: the day that booked it
-- run_id: the run that booked it
-- restated_date: the closed day that it corrects
-- merchant_id: the merchant
-- transactions: booked purchases and refunds, more or fewer
-- sales: order totals in yuan, the voucher part included, more or less
-- vouchers: of it paid with vouchers 抵用券
-- concession: 让利, more or less
select
    business_date,
    run_id,
    restated_date,
    merchant_id,
    transactions,
    yuan(amount_fen) as sales,
    yuan(voucher_fen) as vouchers,
    yuan(concession_fen) as concession
from lake.restated_sales
order by business_date, run_id, restated_date, merchant_id
