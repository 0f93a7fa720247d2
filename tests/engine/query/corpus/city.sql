-- city
SELECT t.id AS c0, t.code AS c1, t.name AS c2, t.time_zone AS c3, t.achievement_cap AS c4, t.target_formula AS c5, t.map AS c6, t.referral_bodies AS c7, ((SELECT max(s.swept_at) FROM swept_until s)) AS c8, t.holidays AS c9, t.term_starts_on AS c10, t.term_ends_on AS c11
FROM city t
LIMIT 1;
