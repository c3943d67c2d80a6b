-- Every extension that is installed in the database.
select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'name', x.extname,
           'version', x.extversion,
           'schema', n.nspname) order by x.extname), '[]'::pg_catalog.json)::pg_catalog.text
  from pg_catalog.pg_extension x
  join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) x.extnamespace
