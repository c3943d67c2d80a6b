//! The words for each change and whether it loosens.

use catalog::diff;

use crate::{APP, good};

fn changes(old: &str, new: &str) -> String {
    let changes = diff(&good(old).datasets, &good(new).datasets);
    let shown: Vec<String> = changes.iter().map(ToString::to_string).collect();
    shown.join("\n")
}

/// Both ways, because what loosens one way must not loosen the other unless nobody can tell.
#[test]
fn each_change_is_told_and_judged() {
    let cases = [
        (
            "level: sensitive, type: text, mask",
            "level: protected, type: text, mask",
        ),
        (
            "name: added_yesterday",
            "name: added_yesterday\n            cordon: { level: restricted }",
        ),
        ("mask: { truncate: year }", "mask: { truncate: day }"),
        ("mask: { truncate: year }", "mask: \"null\""),
        ("mask: { bucket: 100 }", "mask: { bucket: 1000 }"),
        ("mask: { bucket: 100 }", "mask: { bucket: 70 }"),
        (
            "mask: { partial: { first: 1, last: 0 } }",
            "mask: { partial: { first: 1, last: 4 } }",
        ),
        ("decimals: 1", "decimals: 3"),
        (
            "mask: { pseudonym: reporter }",
            "mask: { pseudonym: source }",
        ),
        ("mask: { pseudonym: reporter }", "mask: { constant: 0 }"),
        (", mask: { bucket: 100 }", ""),
        (
            "data_categories: [user.location.precise]",
            "data_categories: [user.location.imprecise]",
        ),
        ("legal: [government_related]", "legal: []"),
        ("level_when: never", "mask: null"),
        ("type: timestamptz, level_when: never", "type: timestamptz"),
        (
            "visibility = 'public' AND deleted_at IS NULL",
            "visibility = 'public'",
        ),
        ("type: date", "type: timestamptz"),
        ("fides_meta: { primary_key: true }, ", ""),
        ("field: public.videos.id", "field: public.videos.views"),
        (
            "residency: [ { column: reporter_country }, { country: US } ]",
            "residency: { column: reporter_country }",
        ),
        (
            "            - { key: [recipient_id], through: public.users }\n",
            "",
        ),
        ("        cordon: { subjects: none }\n", ""),
        ("until: 2026-01-31", "until: 2026-01-15"),
        (
            "          observe: { from: 2026-01-01, until: 2026-01-31 }\n",
            "",
        ),
        (
            "upstream: app, store: us-enclave-1, owner: dana",
            "upstream: app2, store: sg-1, owner: eve",
        ),
        ("          - { name: unlabelled }\n", ""),
        (
            "{ name: bio, data_categories: [user.content.public], cordon: { level: protected } }",
            "{ name: bio, data_categories: [user.content.public] }",
        ),
        (
            "          - { name: body, data_categories: [user.content.private], cordon: { level: sensitive, type: text } }\n",
            "",
        ),
        ("name: public.settings", "name: public.flags"),
        ("Video app", "Another name"),
    ];
    let mut shown = Vec::new();
    for (old, new) in cases {
        assert!(APP.contains(old), "{old}");
        let after = APP.replacen(old, new, 1);
        shown.push(format!("== {} => {}", old.trim(), new.trim()));
        shown.push(changes(APP, &after));
        shown.push("-- and back".to_owned());
        shown.push(changes(&after, APP));
    }
    insta::assert_snapshot!(shown.join("\n"));
}
