-- Every finished run. The last one says what the books are.
--
-- run_id: the run
-- kind: nightly, backfill, close or upgrade
-- first_date: first day it settled
-- last_date: last day it settled
-- started_at: when it began
-- finished_at: when its result became the truth
-- rulebook_fingerprint: of the rules it settled by
-- input_fingerprint: of the feeds and reference files it read
-- rows_in: rows of all feeds
-- rows_booked: of those, booked
-- rows_quarantined: of those, quarantined
-- status: done
-- record_hash: SHA-256 of its record in the audit chain, which holds the hash of the record before it
select
    run_id,
    kind,
    first_date,
    last_date,
    started_at,
    finished_at,
    rulebook_fingerprint,
    input_fingerprint,
    rows_in,
    rows_booked,
    rows_quarantined,
    status,
    record_hash
from lake.runs
order by run_no
