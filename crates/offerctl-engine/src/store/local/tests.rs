//! What is kept in a folder, through kills, damage, links and people who delete the lock.

use offerctl_reconcile::state::Entry;

use super::*;
use crate::store::Journal;

fn consumed(nonce: &str) -> Vec<Entry> {
    vec![Entry::Consumed {
        nonce: nonce.to_owned(),
    }]
}

async fn open(store: &LocalStore) -> Journal<'_, LocalStore> {
    Journal::open(store, "local", Holder::of_test("me"), Duration::ZERO)
        .await
        .unwrap()
}

#[tokio::test]
async fn what_was_appended_is_there_after_a_kill() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().join("local"), "local");
    assert_eq!(store.load().await.unwrap(), Stored::default());
    let mut journal = open(&store).await;
    journal.append(consumed("a")).await.unwrap();
    journal.append(consumed("b")).await.unwrap();
    drop(journal);
    let stored = store.load().await.unwrap();
    assert_eq!(
        (stored.serial, stored.segments, stored.state.consumed.len()),
        (0, 2, 2)
    );
    let mut journal = open(&store).await;
    journal.compact().await.unwrap();
    journal.append(consumed("c")).await.unwrap();
    let stored = store.load().await.unwrap();
    assert_eq!(
        (stored.serial, stored.segments, stored.state.consumed.len()),
        (1, 1, 3)
    );
}

#[tokio::test]
async fn only_one_holds_the_lock_and_others_learn_who() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().to_owned(), "local");
    let journal = open(&store).await;
    let second = Journal::open(
        &store,
        "local",
        Holder::of_test("you"),
        Duration::from_millis(120),
    )
    .await;
    let Err(LockError::Held(Some(found))) = second else {
        panic!("{second:?}")
    };
    assert_eq!(found.who, "me");
    drop(journal);
    drop(open(&store).await);
}

#[tokio::test]
async fn segments_of_an_older_document_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().to_owned(), "local");
    let mut journal = open(&store).await;
    journal.append(consumed("a")).await.unwrap();
    let segment = fs::read(folder.path().join("journal/00000000-000001.json")).unwrap();
    journal.compact().await.unwrap();
    // As if the run had been killed after the document was stored and before the segments were dropped.
    fs::write(folder.path().join("journal/00000000-000001.json"), segment).unwrap();
    let stored = store.load().await.unwrap();
    assert_eq!((stored.serial, stored.segments), (1, 0));
}

#[tokio::test]
async fn a_document_that_is_replaced_while_it_is_read_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().to_owned(), "local");
    let mut journal = open(&store).await;
    for nonce in ["a", "b"] {
        journal.append(consumed(nonce)).await.unwrap();
        let before = store.read_document().unwrap();
        journal.compact().await.unwrap();
        // The segment is gone with the old document: this would be a state without it.
        assert_eq!(store.read_after(before.as_deref()).unwrap(), None);
    }
    assert_eq!(store.load().await.unwrap().state.consumed.len(), 2);
}

#[tokio::test]
async fn damage_is_an_error_and_never_an_empty_state() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().to_owned(), "local");
    let mut journal = open(&store).await;
    journal.append(consumed("a")).await.unwrap();
    journal.compact().await.unwrap();
    journal.append(consumed("b")).await.unwrap();
    journal.append(consumed("c")).await.unwrap();
    let first = folder.path().join("journal/00000001-000001.json");
    let whole = fs::read(&first).unwrap();
    fs::remove_file(&first).unwrap();
    assert!(matches!(store.load().await, Err(StoreError::Gap { .. })));
    fs::write(&first, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(
        store.load().await,
        Err(StoreError::Unusable { .. })
    ));
    fs::write(&first, &whole).unwrap();
    assert!(store.load().await.is_ok());
    let document = folder.path().join("state.json");
    let whole = fs::read(&document).unwrap();
    fs::write(&document, &whole[..whole.len() / 2]).unwrap();
    assert!(matches!(
        store.load().await,
        Err(StoreError::Unusable { .. })
    ));
    fs::write(&document, b"").unwrap();
    assert!(matches!(
        store.load().await,
        Err(StoreError::Unusable { .. })
    ));
}

#[tokio::test]
async fn a_document_that_somebody_replaced_is_not_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().to_owned(), "local");
    let mut journal = open(&store).await;
    journal.append(consumed("a")).await.unwrap();
    let other = StateDocument::new("local", 5, &offerctl_reconcile::state::State::default());
    fs::write(folder.path().join("state.json"), other.to_bytes()).unwrap();
    assert!(matches!(
        journal.compact().await,
        Err(StoreError::Changed { .. })
    ));
}

fn locked(store: &LocalStore) -> LocalLock {
    store.try_lock(&Holder::of_test("me")).unwrap()
}

#[cfg(unix)]
#[tokio::test]
async fn a_lock_file_that_was_deleted_or_replaced_is_a_lock_that_is_lost() {
    type Harm = fn(&Path);
    let harms: [Harm; 5] = [
        |path| fs::remove_file(path).unwrap(),
        |path| {
            fs::remove_file(path).unwrap();
            fs::write(path, "").unwrap();
        },
        |path| {
            let other = path.with_extension("new");
            fs::write(&other, "").unwrap();
            fs::rename(other, path).unwrap();
        },
        |path| {
            let other = path.with_extension("old");
            fs::rename(path, &other).unwrap();
            std::os::unix::fs::symlink(other, path).unwrap();
        },
        |path| {
            let folder = path.parent().unwrap();
            fs::rename(folder, folder.with_extension("old")).unwrap();
        },
    ];
    for harm in harms {
        let folder = tempfile::tempdir().unwrap();
        let store = LocalStore::new(folder.path().join("local"), "local");
        let mut journal = open(&store).await;
        let probe = journal.probe();
        journal.append(consumed("a")).await.unwrap();
        assert_eq!(probe.hold(), Hold::Firm);
        harm(&store.lock_path());
        assert_eq!(probe.hold(), Hold::Lost);
        let appended = journal.append(consumed("b")).await;
        assert!(matches!(appended, Err(StoreError::LockLost { .. })));
        let saved = journal.compact().await;
        assert!(saved.is_err(), "{saved:?}");
        assert!(!store.document_path().exists());
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_lock_that_was_lost_is_never_had_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().to_owned(), "local");
    let lock = locked(&store);
    let probe = store.probe(&lock);
    let (path, aside) = (store.lock_path(), folder.path().join("aside"));
    fs::rename(&path, &aside).unwrap();
    assert_eq!(probe.hold(), Hold::Lost);
    fs::rename(&aside, &path).unwrap();
    assert_eq!(probe.hold(), Hold::Lost);
}

#[tokio::test]
async fn a_segment_that_is_there_is_never_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().to_owned(), "local");
    let mut journal = open(&store).await;
    journal.append(consumed("a")).await.unwrap();
    let second = folder.path().join("journal/00000000-000002.json");
    fs::write(&second, "theirs").unwrap();
    let appended = journal.append(consumed("b")).await;
    assert!(matches!(appended, Err(StoreError::Changed { .. })));
    assert_eq!(fs::read(&second).unwrap(), b"theirs");
}

#[tokio::test]
async fn what_a_kill_left_beside_its_place_goes_with_the_next_document() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::new(folder.path().to_owned(), "local");
    let mut journal = open(&store).await;
    journal.append(consumed("a")).await.unwrap();
    let path = |name: &str| folder.path().join(name);
    for name in [".offerctl-x.tmp", "journal/.offerctl-y.tmp", "theirs.tmp"] {
        fs::write(path(name), "").unwrap();
    }
    journal.compact().await.unwrap();
    assert!(!path(".offerctl-x.tmp").exists());
    assert!(!path("journal/.offerctl-y.tmp").exists());
    assert!(path("theirs.tmp").exists());
}

#[cfg(unix)]
#[tokio::test]
async fn no_link_is_followed_and_all_is_for_its_owner_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};

    for name in [
        "lock",
        "state.json",
        "journal",
        "journal/00000000-000001.json",
    ] {
        for target in ["theirs", "missing"] {
            let folder = tempfile::tempdir().unwrap();
            let outside = folder.path().join(target);
            if target == "theirs" && name == "journal" {
                fs::create_dir(&outside).unwrap();
            } else if target == "theirs" {
                fs::write(&outside, "theirs").unwrap();
            }
            let store = LocalStore::of_project(folder.path(), "local");
            let path = store.folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(&outside, &path).unwrap();
            let opened =
                Journal::open(&store, "local", Holder::of_test("me"), Duration::ZERO).await;
            let error = opened.unwrap_err();
            let LockError::Store(StoreError::Medium { source, .. }) = error else {
                panic!("{error:?}")
            };
            let text = source.to_string();
            let says = text.contains("symbolic link") && text.contains(name);
            assert!(says, "{text}");
            assert!(path.is_symlink());
            match target {
                "missing" => assert!(!outside.exists()),
                _ if outside.is_file() => assert_eq!(fs::read(&outside).unwrap(), b"theirs"),
                _ => assert_eq!(fs::read_dir(&outside).unwrap().count(), 0),
            }
        }
    }
    for name in [".offerctl", ".offerctl/local"] {
        let folder = tempfile::tempdir().unwrap();
        let (outside, path) = (folder.path().join("theirs"), folder.path().join(name));
        fs::create_dir_all(outside.join("local")).unwrap();
        fs::write(outside.join("lock"), "theirs").unwrap();
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        symlink(&outside, &path).unwrap();
        let store = LocalStore::of_project(folder.path(), "local");
        assert!(store.load().await.is_err());
        assert!(store.look_at_lock().is_err());
        assert!(
            store
                .lock(Holder::of_test("me"), Duration::ZERO)
                .await
                .is_err()
        );
        assert_eq!(fs::read(outside.join("lock")).unwrap(), b"theirs");
        // What `state` names may be a link.
        let store = LocalStore::new(path, "local");
        drop(open(&store).await);
    }
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::of_project(folder.path(), "local");
    fs::create_dir_all(&store.folder).unwrap();
    for path in [store.lock_path(), store.document_path()] {
        fs::write(&path, "").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    }
    fs::remove_file(store.document_path()).unwrap();
    let mut journal = open(&store).await;
    journal.append(consumed("a")).await.unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let journal_folder = store.journal_folder();
    assert_eq!(mode(journal_folder.join("00000000-000001.json")), 0o600);
    assert_eq!(
        (mode(journal_folder), mode(store.lock_path())),
        (0o700, 0o600)
    );
    journal.compact().await.unwrap();
    let document = store.document_path();
    fs::set_permissions(&document, fs::Permissions::from_mode(0o644)).unwrap();
    journal.append(consumed("b")).await.unwrap();
    journal.compact().await.unwrap();
    assert_eq!(mode(document), 0o600);
}

#[cfg(unix)]
#[tokio::test]
async fn a_pipe_in_the_place_of_a_file_is_an_error_and_not_waited_for() {
    for name in ["lock", "state.json", "journal/00000000-000001.json"] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("journal")).unwrap();
        let made = std::process::Command::new("mkfifo")
            .arg(folder.path().join(name))
            .status();
        assert!(made.unwrap().success());
        let store = LocalStore::new(folder.path().to_owned(), "local");
        let opened = Journal::open(&store, "local", Holder::of_test("me"), Duration::ZERO).await;
        assert!(matches!(
            opened,
            Err(LockError::Store(StoreError::Medium { .. }))
        ));
    }
}
