-- Closed days that were corrected after they had been closed: every restatement of each, also where no amount moved.
--
-- business_date: the day that booked it
-- run_id: the run that booked it
-- restated_date: the closed day that it corrects
select
    business_date,
    run_id,
    restated_date
from lake.restated_days
order by business_date, run_id, restated_date
