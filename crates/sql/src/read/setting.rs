//! `SET`, `RESET`, `SHOW`, `DISCARD`.

use pg_query::NodeEnum;
use pg_query::protobuf::{
    DiscardMode, DiscardStmt, Node, VariableSetKind, VariableSetStmt, VariableShowStmt,
};

use super::reader::{Reader, absent, kind, unexpected, unsupported};
use crate::Refused;
use crate::tree::{Constant, DiscardTarget, Expression, SetScope, SetValue, Setting};

/// What the grammar calls the settings of `SET TRANSACTION` and its kin.
const MULTI: [&str; 3] = [
    "TRANSACTION",
    "SESSION CHARACTERISTICS",
    "TRANSACTION SNAPSHOT",
];

impl Reader<'_> {
    pub(super) fn set(&mut self, node: VariableSetStmt) -> Result<Setting, Refused> {
        // `jumble_args` is about fingerprints.
        let VariableSetStmt {
            kind: set_kind,
            name,
            args,
            jumble_args: _,
            is_local,
            location: at,
        } = node;
        let set_kind: VariableSetKind = kind(set_kind, "`SET`", at)?;
        let is_valued = matches!(
            set_kind,
            VariableSetKind::VarSetValue | VariableSetKind::VarSetMulti
        );
        absent(
            is_valued != args.is_empty(),
            "an unexpected form of `SET`",
            at,
        )?;
        let (name, value) = match set_kind {
            VariableSetKind::Undefined => return Err(unexpected("`SET`", at)),
            VariableSetKind::VarSetValue => {
                let values = self.each(args, |reader, node| reader.set_value(node, at))?;
                (self.setting_name(name, at)?, SetValue::Values(values))
            }
            VariableSetKind::VarSetDefault | VariableSetKind::VarReset => {
                (self.setting_name(name, at)?, SetValue::Default)
            }
            VariableSetKind::VarSetCurrent => (self.setting_name(name, at)?, SetValue::Current),
            VariableSetKind::VarResetAll => ("all".to_owned(), SetValue::Default),
            VariableSetKind::VarSetMulti => self.set_several(name, args, at)?,
        };
        Ok(Setting {
            scope: if is_local {
                SetScope::Local
            } else {
                SetScope::Session
            },
            name,
            value,
            by_call: false,
        })
    }

    fn set_several(
        &mut self,
        name: String,
        args: Vec<Node>,
        at: i32,
    ) -> Result<(String, SetValue), Refused> {
        absent(
            MULTI.contains(&name.as_str()),
            "an unknown form of `SET`",
            at,
        )?;
        let value = if name == "TRANSACTION SNAPSHOT" {
            SetValue::Values(self.each(args, |reader, node| reader.set_value(node, at))?)
        } else {
            SetValue::Modes(self.each(args, Reader::transaction_mode)?)
        };
        Ok((name, value))
    }

    fn set_value(&mut self, node: Node, at: i32) -> Result<Constant, Refused> {
        let node = match node.node {
            Some(NodeEnum::AConst(node)) => node,
            // The grammar has this form for time zones alone.
            Some(NodeEnum::TypeCast(node)) => {
                let value = self.cast(*node)?;
                return zone(&value)
                    .ok_or_else(|| unsupported("a setting that is not a plain value", at));
            }
            _ => return Err(unsupported("a setting that is not a plain value", at)),
        };
        match self.constant(node)? {
            value @ (Constant::Text(_) | Constant::Integer(_) | Constant::Number(_)) => Ok(value),
            Constant::Null | Constant::Boolean(_) | Constant::Bits(_) => {
                Err(unsupported("a setting that is not a plain value", at))
            }
        }
    }

    /// The names of settings do not tell capitals from small letters.
    fn setting_name(&mut self, name: String, at: i32) -> Result<String, Refused> {
        let mut name = self.name(name, at)?;
        name.make_ascii_lowercase();
        absent(name != "all", "a setting named `all`", at)?;
        Ok(name)
    }

    pub(super) fn show(&mut self, node: VariableShowStmt) -> Result<String, Refused> {
        let VariableShowStmt { name } = node;
        let mut name = self.name(name, -1)?;
        name.make_ascii_lowercase();
        Ok(name)
    }
}

/// `INTERVAL '+05:30' HOUR TO MINUTE`, as the time zone that PostgreSQL makes of it: a name of its own that
/// says how far it is, in POSIX's direction.
fn zone(value: &Expression) -> Option<Constant> {
    let Expression::Cast(inner, to) = value else {
        return None;
    };
    let Expression::Constant(Constant::Text(text)) = &**inner else {
        return None;
    };
    let is_interval = to.name.name == "interval" && to.modifiers == [HOUR_TO_MINUTE];
    let (sign, other) = match text.as_bytes().first()? {
        b'+' => ('+', '-'),
        b'-' => ('-', '+'),
        _ => return None,
    };
    let (hours, minutes) = text.get(1..)?.split_once(':')?;
    let is_number = |part: &str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    let is_near = is_number(hours) && is_number(minutes) && hours <= "15" && minutes < "60";
    let far = match minutes {
        "00" => hours.to_owned(),
        minutes => format!("{hours}:{minutes}"),
    };
    (is_interval && is_near).then(|| Constant::Text(format!("<{sign}{far}>{other}{far}")))
}

/// PostgreSQL's number for these fields of an interval.
const HOUR_TO_MINUTE: i32 = (1 << 10) | (1 << 11);

pub(super) fn discard(node: &DiscardStmt) -> Result<DiscardTarget, Refused> {
    let DiscardStmt { target } = *node;
    match kind(target, "`DISCARD`", -1)? {
        DiscardMode::Undefined => Err(unexpected("`DISCARD`", -1)),
        DiscardMode::DiscardAll => Ok(DiscardTarget::All),
        DiscardMode::DiscardPlans => Ok(DiscardTarget::Plans),
        DiscardMode::DiscardSequences => Ok(DiscardTarget::Sequences),
        DiscardMode::DiscardTemp => Ok(DiscardTarget::Temp),
    }
}
