-- The rulebooks that the runs settled by: a row for each text, from the first run that had it on.
--
-- run_id: the first run that settled by this text
-- rulebook_fingerprint: of its rules alone, as in runs: comments, sources and spelling do not count
-- first_date: the first day that now stands settled by these rules; null if none does any more
-- last_date: the last such day
-- days: how many settled days stand by these rules
-- text: the whole TOML file; null for runs before format 4 of the lake, whose text nobody kept
select
    b.run_id,
    b.rulebook_fingerprint,
    min(d.business_date) as first_date,
    max(d.business_date) as last_date,
    count(d.business_date) as days,
    b.text
from lake.rulebooks as b
left join lake.days as d using (rulebook_fingerprint)
group by all
order by b.run_id
