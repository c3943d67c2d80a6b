//! The review, judged by lists that were written without looking at it.

use pgschema::builtin::{FunctionClass, function, functions, operator, type_by_oid, type_named};

/// Ways to run SQL, reach files or memory, wait, or tell what exists: none may be called.
const NEVER: &[&str] = &[
    "acldefault",
    "aclexplode",
    "binary_upgrade_create_empty_extension",
    "brin_summarize_range",
    "col_description",
    "current_query",
    "currtid2",
    "currval",
    "cursor_to_xml",
    "cursor_to_xmlschema",
    "database_to_xml",
    "database_to_xml_and_xmlschema",
    "database_to_xmlschema",
    "format_type",
    "has_any_column_privilege",
    "has_column_privilege",
    "has_database_privilege",
    "has_function_privilege",
    "has_schema_privilege",
    "has_sequence_privilege",
    "has_table_privilege",
    "has_type_privilege",
    "inet_client_addr",
    "inet_server_addr",
    "inet_server_port",
    "lastval",
    "lo_creat",
    "lo_export",
    "lo_from_bytea",
    "lo_get",
    "lo_import",
    "lo_open",
    "lo_put",
    "lo_unlink",
    "loread",
    "lowrite",
    "mxid_age",
    "nextval",
    "obj_description",
    "pg_advisory_lock",
    "pg_advisory_unlock_all",
    "pg_advisory_xact_lock",
    "pg_backup_start",
    "pg_basetype",
    "pg_cancel_backend",
    "pg_collation_is_visible",
    "pg_column_size",
    "pg_current_logfile",
    "pg_current_wal_lsn",
    "pg_current_xact_id",
    "pg_database_size",
    "pg_describe_object",
    "pg_export_snapshot",
    "pg_function_is_visible",
    "pg_get_constraintdef",
    "pg_get_expr",
    "pg_get_functiondef",
    "pg_get_indexdef",
    "pg_get_userbyid",
    "pg_get_viewdef",
    "pg_get_acl",
    "pg_get_loaded_modules",
    "pg_get_sequence_data",
    "pg_has_role",
    "pg_hba_file_rules",
    "pg_input_error_info",
    "pg_input_is_valid",
    "pg_lock_status",
    "pg_logical_slot_get_changes",
    "pg_ls_dir",
    "pg_ls_logdir",
    "pg_ls_waldir",
    "pg_notify",
    "pg_prepared_statement",
    "pg_promote",
    "pg_read_binary_file",
    "pg_read_file",
    "pg_restore_relation_stats",
    "pg_relation_filenode",
    "pg_relation_size",
    "pg_reload_conf",
    "pg_rotate_logfile",
    "pg_sequence_last_value",
    "pg_show_all_settings",
    "pg_sleep",
    "pg_sleep_for",
    "pg_sleep_until",
    "pg_snapshot_xip",
    "pg_stat_file",
    "pg_stat_get_activity",
    "pg_stat_get_live_tuples",
    "pg_stat_reset",
    "pg_switch_wal",
    "pg_table_is_visible",
    "pg_tablespace_location",
    "pg_terminate_backend",
    "pg_timezone_names",
    "pg_total_relation_size",
    "pg_try_advisory_lock",
    "pg_type_is_visible",
    "pg_typeof",
    "pg_xact_status",
    "query_to_xml",
    "query_to_xml_and_xmlschema",
    "query_to_xmlschema",
    "row_security_active",
    "satisfies_hash_partition",
    "schema_to_xml",
    "set_config",
    "setseed",
    "setval",
    "shobj_description",
    "system_user",
    "table_to_xml",
    "table_to_xml_and_xmlschema",
    "table_to_xmlschema",
    "to_regclass",
    "to_regnamespace",
    "to_regproc",
    "to_regrole",
    "to_regtype",
    "to_regtypemod",
    "ts_debug",
    "ts_lexize",
    "ts_parse",
    "ts_rewrite",
    "ts_stat",
    "ts_token_type",
    "txid_current",
    "txid_snapshot_xip",
    "txid_status",
    "xml_is_well_formed",
    "xmlvalidate",
    "xpath",
];

#[test]
fn what_runs_sql_or_leaves_the_statement_is_refused() {
    for name in NEVER {
        let function = function(name).unwrap_or_else(|| panic!("{name} is in no catalogue"));
        assert_eq!(function.class, FunctionClass::Refused, "{name}");
    }
}

/// By the look of the name, so that a name nobody thought of is not missed.
#[test]
fn names_that_look_like_the_server_itself_are_refused() {
    let fine = [
        "lower_inc",
        "pg_char_to_encoding",
        "pg_collation_for",
        "pg_encoding_max_length",
        "pg_encoding_to_char",
        "pg_size_bytes",
        "pg_size_pretty",
        "pg_backend_pid",
        "pg_client_encoding",
        "pg_is_in_recovery",
    ];
    for function in functions().filter(|function| !fine.contains(&function.name)) {
        let name = function.name;
        let suspicious = [
            "pg_",
            "lo_",
            "has_",
            "txid_",
            "to_reg",
            "binary_upgrade",
            "reg",
            "brin_",
        ]
        .iter()
        .any(|start| name.starts_with(start) && !name.starts_with("regexp_"))
            || [
                "_handler",
                "_support",
                "_is_visible",
                "_transfn",
                "_finalfn",
                "sel",
                "_to_utf8",
            ]
            .iter()
            .any(|end| name.ends_with(end));
        let regression = name.starts_with("regr_");
        if suspicious && !regression && !name.starts_with("pg_lsn") {
            assert_eq!(function.class, FunctionClass::Refused, "{name}");
        }
    }
}

#[test]
fn what_people_do_all_day_is_allowed() {
    for (class, names) in [
        (
            FunctionClass::Pure,
            "abs age btrim coalesce concat date_part date_trunc extract format jsonb_set left length \
             lower lpad make_date mod now overlaps position regexp_replace repeat replace round \
             split_part strpos substring timezone to_char to_date to_jsonb to_tsvector translate upper",
        ),
        (
            FunctionClass::Aggregate,
            "array_agg avg count jsonb_agg max min percentile_cont string_agg sum",
        ),
        (
            FunctionClass::Window,
            "dense_rank first_value lag lead ntile rank row_number",
        ),
        (
            FunctionClass::SetReturning,
            "generate_series jsonb_array_elements regexp_matches unnest",
        ),
        (
            FunctionClass::Volatile,
            "clock_timestamp gen_random_uuid random timeofday",
        ),
        (
            FunctionClass::Session,
            "current_database current_schemas current_setting current_user version",
        ),
    ] {
        for name in names.split_whitespace().filter(|name| *name != "coalesce") {
            assert_eq!(
                function(name).map(|function| function.class),
                Some(class),
                "{name}"
            );
        }
    }
    for name in "= <> < <= > >= + - * / % || ~ ~* ~~ !~~ ~~* -> ->> #> @> <@ && ? @@ <->".split(' ')
    {
        assert!(
            operator(name).is_some_and(|operator| operator.allowed),
            "{name}"
        );
    }
}

#[test]
fn total_is_what_the_guard_may_push_below_a_filter() {
    let total = |name: &str, left: &str, right: &str| {
        let oid = |name| type_named(name).unwrap().oid;
        let found = operator(name).unwrap().overloads.iter();
        let mut found = found.filter(|o| o.left == Some(oid(left)) && o.right == oid(right));
        let found = found
            .next()
            .unwrap_or_else(|| panic!("no {left} {name} {right}"));
        found.total
    };
    assert!(total("=", "int4", "int8"));
    assert!(total("<", "text", "text"));
    assert!(total(">=", "numeric", "numeric"));
    assert!(total("<>", "timestamptz", "timestamptz"));
    assert!(total("=", "uuid", "uuid"));
    assert!(!total("/", "int4", "int4"), "divides by zero");
    assert!(!total("+", "int4", "int4"), "overflows");
    assert!(
        !total("~~", "text", "text"),
        "a pattern may end in its escape"
    );
    assert!(!total("||", "text", "text"), "the result may not fit");
    assert!(
        !total("<", "lseg", "lseg"),
        "lengths overflow, though it is flagged leakproof"
    );
    assert!(
        !total("<", "circle", "circle"),
        "areas overflow, though it is flagged leakproof"
    );
    assert!(!total("@>", "jsonb", "jsonb"), "recursion has a limit");
    assert!(
        !total("=", "anyarray", "anyarray"),
        "elements may have no equality"
    );
    assert!(!total("=", "date", "timestamptz"), "a time zone is applied");
    let lower = function("lower").unwrap();
    let text = type_named("text").unwrap().oid;
    for overload in &lower.overloads {
        assert_eq!(overload.total, overload.arguments == [text]);
    }
}

#[test]
fn types_that_name_objects_or_carry_internals_may_not_be_cast_to() {
    for name in "regclass regproc regprocedure regoper regoperator regtype regrole regnamespace \
                 regcollation regdictionary xml xid xid8 cid tid pg_lsn pg_snapshot txid_snapshot \
                 aclitem refcursor cstring internal record unknown any anyelement void pg_node_tree \
                 int2vector oidvector _regclass _xid _record _cstring gtsvector"
        .split_whitespace()
    {
        assert!(!type_named(name).unwrap_or_else(|| panic!("no type {name}")).allowed, "{name}");
    }
    for name in
        "bool int4 text varchar numeric jsonb timestamptz uuid regconfig oid _int4 _text".split(' ')
    {
        assert!(type_named(name).unwrap().allowed, "{name}");
    }
    let array = type_named("_text").unwrap();
    let text = type_by_oid(array.element.unwrap()).unwrap();
    assert_eq!(
        (text.name, text.array, text.collatable),
        ("text", Some(array.oid), true)
    );
}
