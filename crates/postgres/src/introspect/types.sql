-- Every type that people made, and every type that a column of their relations has.
with recursive base as (
    -- A domain may be over a domain; what any of them refuses, the outermost refuses.
    select t.oid as domain, t.oid, t.typbasetype, t.typnotnull
      from pg_catalog.pg_type t where t.typtype operator(pg_catalog.=) 'd'
    union all
    select b.domain, t.oid, t.typbasetype, t.typnotnull
      from base b
      join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) b.typbasetype
     where t.typtype operator(pg_catalog.=) 'd'
),
domains as (
    select b.domain, pg_catalog.bool_or(b.typnotnull) as not_null,
           pg_catalog.bool_or(exists (
               select from pg_catalog.pg_constraint k
                where k.contypid operator(pg_catalog.=) b.oid
                  and k.contype operator(pg_catalog.=) 'c')) as checked
      from base b
     group by b.domain
),
used as (
    select a.atttypid as oid
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_class c on c.oid operator(pg_catalog.=) a.attrelid
      join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
     where a.attnum operator(pg_catalog.>) 0 and not a.attisdropped
       and c.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
       and n.nspname operator(pg_catalog.<>) 'information_schema'
       and not pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')
)
select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'oid', t.oid::pg_catalog.int8,
           'schema', n.nspname,
           'name', t.typname,
           'kind', case
               when t.typsubscript operator(pg_catalog.=)
                   'pg_catalog.array_subscript_handler'::pg_catalog.regproc then 'array'
               else case t.typtype
                   when 'b' then 'base'
                   when 'e' then 'enum'
                   when 'd' then 'domain'
                   when 'c' then 'composite'
                   when 'r' then 'range'
                   when 'm' then 'multirange'
                   else 'pseudo' end end,
           'of', case
               when t.typtype operator(pg_catalog.=) 'd' then t.typbasetype::pg_catalog.int8
               when t.typsubscript operator(pg_catalog.=)
                   'pg_catalog.array_subscript_handler'::pg_catalog.regproc
                   then t.typelem::pg_catalog.int8 end,
           'not_null', coalesce(d.not_null, false),
           'checked', coalesce(d.checked, false),
           'extension', x.extname) order by t.oid), '[]'::pg_catalog.json)::pg_catalog.text
  from pg_catalog.pg_type t
  join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) t.typnamespace
  left join domains d on d.domain operator(pg_catalog.=) t.oid
  left join pg_catalog.pg_depend p
    on p.classid operator(pg_catalog.=) 'pg_catalog.pg_type'::pg_catalog.regclass
   and p.objid operator(pg_catalog.=) coalesce((
           -- An array belongs to its element, and the element to the extension.
           select e.oid from pg_catalog.pg_type e where e.typarray operator(pg_catalog.=) t.oid), t.oid)
   and p.deptype operator(pg_catalog.=) 'e'
  left join pg_catalog.pg_extension x on x.oid operator(pg_catalog.=) p.refobjid
 where t.oid operator(pg_catalog.=) any (array(select u.oid from used u))
    or (n.nspname operator(pg_catalog.<>) 'information_schema'
        and not pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_'))
