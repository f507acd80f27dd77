-- The answer of `athar --json entity ADDRESS` (its snapshot aside), from exported tables alone; no row for an address
-- that no output ever paid. Needs an export up to the tip: the balance is valued at the price of its day.
--
-- What the entity received and sent is added up from `outputs` here, to show the join from addresses to money;
-- `entities` has the same sums ready.
--
--     SET VARIABLE tables = 'DIR'; SET VARIABLE address = 'ADDRESS';
--     SET VARIABLE page_offset = 0; SET VARIABLE page_limit = 100;
WITH
asked AS (
    SELECT address_id, entity_id
    FROM read_parquet(getvariable('tables') || '/addresses/*/*.parquet')
    WHERE address = getvariable('address')
),
members AS (
    SELECT address_id, address
    FROM read_parquet(getvariable('tables') || '/addresses/*/*.parquet')
    WHERE entity_id = (SELECT entity_id FROM asked)
),
totals AS (
    SELECT
        sum(value_sat)::BIGINT AS received_sat,
        coalesce(sum(value_sat) FILTER (spent_by_tx_id IS NOT NULL), 0)::BIGINT AS sent_sat,
        min(tx_id) AS first_tx_id,
        greatest(max(tx_id), max(spent_by_tx_id)) AS last_tx_id
    FROM read_parquet(getvariable('tables') || '/outputs/*/*.parquet')
    WHERE address_id IN (SELECT address_id FROM members)
),
-- a label on one customer's account at a service stays on its address, and then is all that is said of it
labels AS (
    SELECT *
    FROM read_parquet(getvariable('tables') || '/labels/*.parquet')
    WHERE address_id = (SELECT address_id FROM asked) AND entity_id IS NULL
       OR entity_id = (SELECT entity_id FROM asked)
    QUALIFY (entity_id IS NULL) = bool_or(entity_id IS NULL) OVER ()
),
page AS (
    SELECT address_id, address FROM members
    ORDER BY address_id LIMIT getvariable('page_limit') OFFSET getvariable('page_offset')
),
last_block AS (
    SELECT height, time, price_usd, price_sources, price_builtin FROM read_parquet(getvariable('tables') || '/blocks/*/*.parquet')
    ORDER BY height DESC LIMIT 1
),
heuristics AS (
    SELECT any_value(split(decode(value), ' ')) AS words
    FROM parquet_kv_metadata(getvariable('tables') || '/addresses/*/*.parquet')
    WHERE decode(key) = 'athar.heuristics'
),
coin AS (
    SELECT any_value(decode(value)) AS symbol
    FROM parquet_kv_metadata(getvariable('tables') || '/blocks/*/*.parquet')
    WHERE decode(key) = 'athar.coin'
),
transactions AS (
    SELECT tx_id, height, strftime(time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS time
    FROM read_parquet(getvariable('tables') || '/transactions/*/*.parquet')
)
SELECT
    entities.entity,
    (SELECT count(*) FROM members) AS size,
    coalesce((SELECT list(address ORDER BY address_id) FROM page), []) AS addresses,
    getvariable('page_offset') AS "offset",
    getvariable('page_offset') + (SELECT count(*) FROM page) < (SELECT count(*) FROM members) AS addresses_truncated,
    first.height AS first_height,
    -- an export is of entities that know every block
    last_block.height AS as_of_height,
    last.height AS last_height,
    first.time AS first_time,
    last.time AS last_time,
    totals.received_sat,
    totals.sent_sat,
    totals.received_sat - totals.sent_sat AS balance_sat,
    -- cents, rounded half up, in 128-bit integers: no float holds money. Null where that day has no price.
    (((totals.received_sat - totals.sent_sat) * (last_block.price_usd * 10000000000)::HUGEINT // 100000000 + 50000000)
        // 100000000)::DECIMAL(30, 0) * 0.01::DECIMAL(3, 2) AS balance_usd,
    CASE WHEN last_block.price_usd IS NOT NULL THEN {
        'asset': coin.symbol,
        'day': strftime(last_block.time AT TIME ZONE 'UTC', '%Y-%m-%d'),
        'usd': last_block.price_usd,
        'sources': last_block.price_sources,
        'builtin': last_block.price_builtin
    } END AS price,
    coalesce((
        SELECT list({
            'subject': subject,
            'kind': subject_kind,
            'chain': chain,
            'label': label,
            'category': category,
            'basis': basis,
            'source': source,
            'confidence': confidence_level,
            'actor': actor,
            'country': country,
            'valid_from': strftime(valid_from, '%Y-%m-%d'),
            'valid_to': strftime(valid_to, '%Y-%m-%d'),
            'pack': pack_title,
            'line': line,
            'quarantine': NULL,
            'note': note
        } ORDER BY label_id)
        FROM labels
    ), []) AS labels,
    heuristics.words[2] AS heuristics
FROM asked
CROSS JOIN totals
CROSS JOIN heuristics
CROSS JOIN coin
LEFT JOIN last_block ON true
JOIN read_parquet(getvariable('tables') || '/entities/*/*.parquet') entities USING (entity_id)
JOIN transactions first ON first.tx_id = totals.first_tx_id
JOIN transactions last ON last.tx_id = totals.last_tx_id;
