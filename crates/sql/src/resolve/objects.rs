//! Functions, operators, types and collations: what may be used, and under which full name.

use model::Refusal;
use pgschema::TypeKind;
use pgschema::builtin::{self, FunctionClass};

use super::Resolver;
use crate::error::Refused;
use crate::tree::{Call, Constant, Expression, ObjectName, SessionValue, TypeName};

impl Resolver<'_> {
    /// Checks a call and writes its name in full; a function that Cordon answers itself is replaced
    /// by the answer, which is returned.
    pub(super) fn function(&mut self, call: &mut Call) -> Result<Option<Expression>, Refused> {
        if crate::catalogue::is_explain(&call.name) {
            return Err(crate::catalogue::explain_misused());
        }
        let name = &call.name;
        let refused = || {
            Refused::new(
                Refusal::FunctionNotAllowed,
                format!("function `{}`", shown(&call.name)),
            )
        };
        if name
            .schema
            .as_deref()
            .is_some_and(|schema| schema != "pg_catalog")
        {
            return self.extension_function(call).map(|()| None);
        }
        let Some(function) = builtin::function(&name.name) else {
            return self.extension_function(call).map(|()| None);
        };
        match function.class {
            FunctionClass::Pure
            | FunctionClass::Aggregate
            | FunctionClass::Window
            | FunctionClass::SetReturning => {}
            FunctionClass::Volatile => self.resolution.is_volatile = true,
            FunctionClass::Session => return self.session_function(call).map(Some),
            FunctionClass::Refused => return Err(refused()),
        }
        self.resolution.functions.insert(name.name.clone());
        call.name.schema = Some("pg_catalog".to_owned());
        Ok(None)
    }

    /// A function of an extension with a reviewed profile, written with its real schema.
    fn extension_function(&mut self, call: &mut Call) -> Result<(), Refused> {
        let refused = Refused::new(
            Refusal::FunctionNotAllowed,
            format!("function `{}`", shown(&call.name)),
        );
        let schemas: Vec<String> = match &call.name.schema {
            Some(schema) => vec![schema.clone()],
            None => self.context.path.clone(),
        };
        for schema in schemas {
            if self.context.is_profiled_function(&schema, &call.name.name) {
                self.resolution
                    .functions
                    .insert(format!("{schema}.{}", call.name.name));
                call.name.schema = Some(schema);
                return Ok(());
            }
        }
        Err(refused)
    }

    /// The gate's own answer.
    fn session_function(&mut self, call: &Call) -> Result<Expression, Refused> {
        let refused = || {
            Refused::new(
                Refusal::FunctionNotAllowed,
                format!("function `{}`", shown(&call.name)),
            )
        };
        let plain = call.filter.is_none() && call.over.is_none() && !call.distinct;
        if !plain {
            return Err(refused());
        }
        let names = &self.context.names;
        match (call.name.name.as_str(), call.arguments.as_slice()) {
            ("current_user" | "user" | "current_role", []) => Ok(name_constant(&names.user)),
            ("session_user", []) => Ok(name_constant(names.session_user())),
            ("current_database" | "current_catalog", []) => {
                Ok(name_constant(&self.context.schema.snapshot().database))
            }
            ("current_schema", []) => Ok(self.current_schema()),
            ("version", []) => Ok(text_constant(&names.version)),
            ("pg_backend_pid", []) => Ok(Expression::Cast(
                Box::new(Expression::Constant(Constant::Integer(names.backend_pid))),
                TypeName::builtin("int4"),
            )),
            _ => Err(refused()),
        }
    }

    fn current_schema(&self) -> Expression {
        self.context
            .path
            .first()
            .map_or(Expression::Constant(Constant::Null), |name| {
                name_constant(name)
            })
    }

    /// The gate's own answer for a value of the session, where it is not the server's clock.
    pub(super) fn session_value(&self, value: SessionValue) -> Option<Expression> {
        match value {
            SessionValue::CurrentDate
            | SessionValue::CurrentTime(_)
            | SessionValue::CurrentTimestamp(_)
            | SessionValue::LocalTime(_)
            | SessionValue::LocalTimestamp(_) => None,
            SessionValue::CurrentRole | SessionValue::CurrentUser | SessionValue::User => {
                Some(name_constant(&self.context.names.user))
            }
            SessionValue::SessionUser => Some(name_constant(self.context.names.session_user())),
            SessionValue::CurrentCatalog => {
                Some(name_constant(&self.context.schema.snapshot().database))
            }
            SessionValue::CurrentSchema => Some(self.current_schema()),
        }
    }

    /// Checks an operator and writes its name in full.
    pub(super) fn operator(&mut self, name: &mut ObjectName) -> Result<(), Refused> {
        let in_catalog = name.schema.as_deref().is_none_or(|s| s == "pg_catalog");
        if in_catalog && builtin::operator(&name.name).is_some_and(|known| known.allowed) {
            self.resolution.operators.insert(name.name.clone());
            name.schema = Some("pg_catalog".to_owned());
            return Ok(());
        }
        let schemas: Vec<String> = match &name.schema {
            Some(schema) => vec![schema.clone()],
            None => self.context.path.clone(),
        };
        for schema in schemas {
            if self.context.is_profiled_operator(&schema, &name.name) {
                self.resolution
                    .operators
                    .insert(format!("{schema}.{}", name.name));
                name.schema = Some(schema);
                return Ok(());
            }
        }
        Err(Refused::new(
            Refusal::OperatorNotAllowed,
            format!("operator `{}`", shown(name)),
        ))
    }

    /// Checks a type and writes its name in full.
    pub(super) fn type_name(&self, type_name: &mut TypeName) -> Result<(), Refused> {
        if self.is_catalogue && self.catalogue_type(type_name) {
            return Ok(());
        }
        let name = &type_name.name;
        let in_catalog = name.schema.as_deref().is_none_or(|s| s == "pg_catalog");
        if in_catalog && let Some(known) = builtin::type_named(&name.name) {
            if !known.allowed {
                return Err(type_refused(name));
            }
            type_name.name.schema = Some("pg_catalog".to_owned());
            return Ok(());
        }
        let schemas: Vec<String> = match &name.schema {
            Some(schema) => vec![schema.clone()],
            None => self.context.path.clone(),
        };
        for schema in schemas {
            let Some(known) = self.context.schema.type_named(&schema, &name.name) else {
                continue;
            };
            // A composite type shows the columns of its table, and a domain runs its checks.
            let allowed = match known.kind {
                TypeKind::Enum => true,
                TypeKind::Domain => !known.checked,
                TypeKind::Base => self.context.schema.reviewed_type(known),
                TypeKind::Array
                | TypeKind::Composite
                | TypeKind::Range
                | TypeKind::Multirange
                | TypeKind::Pseudo => false,
            };
            if !allowed {
                break;
            }
            type_name.name.schema = Some(schema);
            return Ok(());
        }
        Err(type_refused(name))
    }

    /// Checks a collation and writes its name in full. PostgreSQL's own run no code of users.
    pub(super) fn collation(&self, name: &mut ObjectName) -> Result<(), Refused> {
        if name.schema.as_deref().is_none_or(|s| s == "pg_catalog") {
            name.schema = Some("pg_catalog".to_owned());
            return Ok(());
        }
        Err(Refused::new(
            Refusal::TypeNotAllowed,
            format!("collation `{}`", shown(name)),
        ))
    }

    /// Checks the name after a dot: where no such field is, PostgreSQL calls the function of that
    /// name with what stands before the dot, and where no such function is, it casts to the type of
    /// that name.
    pub(super) fn field_step(name: &str) -> Result<(), Refused> {
        if builtin::type_named(name).is_some_and(|known| !known.allowed) {
            return Err(Refused::new(
                Refusal::TypeNotAllowed,
                format!("type `{name}`, written as a field"),
            ));
        }
        let Some(function) = builtin::function(name) else {
            return Ok(());
        };
        let is_allowed = match function.class {
            FunctionClass::Pure | FunctionClass::Aggregate => true,
            FunctionClass::Window
            | FunctionClass::SetReturning
            | FunctionClass::Volatile
            | FunctionClass::Session
            | FunctionClass::Refused => false,
        };
        let takes_one = function.overloads.iter().any(|overload| {
            let count = overload.arguments.len();
            count >= 1 && count - overload.defaults.min(count) <= 1
        });
        if takes_one && !is_allowed {
            return Err(Refused::new(
                Refusal::FunctionNotAllowed,
                format!("function `{name}`, written as a field"),
            ));
        }
        Ok(())
    }
}

fn type_refused(name: &ObjectName) -> Refused {
    Refused::new(Refusal::TypeNotAllowed, format!("type `{}`", shown(name)))
}

/// A name as the asker may read it.
pub(super) fn shown(name: &ObjectName) -> String {
    match &name.schema {
        Some(schema) => format!("{schema}.{}", name.name),
        None => name.name.clone(),
    }
}

fn name_constant(text: &str) -> Expression {
    Expression::Cast(
        Box::new(Expression::Constant(Constant::Text(text.to_owned()))),
        TypeName::builtin("name"),
    )
}

fn text_constant(text: &str) -> Expression {
    Expression::Cast(
        Box::new(Expression::Constant(Constant::Text(text.to_owned()))),
        TypeName::builtin("text"),
    )
}
