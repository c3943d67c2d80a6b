-- Every operator that people made or an extension brought.
select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'oid', o.oid::pg_catalog.int8,
           'schema', n.nspname,
           'name', o.oprname,
           'left', nullif(o.oprleft::pg_catalog.int8, 0),
           'right', o.oprright::pg_catalog.int8,
           'result', o.oprresult::pg_catalog.int8,
           'function', o.oprcode::pg_catalog.oid::pg_catalog.int8,
           'extension', x.extname) order by o.oid), '[]'::pg_catalog.json)::pg_catalog.text
  from pg_catalog.pg_operator o
  join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) o.oprnamespace
  left join pg_catalog.pg_depend d
    on d.classid operator(pg_catalog.=) 'pg_catalog.pg_operator'::pg_catalog.regclass
   and d.objid operator(pg_catalog.=) o.oid
   and d.deptype operator(pg_catalog.=) 'e'
  left join pg_catalog.pg_extension x on x.oid operator(pg_catalog.=) d.refobjid
 where n.nspname operator(pg_catalog.<>) 'pg_catalog'
