//! Watching the control log: what is durable and what is published, how fresh, and from elsewhere.

use std::io;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use ledger::{Access, Books, ControlView, Disk, DiskFile, FollowControl, Freshness, RealDisk};

use super::drafts::{grant, revocation};
use super::{append, books, control, now_ms, run, soon};

const LEASE: Duration = Freshness::LEASE;

/// A real disk on which no checkpoint gets its name while the gate is shut.
#[derive(Default)]
struct Gated {
    is_shut: Mutex<bool>,
    opened: Condvar,
}

impl Gated {
    fn shut(&self, is_shut: bool) {
        *self.is_shut.lock().unwrap() = is_shut;
        self.opened.notify_all();
    }
}

/// Opens the gate also when a test fails, or the log would wait for it for ever.
struct Shut<'a>(&'a Gated);

impl Drop for Shut<'_> {
    fn drop(&mut self) {
        self.0.shut(false);
    }
}

impl Disk for Gated {
    fn open(&self, path: &Path, access: Access) -> io::Result<Box<dyn DiskFile>> {
        RealDisk.open(path, access)
    }
    fn create_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.create_dir(path)
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        RealDisk.list(folder)
    }
    fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        if to.ends_with("checkpoint") {
            let shut = self.is_shut.lock().unwrap();
            drop(self.opened.wait_while(shut, |is_shut| *is_shut).unwrap());
        }
        RealDisk.rename(from, to)
    }
    fn remove(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove(path)
    }
    fn remove_dir(&self, path: &Path) -> io::Result<()> {
        RealDisk.remove_dir(path)
    }
    fn sync_dir(&self, folder: &Path) -> io::Result<()> {
        RealDisk.sync_dir(folder)
    }
    fn lock(&self, path: &Path) -> io::Result<Box<dyn Send + Sync>> {
        RealDisk.lock(path)
    }
}

fn seen(follow: &mut FollowControl, what: impl Fn(&ControlView) -> bool) -> ControlView {
    run(async {
        let mut view = follow.now();
        while !what(&view) {
            view = follow.changed().await.expect("it goes on");
        }
        view
    })
}

#[test]
fn a_right_is_lost_when_durable_and_gained_when_published() {
    let folder = tempfile::tempdir().unwrap();
    let mut books = books(folder.path());
    let gate = Arc::new(Gated::default());
    books.surroundings.disk = Arc::<Gated>::clone(&gate);
    let opened = control(&books);
    let mut follow = opened.follow();
    let now = now_ms();
    let old = append(opened.as_ref(), grant(1, "g-1", b"a", 10))
        .unwrap()
        .index();
    let view = run(follow.reached(old + 1)).unwrap();
    assert!(view.grant_is_in_force(old, now));

    gate.shut(true);
    let shut = Shut(&gate);
    append(opened.as_ref(), revocation(1, old)).unwrap();
    let new = append(opened.as_ref(), grant(1, "g-2", b"b", 20))
        .unwrap()
        .index();
    let view = seen(&mut follow, |view| view.state_durable().size() == new + 1);
    assert_eq!(view.control_size(), old + 1, "nothing more is published");
    let allows = |state: &record::State, index| {
        state
            .grant(index)
            .is_some_and(|grant| grant.is_in_force(now))
    };
    assert!(!allows(view.state_durable(), old) && allows(view.state_published(), old));
    assert!(allows(view.state_durable(), new) && !allows(view.state_published(), new));
    assert!(!view.grant_is_in_force(old, now), "lost at once");
    assert!(!view.grant_is_in_force(new, now), "not gained yet");
    drop(shut);
    let view = run(follow.reached(new + 1)).unwrap();
    assert!(!view.grant_is_in_force(old, now) && view.grant_is_in_force(new, now));
}

fn directory(books: &Books) -> FollowControl {
    let name = books.control_name().unwrap();
    let key = books.keys.signer(&name).unwrap().verifier().clone();
    let folder = books.root.join(name.folder());
    FollowControl::directory(&folder, key, &books.surroundings, Duration::from_millis(5)).unwrap()
}

#[test]
fn a_view_from_the_directory_is_the_published_state_and_ages_when_the_writer_goes() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let mut elsewhere = directory(&books);
    assert_eq!(
        elsewhere.freshness(now_ms()).age_ms,
        u64::MAX,
        "there is nothing"
    );
    let opened = control(&books);
    let granted = append(opened.as_ref(), grant(1, "g-1", b"a", 10)).unwrap();
    let view = run(elsewhere.reached(granted.index() + 1)).unwrap();
    assert!(view.grant_is_in_force(granted.index(), now_ms()));
    assert_eq!(view.state_published().hash(), view.state_durable().hash());
    let here = run(opened.follow().reached(granted.index() + 1)).unwrap();
    assert_eq!(here.state_published().hash(), view.state_published().hash());
    for follow in [&elsewhere, &opened.follow()] {
        assert!(follow.freshness(now_ms()).holds(LEASE));
    }
    let own = opened.follow();
    opened.close().unwrap();
    drop(opened);
    // Nothing is shown any more, however often somebody looks.
    let later = now_ms() + 10_001;
    for follow in [&elsewhere, &own] {
        let freshness = follow.freshness(later);
        assert!(!freshness.holds(LEASE));
        assert!(freshness.allows_without_grants(Freshness::WITHOUT_GRANTS));
    }
    // The log is silent for an hour, and known to live all the same.
    let opened = control(&books);
    let size = opened.progress().borrow().published;
    run(elsewhere.reached(size)).unwrap();
    assert!(elsewhere.freshness(now_ms()).holds(LEASE));
    let before = now_ms();
    soon(|| elsewhere.freshness(before).age_ms == 0);
    assert_eq!(opened.progress().borrow().published, size);
}

#[test]
fn a_directory_that_contradicts_itself_is_not_followed_any_more() {
    let folder = tempfile::tempdir().unwrap();
    let books = books(folder.path());
    let opened = control(&books);
    let mut elsewhere = directory(&books);
    run(elsewhere.reached(1)).unwrap();
    opened.close().unwrap();
    drop(opened);
    run(elsewhere.reached(2)).unwrap();
    // A log of the same key that is shorter.
    let other = tempfile::tempdir().unwrap();
    let mut forged = super::books(other.path());
    forged.keys = books.keys.clone();
    drop(control(&forged));
    let name = books.control_name().unwrap().folder();
    let file = Path::new(&name).join("checkpoint");
    // In one step: half a checkpoint would be read as something that may still come.
    std::fs::rename(forged.root.join(&file), books.root.join(&file)).unwrap();
    let view = seen(&mut elsewhere, |view| view.trouble().is_some());
    insta::assert_snapshot!(view.trouble().unwrap(), @"the log `acme.example/cordon/control/1` contradicts itself: it had 2 entries and now signs 1; keep its files, and open a new epoch");
    assert_eq!(elsewhere.freshness(now_ms()).age_ms, u64::MAX);
    assert_eq!(
        view.control_size(),
        2,
        "it keeps what it knew, for whoever asks"
    );
}
