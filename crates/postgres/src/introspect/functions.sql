-- Every function, procedure and aggregate that people made or an extension brought.
select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'oid', p.oid::pg_catalog.int8,
           'schema', n.nspname,
           'name', p.proname,
           'arguments', (
               select coalesce(pg_catalog.json_agg(a.type::pg_catalog.int8 order by a.place),
                   '[]'::pg_catalog.json)
                 from pg_catalog.unnest(p.proargtypes::pg_catalog.oid[])
                      with ordinality a (type, place)),
           'returns', p.prorettype::pg_catalog.int8,
           'returns_set', p.proretset,
           'kind', p.prokind,
           'volatility', case p.provolatile
               when 'i' then 'immutable' when 's' then 'stable' else 'volatile' end,
           'leakproof', p.proleakproof,
           'extension', x.extname) order by p.oid), '[]'::pg_catalog.json)::pg_catalog.text
  from pg_catalog.pg_proc p
  join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) p.pronamespace
  left join pg_catalog.pg_depend d
    on d.classid operator(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
   and d.objid operator(pg_catalog.=) p.oid
   and d.deptype operator(pg_catalog.=) 'e'
  left join pg_catalog.pg_extension x on x.oid operator(pg_catalog.=) d.refobjid
 where n.nspname not in ('pg_catalog', 'information_schema')
