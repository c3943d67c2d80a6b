//! Each mistake of an operator, and the answer.

use crate::place::Place;

/// A mistake's name, and how to make it in a deployment that is good otherwise.
type Mistake = (&'static str, fn(&Place));

/// Each mistake and what is said.
fn told(mistakes: &[Mistake]) -> String {
    let answers = mistakes.iter().map(|(name, make)| {
        let place = Place::new();
        make(&place);
        format!("--- {name}\n{}\n", place.says())
    });
    answers.collect()
}

#[test]
fn the_good_deployment_has_no_fault() {
    assert_eq!(Place::new().says(), "");
}

#[test]
fn settings_are_answered() {
    const FILE: &str = "cordon.toml";
    let told = told(&[
        ("unknown keys", |p| {
            p.change(FILE, "regimes", "regime")
                .append(FILE, "titel = \"x\"\n");
        }),
        ("not TOML", |p| {
            p.append(FILE, "[store\nx = = 1\n");
        }),
        ("nothing", |p| {
            p.write(FILE, "");
        }),
        ("a number for a name", |p| {
            p.change(FILE, "\"Test\"", "7");
        }),
        ("no such country", |p| {
            p.change(FILE, "home = \"US\"", "home = \"Atlantis\"");
        }),
        ("not the regime's home", |p| {
            p.change(FILE, "home = \"US\"", "home = \"DE\"");
        }),
        ("no such regime", |p| {
            p.change(FILE, "us-dsp", "us-dps");
        }),
        ("own regime without a folder", |p| {
            p.change(FILE, "us-dsp", "galactic-law");
        }),
        ("no regimes", |p| {
            p.change(FILE, "[\"us-dsp\"]", "[]");
        }),
        ("a regime twice", |p| {
            p.change(FILE, "[\"us-dsp\"]", "[\"us-dsp\", \"us-dsp\"]");
        }),
        ("historical alone", |p| {
            p.change(FILE, "us-dsp", "us-project-texas");
        }),
        ("museum in words", |p| {
            p.change(FILE, "home =", "museum = \"yes\"\nhome =");
        }),
        ("a store twice", |p| {
            p.append(FILE, "[[store]]\nid = \"us-1\"\ncountry = \"US\"\n");
        }),
        ("a store without a country", |p| {
            p.append(FILE, "[[store]]\nid = \"us-2\"\n");
        }),
        ("a password", |p| {
            p.change(FILE, "cordon@", "cordon:hunter2@");
        }),
        ("an upstream without url", |p| {
            p.append(FILE, "[upstream.lake]\nuri = \"x\"\n");
        }),
        ("a purpose without title", |p| {
            p.append(FILE, "[purpose.x]\nreason_codes = [1]\n");
        }),
        ("a purpose with a bad id", |p| {
            p.append(FILE, "[purpose.\"a b\"]\ntitle = \"x\"\n");
        }),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn files_are_answered() {
    let told = told(&[
        ("settings missing", |p| {
            p.remove("cordon.toml");
        }),
        ("people missing", |p| {
            p.remove("people.yaml");
        }),
        ("catalogue missing", |p| {
            p.remove("catalog");
        }),
        ("catalogue empty but for others", |p| {
            p.remove("catalog/app.yaml")
                .write("catalog/app.yaml.bak", "");
        }),
        ("catalogue is a file", |p| {
            p.remove("catalog").write("catalog", "");
        }),
        ("no policy", |p| {
            p.remove("policy");
        }),
        ("not UTF-8", |p| {
            p.write("people.yaml", b"people:\n  a\xff: {}\n");
        }),
        ("too long", |p| {
            p.write("people.yaml", vec![b' '; 8 * 1024 * 1024 + 1]);
        }),
        ("policy too long", |p| {
            p.write("policy/x.cedar", vec![b' '; 1024 * 1024 + 1]);
        }),
        ("people is a folder", |p| {
            p.remove("people.yaml").write("people.yaml/x", "");
        }),
        ("misspelt optional file", |p| {
            p.write("grant.yaml", "").write("notes.yml", "");
        }),
        ("everything at once", |p| {
            p.change("cordon.toml", "home = \"US\"", "home = \"DE\"")
                .change("catalog/app.yaml", "store: us-1", "store: us-2")
                .change("people.yaml", "employer: acme", "employer: acm")
                .change("policy/rules.cedar", "view_row", "view_rows")
                .write("grants.yaml", "grant: {}\n")
                .write("ladder.yaml", "ladder: {}\n");
        }),
    ]);
    insta::assert_snapshot!(told);
}

#[cfg(unix)]
#[test]
fn links_are_answered() {
    use std::os::unix::fs::symlink;
    let told = told(&[
        ("links in a circle", |p| {
            p.remove("people.yaml");
            symlink("people.yaml", p.path().join("people.yaml")).unwrap();
        }),
        ("dangling optional file", |p| {
            symlink("nowhere", p.path().join("grants.yaml")).unwrap();
        }),
        ("dangling manifest", |p| {
            symlink("nowhere", p.path().join("catalog/b.yaml")).unwrap();
        }),
        ("a device", |p| {
            p.remove("people.yaml");
            symlink("/dev/zero", p.path().join("people.yaml")).unwrap();
        }),
    ]);
    insta::assert_snapshot!(told);
    let fault = deployment::load(std::path::Path::new("/nowhere/at/all")).unwrap_err();
    insta::assert_snapshot!(fault[0].to_string(), @r"
    /nowhere/at/all: it does not exist
      remedy: create it with `cordon init`, or correct the path
    ");
}

#[test]
fn the_register_is_answered() {
    const FILE: &str = "people.yaml";
    let told = told(&[
        ("not YAML", |p| {
            p.append(FILE, "services: [\n");
        }),
        ("a list", |p| {
            p.write(FILE, "- a\n");
        }),
        ("unknown section and keys", |p| {
            p.change(FILE, "residence:", "residense:")
                .append(FILE, "persons: {}\n");
        }),
        ("a fact without source and expiry", |p| {
            p.change(
                FILE,
                "source: HR, expires: 2029-01-01, citizenships",
                "citizenships",
            );
        }),
        ("a default that is no date", |p| {
            p.change(FILE, "expires: 2029-01-01, citiz", "expires: soon, citiz");
        }),
        ("a long fact without a value", |p| {
            p.change(
                FILE,
                "residence: US",
                "residence: { source: lease, until: 2027-01-01 }",
            );
        }),
        ("Norway", |p| {
            p.change(FILE, "residence: US", "residence: NO");
        }),
        ("no such country", |p| {
            p.change(FILE, "citizenships: [US]", "citizenships: [US, ZZ]");
        }),
        ("employed by nobody", |p| {
            p.change(FILE, "employer: acme", "employer: none");
        }),
        ("employed by a state", |p| {
            p.change(FILE, "employer: acme", "employer: { country: CN }");
        }),
        ("unknown employer", |p| {
            p.change(FILE, "employer: acme", "employer: acne");
        }),
        ("unknown manager", |p| {
            p.change(FILE, "manager: ana", "manager: anna");
        }),
        ("managers in a circle", |p| {
            p.change(FILE, "manager: none", "manager: sam");
        }),
        ("a status", |p| {
            p.change(
                FILE,
                "statuses: []",
                "statuses: [ { country: US, status: permanent_residence } ]",
            );
        }),
        ("a role", |p| {
            p.change(FILE, "home_security", "home-security");
        }),
        ("shares over the whole", |p| {
            p.change(FILE, "{ rest: others }", "{ holdings: [ { owner: { state: CN }, share: 60% }, { owner: { person: ana }, share: 60% } ] }");
        }),
        ("a share without its sign, two owners, no rest", |p| {
            p.change(
                FILE,
                "{ rest: others }",
                "{ holdings: [ { owner: { state: CN, person: ana }, share: 60 } ], rest: nobody }",
            );
        }),
        ("a branch with owners", |p| {
            p.change(
                FILE,
                "{ source: register,",
                "{ source: register, branch_of: acme,",
            );
        }),
        ("an id twice", |p| {
            p.append(FILE, "services:\n  ana: { audience: [sam] }\n");
        }),
        ("an id written badly", |p| {
            p.append(FILE, "  \"a b\": {}\n");
        }),
        ("a key twice", |p| {
            p.append(FILE, "  ana: {}\n");
        }),
        ("an audience of nobody", |p| {
            p.append(
                FILE,
                "services:\n  bi: { audience: [] }\n  bo: { audience: [zoe] }\n",
            );
        }),
        ("a designation list that nobody reads", |p| {
            p.change(
                FILE,
                "designations: [], office",
                "designations: [us-dps], office",
            );
        }),
        ("disabled in words", |p| {
            p.change(FILE, "ana: { source", "ana: { disabled: maybe, source");
        }),
        ("disabled without a value", |p| {
            p.change(FILE, "ana: { source", "ana: { disabled: , source");
        }),
        ("nobody", |p| {
            p.write(FILE, "people: {}\n")
                .change("catalog/app.yaml", ", owner: ana", "");
        }),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn catalogue_and_policies_are_answered() {
    const CATALOG: &str = "catalog/app.yaml";
    const RULES: &str = "policy/rules.cedar";
    let told = told(&[
        ("unknown store", |p| {
            p.change(CATALOG, "store: us-1", "store: us-l");
        }),
        ("unknown upstream", |p| {
            p.change(CATALOG, "upstream: app", "upstream: lake");
        }),
        ("unknown owner", |p| {
            p.change(CATALOG, "owner: ana", "owner: zoe");
        }),
        ("unknown level", |p| {
            p.change(CATALOG, "level: protected", "level: protectd");
        }),
        ("a dataset in two files", |p| {
            let text = std::fs::read_to_string(p.path().join(CATALOG)).unwrap();
            p.write("catalog/b.yml", text);
        }),
        ("a policy that is none", |p| {
            p.append(RULES, "permit (\n");
        }),
        ("a policy without an id", |p| {
            p.append(RULES, "forbid (principal, action, resource);\n");
        }),
        ("a team that nobody is in", |p| {
            p.change(RULES, "\"staff\"", "\"stuff\"");
        }),
        ("purpose, class and country that nobody knows", |p| {
            p.append(RULES, "@id(\"x\")\nforbid (principal, action, resource)\nwhen { context has purpose && context.purpose == Cordon::Purpose::\"incidnt\" }\nwhen { principal has office && principal.office == Cordon::Country::\"USA\" }\nwhen { principal has recipient_class && principal.recipient_class == Cordon::RecipientClass::\"x\" };\n");
        }),
        ("a ladder that asks for less", |p| {
            p.write(
                "ladder.yaml",
                policy::SHIPPED_LADDER.replace("need: 2", "need: 1"),
            );
        }),
    ]);
    insta::assert_snapshot!(told);
}

#[test]
fn regimes_are_answered() {
    const OWN: &str = "regimes/own-law/regime.yaml";
    fn own(p: &Place) -> &Place {
        let data = policy::SHIPPED[0]
            .data
            .replacen("regime: us-dsp", "regime: own-law", 1);
        p.write(OWN, data)
            .write("regimes/own-law/floor.cedar", "")
            .change("cordon.toml", "[\"us-dsp\"]", "[\"us-dsp\", \"own-law\"]")
    }
    let told = told(&[
        ("an own regime is good", |p| {
            own(p);
        }),
        ("a shipped regime replaced", |p| {
            p.write("regimes/us-dsp/floor.cedar", "");
        }),
        ("not in force", |p| {
            p.write("regimes/own-law/floor.cedar", "")
                .write("regimes/read.me", "");
        }),
        ("floor and data missing", |p| {
            own(p)
                .remove(OWN)
                .remove("regimes/own-law/floor.cedar")
                .write("regimes/own-law/x", "");
        }),
        ("another name", |p| {
            own(p).change(OWN, "regime: own-law", "regime: other-law");
        }),
        ("a floor that permits", |p| {
            own(p).write(
                "regimes/own-law/floor.cedar",
                "@id(\"x\")\npermit (principal, action, resource);\n",
            );
        }),
        ("data that is none", |p| {
            own(p).append(OWN, "colour: red\n");
        }),
    ]);
    insta::assert_snapshot!(told);
}

const GRANT: &str = "grants:
  g1:
    flow: protected-data
    requester: ana
    purpose: incident
    transaction: none
    scope:
      - { dataset: app/public.users, fields: [id], rows: [home], actions: [view_clear] }
    start: 2026-01-01T09:00:00Z
    expires: 2026-01-01T17:00:00Z
    approvals:
      - { by: sam, role: home_security, signed_from: US, at: 2026-01-01T08:00:00Z }
";

const ASSESSMENT: &str = "assessments:
  a1:
    regime: us-dsp
    dataset: app/public.users
    recipient: engineers
    transaction: employment
    masks: [null, pseudonym]
    start: 2026-01-01
    expires: 2027-01-01
    approvals: [ { by: sam, role: home_security, at: 2026-01-01 } ]
";

#[test]
fn rights_are_answered() {
    const FILE: &str = "grants.yaml";
    fn grant<'p>(p: &'p Place, from: &str, to: &str) -> &'p Place {
        p.write(FILE, GRANT).change(FILE, from, to)
    }
    fn assess<'p>(p: &'p Place, from: &str, to: &str) -> &'p Place {
        p.write("assessments.yaml", ASSESSMENT)
            .change("assessments.yaml", from, to)
    }
    let told = told(&[
        ("both are good", |p| {
            p.write(FILE, GRANT).write("assessments.yaml", ASSESSMENT);
        }),
        ("unknown flow", |p| {
            grant(p, "protected-data", "protected-date");
        }),
        ("unknown person", |p| {
            grant(p, "requester: ana", "requester: zoe");
        }),
        ("unknown purpose", |p| {
            grant(p, "purpose: incident", "purpose: fun");
        }),
        ("unknown dataset", |p| {
            grant(p, "public.users", "public.user");
        }),
        ("unknown field", |p| {
            grant(p, "[id]", "[id, emial]");
        }),
        ("unknown approver", |p| {
            grant(p, "by: sam", "by: sma");
        }),
        ("too long", |p| {
            grant(
                p,
                "expires: 2026-01-01T17:00:00Z",
                "expires: 2026-01-01T17:00:01Z",
            );
        }),
        ("break-glass too long", |p| {
            grant(p, "flow: protected-data", "break_glass: INC-1");
        }),
        ("break-glass and flow", |p| {
            grant(
                p,
                "flow: protected-data",
                "flow: protected-data\n    break_glass: INC-1",
            );
        }),
        ("ends before it starts", |p| {
            grant(p, "expires: 2026", "expires: 2025");
        }),
        ("no subjects by accident", |p| {
            grant(p, "    start", "    subjects:\n    start");
        }),
        ("subjects of none", |p| {
            grant(
                p,
                "    start",
                "    subjects: { dataset: app/public.users, keys: [] }\n    start",
            );
        }),
        ("revoked some day", |p| {
            grant(p, "    start", "    revoked: some day\n    start");
        }),
        ("rows, actions and fields", |p| {
            grant(
                p,
                "[id], rows: [home], actions: [view_clear]",
                "[], rows: [homes], actions: [view]",
            );
        }),
        ("no approvals, exemption without reference", |p| {
            grant(
                p,
                "    approvals:",
                "    exemption: { rule: x }\n    approval:",
            );
        }),
        ("masks", |p| {
            assess(p, "pseudonym]", "pseudonyms]");
        }),
        ("a regime not in force", |p| {
            assess(p, "us-dsp", "eu-clover");
        }),
        ("no dataset", |p| {
            assess(p, "    dataset: app/public.users\n", "");
        }),
    ]);
    insta::assert_snapshot!(told);
}
