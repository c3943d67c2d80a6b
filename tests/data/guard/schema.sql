-- The relations of the attack corpus, and what an attacker may have put beside them.
CREATE TABLE public.subj (
    id integer PRIMARY KEY,
    email text,
    name text,
    country text,
    ssn text UNIQUE,
    salary integer,
    born date,
    created timestamptz,
    note text,
    hidden text,
    unlabelled text
);
CREATE INDEX ON public.subj (created);
CREATE INDEX ON public.subj (lower(name));
CREATE INDEX ON public.subj (name text_pattern_ops);
CREATE INDEX ON public.subj (email);
CREATE TABLE public.ord (
    oid integer PRIMARY KEY,
    subj_id integer REFERENCES public.subj,
    amt numeric(10, 2),
    placed timestamptz,
    card varchar(19)
);
CREATE INDEX ON public.ord (subj_id);
CREATE TABLE public.msg (
    id bigint PRIMARY KEY,
    from_id integer REFERENCES public.subj,
    to_id integer REFERENCES public.subj,
    body text
);
CREATE TABLE public.post (
    id uuid PRIMARY KEY,
    owner_id integer REFERENCES public.subj,
    title text,
    visibility text,
    deleted timestamptz,
    views bigint
);
CREATE TABLE public.vip (id integer PRIMARY KEY, ssn text UNIQUE);
CREATE TABLE public.open_t (id integer PRIMARY KEY, ssn text, label text);
CREATE TABLE public.uncatalogued (id integer, ssn text);
CREATE VIEW public.subj_view AS SELECT id, name, email, salary FROM public.subj WHERE salary > 0;
CREATE VIEW public.vip_view AS SELECT id FROM public.vip;
CREATE VIEW public.hidden_view AS SELECT id, hidden FROM public.subj;
CREATE MATERIALIZED VIEW public.subj_copy AS SELECT id, ssn FROM public.subj;
CREATE TABLE public.plog (id integer, country text, ssn text, line text) PARTITION BY RANGE (id);
CREATE TABLE public.plog_1 PARTITION OF public.plog FOR VALUES FROM (0) TO (100);
CREATE TABLE public.plog_2 PARTITION OF public.plog FOR VALUES FROM (100) TO (200);
CREATE SCHEMA evil;
CREATE FUNCTION evil.texteq(text, text) RETURNS boolean LANGUAGE plpgsql AS
    $$ BEGIN RAISE NOTICE 'evil % %', $1, $2; RETURN true; END $$;
CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.texteq);
CREATE FUNCTION evil.upper(text) RETURNS text LANGUAGE plpgsql AS
    $$ BEGIN RAISE NOTICE 'evil %', $1; RETURN $1; END $$;
CREATE FUNCTION public.leak(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
    $$ BEGIN RAISE NOTICE 'leak %', $1; RETURN true; END $$;
CREATE TYPE public.mood AS ENUM ('sad', 'ok', 'happy');
