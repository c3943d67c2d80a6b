//! `/metrics`: numbers in Prometheus' text format. The only labels are names of databases and logs.

use std::fmt::Write as _;

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use ledger::{Progress, Standing};

use super::{Shown, reply};

/// Source: Prometheus exposition formats, text format 0.0.4.
const KIND: &str = "text/plain; version=0.0.4; charset=utf-8";

pub(super) async fn answer(State(shown): State<Shown>) -> Response {
    reply(StatusCode::OK, KIND, "no-store", metrics(&shown))
}

/// Text as it grows: one metric after the other, each with all of its samples.
#[derive(Default)]
struct Text(String);

/// The label of a sample, and its value.
type Sample = (Option<(&'static str, String)>, u64);

impl Text {
    fn metric(&mut self, name: &str, kind: &str, help: &str, samples: &[Sample]) {
        // Writing into a text cannot fail.
        let _ = writeln!(
            self.0,
            "# HELP cordon_{name} {help}\n# TYPE cordon_{name} {kind}"
        );
        for (label, value) in samples {
            let label = label
                .as_ref()
                .map(|(name, value)| format!("{{{name}=\"{}\"}}", escaped(value)));
            let _ = writeln!(self.0, "cordon_{name}{} {value}", label.unwrap_or_default());
        }
    }

    fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.metric(name, "counter", help, &[(None, value)]);
    }
}

fn escaped(value: &str) -> String {
    value
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn metrics(shown: &Shown) -> String {
    let mut text = Text::default();
    sessions(&mut text, shown);
    links(&mut text, shown);
    logs(&mut text, shown);
    text.0
}

fn sessions(text: &mut Text, shown: &Shown) {
    let counts = shown.gate.counts();
    let open = [(None, counts.sessions_open)];
    text.metric("sessions_open", "gauge", "Sessions that are open.", &open);
    for (name, help, value) in [
        (
            "sessions_total",
            "Sessions that were let in.",
            counts.sessions,
        ),
        (
            "turned_away_total",
            "Connections that were not let in.",
            counts.turned_away,
        ),
        (
            "statements_decided_total",
            "Statements over governed data that were decided.",
            counts.decided,
        ),
        (
            "statements_refused_total",
            "Statements that were refused.",
            counts.refused,
        ),
        (
            "statements_ungoverned_total",
            "Statements that touched nothing governed.",
            counts.ungoverned,
        ),
        (
            "rows_released_total",
            "Rows that left, of governed statements that have ended.",
            counts.rows,
        ),
        ("bytes_released_total", "Bytes of those rows.", counts.bytes),
    ] {
        text.counter(name, help, value);
    }
}

fn links(text: &mut Text, shown: &Shown) {
    let databases: Vec<_> = shown
        .gate
        .databases()
        .map(|database| {
            (
                database.name().to_owned(),
                database.pool().counts(),
                database.is_halted(),
            )
        })
        .collect();
    let of = |value: &dyn Fn(&postgres::PoolCounts) -> usize| -> Vec<Sample> {
        let samples = databases.iter();
        samples
            .map(|(name, counts, _)| (Some(("database", name.clone())), value(counts) as u64))
            .collect()
    };
    let open = of(&|counts| counts.open);
    text.metric("links_open", "gauge", "Links to the data store.", &open);
    let idle = of(&|counts| counts.idle);
    text.metric("links_idle", "gauge", "Links that nobody uses.", &idle);
    let waiting = of(&|counts| counts.waiting);
    text.metric(
        "links_waiting",
        "gauge",
        "Statements that wait for a link.",
        &waiting,
    );
    let valid: Vec<Sample> = databases
        .iter()
        .map(|(name, _, is_halted)| (Some(("database", name.clone())), u64::from(!is_halted)))
        .collect();
    text.metric(
        "schema_valid",
        "gauge",
        "Whether the schema is known and held.",
        &valid,
    );
}

fn logs(text: &mut Text, shown: &Shown) {
    let logs: Vec<(String, Progress)> = [
        (shown.access.name().folder(), shown.access.progress()),
        (shown.control.name().folder(), shown.control.progress()),
    ]
    .map(|(name, progress)| (name, progress.borrow().clone()))
    .into();
    let of = |value: &dyn Fn(&Progress) -> u64| -> Vec<Sample> {
        let samples = logs.iter();
        samples
            .map(|(name, progress)| (Some(("log", name.clone())), value(progress)))
            .collect()
    };
    let gauges: [(&str, &str, &dyn Fn(&Progress) -> u64); 6] = [
        (
            "log_appended",
            "Entries that survive a power cut.",
            &|log| log.durable,
        ),
        ("log_published", "Entries in a signed checkpoint.", &|log| {
            log.published
        }),
        (
            "log_witnessed",
            "Entries in a checkpoint that witnesses cosigned.",
            &|log| log.witnessed,
        ),
        ("log_open", "Whether the log takes entries.", &|log| {
            u64::from(log.standing == Standing::Open)
        }),
        (
            "log_publish_trouble",
            "Whether the last attempt to publish failed.",
            &|log| u64::from(log.publish_trouble.is_some()),
        ),
        (
            "log_witness_trouble",
            "Whether too few witnesses cosigned.",
            &|log| u64::from(log.witness_trouble.is_some()),
        ),
    ];
    for (name, help, value) in gauges {
        text.metric(name, "gauge", help, &of(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_label_cannot_end_its_quotes() {
        let mut text = Text::default();
        text.metric(
            "x",
            "gauge",
            "X.",
            &[(Some(("database", "a\"b\\c\n".to_owned())), 7)],
        );
        assert_eq!(
            text.0,
            "# HELP cordon_x X.\n# TYPE cordon_x gauge\ncordon_x{database=\"a\\\"b\\\\c\\n\"} 7\n"
        );
    }
}
