-- The run that the warehouse shows. One row.
select
    r.run_id,
    r.kind,
    cast(r.finished_at as timestamp) as finished,
    strftime(r.finished_at, '%Y-%m-%d %H:%M:%S %Z') as finished_at,
    r.rulebook_fingerprint,
    r.record_hash
from publication as p
join runs as r using (run_id)
