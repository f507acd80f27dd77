-- The answer of `athar --json address ADDRESS` (its snapshot aside), from exported tables alone; no row for an address
-- that no output ever paid.
--
--     SET VARIABLE tables = 'DIR'; SET VARIABLE address = 'ADDRESS';
--     SET VARIABLE page_offset = 0; SET VARIABLE page_limit = 100;
WITH
address AS (
    SELECT address_id, address, entity_id
    FROM read_parquet(getvariable('tables') || '/addresses/*/*.parquet')
    WHERE address = getvariable('address')
),
paid AS (
    SELECT o.output_id, o.tx_id, o.vout, o.height, o.time, o.value_sat, o.spent_by_tx_id,
        (o.time AT TIME ZONE 'UTC')::DATE AS day,
        -- in 10^-10 dollars a coin; null where that day has no price
        (b.price_usd * 10000000000)::HUGEINT AS price
    FROM read_parquet(getvariable('tables') || '/outputs/*/*.parquet') o
    JOIN read_parquet(getvariable('tables') || '/blocks/*/*.parquet') b USING (height)
    WHERE o.address_id = (SELECT address_id FROM address)
),
transactions AS (
    SELECT tx_id, lower(hex(txid)) AS txid, height, time
    FROM read_parquet(getvariable('tables') || '/transactions/*/*.parquet')
    WHERE tx_id IN (SELECT tx_id FROM paid UNION ALL SELECT spent_by_tx_id FROM paid)
),
-- what was received on each day is worth its price, rounded half up to the cent, in integers: no float holds money
days AS (
    SELECT day, sum(value_sat) AS value_sat,
        (sum(value_sat) * any_value(price) // 100000000 + 50000000) // 100000000 AS cents
    FROM paid GROUP BY day
),
totals AS (
    SELECT
        sum(value_sat)::BIGINT AS received_sat,
        coalesce(sum(value_sat) FILTER (spent_by_tx_id IS NOT NULL), 0)::BIGINT AS sent_sat,
        count(*) AS output_count,
        min(tx_id) AS first_tx_id,
        greatest(max(tx_id), max(spent_by_tx_id)) AS last_tx_id
    FROM paid
),
worth AS (
    SELECT
        coalesce(sum(value_sat) FILTER (cents IS NULL), 0)::BIGINT AS received_unpriced_sat,
        CASE WHEN sum(value_sat) FILTER (cents IS NOT NULL) > 0 OR count(*) FILTER (cents IS NULL AND value_sat > 0) = 0
            THEN coalesce(sum(cents), 0)::DECIMAL(30, 0) * 0.01::DECIMAL(3, 2) END AS received_usd
    FROM days
),
page AS (
    SELECT paid.output_id, {
        'txid': maker.txid,
        'vout': paid.vout,
        'height': paid.height,
        'time': strftime(paid.time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ'),
        'value_sat': paid.value_sat,
        'usd': ((paid.value_sat * paid.price // 100000000 + 50000000) // 100000000)::DECIMAL(30, 0) * 0.01::DECIMAL(3, 2),
        'spent_by': spender.txid
    } AS output
    FROM paid
    JOIN transactions maker USING (tx_id)
    LEFT JOIN transactions spender ON spender.tx_id = paid.spent_by_tx_id
    ORDER BY paid.output_id
    LIMIT getvariable('page_limit') OFFSET getvariable('page_offset')
),
-- chain and network stand in the metadata of every file, as `bitcoin/mainnet`
chain AS (
    SELECT any_value(split(decode(value), '/')) AS words
    FROM parquet_kv_metadata(getvariable('tables') || '/addresses/*/*.parquet')
    WHERE decode(key) = 'athar.chain'
)
SELECT
    address.address,
    chain.words[1] AS chain,
    chain.words[2] AS network,
    entities.entity,
    totals.received_sat,
    -- the days that have a price; null where none has one
    worth.received_usd,
    worth.received_unpriced_sat,
    totals.sent_sat,
    totals.received_sat - totals.sent_sat AS balance_sat,
    totals.output_count,
    first.height AS first_height,
    last.height AS last_height,
    strftime(first.time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS first_time,
    strftime(last.time AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%SZ') AS last_time,
    coalesce((
        SELECT list(label ORDER BY label_id)
        FROM read_parquet(getvariable('tables') || '/labels/*.parquet') labels
        WHERE labels.address_id = (SELECT address_id FROM address)
    ), []) AS labels,
    coalesce((SELECT list(output ORDER BY output_id) FROM page), []) AS outputs,
    getvariable('page_offset') AS "offset",
    getvariable('page_offset') + (SELECT count(*) FROM page) < totals.output_count AS outputs_truncated
FROM address
CROSS JOIN totals
CROSS JOIN worth
CROSS JOIN chain
JOIN read_parquet(getvariable('tables') || '/entities/*/*.parquet') entities USING (entity_id)
JOIN transactions first ON first.tx_id = totals.first_tx_id
JOIN transactions last ON last.tx_id = totals.last_tx_id;
