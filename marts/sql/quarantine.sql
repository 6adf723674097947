-- Every row that was not booked, with the first reason that applied.
--
-- business_date: the day whose feed held it
-- feed: transactions, coin_redemptions or payouts
-- txn_id: the row's id in its own feed; empty if it has none
-- reason: the first rule that it broke
-- raw: the row as it came: a JSON object of its cells, or the text of a row with too few or too many cells
-- file: the file that held it
-- position: its number among the file's data rows, from 1
-- amount: its amount, where it can be read
-- faulty_column: the first column of the feed that is at fault; empty for a row with too few or too many cells
select
    business_date,
    feed,
    id as txn_id,
    reason,
    raw,
    file,
    position,
    yuan(amount_fen) as amount,
    faulty_column
from lake.quarantine
order by business_date, feed, file, position
