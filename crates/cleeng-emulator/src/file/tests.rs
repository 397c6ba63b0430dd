//! Tests of [`Journal`] on real files.

use std::error::Error as _;

use tempfile::TempDir;

use super::*;
use crate::field::Field;
use crate::kind::Kind;
use crate::store::Store;

fn pass(number: u32) -> Offer {
    let id = format!("P{}_US", 100_000_000 + number);
    Offer::new(id.parse().unwrap(), Kind::Pass).with(Field::Title, "a pass")
}

/// Writes these versions, each by an append of its own.
fn write(path: &Path, offers: &[Offer]) {
    let (mut journal, contents) = Journal::open(path).unwrap();
    let store: Store = contents.offers.into_iter().collect();
    let claim = journal.claim().unwrap();
    let account = Account::default();
    let season_groups: SeasonGroups = contents.season_groups.into_iter().collect();
    let catalogue = Catalogue {
        account: &account,
        offers: store.offers(),
        season_groups: season_groups.all(),
    };
    journal.begin(claim, catalogue).unwrap();
    for offer in offers {
        journal.append(&of_offer(offer)).unwrap();
    }
}

fn of_offer(offer: &Offer) -> Changes<'_> {
    Changes {
        offers: vec![offer],
        season_groups: Vec::new(),
    }
}

fn offers(path: &Path) -> Vec<Offer> {
    Journal::open(path).unwrap().1.offers
}

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("deep/offers.jsonl");
    (folder, path)
}

#[test]
fn opening_alone_writes_nothing() {
    let (folder, path) = folder();
    assert!(offers(&path).is_empty());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn opening_an_existing_file_leaves_its_bytes_alone() {
    let (_folder, path) = folder();
    write(&path, &[pass(1), pass(1)]);
    let before = fs::read(&path).unwrap();
    assert_eq!(offers(&path).len(), 2);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn every_prefix_of_a_file_opens_with_the_offers_that_are_whole() {
    let (_folder, path) = folder();
    write(&path, &[pass(1), pass(2), pass(3)]);
    let bytes = fs::read(&path).unwrap();
    let header = bytes.iter().position(|byte| *byte == b'\n').unwrap();
    for length in header + 1..=bytes.len() {
        fs::write(&path, &bytes[..length]).unwrap();
        let ends = bytes[header + 1..length].split(|byte| *byte == b'\n');
        assert_eq!(offers(&path).len(), ends.count() - 1);
    }
}

#[test]
fn first_write_after_a_torn_line_drops_it_and_goes_on() {
    let (_folder, path) = folder();
    write(&path, &[pass(1), pass(2)]);
    let bytes = fs::read(&path).unwrap();
    fs::write(&path, &bytes[..bytes.len() - 5]).unwrap();
    write(&path, &[pass(3)]);
    assert_eq!(offers(&path), [pass(1), pass(3)]);
}

#[test]
fn first_write_drops_superseded_versions() {
    let (_folder, path) = folder();
    let versions: Vec<_> = (0..50).map(|_| pass(1)).collect();
    write(&path, &versions);
    write(&path, &[pass(2)]);
    assert_eq!(offers(&path), [pass(1), pass(2)]);
}

#[test]
fn second_writer_is_kept_out_until_the_first_is_gone() {
    let (_folder, path) = folder();
    let (mut first, _) = Journal::open(&path).unwrap();
    let (second, _) = Journal::open(&path).unwrap();
    let claim = first.claim().unwrap();
    let nothing = Catalogue {
        account: &Account::default(),
        offers: &[],
        season_groups: &[],
    };
    first.begin(claim, nothing).unwrap();
    first.append(&of_offer(&pass(1))).unwrap();
    assert!(matches!(
        second.claim().unwrap_err().kind,
        DataFileErrorKind::InUse
    ));
    drop(first);
    let claim = second.claim().unwrap();
    assert_eq!(claim.newer.unwrap().offers, [pass(1)]);
}

#[test]
fn season_groups_are_kept_beside_the_offers_and_their_old_versions_dropped() {
    let (_folder, path) = folder();
    write(&path, &[pass(1)]);
    let named = |name: &str| {
        SeasonGroupVersion::Put(SeasonGroup {
            id: "0bdb7589-762c-40bf-b501-a0f02b59d76d".parse().unwrap(),
            name: name.to_owned(),
            seasons: Vec::new(),
        })
    };
    let lines = [named("NFL"), named("NHL")].map(|version| season_group_line(&version));
    let before = fs::read_to_string(&path).unwrap();
    fs::write(&path, before + &lines.concat()).unwrap();
    let (_, contents) = Journal::open(&path).unwrap();
    assert_eq!(contents.season_groups, [named("NFL"), named("NHL")]);
    write(&path, &[pass(2)]);
    let (_, contents) = Journal::open(&path).unwrap();
    assert_eq!(contents.season_groups, [named("NHL")]);
    assert_eq!(contents.offers, [pass(1), pass(2)]);
}

#[track_caller]
fn check_unreadable(text: &str, reason: &str) {
    let (_folder, path) = folder();
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    let error = Journal::open(&path).unwrap_err();
    assert!(error.to_string().starts_with("data file `"));
    assert_eq!(error.source().unwrap().to_string(), reason);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn newer_file_is_refused() {
    check_unreadable(
        "{\"format\":\"cleeng-emulator\",\"version\":4,\"more\":1}\n",
        "line 1 has format version 4, the newest known is 3",
    );
}

#[test]
fn foreign_file_is_refused() {
    check_unreadable("my notes", "line 1 is no header of a data file");
    check_unreadable("my notes\n", "line 1 is no header of a data file");
    check_unreadable(
        "{\"format\":\"x\",\"version\":1}\n",
        "line 1 has the format `x`",
    );
}

#[test]
fn garbage_in_the_middle_is_refused_with_its_line() {
    let header = header_line(&Account::default());
    let offer = offer_line(&pass(1));
    check_unreadable(
        &format!("{header}{offer}[]\n{offer}"),
        "line 3 is no offer: invalid length 0, expected struct OfferLine with 9 elements at column 2",
    );
}
