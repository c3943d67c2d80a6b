select coalesce(json_agg(json_build_object(
    'oid', c.oid::int8,
    'name', quote_ident(n.nspname) || '.' || quote_ident(c.relname),
    'schema', quote_ident(n.nspname),
    'is_schema_usable', has_schema_privilege(current_user, n.oid, 'USAGE'),
    'holds_rows', c.relkind in ('r', 'p', 'm', 'f'),
    'owner', c.relowner::int8,
    'columns', coalesce((
        select json_agg(json_build_object('name', a.attname, 'quoted', quote_ident(a.attname))
                        order by a.attnum)
          from pg_attribute a
         where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped), '[]'),
    'grants', coalesce((
        select json_agg(json_build_object('grantee', g.grantee::int8, 'privilege', g.privilege_type,
                                          'column', g.attname))
          from (select x.grantee, x.privilege_type, null::name as attname
                  from aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) x
                 union
                select x.grantee, x.privilege_type, a.attname
                  from pg_attribute a, aclexplode(a.attacl) x
                 where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) g), '[]'),
    'made_from', coalesce((
        select json_agg(distinct d.refobjid::int8)
          from pg_rewrite w
          join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = w.oid
                          and d.refclassid = 'pg_class'::regclass and d.refobjid <> c.oid
         where w.ev_class = c.oid and c.relkind in ('v', 'm')), '[]'),
    'part_of', coalesce((
        select json_agg(i.inhparent::int8) from pg_inherits i where i.inhrelid = c.oid), '[]')
) order by n.nspname, c.relname), '[]')::text
from pg_class c
join pg_namespace n on n.oid = c.relnamespace
where c.relkind in ('r', 'p', 'v', 'm', 'f')
  and n.nspname <> 'information_schema' and not starts_with(n.nspname::text, 'pg_')
