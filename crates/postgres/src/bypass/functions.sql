-- What everybody may call and runs as somebody else, runs a text as SQL, or leaves the database.
select coalesce(json_agg(json_build_object(
    'signature', quote_ident(n.nspname) || '.' || quote_ident(p.proname)
                 || '(' || pg_get_function_identity_arguments(p.oid) || ')',
    'name', p.proname,
    'is_of_system', n.nspname = 'pg_catalog',
    'runs_as_owner', p.prosecdef
) order by n.nspname, p.proname, p.oid), '[]')::text
from pg_proc p
join pg_namespace n on n.oid = p.pronamespace
where exists (select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
               where a.grantee = 0 and a.privilege_type = 'EXECUTE')
  and n.nspname <> 'information_schema'
  and ((p.prosecdef and n.nspname <> 'pg_catalog')
    or p.proname ~ '^(lo_|dblink|pg_read_(binary_)?file|pg_ls_|pg_stat_file|pg_file_|pg_logdir_ls|pg_logical_slot_|pg_current_logfile)'
    or p.proname ~ '^(query|cursor|table|schema|database)_to_xml'
    or p.proname in ('loread', 'lowrite', 'ts_stat', 'crosstab', 'connectby', 'xpath_table'))
