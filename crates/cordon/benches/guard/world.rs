//! The tables, and who sees what of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use enforce::Secrets;
use model::{
    Cell, Dataset, DatasetId, DomainId, FieldName, FieldView, GrantId, Jurisdiction, RegimeId,
    Residency, RowClass, Rows, Verdict, View,
};
use pgschema::Schema;
use sql::{Binding, Context, Limits, ParameterTypes, PseudonymKey, SessionNames};
use tokio::runtime::Runtime;
use tokio_postgres::Client;

use super::cases::{Case, Who};

const CATALOG: &str = "
dataset:
  - fides_key: bench
    name: Bench
    cordon: { upstream: bench }
    collections:
      - name: public.subj
        cordon: { subjects: [ { key: [id], residency: { column: country } } ] }
        fields:
          - { name: id, data_categories: [user.unique_id], fides_meta: { primary_key: true }, cordon: { level: protected, type: integer, mask: { pseudonym: person } } }
          - { name: name, data_categories: [user.name], cordon: { level: protected, type: text, mask: \"null\" } }
          - { name: email, data_categories: [user.contact.email], cordon: { level: sensitive, type: text, mask: \"null\" } }
          - { name: country, data_categories: [user.contact.address.country], cordon: { level: protected, type: text, mask: { constant: \"??\" } } }
          - { name: salary, data_categories: [user.financial], cordon: { level: protected, type: integer, mask: { bucket: 1000 } } }
          - { name: created, data_categories: [system.operations], cordon: { level: protected, type: timestamptz, mask: { truncate: day } } }
      - name: public.ord
        cordon: { subjects: [ { key: [subj_id], through: public.subj } ] }
        fields:
          - { name: oid, data_categories: [system.operations], fides_meta: { primary_key: true }, cordon: { level: protected, type: integer, mask: { pseudonym: order } } }
          - { name: subj_id, data_categories: [user.unique_id], fides_meta: { references: [ { dataset: bench, field: public.subj.id, direction: from } ] }, cordon: { level: protected, type: integer, mask: { pseudonym: person } } }
          - { name: amt, data_categories: [user.payment], cordon: { level: protected, type: integer, mask: { bucket: 100 } } }
";

/// Four rows of five are of the homes that the filtered view shows.
pub fn schema(rows: u32) -> String {
    format!(
        "CREATE TABLE public.subj (id integer PRIMARY KEY, name text, email text, country text,
             salary integer, created timestamptz);
         INSERT INTO public.subj SELECT i, 'name ' || md5(i::text), 'mail' || i || '@example.org',
             (ARRAY['DE', 'FR', 'US', 'CN', 'DE'])[1 + i % 5], 20000 + (i::bigint * 7919) % 80000,
             '2024-01-01 00:00Z'::timestamptz + i * interval '1 minute'
         FROM generate_series(1, {rows}) i;
         CREATE INDEX subj_created ON public.subj (created);
         CREATE INDEX subj_name ON public.subj (name text_pattern_ops);
         CREATE INDEX subj_lower ON public.subj (lower(name));
         CREATE INDEX subj_email ON public.subj (email);
         CREATE TABLE public.ord (oid integer PRIMARY KEY, subj_id integer NOT NULL REFERENCES public.subj, amt integer);
         INSERT INTO public.ord SELECT i, 1 + (i::bigint * 7) % {rows}, i % 1000 FROM generate_series(1, {rows}) i;
         CREATE INDEX ord_subj ON public.ord (subj_id);
         CREATE SCHEMA barrier;
         CREATE VIEW barrier.subj WITH (security_barrier) AS
             SELECT id, name, NULL::text AS email, country, salary, created FROM public.subj
             WHERE country IN ('DE', 'FR', 'US');
         CREATE VIEW barrier.ord AS SELECT * FROM public.ord;
         CREATE SCHEMA rls;
         CREATE TABLE rls.subj (LIKE public.subj INCLUDING ALL);
         INSERT INTO rls.subj SELECT * FROM public.subj;
         CREATE TABLE rls.ord (LIKE public.ord INCLUDING ALL);
         INSERT INTO rls.ord SELECT * FROM public.ord;
         ALTER TABLE rls.subj ENABLE ROW LEVEL SECURITY;
         CREATE ROLE reader LOGIN;
         CREATE POLICY homes ON rls.subj FOR SELECT TO reader USING (country IN ('DE', 'FR', 'US'));
         GRANT USAGE ON SCHEMA rls, barrier TO reader;
         GRANT SELECT ON ALL TABLES IN SCHEMA rls, barrier, public TO reader;
         VACUUM ANALYZE;"
    )
}

pub struct World {
    pub runtime: Runtime,
    pub owner: Client,
    pub reader: Client,
    schema: Schema,
    datasets: BTreeMap<DatasetId, Dataset>,
    binding: Binding,
}

impl World {
    pub fn new(server: &scratch::Server) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        let url = server.socket_url("bench");
        let owner = runtime.block_on(postgres::connect(&url)).unwrap();
        let reader = runtime
            .block_on(postgres::connect(
                &url.replace("postgres@", "reader@")
                    .replace("user=postgres", "user=reader"),
            ))
            .unwrap();
        let schema = Schema::new(runtime.block_on(postgres::introspect(&owner)).unwrap()).unwrap();
        let datasets = catalog::read(&[("catalog", CATALOG)], &catalog::Options::default())
            .unwrap()
            .datasets;
        let homes = BTreeMap::from([
            (regime("eu-clover"), places(&["DE", "FR"])),
            (regime("us-dsp"), places(&["US"])),
        ]);
        let binding = Binding::new(&datasets, "bench", &homes, &schema);
        assert!(binding.mismatches.is_empty(), "{:?}", binding.mismatches);
        runtime
            .block_on(owner.batch_execute(
                "SET search_path = pg_catalog; SET plan_cache_mode = force_custom_plan",
            ))
            .unwrap();
        Self {
            runtime,
            owner,
            reader,
            schema,
            datasets,
            binding,
        }
    }

    pub fn guard(&self, case: &Case) -> sql::Guarded {
        let views = sql::Views {
            datasets: self
                .datasets
                .values()
                .map(|dataset| (dataset.id.clone(), Arc::new(view(dataset, case.who))))
                .collect(),
            ..sql::Views::default()
        };
        let context = Context {
            schema: &self.schema,
            binding: &self.binding,
            path: vec!["public".to_owned()],
            names: SessionNames::default(),
        };
        let types = ParameterTypes(
            case.values
                .iter()
                .map(|(name, _)| pgschema::builtin::type_named(name).map(|t| t.oid))
                .collect(),
        );
        let mut statement = sql::read(case.text, &Limits::default()).unwrap().remove(0);
        let resolution = sql::resolve(&mut statement, &context, &mut Seen(&views)).unwrap();
        sql::guard(statement, &resolution, &context, &views, &types).unwrap()
    }
}

fn regime(name: &str) -> RegimeId {
    RegimeId::new(name).unwrap()
}

fn places(codes: &[&str]) -> BTreeSet<Jurisdiction> {
    codes
        .iter()
        .map(|code| Jurisdiction::parse(code).unwrap())
        .collect()
}

fn view(dataset: &Dataset, who: Who) -> View {
    let home = |name: &str| Residency::Home(BTreeSet::from([regime(name)]));
    let classes = [
        home("eu-clover"),
        home("us-dsp"),
        Residency::Other,
        Residency::Unknown,
    ]
    .map(|residency| RowClass {
        residency,
        public: false,
    });
    let rows = classes
        .iter()
        .map(|class| {
            let is_home = matches!(class.residency, Residency::Home(_));
            let seen = who != Who::Filtered || is_home;
            (class.clone(), if seen { Rows::Seen } else { Rows::Unseen })
        })
        .collect();
    let fields = dataset
        .fields
        .iter()
        .map(|field| {
            let cells = classes
                .iter()
                .map(|class| {
                    let is_key = field.mask.as_ref().and_then(model::Mask::domain).is_some();
                    let clear = match who {
                        Who::Filtered => field.name.as_str() != "email",
                        Who::Masked => !is_key,
                        Who::Conditional => {
                            field.name.as_str() != "email" || class.residency == home("eu-clover")
                        }
                    };
                    let verdict = if clear {
                        Verdict::Clear
                    } else {
                        Verdict::Masked
                    };
                    (
                        class.clone(),
                        Cell {
                            verdict,
                            clear_for: BTreeSet::new(),
                        },
                    )
                })
                .collect();
            (
                field.name.clone(),
                FieldView {
                    mask: field.mask.clone(),
                    cells,
                },
            )
        })
        .collect();
    View {
        dataset: dataset.id.clone(),
        rows,
        fields,
    }
}

struct Seen<'a>(&'a sql::Views);

impl sql::Sight for Seen<'_> {
    fn fields(&mut self, dataset: &DatasetId) -> Result<BTreeMap<FieldName, bool>, sql::Refused> {
        let view = &self.0.datasets[dataset];
        let clear = |field: &FieldView| field.cells.values().all(|c| c.verdict == Verdict::Clear);
        Ok(view
            .fields
            .iter()
            .map(|(name, field)| (name.clone(), clear(field)))
            .collect())
    }
}

pub struct Keys;

pub const KEY: PseudonymKey = PseudonymKey::new([3; 32]);

impl Secrets for Keys {
    fn key(&self, _: &DomainId) -> Option<PseudonymKey> {
        Some(KEY)
    }
    fn subjects(&self, _: &GrantId) -> Option<Vec<String>> {
        None
    }
}
