-- What nobody is told of through Cordon: functions of people, and what uses them.
CREATE FUNCTION public.canary_function(text) RETURNS text LANGUAGE sql IMMUTABLE AS
    $$ SELECT 'canary' || $1 $$;
CREATE FUNCTION public.canary_trigger() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER canary_trigger BEFORE INSERT ON public.users
    FOR EACH ROW EXECUTE FUNCTION public.canary_trigger();
ALTER TABLE public.users ALTER COLUMN country SET DEFAULT public.canary_function('x');
CREATE INDEX canary_by_function ON public.users (public.canary_function(name));
ALTER TABLE public.users ADD CONSTRAINT canary_by_function CHECK (public.canary_function(name) <> '');
CREATE RULE canary_rule AS ON DELETE TO public.users DO ALSO SELECT 'canary';
CREATE OPERATOR public.<=> (LEFTARG = text, RIGHTARG = text, FUNCTION = pg_catalog.bttextcmp);
CREATE AGGREGATE public.canary_sum(integer) (SFUNC = int4pl, STYPE = integer);
CREATE COLLATION public.canary_collation FROM "C";
CREATE PUBLICATION canary_publication FOR TABLE public.canary_table;
-- Roles belong to all databases of a server, and tests run side by side. An advisory lock would not
-- do: it belongs to one database.
DO $$ BEGIN
    LOCK TABLE pg_catalog.pg_authid IN SHARE ROW EXCLUSIVE MODE;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'canary_role') THEN
        CREATE ROLE canary_role;
        ALTER ROLE canary_role SET search_path = canary_schema;
    END IF;
END $$;
GRANT SELECT ON public.users TO canary_role;
CREATE TYPE public.canary_composite AS (canary_a integer, canary_b text);
CREATE POLICY canary_policy ON public.guarded_rows FOR UPDATE USING (public.canary_function(country) = 'x');
CREATE SEQUENCE public.canary_sequence;
CREATE TEXT SEARCH CONFIGURATION public.canary_search (COPY = simple);
CREATE FOREIGN DATA WRAPPER canary_wrapper;
CREATE SERVER canary_server FOREIGN DATA WRAPPER canary_wrapper OPTIONS (host 'canary.example');
CREATE USER MAPPING FOR CURRENT_USER SERVER canary_server OPTIONS (password 'canary');
CREATE FOREIGN TABLE public.canary_foreign (canary_a integer) SERVER canary_server;
COMMENT ON FUNCTION public.canary_function(text) IS 'canary comment';
COMMENT ON SCHEMA canary_schema IS 'canary comment';
COMMENT ON TYPE public.canary_mood IS 'canary comment';
ALTER DEFAULT PRIVILEGES IN SCHEMA canary_schema GRANT SELECT ON TABLES TO canary_role;
CREATE VIEW public.canary_view_by_function AS SELECT public.canary_function(name) AS x FROM public.users;
-- Neither of these depends, for PostgreSQL, on every column that its text names.
ALTER TABLE public.users ADD CONSTRAINT one_of_a_kind EXCLUDE USING gist
    (int4range(canary_number, canary_number, '[]') WITH &&) WHERE (canary_passport = 'nobody');
ALTER TABLE public.users ADD COLUMN found tsvector;
CREATE TRIGGER found_anew BEFORE UPDATE ON public.users FOR EACH ROW
    EXECUTE FUNCTION tsvector_update_trigger(found, 'pg_catalog.english', canary_passport);
