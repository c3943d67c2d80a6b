-- What the gateway's account may read: the columns that the catalogue labels, and no more.
GRANT USAGE ON SCHEMA public TO cordon;
GRANT SELECT (id, name, email, country, born, followers, passport) ON public.users TO cordon;
GRANT SELECT (id, sender_id, recipient_id, sent_at, body) ON public.messages TO cordon;
GRANT SELECT (id, owner_id, title, visibility, deleted_at, views) ON public.videos TO cordon;
GRANT SELECT (user_id, device_id, seen_at, latitude, longitude) ON public.device_locations TO cordon;
GRANT SELECT (id, user_id, card, amount, paid_at) ON public.payments TO cordon;
GRANT SELECT (day, viewers) ON public.daily_totals TO cordon;
GRANT SELECT (code, title) ON public.regions TO cordon;
