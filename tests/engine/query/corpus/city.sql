-- city
SELECT t.id AS c0, t.code AS c1, t.name AS c2, t.time_zone AS c3, t.achievement_cap AS c4, t.target_formula AS c5, t.map AS c6, t.referral_bodies AS c7, t.inspectorate AS c8, t.person_reply_working_days AS c9, t.ruling_working_days AS c10, t.acting_months AS c11, t.reprimand_kinds AS c12, ((SELECT max(s.swept_at) FROM swept_until s)) AS c13, t.holidays AS c14, t.complete_years AS c15, t.term_starts_on AS c16, t.term_ends_on AS c17
FROM city t
LIMIT 1;
