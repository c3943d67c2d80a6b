//! What a log and a witness say to each other.

use merkle::{
    AddCheckpoint, Error, Format, check_consistency, consistency_proof, format_size, parse_size,
};

use crate::made::{Log, head_at, is_malformed, leaf, signed};

/// The example of C2SP tlog-witness.
const EXAMPLE: &str = "old 20852014\n\
    PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n\
    jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=\n\
    5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=\n\
    /6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=\n\
    \n\
    example.com/behind-the-sofa\n\
    20852163\n\
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\
    \n\
    — example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n\
    — example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=\n";

fn request(old: u64, new: u64) -> AddCheckpoint {
    let log = Log::of(new);
    AddCheckpoint {
        old_size: old,
        proof: consistency_proof(&log.tiles, old, &log.head()).unwrap(),
        checkpoint: signed(log.head()),
    }
}

#[test]
fn the_specifications_example_is_read_and_written() {
    let read = AddCheckpoint::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!(read.old_size, 20_852_014);
    assert_eq!(read.proof.len(), 4);
    assert_eq!(read.checkpoint.signatures().len(), 2);
    assert_eq!(read.to_string(), EXAMPLE);
}

#[test]
fn a_request_is_read_as_it_was_written_and_its_proof_holds() {
    for (old, new) in [(0, 0), (0, 1), (1, 1), (1, 300), (255, 257), (256, 300)] {
        let written = request(old, new);
        let read = AddCheckpoint::parse(written.to_string().as_bytes()).unwrap();
        assert_eq!(read, written);
        let new_head = *read.checkpoint.checkpoint().head();
        check_consistency(&read.proof, &head_at(old), &new_head).unwrap();
    }
}

#[test]
fn a_request_may_name_an_old_size_above_its_checkpoint() {
    // The protocol answers it; the format allows it.
    let above = AddCheckpoint {
        old_size: 9,
        ..request(0, 5)
    };
    assert_eq!(
        AddCheckpoint::parse(above.to_string().as_bytes()).unwrap(),
        above
    );
}

#[test]
fn malformed_requests_are_refused() {
    let text = request(1, 5).to_string();
    for wrong in [
        String::new(),
        "old 1".to_owned(),
        "old 1\n".to_owned(),
        text.replace("old 1", "old 01"),
        text.replace("old 1", "old +1"),
        text.replace("old 1", "old -1"),
        text.replace("old 1", "old  1"),
        text.replace("old 1", "old1"),
        text.replace("old 1", "Old 1"),
        text.replace("old 1", " old 1"),
        text.replace("old 1", "old 1 "),
        text.replace("old 1", "old 18446744073709551616"),
        text.replace('\n', "\r\n"),
    ] {
        let read = AddCheckpoint::parse(wrong.as_bytes());
        assert!(is_malformed(read, Format::AddCheckpoint), "{wrong}");
    }
    let no_proof_end = text.replacen("\n\n", "\n", 1);
    assert!(is_malformed(
        AddCheckpoint::parse(no_proof_end.as_bytes()),
        Format::Hash
    ));
    let unsigned = text.rsplit_once("\n\n").unwrap().0;
    assert!(is_malformed(
        AddCheckpoint::parse(unsigned.as_bytes()),
        Format::Note
    ));
}

#[test]
fn sixty_three_proof_lines_are_taken_and_one_more_is_refused() {
    let with = |count| {
        AddCheckpoint {
            proof: vec![leaf(0); count],
            ..request(1, 5)
        }
        .to_string()
    };
    assert_eq!(
        AddCheckpoint::parse(with(63).as_bytes())
            .unwrap()
            .proof
            .len(),
        63
    );
    let refused = AddCheckpoint::parse(with(64).as_bytes());
    assert!(matches!(refused, Err(Error::TooLarge { limit: 63, .. })));
}

#[test]
fn the_conflicting_size_is_a_decimal_and_a_newline() {
    for size in [0, 7, u64::MAX] {
        assert_eq!(parse_size(format_size(size).as_bytes()).unwrap(), size);
    }
    for wrong in [
        "",
        "\n",
        "7",
        "07\n",
        "+7\n",
        "7\n\n",
        " 7\n",
        "-1\n",
        "18446744073709551616\n",
    ] {
        assert!(
            is_malformed(parse_size(wrong.as_bytes()), Format::TreeSize),
            "{wrong:?}"
        );
    }
}
