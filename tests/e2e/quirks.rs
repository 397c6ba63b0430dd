//! A rich catalogue under every way in which the service may write its answers.

use cleeng_emulator::{Account, Config, Field, Quirk};

use crate::support::{Draft, LOCALIZED, Shop, TYPES};

/// All types with all their fields, then all types with nothing but what is required, then all that can be localized.
fn catalogue(description: &str) -> Vec<Draft> {
    let full = TYPES.map(|kind| {
        let draft = Draft::new(kind, &format!("full-{kind}")).with("description", description);
        fields(kind)
            .iter()
            .fold(draft, |draft, (field, value)| draft.with(field, value))
    });
    let bare = TYPES.map(|kind| Draft::new(kind, &format!("bare-{kind}")));
    let localized = LOCALIZED.map(|kind| {
        let draft = Draft::new(kind, &format!("world-{kind}"));
        draft.with("description", description).localized()
    });
    let film = Draft::new("vod", "to-rent").with("rentalPeriod", "72");
    let day = Draft::new("pass", "until-a-day")
        .without("period")
        .with("expiresAt", "2031-02-28T23:59:59+01:00");
    let rest = [film, day];
    full.into_iter()
        .chain(bare)
        .chain(localized)
        .chain(rest)
        .collect()
}

fn fields(kind: &str) -> &'static [(&'static str, &'static str)] {
    const GEO: (&str, &str) = (
        "geoRestriction",
        "{type: whitelist, countries: [US, NO, CA]}",
    );
    match kind {
        "subscription" => &[GEO, ("freeDays", "7"), ("accessToTags", "[films, sports]")],
        "pass" => &[GEO, ("accessToTags", "[films]")],
        "single" => &[
            GEO,
            ("videoId", "v-1"),
            ("contentExternalId", "x-1"),
            ("contentExternalData", "'{\"a\": \"b/c\"}'"),
            ("tags", "[films, \"ø\"]"),
        ],
        "rental" => &[
            ("videoId", "v-2"),
            ("contentExternalId", "x-2"),
            ("contentExternalData", "some data"),
            ("tags", "[films]"),
        ],
        "event" => &[
            GEO,
            ("teaser", "Soon"),
            ("currency", "EUR"),
            ("playerCode", "'<b>\"x\"</b>'"),
            ("playerCodeHead", "<script/>"),
            ("backgroundImageUrl", "https://club.tv/image.png"),
            ("videoId", "v-3"),
            ("viewerEstimate", "3"),
            ("applyServiceFeeOnCustomer", "true"),
            ("youtubePreviewVideoId", "y-1"),
            ("tags", "[sports]"),
        ],
        _ => &[
            GEO,
            ("videoId", "v-4"),
            ("playerCode", "<b>x</b>"),
            ("playerCodeHead", "<script/>"),
            ("runtime", "\"94\""),
            ("videoQuality", "hd"),
            ("backgroundImageUrl", "https://club.tv/image.png"),
            ("eventAssociation", "[full-event]"),
            ("tags", "[sports]"),
        ],
    }
}

/// Applies, changes and applies again; what is wrong is returned.
fn check(quirks: &[&str]) -> Result<(), String> {
    let shop = Shop::with_emulator(Config {
        account: Account {
            tax_rate: "0.23".parse().unwrap(),
            ..Account::default()
        },
        quirks: quirks
            .iter()
            .map(|quirk| Quirk::parse(quirk).unwrap())
            .collect(),
        ..Config::default()
    });
    let run = |line: &str| {
        let run = shop.run(line);
        let writes = shop.writes();
        if run.code == 0 {
            Ok((run, writes))
        } else {
            Err(format!("{quirks:?}: {run:?}"))
        }
    };
    for description in ["Before", "After / ünïcode"] {
        shop.declare(&catalogue(description));
        run("apply --auto-approve")?;
        let (plan, writes) = run("plan --detailed-exitcode")?;
        if writes > 0 || !plan.out.contains("No changes.") {
            return Err(format!("{quirks:?}: {writes} writes in a plan; {plan:?}"));
        }
        let (again, writes) = run("apply --auto-approve")?;
        if writes > 0 {
            return Err(format!(
                "{quirks:?}: {writes} writes the second time; {again:?}"
            ));
        }
        run("drift")?;
    }
    let offers = shop.emulator().offers();
    let described = offers
        .iter()
        .filter(|offer| offer.text(Field::Description) == Some("After / ünïcode"));
    // Six plain ones and three rows of each of the four localized ones; 20 names in all, without duplicates.
    let counts = (described.count(), offers.len());
    if counts != (6 + 4 * 3, 6 + 6 + 4 * 3 + 2) {
        return Err(format!("{quirks:?}: {counts:?} offers"));
    }
    Ok(())
}

fn check_all<'a>(switches: impl IntoIterator<Item = Vec<&'a str>>) {
    let wrong: Vec<String> = switches
        .into_iter()
        .filter_map(|switch| check(&switch).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

/// Whether a switch changes how JSON-RPC answers; the one that hides offers is tested by itself.
fn is_of_json_rpc(name: &str) -> bool {
    name != "list-omits" && !name.starts_with("rest-")
}

/// Every switch in every position but the default; half of them, so that two tests run side by side.
fn switches(half: usize) -> Vec<String> {
    let all = Quirk::ALL.iter().filter(|help| is_of_json_rpc(help.name));
    all.flat_map(|help| {
        help.values[1..]
            .iter()
            .map(|value| format!("{}={value}", help.name))
    })
    .skip(half)
    .step_by(2)
    .collect()
}

#[test]
fn nothing_is_left_to_do_under_the_first_half_of_the_quirks() {
    check_all([vec![]]);
    check_all(switches(0).iter().map(|switch| vec![switch.as_str()]));
}

#[test]
fn nothing_is_left_to_do_under_the_second_half_of_the_quirks() {
    check_all(switches(1).iter().map(|switch| vec![switch.as_str()]));
}

#[test]
fn nothing_is_left_to_do_under_all_quirks_at_once() {
    let last: Vec<String> = Quirk::ALL
        .iter()
        .filter(|help| is_of_json_rpc(help.name))
        .map(|help| format!("{}={}", help.name, help.values[help.values.len() - 1]))
        .collect();
    check_all([last.iter().map(String::as_str).collect()]);
}

#[test]
fn nothing_is_left_to_do_where_the_price_of_a_vod_is_net() {
    check_all([
        vec!["vod-price=net", "vod-tax-rate=hidden"],
        vec!["vod-price=net", "vod-list=reduced"],
        vec![
            "vod-list=reduced",
            "vod-tax-rate=hidden",
            "vod-listed=twice",
        ],
    ]);
}

#[test]
fn fields_that_lists_leave_out_are_read_again() {
    check_all([
        vec!["list-omits=videoId,contentExternal*"],
        vec!["list-omits=free*,geoRestriction*"],
        vec![
            "list-omits=teaser,player*,backgroundImageUrl,viewerEstimate,applyServiceFeeOnCustomer,youtube*",
        ],
        vec!["list-omits=rentalPeriod,runtime,videoQuality,eventAssociation"],
    ]);
}
