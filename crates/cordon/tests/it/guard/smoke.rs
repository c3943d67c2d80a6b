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
