//! Functions that tell of objects: each is asked only about what the person sees, or answered here.
#![allow(
    clippy::wildcard_enum_match_arm,
    reason = "what is not named is refused"
)]

use model::Refusal;

use super::casts::{Position, as_oid};
use crate::error::Refused;
use crate::resolve::{Resolver, Scope};
use crate::tree::{Call, Constant, Expression, TypeName};

/// Functions whose first argument is an object, and the test of that.
const OF_OBJECT: [(&str, &str); 39] = [
    ("format_type", "only_type"),
    ("pg_collation_is_visible", "only_system"),
    ("pg_column_is_updatable", "only_relation"),
    ("pg_conversion_is_visible", "only_system"),
    ("pg_function_is_visible", "only_function"),
    ("pg_get_constraintdef", "only_constraint"),
    ("pg_get_function_arg_default", "only_function"),
    ("pg_get_function_arguments", "only_function"),
    ("pg_get_function_identity_arguments", "only_function"),
    ("pg_get_function_result", "only_function"),
    ("pg_get_function_sqlbody", "only_system"),
    ("pg_get_functiondef", "only_system"),
    ("pg_get_indexdef", "only_index"),
    ("pg_get_partition_constraintdef", "only_whole"),
    ("pg_get_partkeydef", "only_partitioned"),
    ("pg_get_replica_identity_index", "only_whole"),
    ("pg_get_ruledef", "only_rule"),
    ("pg_get_statisticsobjdef", "only_statistic"),
    ("pg_get_statisticsobjdef_columns", "only_statistic"),
    ("pg_get_statisticsobjdef_expressions", "only_statistic"),
    ("pg_get_triggerdef", "only_trigger"),
    ("pg_get_userbyid", "only_role"),
    ("pg_get_viewdef", "only_relation"),
    ("pg_index_column_has_property", "only_index"),
    ("pg_index_has_property", "only_index"),
    ("pg_indexam_has_property", "only_system"),
    ("pg_is_other_temp_schema", "only_schema"),
    ("pg_opclass_is_visible", "only_system"),
    ("pg_operator_is_visible", "only_system"),
    ("pg_opfamily_is_visible", "only_system"),
    ("pg_relation_is_publishable", "only_relation"),
    ("pg_relation_is_updatable", "only_relation"),
    ("pg_statistics_obj_is_visible", "only_statistic"),
    ("pg_table_is_visible", "only_relation"),
    ("pg_ts_config_is_visible", "only_system"),
    ("pg_ts_dict_is_visible", "only_system"),
    ("pg_ts_parser_is_visible", "only_system"),
    ("pg_ts_template_is_visible", "only_system"),
    ("pg_type_is_visible", "only_type"),
];

/// Functions that see their arguments alone, or what every server has.
const PLAIN: [&str; 10] = [
    "acldefault",
    "aclexplode",
    "getdatabaseencoding",
    "nameconcatoid",
    "pg_char_to_encoding",
    "pg_encoding_max_length",
    "pg_encoding_to_char",
    "pg_get_keywords",
    "pg_options_to_table",
    "pg_size_pretty",
];

/// Functions of `information_schema` that see their arguments alone.
const STANDARD: [&str; 9] = [
    "_pg_char_max_length",
    "_pg_char_octet_length",
    "_pg_datetime_precision",
    "_pg_expandarray",
    "_pg_index_position",
    "_pg_interval_type",
    "_pg_numeric_precision",
    "_pg_numeric_precision_radix",
    "_pg_numeric_scale",
];

/// Settings that tell nothing but how answers are written, and which version writes them. How text is
/// sorted stands in `pg_database` as well.
const SETTINGS: [&str; 16] = [
    "bytea_output",
    "client_encoding",
    "datestyle",
    "default_transaction_isolation",
    "extra_float_digits",
    "integer_datetimes",
    "intervalstyle",
    "lc_collate",
    "lc_ctype",
    "max_identifier_length",
    "max_index_keys",
    "server_encoding",
    "server_version",
    "server_version_num",
    "standard_conforming_strings",
    "timezone",
];

impl Resolver<'_> {
    /// A call in a statement about the catalogue: its replacement, or `None` where it is a function
    /// like any other.
    pub(crate) fn catalogue_call(
        &mut self,
        call: &mut Call,
        scope: &Scope<'_>,
    ) -> Result<Option<Expression>, Refused> {
        let name = call.name.name.clone();
        match call.name.schema.as_deref() {
            None | Some("pg_catalog") => {}
            Some("information_schema") if STANDARD.contains(&name.as_str()) => {
                return self.kept(call, "information_schema", scope).map(Some);
            }
            Some(_) => return Ok(None),
        }
        let is_plain = call.filter.is_none()
            && call.over.is_none()
            && !call.distinct
            && !call.star
            && !call.variadic
            && call.order_by.is_empty()
            && call
                .arguments
                .iter()
                .all(|argument| argument.name.is_none());
        if !is_plain {
            return Ok(None);
        }
        if let Some(answer) = constant(&name, call) {
            return Ok(Some(answer));
        }
        if PLAIN.contains(&name.as_str()) {
            return self.kept(call, "pg_catalog", scope).map(Some);
        }
        if let Some((_, only)) = OF_OBJECT.iter().find(|(of, _)| *of == name) {
            return self.of_object(call, only, scope).map(Some);
        }
        if name.starts_with("has_") && name.ends_with("_privilege") {
            return self.privilege(&name, call, scope).map(Some);
        }
        self.answered(&name, call, scope)
    }

    /// The call with its full name, about arguments that were resolved.
    fn kept(
        &mut self,
        call: &mut Call,
        schema: &str,
        scope: &Scope<'_>,
    ) -> Result<Expression, Refused> {
        for argument in &mut call.arguments {
            self.expression(&mut argument.value, scope)?;
        }
        self.resolution.functions.insert(call.name.name.clone());
        call.name.schema = Some(schema.to_owned());
        Ok(Expression::Call(Box::new(call.clone())))
    }

    fn of_object(
        &mut self,
        call: &mut Call,
        only: &str,
        scope: &Scope<'_>,
    ) -> Result<Expression, Refused> {
        if let Some(first) = call.arguments.first_mut() {
            let object = match &mut first.value {
                value @ Expression::Constant(Constant::Text(_)) if only == "only_relation" => {
                    let class = TypeName::builtin("regclass");
                    self.reg_cast(value, &class, Position::Other, scope)?
                }
                _ => None,
            };
            first.value = match object {
                Some(number) => number,
                None => {
                    self.expression(&mut first.value, scope)?;
                    let value = std::mem::replace(&mut first.value, Expression::Default);
                    self.our_own(only, vec![value])
                }
            };
        }
        for argument in call.arguments.iter_mut().skip(1) {
            self.expression(&mut argument.value, scope)?;
        }
        self.resolution.functions.insert(call.name.name.clone());
        call.name.schema = Some("pg_catalog".to_owned());
        Ok(Expression::Call(Box::new(call.clone())))
    }

    /// Calls that are answered from guarded relations.
    fn answered(
        &mut self,
        name: &str,
        call: &mut Call,
        scope: &Scope<'_>,
    ) -> Result<Option<Expression>, Refused> {
        let written = match (name, call.arguments.len()) {
            ("pg_get_expr", 2) => "written",
            ("pg_get_expr", 3) => "written_so",
            ("obj_description", 2) => "description",
            ("obj_description", 1) => "any_description",
            ("col_description", 2) => "column_description",
            ("shobj_description", 2) => "shared_description",
            ("pg_describe_object", 3) => "described",
            ("pg_get_serial_sequence", 2) => "serial_sequence",
            ("to_regclass" | "to_regtype" | "to_regnamespace" | "to_regrole", 1) => {
                return self.looked_up(name, call, scope).map(Some);
            }
            ("pg_partition_ancestors" | "pg_partition_root", 1) => {
                let position = self.position_of_call;
                if position != Position::Other && name == "pg_partition_ancestors" {
                    let about = "`pg_partition_ancestors` but in FROM";
                    return Err(Refused::new(Refusal::FunctionNotAllowed, about));
                }
                let mut call = self.of_object(call, "only_relation", scope)?;
                if name == "pg_partition_root" {
                    // It may be hidden where a partition is not.
                    let root = self.our_own("only_relation", vec![as_oid(call)]);
                    call = Expression::Cast(Box::new(root), TypeName::builtin("regclass"));
                }
                return Ok(Some(if position == Position::Other {
                    as_oid(call)
                } else {
                    call
                }));
            }
            ("current_schemas", 1) => return Ok(Some(self.current_schemas(call))),
            ("pg_has_role", 2 | 3) => {
                let answer = self.in_catalogue_view;
                return Ok(Some(Expression::Constant(Constant::Boolean(answer))));
            }
            ("current_setting", 1 | 2) if default_setting(call).is_some() => {
                return Ok(default_setting(call));
            }
            ("current_setting", 1 | 2) => {
                let known = match call.arguments.first().map(|first| &first.value) {
                    Some(Expression::Constant(Constant::Text(text))) => {
                        SETTINGS.contains(&text.to_ascii_lowercase().as_str())
                    }
                    _ => {
                        call.arguments.truncate(1);
                        let arguments = self.arguments(call, scope)?;
                        return Ok(Some(self.our_own("setting", arguments)));
                    }
                };
                if !known {
                    return Err(Refused::new(
                        Refusal::FunctionNotAllowed,
                        "`current_setting` of this name",
                    ));
                }
                return self.kept(call, "pg_catalog", scope).map(Some);
            }
            _ => return Ok(None),
        };
        let arguments = self.arguments(call, scope)?;
        Ok(Some(self.our_own(written, arguments)))
    }

    fn arguments(
        &mut self,
        call: &mut Call,
        scope: &Scope<'_>,
    ) -> Result<Vec<Expression>, Refused> {
        let mut arguments = Vec::with_capacity(call.arguments.len());
        for argument in &mut call.arguments {
            self.expression(&mut argument.value, scope)?;
            arguments.push(std::mem::replace(&mut argument.value, Expression::Default));
        }
        Ok(arguments)
    }

    /// `to_regclass(text)` and its kin.
    fn looked_up(
        &mut self,
        name: &str,
        call: &mut Call,
        scope: &Scope<'_>,
    ) -> Result<Expression, Refused> {
        let type_name = TypeName::builtin(name.trim_start_matches("to_"));
        let Some(first) = call.arguments.first_mut() else {
            return Ok(Expression::Constant(Constant::Null));
        };
        // A name that is not said itself is looked up as the text it is.
        if !matches!(first.value, Expression::Constant(Constant::Text(_))) {
            let value = std::mem::replace(&mut first.value, Expression::Default);
            first.value = Expression::Cast(Box::new(value), TypeName::builtin("text"));
        }
        let position = self.position_of_call;
        self.in_look_up = true;
        let number = self.reg_cast(&mut first.value, &type_name, position, scope);
        self.in_look_up = false;
        Ok(number?.unwrap_or(Expression::Constant(Constant::Null)))
    }

    fn current_schemas(&mut self, call: &Call) -> Expression {
        let implicit = matches!(
            call.arguments.first().map(|first| &first.value),
            Some(Expression::Constant(Constant::Boolean(true)))
        );
        let seen = self.seen();
        let own = implicit.then(|| "pg_catalog".to_owned());
        let names = own.into_iter().chain(seen.path.iter().cloned());
        let list = names
            .map(|name| {
                Expression::Cast(
                    Box::new(Expression::Constant(Constant::Text(name))),
                    TypeName::builtin("name"),
                )
            })
            .collect();
        Expression::Cast(
            Box::new(Expression::Array(list)),
            TypeName::builtin("_name"),
        )
    }

    /// Rights: to read what is seen. Others are not answered with yes.
    fn privilege(
        &mut self,
        name: &str,
        call: &mut Call,
        scope: &Scope<'_>,
    ) -> Result<Expression, Refused> {
        let no = || Ok(Expression::Constant(Constant::Boolean(false)));
        let has_column = name == "has_column_privilege";
        let own = if has_column { 3 } else { 2 };
        if call.arguments.len() == own + 1 {
            call.arguments.remove(0);
        }
        if call.arguments.len() != own {
            return Ok(Expression::Constant(Constant::Null));
        }
        let asked = match call.arguments.last().map(|last| &last.value) {
            Some(Expression::Constant(Constant::Text(text))) => text.to_ascii_uppercase(),
            Some(Expression::Cast(inner, _)) => match &**inner {
                Expression::Constant(Constant::Text(text)) => text.to_ascii_uppercase(),
                _ => return no(),
            },
            _ => return no(),
        };
        let reads = ["SELECT", "USAGE", "EXECUTE", "CONNECT"];
        if !asked.split(',').any(|one| reads.contains(&one.trim())) {
            return no();
        }
        let mut arguments = self.arguments(call, scope)?;
        arguments.pop();
        let by_number = arguments.first().is_some_and(is_number);
        let by = match (name, by_number) {
            (
                "has_table_privilege" | "has_any_column_privilege" | "has_sequence_privilege",
                true,
            ) => "has_relation",
            (
                "has_table_privilege" | "has_any_column_privilege" | "has_sequence_privilege",
                false,
            ) => "has_relation_named",
            ("has_column_privilege", true) if arguments.get(1).is_some_and(is_number) => {
                "has_column"
            }
            ("has_schema_privilege", _) => "has_schema",
            ("has_type_privilege", true) => "has_type",
            ("has_function_privilege", true) => "has_function",
            ("has_database_privilege" | "has_language_privilege", _) => {
                return Ok(Expression::Constant(Constant::Boolean(true)));
            }
            _ => return no(),
        };
        Ok(self.our_own(by, arguments))
    }
}

/// Whether a value is the number of an object or column, as far as its form tells.
fn is_number(value: &Expression) -> bool {
    match value {
        Expression::Column(path) => path.parts.last().is_some_and(|name| {
            ["oid", "relid", "attnum", "classid"]
                .iter()
                .any(|end| name.ends_with(end))
        }),
        Expression::Cast(_, to) => {
            matches!(to.name.name.as_str(), "oid" | "int2" | "int4" | "int8")
        }
        Expression::Constant(Constant::Integer(_)) | Expression::Case { .. } => true,
        Expression::Constant(Constant::Text(text)) => {
            text.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    }
}

/// Where a server's files lie and how they are written is told as every server begins.
fn default_setting(call: &Call) -> Option<Expression> {
    let Some(Expression::Constant(Constant::Text(name))) = call.arguments.first().map(|a| &a.value)
    else {
        return None;
    };
    let value = match name.to_ascii_lowercase().as_str() {
        "default_tablespace" => "",
        "default_table_access_method" => "heap",
        _ => return None,
    };
    Some(Expression::Cast(
        Box::new(Expression::Constant(Constant::Text(value.to_owned()))),
        TypeName::builtin("text"),
    ))
}

/// What every session is told alike.
fn constant(name: &str, call: &Call) -> Option<Expression> {
    let typed = |value: Constant, type_name: &str| {
        Some(Expression::Cast(
            Box::new(Expression::Constant(value)),
            TypeName::builtin(type_name),
        ))
    };
    match (name, call.arguments.len()) {
        ("pg_my_temp_schema", 0) => Some(as_oid(Expression::Constant(Constant::Integer(0)))),
        ("pg_is_in_recovery" | "pg_is_wal_replay_paused", 0) => {
            Some(Expression::Constant(Constant::Boolean(false)))
        }
        // Sizes, last values and how often an index was used count rows that are not seen.
        (
            "pg_relation_size"
            | "pg_table_size"
            | "pg_total_relation_size"
            | "pg_indexes_size"
            | "pg_database_size"
            | "pg_tablespace_size"
            | "pg_sequence_last_value"
            | "pg_stat_get_numscans",
            1 | 2,
        ) => typed(Constant::Null, "int8"),
        ("pg_tablespace_location", 1) => typed(Constant::Text(String::new()), "text"),
        _ => None,
    }
}
