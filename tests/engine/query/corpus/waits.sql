-- waitGroups.organisation
SELECT t.id, t.id AS c0
FROM organisation t
WHERE t.id = ANY($1::uuid[]);

-- longestWaitChain.subject
SELECT t.id, t.id AS c0, j1.id AS c1
FROM task t
LEFT JOIN organisation j1 ON j1.id = t.organisation_id
WHERE t.id = ANY($1::uuid[]);

-- longestWaitChain.subject
SELECT t.id, t.id AS c0, j1.id AS c1
FROM collaboration_request t
LEFT JOIN organisation j1 ON j1.id = t.giver_id
WHERE t.id = ANY($1::uuid[]);
