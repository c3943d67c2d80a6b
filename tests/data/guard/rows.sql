-- Rows of the attack corpus. `tok_` marks what the analyst may not see; residency NULL, unknown and
-- of other places among them.
INSERT INTO public.subj VALUES
    (1, 'anna@example.de', 'Anna', 'DE', 'tok_ssn_1', 52000, '1980-02-03', '2026-01-01 10:00Z', 'first', 'tok_hid_1', 'tok_unl_1'),
    (2, 'tok_mail_2@example.us', 'Bob', 'US', 'tok_ssn_2', 61000, '1975-06-07', '2026-01-02 11:00Z', 'second', 'tok_hid_2', 'tok_unl_2'),
    (3, 'tok_mail_3@example.cn', 'tok_name_3', 'CN', 'tok_ssn_3', 20093, '1990-01-01', '2026-01-03 12:00Z', 'tok_note_3', 'tok_hid_3', 'tok_unl_3'),
    (4, 'chloe@example.fr', 'Chloé', 'FR', 'tok_ssn_4', 48000, '1988-12-31', '2026-01-04 13:00Z', NULL, 'tok_hid_4', 'tok_unl_4'),
    (5, 'tok_mail_5@example.org', 'tok_name_5', NULL, 'tok_ssn_5', 20095, NULL, '2026-01-05 14:00Z', 'tok_note_5', 'tok_hid_5', 'tok_unl_5'),
    (6, 'tok_mail_6@example.org', 'tok_name_6', 'de ', 'tok_ssn_6', 20096, '1999-09-09', NULL, 'tok_note_6', 'tok_hid_6', 'tok_unl_6'),
    (7, NULL, 'Dieter', 'Germany', NULL, 0, '1970-01-01', '2026-01-07 16:00Z', 'seventh', NULL, NULL),
    (8, 'tok_mail_8@example.us', 'Eve', 'usa', 'tok_ssn_8', NULL, '2001-10-11', '2026-01-08 17:00Z', 'eighth', 'tok_hid_8', 'tok_unl_8');
INSERT INTO public.ord VALUES
    (10, 1, 120.50, '2026-02-01 09:00Z', '4000111122223333'),
    (11, 2, 99.99, '2026-02-02 09:00Z', '4000111122224444'),
    (12, 3, 7.03, '2026-02-03 09:00Z', 'tok_card_12'),
    (13, NULL, 7.05, '2026-02-04 09:00Z', 'tok_card_13'),
    (14, 1, 5.00, NULL, NULL),
    (15, 4, 250.00, '2026-03-05 09:00Z', '4000111122225555');
INSERT INTO public.msg VALUES
    (100, 1, 2, 'tok_body_100'), (101, 1, 4, 'tok_body_101'), (102, 1, 3, 'tok_body_102'),
    (103, 2, 1, 'tok_body_103'), (104, 4, NULL, 'tok_body_104');
INSERT INTO public.post VALUES
    ('00000000-0000-0000-0000-000000000001', 1, 'Hello there', 'public', NULL, 1500),
    ('00000000-0000-0000-0000-000000000002', 2, 'Private thoughts', 'private', NULL, 20),
    ('00000000-0000-0000-0000-000000000003', 3, 'Shown to all', 'public', NULL, 3000),
    ('00000000-0000-0000-0000-000000000004', 4, 'Deleted', 'public', '2026-01-01', 9);
INSERT INTO public.vip VALUES (1, 'tok_vip_1'), (2, 'tok_vip_2');
INSERT INTO public.open_t VALUES (1, 'open one', 'a'), (2, 'open two', 'b'), (3, NULL, 'c');
INSERT INTO public.uncatalogued VALUES (1, 'tok_unc_1');
INSERT INTO public.plog VALUES
    (1, 'DE', 'tok_plog_1', 'one'), (2, 'CN', 'tok_plog_2', 'tok_line_2'),
    (101, 'US', 'tok_plog_3', 'three'), (102, NULL, 'tok_plog_4', 'tok_line_4');
REFRESH MATERIALIZED VIEW public.subj_copy;
