-- The database that the sample's catalogue describes: `cordon explain` reads names by schema.json,
-- which was read from it.
CREATE TABLE public.users (
    id bigint PRIMARY KEY,
    name text NOT NULL,
    email text UNIQUE,
    country text,
    born date,
    followers integer NOT NULL DEFAULT 0,
    passport text,
    added_yesterday text
);
CREATE TABLE public.messages (
    id bigint PRIMARY KEY,
    sender_id bigint NOT NULL REFERENCES public.users,
    recipient_id bigint NOT NULL REFERENCES public.users,
    sent_at timestamptz NOT NULL,
    body text
);
CREATE TABLE public.videos (
    id bigint PRIMARY KEY,
    owner_id bigint NOT NULL REFERENCES public.users,
    title text,
    visibility text NOT NULL,
    deleted_at timestamptz,
    views bigint NOT NULL DEFAULT 0
);
CREATE TABLE public.device_locations (
    user_id bigint NOT NULL REFERENCES public.users,
    device_id uuid NOT NULL,
    seen_at timestamptz NOT NULL,
    latitude numeric(9, 6),
    longitude numeric(9, 6)
);
CREATE TABLE public.payments (
    id uuid PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES public.users,
    card text,
    amount numeric(12, 2) NOT NULL,
    paid_at timestamptz NOT NULL
);
CREATE TABLE public.daily_totals (day date PRIMARY KEY, viewers bigint);
CREATE TABLE public.regions (code text PRIMARY KEY, title text);
CREATE VIEW public.us_users AS SELECT id, name, email FROM public.users WHERE country = 'US';
