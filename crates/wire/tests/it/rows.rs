//! Rows come in blocks, whole and counted, and are read only on request.

use bytes::BytesMut;
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use wire::backend::{self, Incoming, Rows};
use wire::server::{self, Cell, DataRow};
use wire::{Error, Limits};

use crate::{framed, written};

fn block(bytes: &mut BytesMut) -> Rows {
    match backend::take(bytes, &Limits::default()).unwrap() {
        Some(Incoming::Rows(rows)) => rows,
        other => panic!("{other:?}"),
    }
}

proptest! {
    #[test]
    fn rows_arrive_as_they_were_sent_wherever_the_stream_is_cut(
        rows in vec(vec(option::of(vec(any::<u8>(), 0..9)), 3), 1..8), cut in any::<prop::sample::Index>(),
    ) {
        let all = written(|out| {
            for row in &rows {
                server::data_row(out, row.iter().map(Option::as_deref)).unwrap();
            }
            server::command_complete(out, "SELECT").unwrap();
        });
        let cut = cut.index(all.len());
        let mut buffer = BytesMut::new();
        let mut seen = Vec::new();
        let mut forwarded = Vec::new();
        for part in [&all[..cut], &all[cut..]] {
            buffer.extend_from_slice(part);
            while let Some(incoming) = backend::take(&mut buffer, &Limits::default()).unwrap() {
                let Incoming::Rows(block) = incoming else { break };
                prop_assert_eq!(block.columns(), 3);
                prop_assert_eq!(block.iter().count(), block.count() as usize);
                forwarded.extend_from_slice(block.bytes());
                for row in &block {
                    let cells: Result<Vec<_>, _> = row.cells().collect();
                    seen.push(cells.unwrap().into_iter().map(|cell| cell.map(<[u8]>::to_vec)).collect::<Vec<_>>());
                }
            }
        }
        prop_assert_eq!(&forwarded[..], &all[..forwarded.len()]);
        prop_assert_eq!(seen, rows);
    }

    #[test]
    fn a_block_is_cut_between_rows(count in 1_u32..9, at in 0_u32..12) {
        let mut bytes = written(|out| {
            for number in 0..count {
                server::data_row(out, [Some(&vec![0; number as usize][..])]).unwrap();
            }
        });
        let whole = block(&mut bytes);
        let (first, rest) = whole.clone().split(at);
        let count_of = |rows: &Option<Rows>| rows.as_ref().map_or(0, Rows::count);
        prop_assert_eq!(count_of(&first), at.min(count));
        prop_assert_eq!(count_of(&first) + count_of(&rest), count);
        let joined: Vec<u8> = [first, rest].into_iter().flatten().flat_map(|rows| rows.into_bytes().to_vec()).collect();
        prop_assert_eq!(&joined[..], &whole.bytes()[..]);
    }
}

#[test]
fn rows_of_other_widths_in_one_block_are_refused() {
    let mut bytes = written(|out| {
        server::data_row(out, [None]).unwrap();
        server::data_row(out, [None, None]).unwrap();
    });
    let error = backend::take(&mut bytes, &Limits::default()).unwrap_err();
    assert!(matches!(error, Error::Value { .. }));
}

#[test]
fn a_row_that_is_longer_than_allowed_is_refused_by_its_header() {
    let limits = Limits {
        row_bytes: 100,
        ..Limits::default()
    };
    for bytes in [
        &b"D\0\0\0\x65"[..],
        b"D\0\0\0\x65\0\x01",
        b"D\0\0\0\x05",
        b"D\0\0\0\0\0\0",
    ] {
        assert!(backend::take(&mut BytesMut::from(bytes), &limits).is_err());
    }
    // One that fits stands before one that does not: nothing of either is passed on.
    let mut bytes = written(|out| server::data_row(out, [None]).unwrap());
    bytes.extend_from_slice(b"D\xff\xff\xff\xff\0\x01");
    assert!(backend::take(&mut bytes, &limits).is_err());
}

#[test]
fn cells_do_not_leave_their_row() {
    for body in [
        &b"\0\x01\0\0\0\x05ab"[..],
        b"\0\x02\0\0\0\x01a",
        b"\0\x01\xff\xff\xff\xfe",
        b"\0\x01\0\0\0\x01ab",
        b"\0\0a",
    ] {
        let mut bytes = framed(b'D', body);
        bytes.extend_from_slice(&framed(b'D', body));
        let rows = block(&mut bytes);
        for row in &rows {
            let cells: Vec<_> = row.cells().collect();
            assert!(cells.last().unwrap().is_err(), "{body:?}");
            assert!(cells.len() <= 3);
        }
    }
}

#[test]
fn a_row_writes_its_cells_one_by_one_or_leaves_nothing() {
    let mut out = BytesMut::from(&b"before"[..]);
    let mut row = DataRow::begin(&mut out);
    row.cell(Some(b"a")).unwrap();
    row.cell_with(|cell| {
        cell.extend_from_slice(&[b'b'; 3000]);
        Ok::<_, Error>(Cell::Value)
    })
    .unwrap();
    row.cell_with(|cell| {
        cell.extend_from_slice(b"not this");
        Ok::<_, Error>(Cell::Null)
    })
    .unwrap();
    row.end().unwrap();
    let mut written = out.split_off(6);
    let rows = block(&mut written);
    let cells: Vec<_> = rows
        .iter()
        .next()
        .unwrap()
        .cells()
        .map(Result::unwrap)
        .collect();
    assert_eq!(cells, [Some(&b"a"[..]), Some(&[b'b'; 3000][..]), None]);
    let mut row = DataRow::begin(&mut out);
    row.cell(Some(b"a")).unwrap();
    drop(row);
    assert_eq!(&out[..], b"before");
}
