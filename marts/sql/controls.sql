-- What every run proved before it became the truth; a control that fails stops its run.
--
-- run_id: the run
-- business_date: the day that the control is about
-- name: what was proved
-- expected: what it had to be
-- actual: what it was
-- passed: whether they are equal
select
    run_id,
    business_date,
    name,
    cast(expected_fen * 0.01 as decimal(38, 2)) as expected,
    cast(actual_fen * 0.01 as decimal(38, 2)) as actual,
    passed
from lake.controls
order by run_id, business_date, name
