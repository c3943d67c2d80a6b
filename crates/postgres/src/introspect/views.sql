-- What views and materialized views are made of, with every name outside pg_catalog qualified.
select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'oid', c.oid::pg_catalog.int8,
           'definition', pg_catalog.pg_get_viewdef(c.oid)) order by c.oid),
           '[]'::pg_catalog.json)::pg_catalog.text
  from pg_catalog.pg_class c
  join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
 where c.relkind in ('v', 'm')
   and n.nspname operator(pg_catalog.<>) 'information_schema'
   and not pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')
