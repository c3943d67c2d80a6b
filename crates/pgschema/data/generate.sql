-- Writes what a PostgreSQL has built in: its types, functions and operators of schema pg_catalog.
--
-- Run with psql in an empty folder against a fresh cluster:   psql -X --file=generate.sql postgres
-- The lists of this folder are the union over PostgreSQL 15 to 18; behind each function stand the
-- first and the last version that has just this line. Types and operators are the same in all four.
-- The test `postgres::builtin` compares them with the server that is installed; with CORDON_PG_BIN it
-- does so for the others.
--
-- Types are written by name. Row types of the catalogues and their arrays are left out: nothing may
-- be cast to them, and their numbers differ between minor versions.

\pset format unaligned
\pset fieldsep '\t'
\pset tuples_only on
\pset null '-'

\o types.tsv
select t.oid, t.typname, nullif(t.typarray, 0),
       case when t.typsubscript = 'pg_catalog.array_subscript_handler'::pg_catalog.regproc
            then t.typelem::pg_catalog.oid::pg_catalog.text end,
       case when t.typsubscript = 'pg_catalog.array_subscript_handler'::pg_catalog.regproc
            then 'A' else t.typtype::pg_catalog.text end,
       t.typcategory, t.typcollation <> 0
  from pg_catalog.pg_type t left join pg_catalog.pg_type e on e.oid = t.typelem
 where t.typnamespace = 'pg_catalog'::pg_catalog.regnamespace
   and t.typtype <> 'c' and e.typtype is distinct from 'c'
 order by t.oid;

\o functions.tsv
select p.proname,
       arguments.names,
       r.typname, p.proretset, p.provariadic <> 0, p.pronargdefaults, p.prokind, p.provolatile,
       p.proleakproof
  from pg_catalog.pg_proc p
  join pg_catalog.pg_type r on r.oid = p.prorettype
 cross join lateral (select pg_catalog.string_agg(t.typname, ' ' order by a.place)
          from pg_catalog.unnest(p.proargtypes::pg_catalog.oid[]) with ordinality a (type, place)
          join pg_catalog.pg_type t on t.oid = a.type) arguments (names)
 where p.pronamespace = 'pg_catalog'::pg_catalog.regnamespace
   and not exists (select from pg_catalog.pg_depend d
        where d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass and d.objid = p.oid
          and d.deptype = 'e')
 order by p.proname collate "C", arguments.names collate "C" nulls first;

\o operators.tsv
select o.oprname, l.typname, r.typname, s.typname, p.proname,
       (select pg_catalog.string_agg(t.typname, ' ' order by a.place)
          from pg_catalog.unnest(p.proargtypes::pg_catalog.oid[]) with ordinality a (type, place)
          join pg_catalog.pg_type t on t.oid = a.type)
  from pg_catalog.pg_operator o
  left join pg_catalog.pg_type l on l.oid = o.oprleft
  join pg_catalog.pg_type r on r.oid = o.oprright
  join pg_catalog.pg_type s on s.oid = o.oprresult
  join pg_catalog.pg_proc p on p.oid = o.oprcode
 where o.oprnamespace = 'pg_catalog'::pg_catalog.regnamespace
 order by o.oprname collate "C", l.typname collate "C" nulls first, r.typname collate "C";
\o
