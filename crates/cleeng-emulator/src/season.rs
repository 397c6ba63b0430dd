//! Groups of seasons, which seasonal subscriptions follow: [`SeasonGroup`], and those of the account: [`SeasonGroups`].

use std::collections::BTreeSet;
use std::fmt;
use std::mem;
use std::str::FromStr;

use thiserror::Error;

/// The id of a group of seasons: a UUID (docs/cleeng-api.md §5.2). Its letters are kept in lower case.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SeasonGroupId(String);

/// The text is not the id of a group of seasons.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{text}` is not a UUID such as `0bdb7589-762c-40bf-b501-a0f02b59d76d`")]
pub struct ParseSeasonGroupIdError {
    /// What was given.
    pub text: String,
}

/// A group of seasons (docs/cleeng-api.md §5.8).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SeasonGroup {
    /// The id.
    pub id: SeasonGroupId,
    /// The name, which no other group has.
    pub name: String,
    /// The seasons, in the order in which they were added.
    pub seasons: Vec<Season>,
}

/// One season of a group.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Season {
    /// The id, which is unique within the group and at least 1.
    pub id: u32,
    /// When it starts, in unix seconds.
    pub start_date: i64,
    /// When it ends, in unix seconds.
    pub end_date: i64,
}

/// What became of one group of seasons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum SeasonGroupVersion {
    /// It was created or changed, to this.
    Put(SeasonGroup),
    /// It was deleted.
    Deleted(SeasonGroupId),
}

/// The groups of seasons of the account, in the order in which they were created.
#[derive(Debug, Default)]
pub(crate) struct SeasonGroups {
    groups: Vec<SeasonGroup>,
    touched: BTreeSet<SeasonGroupId>,
}

impl SeasonGroupId {
    /// Returns the random UUID (version 4) that is made from these bits.
    pub(crate) fn from_random_bits(bits: u128) -> Self {
        let bits = (bits & !(0xf << 76)) | (0x4 << 76);
        let bits = (bits & !(0x3 << 62)) | (0x2 << 62);
        let hex = format!("{bits:032x}");
        let parts = [
            &hex[..8],
            &hex[8..12],
            &hex[12..16],
            &hex[16..20],
            &hex[20..],
        ];
        Self(parts.join("-"))
    }

    /// Returns the id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SeasonGroupId {
    type Err = ParseSeasonGroupIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let parts: Vec<_> = text.split('-').collect();
        let lengths: Vec<_> = parts.iter().map(|part| part.len()).collect();
        let is_uuid = lengths == [8, 4, 4, 4, 12]
            && parts.concat().bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_uuid {
            Ok(Self(text.to_ascii_lowercase()))
        } else {
            Err(ParseSeasonGroupIdError {
                text: text.to_owned(),
            })
        }
    }
}

impl fmt::Display for SeasonGroupId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl SeasonGroups {
    /// Returns all groups.
    pub(crate) fn all(&self) -> &[SeasonGroup] {
        &self.groups
    }

    /// Returns the group of that id.
    pub(crate) fn get(&self, id: &SeasonGroupId) -> Option<&SeasonGroup> {
        self.groups.iter().find(|group| group.id == *id)
    }

    /// Puts in a new group, or the next version of one that is there.
    pub(crate) fn put(&mut self, group: SeasonGroup) {
        self.touched.insert(group.id.clone());
        match self.groups.iter_mut().find(|known| known.id == group.id) {
            Some(known) => *known = group,
            None => self.groups.push(group),
        }
    }

    /// Deletes a group.
    pub(crate) fn delete(&mut self, id: &SeasonGroupId) {
        self.touched.insert(id.clone());
        self.groups.retain(|group| group.id != *id);
    }

    /// Returns what became of the groups changed since this was last asked, each once.
    pub(crate) fn take_touched(&mut self) -> Vec<SeasonGroupVersion> {
        let touched = mem::take(&mut self.touched);
        touched
            .into_iter()
            .map(|id| match self.get(&id) {
                Some(group) => SeasonGroupVersion::Put(group.clone()),
                None => SeasonGroupVersion::Deleted(id),
            })
            .collect()
    }
}

impl FromIterator<SeasonGroupVersion> for SeasonGroups {
    /// Returns the groups after these changes; none counts as changed.
    fn from_iter<T: IntoIterator<Item = SeasonGroupVersion>>(versions: T) -> Self {
        let mut groups = Self::default();
        for version in versions {
            match version {
                SeasonGroupVersion::Put(group) => groups.put(group),
                SeasonGroupVersion::Deleted(id) => groups.delete(&id),
            }
        }
        groups.touched.clear();
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0bdb7589-762c-40bf-b501-a0f02b59d76d";

    fn group(name: &str) -> SeasonGroup {
        SeasonGroup {
            id: ID.parse().unwrap(),
            name: name.to_owned(),
            seasons: Vec::new(),
        }
    }

    #[test]
    fn ids_are_uuids_in_either_case() {
        let id: SeasonGroupId = ID.to_uppercase().parse().unwrap();
        assert_eq!(id.as_str(), ID);
        for text in ["", "season-groups", "0bdb7589762c40bfb501a0f02b59d76d"] {
            assert!(text.parse::<SeasonGroupId>().is_err(), "{text}");
        }
        assert!(ID.replace('b', "g").parse::<SeasonGroupId>().is_err());
    }

    #[test]
    fn random_ids_say_that_they_are_random() {
        for bits in [0, u128::MAX, 0x0123_4567_89ab_cdef_0123_4567_89ab_cdef] {
            let id = SeasonGroupId::from_random_bits(bits);
            assert_eq!(id.as_str().parse(), Ok(id.clone()));
            assert_eq!(&id.as_str()[14..15], "4");
            assert!("89ab".contains(&id.as_str()[19..20]), "{id}");
        }
    }

    #[test]
    fn changed_groups_are_told_once_with_what_became_of_them() {
        let mut groups = SeasonGroups::default();
        groups.put(group("NFL"));
        groups.put(group("NHL"));
        let put = || SeasonGroupVersion::Put(group("NHL"));
        assert_eq!(groups.take_touched(), [put()]);
        assert_eq!(groups.take_touched(), []);
        groups.delete(&group("NHL").id);
        let deleted = || SeasonGroupVersion::Deleted(group("NHL").id);
        assert_eq!(groups.take_touched(), [deleted()]);
        let mut again: SeasonGroups = [put()].into_iter().collect();
        assert_eq!(again.all(), [group("NHL")]);
        assert_eq!(again.take_touched(), []);
        let none: SeasonGroups = [put(), deleted()].into_iter().collect();
        assert_eq!(none.all(), []);
    }
}
