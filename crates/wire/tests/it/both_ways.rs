//! What is written on one side is read on the other, whatever it holds.

use bytes::{Bytes, BytesMut};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use wire::backend::{self, Authentication, Incoming};
use wire::client::{self, take_authentication, take_frame};
use wire::{
    Cancel, Column, Error, Format, Formats, Limits, Minor, Report, Severity, SqlState, Subject,
    TransactionStatus, frontend, server,
};

use crate::written;

fn text() -> impl Strategy<Value = String> {
    "[^\0]{0,40}"
}

fn name() -> impl Strategy<Value = String> {
    "[^\0]{0,15}"
}

fn formats(values: usize) -> impl Strategy<Value = Formats> {
    let format = any::<bool>().prop_map(|is_text| {
        if is_text {
            Format::Text
        } else {
            Format::Binary
        }
    });
    prop_oneof![
        Just(Formats::Unsaid),
        format.clone().prop_map(Formats::All),
        vec(format, values).prop_map(Formats::from_iter),
    ]
}

/// Reads one message of a client, and sees that it needs all of its bytes and no more.
fn from_client(mut bytes: BytesMut, check: impl FnOnce(client::Message<'_>)) {
    let limits = Limits::default();
    for end in 0..bytes.len() {
        let mut part = BytesMut::from(&bytes[..end]);
        assert!(take_frame(&mut part, &limits).unwrap().is_none());
        assert_eq!(part.len(), end);
    }
    let frame = take_frame(&mut bytes, &limits).unwrap().unwrap();
    assert!(bytes.is_empty());
    check(frame.message().unwrap());
}

/// The same for a message of a server.
fn from_server(mut bytes: BytesMut, check: impl FnOnce(backend::Message<'_>)) {
    let limits = Limits::default();
    for end in 0..bytes.len() {
        let mut part = BytesMut::from(&bytes[..end]);
        assert!(backend::take(&mut part, &limits).unwrap().is_none());
    }
    let Some(Incoming::Control(frame)) = backend::take(&mut bytes, &limits).unwrap() else {
        panic!("not one message");
    };
    assert!(bytes.is_empty());
    check(frame.message().unwrap());
}

proptest! {
    #[test]
    fn statements_arrive_as_they_were_sent(sql in text(), name in name(), types in vec(any::<u32>(), 0..5)) {
        from_client(written(|out| frontend::query(out, &sql).unwrap()), |message| {
            assert_eq!(message, client::Message::Query { sql: &sql });
        });
        from_client(written(|out| frontend::parse(out, &name, &sql, &types).unwrap()), |message| {
            assert_eq!(message, client::Message::Parse { statement: &name, sql: &sql, types: types.clone() });
        });
        from_client(written(|out| frontend::copy_fail(out, &sql).unwrap()), |message| {
            assert_eq!(message, client::Message::CopyFail { reason: &sql });
        });
    }

    #[test]
    fn values_arrive_as_they_were_sent(
        portal in name(), statement in name(), result_formats in formats(3),
        (values, formats) in vec(option::of(vec(any::<u8>(), 0..20)), 0..6)
            .prop_flat_map(|values| { let count = values.len(); (Just(values), formats(count)) }),
    ) {
        let bind = frontend::Bind { portal: &portal, statement: &statement, formats: &formats, result_formats: &result_formats };
        let bytes = written(|out| frontend::bind(out, &bind, values.iter().map(Option::as_deref)).unwrap());
        from_client(bytes, |message| {
            let client::Message::Bind(read) = message else { panic!("{message:?}") };
            assert_eq!((read.portal, read.statement), (&*portal, &*statement));
            assert_eq!((&read.formats, &read.result_formats), (&formats, &result_formats));
            let expected: Vec<Option<Bytes>> = values.iter().cloned().map(|value| value.map(Bytes::from)).collect();
            assert_eq!(read.values, expected);
            assert!(read.value(values.len()).is_none());
        });
    }

    #[test]
    fn portals_arrive_as_they_were_sent(name in name(), rows_max in 0..=i32::MAX.cast_unsigned()) {
        from_client(written(|out| frontend::execute(out, &name, rows_max).unwrap()), |message| {
            assert_eq!(message, client::Message::Execute { portal: &name, rows_max });
        });
        for subject in [Subject::Portal(&name), Subject::Statement(&name)] {
            from_client(written(|out| frontend::describe(out, subject).unwrap()), |message| {
                assert_eq!(message, client::Message::Describe(subject));
            });
            from_client(written(|out| frontend::close(out, subject).unwrap()), |message| {
                assert_eq!(message, client::Message::Close(subject));
            });
        }
    }

    #[test]
    fn proofs_arrive_as_they_were_sent(text in text(), data in option::of(vec(any::<u8>(), 0..50))) {
        let mut bytes = written(|out| frontend::password(out, &text).unwrap());
        let secret = take_authentication(&mut bytes).unwrap().unwrap();
        assert_eq!(secret.password().unwrap(), text);
        let mut bytes = written(|out| frontend::sasl_initial(out, "SCRAM", data.as_deref()).unwrap());
        let secret = take_authentication(&mut bytes).unwrap().unwrap();
        let initial = secret.sasl_initial().unwrap();
        assert_eq!((initial.mechanism, initial.response), ("SCRAM", data.as_deref()));
        let data = data.unwrap_or_default();
        let mut bytes = written(|out| frontend::sasl_response(out, &data).unwrap());
        let secret = take_authentication(&mut bytes).unwrap().unwrap();
        assert_eq!(secret.sasl_response(), data);
    }

    #[test]
    fn reports_arrive_as_they_were_sent(
        message in text(), detail in option::of(text()), hint in option::of(text()),
        context in option::of(text()), position in option::of(any::<u32>()), column in option::of(text()),
    ) {
        let report = Report {
            detail: detail.as_deref(), hint: hint.as_deref(), context: context.as_deref(), position,
            column: column.as_deref(), internal_position: position, table: detail.as_deref(),
            ..Report::new(Severity::Fatal, SqlState::parse("42501").unwrap(), &message)
        };
        from_server(written(|out| server::error(out, &report)), |read| {
            assert_eq!(read, backend::Message::Error(report.clone()));
        });
        from_server(written(|out| server::notice(out, &report)), |read| {
            assert_eq!(read, backend::Message::Notice(report.clone()));
        });
    }

    #[test]
    fn descriptions_arrive_as_they_were_sent(
        columns in vec((text(), any::<u32>(), any::<i16>(), any::<u32>(), any::<i16>(), any::<i32>(), any::<bool>()), 0..5),
        types in vec(any::<u32>(), 0..5),
    ) {
        let columns: Vec<Column<'_>> = columns.iter().map(|(name, relation_oid, attribute, type_oid, type_size, type_modifier, is_text)| Column {
            name, relation_oid: *relation_oid, attribute: *attribute, type_oid: *type_oid,
            type_size: *type_size, type_modifier: *type_modifier,
            format: if *is_text { Format::Text } else { Format::Binary },
        }).collect();
        from_server(written(|out| server::row_description(out, &columns).unwrap()), |read| {
            assert_eq!(read, backend::Message::RowDescription(columns.clone()));
        });
        from_server(written(|out| server::parameter_description(out, &types).unwrap()), |read| {
            assert_eq!(read, backend::Message::ParameterDescription(types.clone()));
        });
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200), tag in any::<u8>()) {
        let limits = Limits::default();
        for mut bytes in [BytesMut::from(&bytes[..]), crate::framed(tag, &bytes)] {
            let _ = client::take_startup(&mut bytes.clone());
            let _ = take_authentication(&mut bytes.clone()).map(|secret| secret.map(|secret| {
                let _ = secret.password();
                let _ = secret.sasl_initial().map(drop);
            }));
            let mut again = bytes.clone();
            while let Ok(Some(frame)) = take_frame(&mut again, &limits) {
                let _ = frame.message();
            }
            while let Ok(Some(incoming)) = backend::take(&mut bytes, &limits) {
                match incoming {
                    Incoming::Rows(rows) => for row in &rows { for cell in row.cells() { let _ = cell; } },
                    Incoming::Control(frame) => { let _ = frame.message(); }
                }
            }
        }
    }
}

#[test]
fn small_messages_arrive_as_they_were_sent() {
    for (write, expected) in [
        (frontend::flush as fn(&mut BytesMut), client::Message::Flush),
        (frontend::sync, client::Message::Sync),
        (frontend::terminate, client::Message::Terminate),
    ] {
        from_client(written(write), |message| assert_eq!(message, expected));
    }
    for (write, expected) in [
        (
            server::parse_complete as fn(&mut BytesMut),
            backend::Message::ParseComplete,
        ),
        (server::bind_complete, backend::Message::BindComplete),
        (server::close_complete, backend::Message::CloseComplete),
        (server::no_data, backend::Message::NoData),
        (server::portal_suspended, backend::Message::PortalSuspended),
        (server::empty_query, backend::Message::EmptyQuery),
        (server::copy_done, backend::Message::CopyDone),
        (
            server::authentication_ok,
            backend::Message::Authentication(Authentication::Ok),
        ),
        (
            server::authentication_cleartext,
            backend::Message::Authentication(Authentication::Cleartext),
        ),
    ] {
        from_server(written(write), |message| assert_eq!(message, expected));
    }
    for status in [
        TransactionStatus::Idle,
        TransactionStatus::Open,
        TransactionStatus::Failed,
    ] {
        from_server(
            written(|out| server::ready_for_query(out, status)),
            |message| {
                assert_eq!(message, backend::Message::ReadyForQuery(status));
            },
        );
    }
    let cancel = Cancel::new(7, &[9; 256]).unwrap();
    from_server(
        written(|out| server::backend_key_data(out, &cancel)),
        |message| {
            assert_eq!(message, backend::Message::BackendKeyData(cancel.clone()));
        },
    );
    from_server(
        written(|out| server::parameter_status(out, "a", "b").unwrap()),
        |message| {
            assert_eq!(
                message,
                backend::Message::ParameterStatus {
                    name: "a",
                    value: "b"
                }
            );
        },
    );
    from_server(
        written(|out| server::command_complete(out, "SELECT 3").unwrap()),
        |message| {
            assert_eq!(
                message,
                backend::Message::CommandComplete { tag: "SELECT 3" }
            );
        },
    );
    from_server(
        written(|out| server::copy_data(out, b"x\ty\n").unwrap()),
        |message| {
            assert_eq!(
                message,
                backend::Message::CopyData(Bytes::from_static(b"x\ty\n"))
            );
        },
    );
    let write = |out: &mut BytesMut| {
        server::copy_out_response(out, Format::Binary, &[Format::Binary, Format::Binary]).unwrap();
    };
    from_server(written(write), |message| {
        let backend::Message::CopyOut(copy) = message else {
            panic!("{message:?}")
        };
        assert_eq!(copy.whole, Format::Binary);
        assert_eq!(copy.columns, Formats::Each(vec![Format::Binary; 2]));
    });
    let write =
        |out: &mut BytesMut| server::negotiate_version(out, Minor::Two, ["_pq_.x"]).unwrap();
    from_server(written(write), |message| {
        assert_eq!(
            message,
            backend::Message::NegotiateVersion {
                minor: 2,
                extensions: vec!["_pq_.x"]
            }
        );
    });
    let write = |out: &mut BytesMut| server::authentication_sasl(out, &["B-PLUS", "B"]).unwrap();
    from_server(written(write), |message| {
        let backend::Message::Authentication(Authentication::Sasl(list)) = message else {
            panic!("{message:?}")
        };
        assert_eq!(list.iter().collect::<Vec<_>>(), ["B-PLUS", "B"]);
    });
    assert_eq!(backend::rows_of_tag("INSERT 0 12"), Some(12));
    assert_eq!(backend::rows_of_tag("BEGIN"), None);
}

#[test]
fn what_cannot_be_written_leaves_nothing_behind() {
    let mut out = BytesMut::from(&b"before"[..]);
    let unfit = Formats::Each(vec![Format::Text; 2]);
    let bind = frontend::Bind {
        portal: "",
        statement: "",
        formats: &unfit,
        result_formats: &Formats::Unsaid,
    };
    let failures = [
        frontend::query(&mut out, "a\0b"),
        frontend::parse(&mut out, "s", "\0", &[]),
        frontend::bind(&mut out, &bind, [None]),
        frontend::execute(&mut out, "", u32::MAX),
        frontend::startup(&mut out, Minor::Zero, [("", "x")]),
        server::parameter_status(&mut out, "a", "\0"),
        server::command_complete(&mut out, "\0"),
        server::authentication_sasl(&mut out, &[""]),
        server::copy_out_response(&mut out, Format::Text, &[Format::Binary]),
        server::parameter_description(&mut out, &vec![0; 65_536]),
        server::data_row(&mut out, vec![None; 65_536]),
    ];
    for failure in failures {
        assert!(failure.is_err());
    }
    assert_eq!(&out[..], b"before");
}

#[test]
fn an_error_is_said_whatever_its_text() {
    let long = "\u{e9}".repeat(100_000);
    let text = format!("a\0b{long}");
    let report = Report::new(Severity::Error, SqlState::PROTOCOL_VIOLATION, &text);
    from_server_long(written(|out| server::error(out, &report)));
    assert_eq!(Error::UnknownTag { tag: b'?' }.sqlstate().as_str(), "08P01");
}

fn from_server_long(mut bytes: BytesMut) {
    let Some(Incoming::Control(frame)) = backend::take(&mut bytes, &Limits::default()).unwrap()
    else {
        panic!("not one message");
    };
    let backend::Message::Error(report) = frame.message().unwrap() else {
        panic!("no error")
    };
    assert!(report.message.starts_with("ab\u{e9}") && report.message.len() <= 65_536);
}
