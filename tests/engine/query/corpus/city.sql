-- city
SELECT t.id AS c0, t.code AS c1, t.name AS c2, t.time_zone AS c3, t.referral_bodies AS c4, t.holidays AS c5, t.term_starts_on AS c6, t.term_ends_on AS c7
FROM city t
LIMIT 1;
