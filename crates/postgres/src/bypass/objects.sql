select json_build_object(
    'open_schemas', coalesce((
        select json_agg(quote_ident(n.nspname) order by n.nspname)
          from pg_namespace n
         where exists (select from aclexplode(n.nspacl) a
                        where a.grantee = 0 and a.privilege_type = 'CREATE')), '[]'),
    'extensions', coalesce((
        select json_agg(json_build_object('name', extname, 'quoted', quote_ident(extname))
                        order by extname) from pg_extension), '[]'),
    'untrusted_languages', coalesce((
        select json_agg(quote_ident(lanname) order by lanname) from pg_language
         where lanispl and not lanpltrusted), '[]'),
    'foreign_servers', coalesce((
        select json_agg(quote_ident(srvname) order by srvname) from pg_foreign_server), '[]'),
    'publications', coalesce((
        select json_agg(json_build_object(
                   'name', quote_ident(p.pubname),
                   'is_of_all', p.puballtables,
                   'relations', coalesce((
                       select json_agg(r.prrelid::int8) from pg_publication_rel r
                        where r.prpubid = p.oid), '[]'),
                   'published', coalesce((
                       select json_agg(c.oid::int8)
                         from pg_publication_tables t
                         join pg_namespace n on n.nspname = t.schemaname
                         join pg_class c on c.relnamespace = n.oid and c.relname = t.tablename
                        where t.pubname = p.pubname), '[]')) order by p.pubname)
          from pg_publication p), '[]'),
    'replication_slots', coalesce((
        select json_agg(json_build_object('name', slot_name, 'literal', quote_literal(slot_name))
                        order by slot_name)
          from pg_replication_slots
         where database is null or database = current_database()), '[]'),
    'default_grants', coalesce((
        select json_agg(json_build_object(
                   'owner', quote_ident(r.rolname),
                   'schema', quote_ident(n.nspname),
                   'grantee', a.grantee::int8) order by r.rolname, n.nspname, a.grantee)
          from pg_default_acl d
          join pg_roles r on r.oid = d.defaclrole
          left join pg_namespace n on n.oid = d.defaclnamespace
         cross join aclexplode(d.defaclacl) a
         where d.defaclobjtype = 'r' and a.privilege_type = 'SELECT'
           and a.grantee <> d.defaclrole), '[]')
)::text
