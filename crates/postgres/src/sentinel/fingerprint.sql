-- Whether somebody waits for a lock that this session holds, and what of the schema that lock does
-- not protect: the names of schemas (a rename takes no lock on what is in them), and all that people
-- made beside the columns of their tables. `xmin` says which transaction wrote the row.
select exists (
           select from pg_catalog.pg_locks mine
             join pg_catalog.pg_locks theirs
               on theirs.relation operator(pg_catalog.=) mine.relation
              and theirs.database operator(pg_catalog.=) mine.database
            where mine.pid operator(pg_catalog.=) pg_catalog.pg_backend_pid()
              and mine.granted and not theirs.granted),
       pg_catalog.encode(pg_catalog.sha256(pg_catalog.convert_to(coalesce(
           pg_catalog.string_agg(made.text, ',' order by made.text), ''), 'UTF8')), 'hex')
  from (select n.oid, n.nspname
          from pg_catalog.pg_namespace n
         where n.nspname operator(pg_catalog.<>) 'information_schema'
           and not pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')) s
 cross join lateral (
       select pg_catalog.concat('n', s.oid, ' ', s.nspname) as text
       union all
       select pg_catalog.concat('c', c.oid, ' ', c.xmin)
         from pg_catalog.pg_class c where c.relnamespace operator(pg_catalog.=) s.oid
       union all
       select pg_catalog.concat('p', p.oid, ' ', p.xmin)
         from pg_catalog.pg_proc p where p.pronamespace operator(pg_catalog.=) s.oid
       union all
       select pg_catalog.concat('t', t.oid, ' ', t.xmin)
         from pg_catalog.pg_type t where t.typnamespace operator(pg_catalog.=) s.oid
       union all
       select pg_catalog.concat('o', o.oid, ' ', o.xmin)
         from pg_catalog.pg_operator o where o.oprnamespace operator(pg_catalog.=) s.oid
       union all
       select pg_catalog.concat('x', x.oid, ' ', x.xmin)
         from pg_catalog.pg_extension x where x.extnamespace operator(pg_catalog.=) s.oid
       ) made
