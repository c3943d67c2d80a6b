select json_build_object(
    'account', (select oid::int8 from pg_roles where rolname = current_user),
    'database', quote_ident(current_database()),
    'public_may_make_temporary', exists (
        select from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
         where d.datname = current_database() and a.grantee = 0 and a.privilege_type = 'TEMPORARY'),
    'public_may_make_schemas', exists (
        select from pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) a
         where d.datname = current_database() and a.grantee = 0 and a.privilege_type = 'CREATE')
)::text
