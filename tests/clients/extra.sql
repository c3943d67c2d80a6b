-- Rows that Chinook lacks: residencies that are absent, unknown, in conflict or oddly spelt, and cells
-- that masks have to bear. All invented.
insert into customer values
    (60, 'Nora', 'Nowhere', null, null, null, null, null, null, null, null, 'nora@example.org', 3),
    (61, 'Atle', 'Atlantis', 'Deep Sea', '1 Sea Bed', 'Poseidonis', null, 'Atlantis', 'X', '1', '2', 'atle@example.org', 3),
    (62, 'Una', 'Unserved', null, null, null, null, 'Canada', null, null, null, 'una@example.org', null),
    (63, 'Ulf', 'Upper', null, null, null, null, 'SWEDEN', '', '12', '34', 'ulf@example.org', 4),
    (64, 'Ida', E'Tab\tand\\slash', E'two\nlines', 'é "quoted", and comma', null, null, 'united states', '1', '123', null, 'ida@example.org', 5);
insert into invoice values
    (900, 60, '2025-12-31 23:59:59', null, null, null, 'Canada', null, 7.50),
    (901, 61, '2024-02-28 13:37:11', null, null, null, null, null, 0.00),
    (902, 62, '2025-01-01 00:00:00', null, null, null, 'USA', null, 4.99),
    (903, 63, '2025-06-15 10:30:00', null, null, null, 'Sweden', null, 5.00),
    (904, 64, '2025-07-04 08:00:00', null, null, null, 'France', null, 99999.99);
insert into invoice_line values (9000, 900, 1, 7.50, 1), (9001, 903, 2, 2.50, 2), (9002, 904, 3, 9999.99, 10);
