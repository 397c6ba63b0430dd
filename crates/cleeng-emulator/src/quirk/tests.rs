//! The switches as texts.

use super::*;

#[test]
fn every_listed_value_is_read_and_written_alike() {
    for help in Quirk::ALL {
        for value in help.values {
            let text = format!("{}={value}", help.name);
            assert_eq!(Quirk::parse(&text).unwrap().to_string(), text);
        }
    }
}

#[test]
fn first_listed_value_is_the_default() {
    let first: Quirks = Quirk::ALL
        .iter()
        .map(|help| Quirk::parse(&format!("{}={}", help.name, help.values[0])).unwrap())
        .collect();
    assert_eq!(first, Quirks::default());
}

#[test]
fn wrong_switches_say_what_there_is() {
    let message = |text: &str| Quirk::parse(text).unwrap_err().to_string();
    assert_eq!(
        message("active"),
        "`active` is not of the form `name=value`"
    );
    assert_eq!(
        message("active=yes"),
        "quirk `active` has no value `yes`; it has bool, number, string, words"
    );
    assert!(message("activ=bool").starts_with("there is no quirk `activ`; there are active, "));
}

#[test]
fn help_is_one_line() {
    assert_eq!(
        Quirk::ALL[0].to_string(),
        "active=bool|number|string|words: Form of `active` (docs/cleeng-api.md §2.0)"
    );
    assert!(
        Quirk::ALL
            .iter()
            .all(|help| !help.to_string().contains('\n'))
    );
}

#[test]
fn omitted_members_may_end_in_a_star() {
    let quirks: Quirks = [Quirk::parse("list-omits=freeDays,geoRestriction*").unwrap()]
        .into_iter()
        .collect();
    assert!(quirks.omits_in_lists("freeDays"));
    assert!(quirks.omits_in_lists("geoRestrictionType"));
    assert!(!quirks.omits_in_lists("freePeriods"));
}
