-- Every relation that people made. Indexes are among them, without columns: they take a name in
-- their schema, and may hide a table of a schema later in somebody's path.
with made as (
    select c.oid, c.relname, c.relkind, c.relrowsecurity, n.nspname
      from pg_catalog.pg_class c
      join pg_catalog.pg_namespace n on n.oid operator(pg_catalog.=) c.relnamespace
     where n.nspname operator(pg_catalog.<>) 'information_schema'
       -- Reserved for the system: its catalogues, TOAST, and temporary tables of some session.
       and not pg_catalog.starts_with(n.nspname::pg_catalog.text, 'pg_')
),
-- What a generated column is computed from. Versions differ in whether the column or its expression
-- is written down as the one that depends.
generated as (
    select a.attrelid, a.attnum, pg_catalog.json_agg(distinct d.refobjsubid)
               filter (where d.refobjsubid operator(pg_catalog.<>) a.attnum) as sources
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_attrdef e
        on e.adrelid operator(pg_catalog.=) a.attrelid and e.adnum operator(pg_catalog.=) a.attnum
      left join pg_catalog.pg_depend d
        on d.refclassid operator(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
       and d.refobjid operator(pg_catalog.=) a.attrelid
       and d.refobjsubid operator(pg_catalog.>) 0
       and ((d.classid operator(pg_catalog.=) 'pg_catalog.pg_attrdef'::pg_catalog.regclass
             and d.objid operator(pg_catalog.=) e.oid)
         or (d.classid operator(pg_catalog.=) 'pg_catalog.pg_class'::pg_catalog.regclass
             and d.objid operator(pg_catalog.=) a.attrelid
             and d.objsubid operator(pg_catalog.=) a.attnum))
     where a.attgenerated operator(pg_catalog.<>) ''
     group by a.attrelid, a.attnum
),
-- Only what stands between the parentheses of a type that has a modifier.
columns as (
    select a.attrelid, pg_catalog.json_agg(pg_catalog.json_build_object(
               'number', a.attnum,
               'name', a.attname,
               'type_oid', a.atttypid::pg_catalog.int8,
               'typmod', a.atttypmod,
               'modifier', case when a.atttypmod operator(pg_catalog.>=) 0
                   then coalesce(pg_catalog.substring(
                       pg_catalog.format_type(a.atttypid, a.atttypmod), '\(([^()]*)\)[^()]*$'), '')
                   else '' end,
               'collation', case when a.attcollation operator(pg_catalog.<>) t.typcollation
                   then pg_catalog.json_build_object('schema', l.nspname, 'name', o.collname) end,
               'not_null', a.attnotnull,
               'generated_from', case when a.attgenerated operator(pg_catalog.<>) ''
                   then coalesce(g.sources, '[]'::pg_catalog.json) end)
               order by a.attnum) as list
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_type t on t.oid operator(pg_catalog.=) a.atttypid
      left join pg_catalog.pg_collation o on o.oid operator(pg_catalog.=) a.attcollation
      left join pg_catalog.pg_namespace l on l.oid operator(pg_catalog.=) o.collnamespace
      left join generated g
        on g.attrelid operator(pg_catalog.=) a.attrelid and g.attnum operator(pg_catalog.=) a.attnum
     where a.attnum operator(pg_catalog.>) 0 and not a.attisdropped
     group by a.attrelid
),
-- Unique means: at most one row of what a query sees is equal in these columns. So an index counts
-- only if it is valid and checked at once, has neither expression nor predicate, means the same by
-- equal as the column does, and the table has no children whose rows the index does not know.
indexes as (
    select i.indrelid, pg_catalog.json_agg(k.columns order by i.indexrelid) as list
      from pg_catalog.pg_index i
     cross join lateral (
         select pg_catalog.json_agg(key.number order by key.place) as columns,
                pg_catalog.bool_and(key.number operator(pg_catalog.<>) 0
                    and c.opcdefault
                    and key.compared operator(pg_catalog.=) a.attcollation) as plain
           from rows from (
                    pg_catalog.unnest(i.indkey::pg_catalog.int2[]),
                    pg_catalog.unnest(i.indclass::pg_catalog.oid[]),
                    pg_catalog.unnest(i.indcollation::pg_catalog.oid[])
                ) with ordinality key (number, class, compared, place)
           left join pg_catalog.pg_opclass c on c.oid operator(pg_catalog.=) key.class
           left join pg_catalog.pg_attribute a
             on a.attrelid operator(pg_catalog.=) i.indrelid
            and a.attnum operator(pg_catalog.=) key.number
          where key.place operator(pg_catalog.<=) i.indnkeyatts) k
     where i.indisunique and i.indisvalid and i.indisready and i.indislive and i.indimmediate
       and i.indpred is null and i.indexprs is null and k.plain
       and not exists (
           select from pg_catalog.pg_inherits h
             join pg_catalog.pg_class p on p.oid operator(pg_catalog.=) h.inhparent
            where h.inhparent operator(pg_catalog.=) i.indrelid
              and p.relkind operator(pg_catalog.<>) 'p')
     group by i.indrelid
),
parents as (
    select h.inhrelid, pg_catalog.json_agg(h.inhparent::pg_catalog.int8 order by h.inhseqno) as list
      from pg_catalog.pg_inherits h
     group by h.inhrelid
)
select coalesce(pg_catalog.json_agg(pg_catalog.json_build_object(
           'oid', m.oid::pg_catalog.int8,
           'schema', m.nspname,
           'name', m.relname,
           'kind', case m.relkind
               when 'r' then 'table'
               when 'p' then 'partitioned_table'
               when 'v' then 'view'
               when 'm' then 'materialized_view'
               when 'f' then 'foreign_table'
               when 'S' then 'sequence'
               when 'c' then 'composite_type'
               else 'other' end,
           'columns', case when m.relkind in ('r', 'p', 'v', 'm', 'f', 'S', 'c')
               then coalesce(c.list, '[]'::pg_catalog.json) else '[]'::pg_catalog.json end,
           'parents', case when m.relkind in ('r', 'p', 'f')
               then coalesce(p.list, '[]'::pg_catalog.json) else '[]'::pg_catalog.json end,
           'unique', coalesce(u.list, '[]'::pg_catalog.json),
           'row_security', m.relrowsecurity) order by m.oid), '[]'::pg_catalog.json)::pg_catalog.text
  from made m
  left join columns c on c.attrelid operator(pg_catalog.=) m.oid
  left join parents p on p.inhrelid operator(pg_catalog.=) m.oid
  left join indexes u on u.indrelid operator(pg_catalog.=) m.oid
