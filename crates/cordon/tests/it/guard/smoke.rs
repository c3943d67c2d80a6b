//! The first things: each person's answers to simple questions.

use super::world::{ROWS, World};

#[test]
fn people_get_their_own_answers() {
    let world = World::new("smoke", ROWS);
    let mut found = String::new();
    for who in ["analyst", "masked", "conditional", "full"] {
        for text in [
            "select * from subj order by 1",
            "select * from ord order by 1",
            "select count(*) from msg",
            "select id, title from post order by views",
            "select name, 100 / salary from subj where name like 'A%'",
            "select s.name, o.amt from ord o join subj s on s.id = o.subj_id order by o.oid",
            "select email from subj where email = 'anna@example.de'",
        ] {
            found.push_str(&format!("{who}: {text}\n"));
            match world.guard(who, text) {
                Ok(all) => {
                    for shape in all[0].shapes() {
                        found.push_str(&format!(
                            "  {} {:?} {}\n",
                            shape.alias, shape.form, shape.pushed
                        ));
                    }
                }
                Err(refused) => found.push_str(&format!("  {refused}\n")),
            }
            match world.run(who, text, &[]) {
                super::world::Outcome::Rows(_, rows) => {
                    for row in rows {
                        let row: Vec<String> = row
                            .into_iter()
                            .map(|cell| cell.unwrap_or_else(|| "-".to_owned()))
                            .collect();
                        found.push_str(&format!("  | {}\n", row.join(" | ")));
                    }
                }
                other => found.push_str(&format!("  {other:?}\n")),
            }
        }
    }
    insta::assert_snapshot!(found);
}

#[test]
fn keys_join_and_group_whichever_way_it_is_written() {
    let world = World::new("keys", ROWS);
    let mut found = String::new();
    for who in ["analyst", "masked", "full"] {
        for text in [
            "select subj_id, count(*) from ord join (select id as subj_id from subj) s using (subj_id) group by 1",
            "select count(*), count(subj_id) from ord a join ord b using (subj_id)",
            "select subj_id, a.amt from ord a left join ord b using (subj_id) order by subj_id, a.amt",
            "select * from ord a natural join ord b order by 1",
            "select s.id, s.name, count(o.oid) from subj s left join ord o on o.subj_id = s.id group by s.id order by s.id",
            "select s.* from subj s group by s.id order by 1 limit 2",
            "select count(*) from msg m join subj f on f.id = m.from_id join subj t on t.id = m.to_id",
        ] {
            found.push_str(&format!("{who}: {text}\n"));
            match world.guard(who, text) {
                Ok(all) => {
                    let raw = all[0].text().matches("cordon:raw").count();
                    for shape in all[0].shapes() {
                        found.push_str(&format!(
                            "  {} {:?} {}\n",
                            shape.alias, shape.form, shape.pushed
                        ));
                    }
                    found.push_str(&format!("  raw values named {raw} times\n"));
                }
                Err(refused) => found.push_str(&format!("  {refused}\n")),
            }
            match world.run(who, text, &[]) {
                super::world::Outcome::Rows(_, rows) => {
                    for row in rows {
                        let row: Vec<String> = row
                            .into_iter()
                            .map(|cell| cell.unwrap_or_else(|| "-".to_owned()))
                            .collect();
                        found.push_str(&format!("  | {}\n", row.join(" | ")));
                    }
                }
                other => found.push_str(&format!("  {other:?}\n")),
            }
        }
    }
    insta::assert_snapshot!(found);
}

/// `./x bugs` makes these mistakes one at a time; here only that each can still be made.
#[test]
fn every_seeded_bug_still_applies() {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let text = include_str!("../../../../../tests/data/guard/bugs.txt");
    let stanzas: Vec<&str> = text.split("\n\n").filter(|s| s.contains("bug: ")).collect();
    assert!(stanzas.len() >= 30, "{}", stanzas.len());
    for stanza in stanzas {
        let value = |key: &str| {
            let line = stanza.lines().find_map(|line| line.strip_prefix(key));
            line.unwrap_or_else(|| panic!("`{key}` is missing in {stanza}"))
        };
        let file = std::fs::read_to_string(root.join(value("file: "))).unwrap();
        let plain = value("find: ")
            .replace("\\\\", "\u{0}")
            .replace("\\n", "\n")
            .replace('\u{0}', "\\");
        assert!(file.contains(&plain), "{}", value("bug: "));
    }
}

#[test]
fn a_query_that_writes_in_its_with_is_a_write() {
    let world = World::new("with_write", ROWS);
    let text =
        "with w as (update open_t set label = 'z' where id = 1 returning id) select id from w";
    let guarded = world.guard("full", text).unwrap().remove(0);
    assert_eq!(*guarded.action(), sql::Action::Write(sql::Change::Update));
    assert!(world.guard("analyst", text).is_err());
}
