-- Version 3: alerts in the order of work, most severe first and then by number. `place` is that order in one number, which a page
-- can begin after; it stays below 2^53, so every reader of JSON keeps it exactly.
ALTER TABLE alerts ADD COLUMN place INTEGER GENERATED ALWAYS AS (
    CASE severity WHEN 'severe' THEN 0 WHEN 'high' THEN 1 WHEN 'medium' THEN 2 ELSE 3 END * 1125899906842624 + id
) VIRTUAL;
CREATE INDEX alerts_place ON alerts (place);
CREATE INDEX alerts_state_place ON alerts (state, place);
CREATE INDEX alerts_waiting_place ON alerts (place) WHERE state IN ('open', 'in_review', 'escalated');
CREATE INDEX alerts_waiting ON alerts (id) WHERE state IN ('open', 'in_review', 'escalated');
