//! A regime from its YAML text.

use std::collections::BTreeSet;

use document::Located;
use model::{Diagnostic, Jurisdiction, LegalCategory, ListId, RegimeId, Share, Timestamp};
use serde::Deserialize;

use super::{
    Clock, CountryOfConcern, CoveredRule, CoveredRules, HomePersonRule, Period, Regime, Threshold,
};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    regime: Located<String>,
    title: String,
    in_force: PeriodText,
    #[serde(default)]
    historical: bool,
    requires: Option<Located<String>>,
    home: Vec<Located<String>>,
    countries_of_concern: Vec<ConcernText>,
    covered_person: CoveredText,
    #[serde(default)]
    thresholds: Vec<ThresholdText>,
    #[serde(default)]
    clocks: Vec<ClockText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodText {
    from: Located<String>,
    until: Option<Located<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ConcernText {
    country: Located<String>,
    from: Located<String>,
    until: Option<Located<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CoveredText {
    ownership_share: Option<Located<String>>,
    designation_list: Option<Located<String>>,
    rules: Vec<RuleText>,
    home_person: Option<HomePersonText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleText {
    rule: CoveredRule,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HomePersonText {
    by: Vec<HomePersonRule>,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ThresholdText {
    category: Located<String>,
    count: u64,
    per: String,
    window_days: u32,
    source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ClockText {
    what: String,
    days: u32,
    source: String,
}

/// Turns located texts into values and collects what is wrong with them.
struct Reader<'a> {
    file: &'a str,
    faults: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn value<T, E: std::fmt::Display>(
        &mut self,
        text: &Located<String>,
        path: &str,
        remedy: &str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        match parse(&text.value) {
            Ok(value) => Some(value),
            Err(error) => {
                self.faults
                    .push(text.error(self.file, path, error.to_string(), remedy));
                None
            }
        }
    }

    fn country(&mut self, text: &Located<String>, path: &str) -> Option<Jurisdiction> {
        let remedy = "write an ISO 3166 code or a usual country name; in YAML, Norway is \"NO\"";
        self.value(text, path, remedy, Jurisdiction::parse)
    }

    fn time(&mut self, text: &Located<String>, path: &str) -> Option<Timestamp> {
        self.value(
            text,
            path,
            "write a date such as 2025-04-08",
            Timestamp::parse,
        )
    }

    fn period(
        &mut self,
        from: &Located<String>,
        until: Option<&Located<String>>,
        path: &str,
    ) -> Option<Period> {
        let first = self.time(from, path)?;
        let last = match until {
            Some(text) => self.time(text, path)?,
            None => Timestamp::MAX,
        };
        if first >= last {
            let fault = from.error(
                self.file,
                path,
                "the period ends before it begins",
                "swap the dates",
            );
            self.faults.push(fault);
            return None;
        }
        Some(Period {
            from: first,
            until: last,
        })
    }
}

/// Reads a regime; `floor` and `oversight` are its Cedar policies, checked when they are
/// compiled.
///
/// # Errors
/// Everything that is wrong with the data, each with its place.
pub fn read(
    file: &str,
    text: &str,
    floor: &str,
    oversight: &str,
) -> Result<Regime, Vec<Diagnostic>> {
    let parsed: File = document::read(file, text).map_err(|fault| vec![*fault])?;
    let mut reader = Reader {
        file,
        faults: Vec::new(),
    };
    let regime = regime_of(&parsed, &mut reader, floor, oversight);
    match regime {
        Some(regime) if reader.faults.is_empty() => Ok(regime),
        _ => Err(reader.faults),
    }
}

fn regime_of(
    parsed: &File,
    reader: &mut Reader<'_>,
    floor: &str,
    oversight: &str,
) -> Option<Regime> {
    let id = reader.value(
        &parsed.regime,
        "regime",
        "use letters, digits and `-`",
        RegimeId::new,
    );
    let requires = parsed
        .requires
        .as_ref()
        .map(|text| reader.value(text, "requires", "name another regime", RegimeId::new));
    let home: BTreeSet<_> = parsed
        .home
        .iter()
        .filter_map(|text| reader.country(text, "home"))
        .collect();
    if parsed.home.is_empty() {
        let cause = "a regime without a home protects nobody";
        let fault = parsed
            .regime
            .error(reader.file, "home", cause, "list the home's countries");
        reader.faults.push(fault);
    }
    let in_force = reader.period(
        &parsed.in_force.from,
        parsed.in_force.until.as_ref(),
        "in_force",
    );
    let countries_of_concern = parsed
        .countries_of_concern
        .iter()
        .filter_map(|entry| {
            let country = reader.country(&entry.country, "countries_of_concern")?;
            let listed =
                reader.period(&entry.from, entry.until.as_ref(), "countries_of_concern")?;
            Some(CountryOfConcern { country, listed })
        })
        .collect();
    let thresholds = parsed
        .thresholds
        .iter()
        .filter_map(|t| threshold_of(t, reader))
        .collect();
    let covered = covered_of(&parsed.covered_person, reader, &parsed.regime)?;
    Some(Regime {
        id: id?,
        title: parsed.title.clone(),
        in_force: in_force?,
        historical: parsed.historical,
        requires: match requires {
            Some(id) => Some(id?),
            None => None,
        },
        home,
        countries_of_concern,
        covered,
        thresholds,
        clocks: parsed.clocks.iter().map(clock_of).collect(),
        floor: floor.to_owned(),
        oversight: oversight.to_owned(),
    })
}

fn threshold_of(text: &ThresholdText, reader: &mut Reader<'_>) -> Option<Threshold> {
    let remedy = "use one of the legal categories";
    Some(Threshold {
        category: reader.value(&text.category, "thresholds", remedy, LegalCategory::parse)?,
        count: text.count,
        per: text.per.clone(),
        window_days: text.window_days,
        source: text.source.clone(),
    })
}

fn clock_of(text: &ClockText) -> Clock {
    Clock {
        what: text.what.clone(),
        days: text.days,
        source: text.source.clone(),
    }
}

fn covered_of(
    text: &CoveredText,
    reader: &mut Reader<'_>,
    regime: &Located<String>,
) -> Option<CoveredRules> {
    let path = "covered_person";
    if text.rules.is_empty() {
        let cause = "without a rule nobody is covered, and the floor would hold nobody";
        let fault = regime.error(reader.file, path, cause, "give at least one rule");
        reader.faults.push(fault);
        return None;
    }
    let named = |name| text.rules.iter().any(|rule| rule.rule == name);
    if named(CoveredRule::Owned) && text.ownership_share.is_none() {
        let cause = "the rule `owned` needs `ownership_share`";
        let fault = regime.error(reader.file, path, cause, "add e.g. `ownership_share: 50%`");
        reader.faults.push(fault);
    }
    if named(CoveredRule::Designated) && text.designation_list.is_none() {
        let cause = "the rule `designated` needs `designation_list`";
        let fault = regime.error(reader.file, path, cause, "name the authority's list");
        reader.faults.push(fault);
    }
    let share = match &text.ownership_share {
        Some(share) => reader.value(share, path, "write e.g. `50%`", Share::parse)?,
        None => Share::WHOLE,
    };
    if share == Share::NONE {
        let fault = regime.error(
            reader.file,
            path,
            "with a share of 0 % everybody would reach through everybody",
            "give a share above 0 %",
        );
        reader.faults.push(fault);
    }
    let list = match &text.designation_list {
        Some(list) => Some(reader.value(list, path, "use letters, digits and `-`", ListId::new)?),
        None => None,
    };
    let home_person = text.home_person.as_ref();
    Some(CoveredRules {
        ownership_share: share,
        designation_list: list,
        rules: text
            .rules
            .iter()
            .map(|r| (r.rule, r.source.clone()))
            .collect(),
        home_person: home_person.map(|h| h.by.clone()).unwrap_or_default(),
        home_person_source: home_person.map(|h| h.source.clone()).unwrap_or_default(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::regime::SHIPPED;

    #[test]
    fn the_shipped_regimes_are_readable() {
        for shipped in SHIPPED {
            let regime =
                read(shipped.file, shipped.data, shipped.floor, shipped.oversight).unwrap();
            assert_eq!(regime.id.as_str(), shipped.id);
        }
    }

    #[test]
    fn each_mistake_is_named_with_its_place() {
        let good = SHIPPED[0].data;
        let broken = [
            good.replace("country: CU", "country: Atlantis"),
            good.replace("ownership_share: 50%", "ownership_share: half"),
            good.replace("  ownership_share: 50%\n", ""),
            good.replace("rule: employed", "rule: befriended"),
            good.replace(
                "{ from: 2025-04-08 }",
                "{ from: 2025-04-08, until: 2024-01-01 }",
            ),
            good.replace("category: biometric, ", "category: shoe_size, "),
            good.replace("home: [US, AS, GU, MP, PR, UM, VI]", "home: []"),
        ];
        let faults: Vec<String> = broken
            .iter()
            .flat_map(|text| read("regime.yaml", text, "", "").unwrap_err())
            .map(|fault| fault.to_string())
            .collect();
        insta::assert_snapshot!(faults.join("\n"));
    }
}
