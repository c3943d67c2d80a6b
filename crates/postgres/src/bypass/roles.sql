-- Each role with the roles that it is a member of, however: who is a member can set the role, inherits
-- it, or may grant himself to do so.
select json_agg(json_build_object(
    'oid', r.oid::int8,
    'name', quote_ident(r.rolname),
    'may_log_in', r.rolcanlogin,
    'is_superuser', r.rolsuper,
    'may_make_roles', r.rolcreaterole,
    'may_replicate', r.rolreplication,
    'passes_row_security', r.rolbypassrls,
    'member_of', coalesce((
        select json_agg(distinct m.roleid::int8) from pg_auth_members m where m.member = r.oid), '[]')
) order by r.rolname)::text
from pg_roles r
