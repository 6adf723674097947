-- A night in SQL. Sections are run in order; {names} are filled in by duckdb_night.py.
-- Moments are kept as Shanghai's clock: every row of these worlds has the offset +08:00, and one that has not is refused.

-- section: reference
create temp table members as
select member_id, joined_at[:19]::timestamp as joined_at, referrer_id
from read_csv({members}, header = true, columns = {{'member_id': 'bigint', 'joined_at': 'varchar', 'referrer_id': 'bigint'}});
create temp table merchants as
select merchant_id, valid_from[:19]::timestamp as valid_from, region_code, (concession_rate * 10000)::bigint as rate_bp,
    coalesce(lead(valid_from[:19]::timestamp) over (partition by merchant_id order by valid_from), timestamp '9999-01-01') as valid_to
from read_csv({merchants}, header = true, columns = {{
    'merchant_id': 'bigint', 'valid_from': 'varchar', 'region_code': 'varchar', 'concession_rate': 'decimal(18,4)'}});
create temp table promoter_of as
select merchant_id, arg_max_null(promoter_id, valid_from) as promoter_id
from read_csv({merchant_promoters}, header = true, columns = {{'merchant_id': 'bigint', 'promoter_id': 'bigint', 'valid_from': 'date'}})
where valid_from <= {day}
group by merchant_id;

-- section: staged
create temp table staged as
with cells as (
    select txn_id, kind,
        case when length(occurred_at) = 25 and ends_with(occurred_at, '+08:00')
            then try_cast(occurred_at[:19] as timestamp) end as moment,
        try_cast(member_id as bigint) as member_id,
        try_cast(merchant_id as bigint) as merchant_id,
        case when not contains(amount, 'e') then (try_cast(amount as decimal(18, 4)) * 10000)::bigint end as amount_e4,
        case when voucher_amount is null then 0
            when not contains(voucher_amount, 'e') then (try_cast(voucher_amount as decimal(18, 4)) * 10000)::bigint end as voucher_e4,
        case when kind = 'purchase' then (try_cast(concession_rate as decimal(18, 4)) * 10000)::bigint end as own_bp,
        kind = 'purchase' and concession_rate is not null as has_own,
        case when kind = 'refund' then original_txn_id end as original_txn_id,
        case when kind = 'refund' then try_cast(original_date as date) end as original_date,
        coalesce(channel, 'online') as channel
    from read_csv({transactions}, header = true, all_varchar = true)
)
select txn_id, kind, moment, moment::date as own_date, member_id, merchant_id, amount_e4 // 100 as amount_fen,
    voucher_e4 // 100 as voucher_fen, own_bp, original_txn_id, original_date, channel,
    case
        when txn_id is null or kind is null or kind not in ('purchase', 'refund') or moment is null
            or member_id is null or member_id <= 0 or merchant_id is null or merchant_id <= 0
            or amount_e4 is null or voucher_e4 is null or channel not in ('online', 'offline')
            or (has_own and own_bp is null)
            or (kind = 'refund' and (original_txn_id is null or original_date is null)) then 'malformed'
        when amount_e4 <= 0 or amount_e4 % 100 <> 0 or voucher_e4 < 0 or voucher_e4 % 100 <> 0
            or voucher_e4 > amount_e4 then 'bad_amount'
        when moment::date > {day} then 'future_dated'
        when moment::date < {day} - {late_days} then 'too_late'
    end as reason
from cells;

-- section: doubles
create temp table repeated as
select txn_id from staged where reason is null group by txn_id having count(*) > 1;
create temp table doubles as
select distinct txn_id, kind, moment, own_date, member_id, merchant_id, amount_fen, voucher_fen, own_bp, original_txn_id,
    original_date, channel, reason
from staged where reason is null and txn_id in (from repeated);
create temp table conflicting as select txn_id from doubles group by txn_id having count(*) > 1;
create temp table already_booked as
with late as (select txn_id, own_date from staged where reason is null and own_date < {day})
select distinct late.txn_id
from late join {late_transactions} as booked
    on booked.txn_id = late.txn_id and booked.business_date >= late.own_date;

-- section: judged
create temp table judged as
with passed as (
    from staged where reason is null and txn_id not in (from repeated)
    union all
    from doubles where txn_id not in (from conflicting)
)
select t.* exclude (reason), m.joined_at, m.referrer_id, s.region_code, coalesce(t.own_bp, s.rate_bp) as rate_bp,
    case
        when t.own_date < {day} and t.txn_id in (from already_booked) then 'already_booked'
        when m.joined_at is null or m.joined_at > t.moment then 'unknown_member'
        when s.region_code is null then 'unknown_merchant'
        when t.kind = 'purchase' and not coalesce(t.own_bp, s.rate_bp) between {lowest_bp} and {highest_bp}
            then 'concession_out_of_range'
    end as reason
from passed as t
left join members as m on m.member_id = t.member_id
left join merchants as s
    on s.merchant_id = t.merchant_id and t.moment >= s.valid_from and t.moment < s.valid_to;

-- section: purchases
create temp table purchases as
with bound as (
    select member_id, min((bound_at[:19]::timestamp, merchant_id)) as first_binding
    from read_csv({bindings}, header = true, columns = {{'member_id': 'bigint', 'merchant_id': 'bigint', 'bound_at': 'varchar'}})
    where member_id in (select member_id from judged)
    group by member_id
)
select t.txn_id, t.moment, t.member_id, t.merchant_id, t.amount_fen, t.voucher_fen, t.rate_bp, t.channel, t.own_date,
    (t.amount_fen * t.rate_bp + 5000) // 10000 as concession_fen,
    case when t.moment > b.first_binding[1] then b.first_binding[2] end as bound_merchant_id,
    t.referrer_id, p.promoter_id, t.region_code
from judged as t
left join bound as b on b.member_id = t.member_id
left join promoter_of as p on p.merchant_id = t.merchant_id
where t.kind = 'purchase' and t.reason is null;

-- section: refunds
create temp table refunds as
with asked as (from judged where kind = 'refund' and reason is null),
named as (
    select txn_id, business_date, member_id, merchant_id, amount_fen, voucher_fen, concession_rate_pico // 100000000 as rate_bp,
        bound_merchant_id, referrer_id, promoter_id, region_code, lot_date
    from {named_transactions} as earlier
    where kind = 'purchase' and (business_date, txn_id) in (select (original_date, original_txn_id) from asked)
    union all
    select txn_id, {day}, member_id, merchant_id, amount_fen, voucher_fen, rate_bp, bound_merchant_id, referrer_id,
        promoter_id, region_code, {day}
    from purchases where txn_id in (select original_txn_id from asked where original_date = {day})
),
taken as (
    select original_date, original_txn_id, sum(amount_fen) as fen, sum(voucher_fen) as voucher
    from {earlier_refunds} as earlier
    where (original_date, original_txn_id) in (select (original_date, original_txn_id) from asked)
    group by all
),
met as (
    select a.txn_id, a.moment, a.own_date, a.member_id, a.merchant_id, a.amount_fen, a.voucher_fen, a.original_txn_id,
        a.original_date, a.channel, n.rate_bp, n.bound_merchant_id, n.referrer_id, n.promoter_id, n.region_code, n.lot_date,
        n.amount_fen as bought_fen, n.voucher_fen as bought_voucher_fen,
        coalesce(k.fen, 0)::bigint as taken_fen, coalesce(k.voucher, 0)::bigint as taken_voucher_fen,
        case when n.txn_id is null then 'unknown_original'
            when n.member_id <> a.member_id or n.merchant_id <> a.merchant_id then 'refund_mismatch' end as reason
    from asked as a
    left join named as n on n.business_date = a.original_date and n.txn_id = a.original_txn_id
    left join taken as k on k.original_date = a.original_date and k.original_txn_id = a.original_txn_id
),
walked as (
    select *,
        bought_fen - taken_fen - sum(amount_fen) over walk as left_fen,
        bought_voucher_fen - taken_voucher_fen - sum(voucher_fen) over walk as voucher_left_fen
    from met where reason is null
    window walk as (partition by original_date, original_txn_id order by txn_id rows unbounded preceding)
),
ended as (
    select *, max(left_fen < 0 or voucher_left_fen < 0 or voucher_left_fen > left_fen) over (
        partition by original_date, original_txn_id order by txn_id rows unbounded preceding) as exceeds
    from walked
)
select * exclude (exceeds, left_fen, reason), left_fen::bigint as left_fen,
    case when exceeds then 'refund_exceeds_purchase' end as reason from ended
union all by name
select *, null::bigint as left_fen from met where reason is not null;

-- section: booked
create temp table booked as
select 'purchase' as kind, txn_id, moment, member_id, merchant_id, amount_fen, voucher_fen, rate_bp, null::varchar as original_txn_id,
    null::date as original_date, channel, {day} as lot_date, concession_fen, concession_fen as points_fen,
    concession_fen * {coins} as member_coins_fen, bound_merchant_id, referrer_id, promoter_id, region_code, own_date < {day} as is_late
from purchases
union all by name
select 'refund' as kind, txn_id, moment, member_id, merchant_id, amount_fen, voucher_fen, rate_bp, original_txn_id, original_date,
    channel, lot_date, earned as concession_fen, earned as points_fen, earned * {coins} as member_coins_fen, bound_merchant_id,
    referrer_id, promoter_id, region_code, own_date < {day} as is_late
from (
    select *, (left_fen * rate_bp + 5000) // 10000 - ((left_fen + amount_fen) * rate_bp + 5000) // 10000 as earned
    from refunds where reason is null
);
copy booked to '{out}/transactions.parquet' (format parquet, compression zstd);
copy (
    select txn_id, reason from staged where reason is not null
    union all select txn_id, 'conflicting_duplicate' from staged where reason is null and txn_id in (from conflicting)
    union all select txn_id, 'duplicate' from repeated where txn_id not in (from conflicting)
    union all select txn_id, reason from judged where reason is not null
    union all select txn_id, reason from refunds where reason is not null
) to '{out}/quarantine.parquet' (format parquet, compression zstd);

-- section: movements
create temp table movements as
with cells as (
    select 'coins' as asset, redemption_id as id, occurred_at, holder_kind, holder_id, coins as amount from {coin_redemptions}
    union all
    select asset, payout_id, occurred_at, holder_kind, holder_id, amount from {payouts}
),
typed as (
    select asset, id, holder_kind, try_cast(holder_id as bigint) as holder_id, try_cast(occurred_at[:19] as timestamp) as moment,
        case when not contains(amount, 'e') then (try_cast(amount as decimal(18, 4)) * 10000)::bigint end as amount_e4
    from cells
)
select t.asset, t.holder_kind, t.holder_id, t.amount_e4 // 100 as amount_fen
from typed as t
left join members as m on t.holder_kind = 'member' and m.member_id = t.holder_id and m.joined_at <= t.moment
left join (select merchant_id, min(valid_from) as joined_at from merchants group by merchant_id) as s
    on t.holder_kind = 'merchant' and s.merchant_id = t.holder_id and s.joined_at <= t.moment
where t.moment is not null and t.amount_e4 > 0 and t.amount_e4 % 100 = 0 and t.moment::date between {day} - {late_days} and {day}
    and coalesce(m.member_id, s.merchant_id) is not null;

-- section: ledger
create temp table ledger as
with of_members as (
    select member_id as holder_id, sum(points_fen)::bigint as points, sum(member_coins_fen)::bigint as coins,
        sum(case kind when 'purchase' then -voucher_fen else voucher_fen end)::bigint as voucher
    from booked group by member_id
),
of_merchants as (
    select merchant_id as holder_id, sum(points_fen)::bigint as points,
        (sum(case kind when 'purchase' then amount_fen else -amount_fen end) - sum(concession_fen))::bigint as cash
    from booked group by merchant_id
),
bound as (
    select bound_merchant_id as holder_id, sum(points_fen)::hugeint as points from booked
    where bound_merchant_id is not null group by 1
),
referred as (
    select referrer_id as holder_id, sum(points_fen)::hugeint as points from booked where referrer_id is not null group by 1
)
select * from (
    select 'member' as holder_kind, holder_id, 'points' as asset, 'points_earned' as kind, '' as pool, points as amount_fen from of_members
    union all select 'member', holder_id, 'coins', 'coins_earned', '', coins from of_members
    union all select 'member', holder_id, 'voucher', 'redemption', '', voucher from of_members
    union all select 'merchant', holder_id, 'points', 'points_earned', '', points from of_merchants
    union all select 'merchant', holder_id, 'cash', 'sales_proceeds', '', cash from of_merchants
    union all select 'merchant', holder_id, 'voucher', 'binding_reward', '',
        (sign(points) * (abs(points) * {binding_pico} // 1000000000000))::bigint from bound
    union all select 'member', holder_id, 'voucher', 'referral_reward', '',
        (sign(points) * (abs(points) * {referral_pico} // 1000000000000))::bigint from referred
    union all select holder_kind, holder_id, asset, case asset when 'coins' then 'coins_redeemed' else 'payout' end, '',
        -sum(amount_fen)::bigint from movements group by all
) where amount_fen <> 0;

-- section: changes
create temp table changes as
with sides as (
    select 'member' as holder_kind, member_id as holder_id, lot_date, points_fen from booked where kind = 'refund' and lot_date < {day}
    union all
    select 'merchant', merchant_id, lot_date, points_fen from booked where kind = 'refund' and lot_date < {day}
)
select c.pool, c.cohort_no, s.holder_id, sum(s.points_fen)::bigint as points_fen
from sides as s
join cohorts as c on c.holder_kind = s.holder_kind and s.lot_date > c.opened_after and s.lot_date <= c.cutoff_date
where s.points_fen <> 0
group by all;

-- section: clawbacks
insert into ledger
with touched as (select distinct pool, cohort_no, holder_id from changes),
held as (
    select t.*, p.points_fen + coalesce(e.points_fen, 0) as points_fen
    from touched as t
    join {touched_positions} as p using (pool, cohort_no, holder_id)
    left join (select pool, cohort_no, holder_id, sum(points_fen)::bigint as points_fen from {earlier_changes} group by all) as e
        using (pool, cohort_no, holder_id)
)
select * from (
    select c.holder_kind, h.holder_id, 'voucher', 'dividend_clawback', h.pool,
        sum((h.points_fen + g.points_fen)::hugeint * c.cumulative_pico // 1000000000000
            - h.points_fen::hugeint * c.cumulative_pico // 1000000000000)::bigint as amount_fen
    from held as h
    join changes as g using (pool, cohort_no, holder_id)
    join cohorts as c using (pool, cohort_no)
    group by all
) where amount_fen <> 0;

-- section: close
create temp table closed_{pool} as
select holder_id, sum(points_fen)::bigint as points_fen from (
    select {holder_column} as holder_id, points_fen from {open_lots} as earlier
    where lot_date > {last_cutoff} and {pool_column} = '{pool}'
    union all
    select {holder_column}, points_fen from booked where lot_date > {last_cutoff}
) group by holder_id having sum(points_fen) <> 0;
copy closed_{pool} to '{out}/positions-{pool}.parquet' (format parquet, compression zstd);

-- section: pay
create temp table taken_{pool} as
select cohort_no, holder_id, sum(points_fen)::bigint as points_fen from (
    select cohort_no, holder_id, points_fen from {earlier_changes} where pool = '{pool}'
    union all select cohort_no, holder_id, points_fen from changes where pool = '{pool}'
) group by all;
create temp table paid_{pool} as
with held as (
    select p.holder_id, p.points_fen + coalesce(t.points_fen, 0) as points_fen, r.before_pico, r.after_pico
    from {live_positions} as p
    join rates_{pool} as r on r.cohort_no = p.cohort_no
    left join taken_{pool} as t on t.cohort_no = p.cohort_no and t.holder_id = p.holder_id
    union all
    select holder_id, points_fen, before_pico, after_pico from closed_{pool}, rates_{pool} where cohort_no = {event_no}
)
-- 64 bits in two exact steps, floor(floor(x / a) / b) = floor(x / (a b)), took half the time of 128 bits; too many
-- points for them would be an error, not a wrong amount.
from (
    select holder_id, sum(
        (points_fen * (after_pico // 1000000) + points_fen * (after_pico % 1000000) // 1000000) // 1000000
        - (points_fen * (before_pico // 1000000) + points_fen * (before_pico % 1000000) // 1000000) // 1000000
    )::bigint as amount_fen
    from held group by holder_id
)
where amount_fen <> 0;
insert into ledger select '{holder_kind}', holder_id, 'voucher', 'dividend', '{pool}', amount_fen from paid_{pool};

-- section: write
copy ledger to '{out}/ledger.parquet' (format parquet, compression zstd);
copy (
    select holder_kind, holder_id, asset, sum(amount_fen)::bigint as balance_fen from ledger group by all
) to '{out}/balances.parquet' (format parquet, compression zstd);
