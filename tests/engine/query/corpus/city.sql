-- city
SELECT t.id AS c0, t.code AS c1, t.name AS c2, t.time_zone AS c3, t.referral_bodies AS c4, ((SELECT max(s.swept_at) FROM swept_until s)) AS c5, t.holidays AS c6, t.term_starts_on AS c7, t.term_ends_on AS c8
FROM city t
LIMIT 1;
