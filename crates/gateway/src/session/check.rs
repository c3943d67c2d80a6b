//! Statements checked, and remembered as long as nothing that they rest on changes.

use std::collections::HashMap;
use std::sync::Arc;

use enforce::{Checked, Moment, Renewed, Request};
use model::{Refusal, Timestamp};
use pgschema::Oid;
use policy::Permit;
use sql::{ParameterTypes, SessionNames};

use super::extended::BoundFor;
use super::{Session, Settings};
use crate::limits::{REMEMBERED_BYTES, REMEMBERED_MAX};
use crate::problem::Problem;
use crate::world::World;

/// What a session says of itself that counts for what may be seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Stated {
    purpose: String,
    role: String,
    /// The search path as it was set.
    path: String,
}

impl Stated {
    fn of(settings: &Settings) -> Self {
        let [purpose, role, path] = Self::read(settings).map(str::to_owned);
        Self {
            purpose,
            role,
            path,
        }
    }

    fn read(settings: &Settings) -> [&str; 3] {
        ["cordon.purpose", "role", "search_path"]
            .map(|name| settings.value(name).unwrap_or_default())
    }

    fn is_of(&self, settings: &Settings) -> bool {
        [&self.purpose, &self.role, &self.path] == Self::read(settings)
    }
}

/// The exact text, the declared types, what the session says of itself and the mode: what a guarded
/// statement of one session depends on beside the world.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Key {
    text: Arc<str>,
    types: Vec<Option<Oid>>,
    stated: Arc<Stated>,
    refuses_masked: bool,
}

/// Guarded statements of one session.
#[derive(Default)]
pub(super) struct Remembered {
    known: HashMap<Key, Arc<[Arc<Checked>]>>,
    bytes: usize,
}

impl Remembered {
    /// Everything may be different now.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.bytes = 0;
    }

    fn keep(&mut self, key: Key, checked: &Arc<[Arc<Checked>]>) {
        if key.text.len() > LONG_BYTES {
            return;
        }
        self.bytes += key.text.len();
        if self.known.len() >= REMEMBERED_MAX || self.bytes > REMEMBERED_BYTES {
            self.forget();
        }
        self.known.insert(key, Arc::clone(checked));
    }
}

/// LIMIT: a longer text is checked on a thread of its own and not remembered.
const LONG_BYTES: usize = 16 * 1024;

impl Session {
    /// Checks the statements of a text, all or nothing.
    pub(super) fn check(
        &mut self,
        text: &str,
        types: &[u32],
    ) -> Result<Arc<[Arc<Checked>]>, Problem> {
        let asked = self.asked();
        let key = Key {
            text: text.into(),
            types: declared(types),
            stated: Arc::clone(&asked.stated),
            refuses_masked: self.settings.refuses_masked(),
        };
        if let Some(known) = self.remembered.known.get(&key) {
            return Ok(Arc::clone(known));
        }
        let types = ParameterTypes(key.types.clone());
        let check = || {
            let request = asked.as_request(&self.world, self.gate.now(), types);
            self.world.enforcer().check(text, &request)
        };
        // Reading a long text takes so long that others must not wait behind it.
        let checked = if text.len() > LONG_BYTES {
            tokio::task::block_in_place(check)
        } else {
            check()
        };
        let checked = checked.map_err(|refused| Problem::of(&refused, text))?;
        if key.refuses_masked {
            for one in &checked {
                if let Some(permit) = &one.permit {
                    Self::refuse_masked(one, permit)?;
                }
            }
        }
        let checked: Arc<[Arc<Checked>]> = checked.into_iter().map(Arc::new).collect();
        self.remembered.keep(key, &checked);
        Ok(checked)
    }

    /// A fresh permit for a statement that was checked before, or the news that it must be checked
    /// again: something else may be seen now, or its names may mean something else.
    pub(super) fn permit(&mut self, checked: &Arc<Checked>) -> Result<Fresh, Problem> {
        let asked = self.asked();
        if checked.basis.path() != asked.path {
            return Ok(Fresh::Changed);
        }
        self.permit_to_go_on(checked)
    }

    /// As [`Session::permit`] for what is open upstream: its names were looked up along the path of
    /// then, and that is over.
    pub(super) fn permit_to_go_on(&mut self, checked: &Arc<Checked>) -> Result<Fresh, Problem> {
        let asked = self.asked();
        let now = self.gate.now();
        let moment = asked.moment(&self.world, now);
        let user = &asked.names.user;
        let renewed = self.world.enforcer().renew(checked, &moment, user);
        self.judged = None;
        match renewed.map_err(|refused| Problem::of(&refused, ""))? {
            Renewed::Same(permit) => {
                let is_on_path = checked.basis.path() == asked.path;
                self.judged = is_on_path.then(|| Judged {
                    checked: Arc::clone(checked),
                    asked,
                    second: now,
                });
                Ok(Fresh::Same(permit))
            }
            Renewed::Changed => Ok(Fresh::Changed),
        }
    }

    /// Whether a statement was found to be what it would be now, in this world and second and for
    /// this purpose and role. It
    /// is judged anew whenever something is released; this spares only to ask twice before that.
    pub(super) fn was_just_judged(&mut self, checked: &Arc<Checked>) -> bool {
        let asked = self.asked();
        self.judged.as_ref().is_some_and(|judged| {
            Arc::ptr_eq(&judged.checked, checked)
                && Arc::ptr_eq(&judged.asked, &asked)
                && judged.second == self.now()
        })
    }

    /// Whether a statement that runs would still be allowed to show what it shows.
    pub(super) fn judge(&mut self, checked: &Checked) -> Result<bool, Problem> {
        let asked = self.asked();
        let moment = asked.moment(&self.world, self.gate.now());
        let renewed = self.world.enforcer().judge(checked, &moment);
        match renewed.map_err(|refused| Problem::of(&refused, ""))? {
            Renewed::Same(_) => Ok(true),
            Renewed::Changed => Ok(false),
        }
    }

    /// In the mode `refuse`, a statement that names a masked column fails.
    pub(super) fn refuse_masked(checked: &Checked, permit: &Permit) -> Result<(), Problem> {
        for used in &checked.resolution.uses {
            let Some(view) = permit.view(&used.dataset) else {
                continue;
            };
            let masked = super::names::masked(&view.view);
            let mut read = used.fields.iter().filter(|field| masked.contains(*field));
            if let Some(field) = read.next() {
                let about = format!("`{field}`");
                return Err(Problem::refusal(Refusal::MaskedRefused, &about));
            }
            if used.all && !masked.is_empty() {
                return Err(Problem::refusal(Refusal::MaskedRefused, "all columns"));
            }
        }
        Ok(())
    }

    /// The facts that decisions are made with now.
    pub(super) fn session_facts(&self) -> model::Session {
        let mut session = self.who.session().clone();
        session.purpose = self.settings.purpose();
        session.asker = self.asker();
        session
    }

    /// Who asks and how the session stands: what was made of that last, if it is the same still.
    pub(super) fn asked(&mut self) -> Arc<Asked> {
        if let Some(asked) = self.asked.as_ref().filter(|asked| asked.is_of(self)) {
            return Arc::clone(asked);
        }
        let stated = Stated::of(&self.settings);
        let asked = Arc::new(Asked {
            world: Arc::clone(&self.world),
            session: self.session_facts(),
            path: self.settings.path(),
            names: SessionNames {
                user: self.current_user().to_owned(),
                session_user: Some(self.who.name().to_owned()),
                version: self.database.version_text(),
                backend_pid: self.live.process_signed(),
            },
            bound_for: Arc::new(BoundFor {
                purpose: stated.purpose.clone(),
                role: stated.role.clone(),
                rights: self.world.rights().hash(),
                people: *self.world.people(),
            }),
            stated: Arc::new(stated),
        });
        self.asked = Some(Arc::clone(&asked));
        asked
    }
}

fn declared(types: &[u32]) -> Vec<Option<Oid>> {
    let declared = types.iter().map(|oid| (*oid != 0).then_some(Oid(*oid)));
    declared.collect()
}

/// The last statement that was judged, and by what.
pub(super) struct Judged {
    checked: Arc<Checked>,
    asked: Arc<Asked>,
    second: Timestamp,
}

/// A permit for a statement as it is, or the news that it must be checked again.
pub(super) enum Fresh {
    Same(Option<Permit>),
    Changed,
}

/// What a session asks with, made once for as long as its world and what it says of itself are the
/// same.
pub(crate) struct Asked {
    world: Arc<World>,
    stated: Arc<Stated>,
    session: model::Session,
    path: Vec<String>,
    names: SessionNames,
    pub(super) bound_for: Arc<BoundFor>,
}

impl Asked {
    /// Whether a session would be made into the same.
    fn is_of(&self, session: &Session) -> bool {
        Arc::ptr_eq(&self.world, &session.world) && self.stated.is_of(&session.settings)
    }

    fn moment<'a>(&'a self, world: &'a World, now: Timestamp) -> Moment<'a> {
        Moment {
            session: &self.session,
            rights: world.rights(),
            now,
        }
    }

    fn as_request<'a>(
        &'a self,
        world: &'a World,
        now: Timestamp,
        types: ParameterTypes,
    ) -> Request<'a> {
        Request {
            moment: self.moment(world, now),
            path: self.path.clone(),
            names: self.names.clone(),
            types,
        }
    }
}
