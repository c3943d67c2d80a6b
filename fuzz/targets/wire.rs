#![no_main]
//! Any bytes may come from a client or a server: they are refused, or what was understood is within
//! them.

use bytes::BytesMut;
use libfuzzer_sys::fuzz_target;
use wire::backend::{self, Incoming};
use wire::client::{self, Message, Startup};
use wire::{Formats, Limits, frontend};

fuzz_target!(|bytes: &[u8]| {
    let limits = Limits::default();
    if let Ok(Some(Startup::Session(message))) = client::take_startup(&mut BytesMut::from(bytes)) {
        assert!(!message.user().is_empty());
    }
    if let Ok(Some(secret)) = client::take_authentication(&mut BytesMut::from(bytes)) {
        let _ = secret.password();
        let _ = secret.sasl_initial();
    }
    let mut from_client = BytesMut::from(bytes);
    while let Ok(Some(frame)) = client::take_frame(&mut from_client, &limits) {
        let Ok(message) = frame.message() else { break };
        // What is understood is written back as it was read.
        let mut again = BytesMut::new();
        match message {
            Message::Query { sql } => frontend::query(&mut again, sql).unwrap(),
            Message::Parse { statement, sql, types } => {
                frontend::parse(&mut again, statement, sql, &types).unwrap();
            }
            Message::Bind(bind) => {
                let head = frontend::Bind {
                    portal: bind.portal,
                    statement: bind.statement,
                    formats: &bind.formats,
                    result_formats: &bind.result_formats,
                };
                let values = bind.values.iter().map(Option::as_deref);
                frontend::bind(&mut again, &head, values).unwrap();
                assert!(bind.formats == Formats::Unsaid || bind.formats.fit(bind.values.len()));
            }
            _ => continue,
        }
        assert_eq!(again.len(), frame.bytes_count());
    }
    let mut from_server = BytesMut::from(bytes);
    while let Ok(Some(incoming)) = backend::take(&mut from_server, &limits) {
        match incoming {
            Incoming::Rows(rows) => {
                assert_eq!(rows.iter().count(), rows.count() as usize);
                let total: usize = rows.iter().map(|row| row.bytes().len()).sum();
                assert_eq!(total, rows.bytes().len());
                for row in &rows {
                    assert!(row.cells().count() <= usize::from(rows.columns()) + 1);
                }
            }
            Incoming::Control(frame) => drop(frame.message()),
        }
    }
});
