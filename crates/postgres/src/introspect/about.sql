-- The database, and whether its views may be read: a call that is not permitted would end the
-- transaction, whatever stands around it.
select pg_catalog.json_build_object(
           'server_version', pg_catalog.current_setting('server_version_num')::pg_catalog.int4,
           'server_encoding', pg_catalog.current_setting('server_encoding'),
           'database', pg_catalog.current_database(),
           'may_read_views', pg_catalog.has_function_privilege(
               'pg_catalog.pg_get_viewdef(pg_catalog.oid)', 'execute'))::pg_catalog.text
