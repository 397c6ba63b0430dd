//! A rich catalogue under every way in which the service may write its answers.

use cleeng_emulator::{Account, Config, Field, Quirk};

use crate::support::{Api, Draft, LOCALIZED, Run, Shop, TYPES};

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

/// A shop under some quirks, in an account with taxes. What goes wrong there is returned, and names the quirks.
pub(crate) struct Quirky<'a> {
    pub(crate) shop: Shop,
    quirks: &'a [&'a str],
}

impl<'a> Quirky<'a> {
    pub(crate) fn new(api: Api, quirks: &'a [&'a str]) -> Self {
        let parsed = quirks.iter().map(|quirk| Quirk::parse(quirk).unwrap());
        let config = Config {
            account: Account {
                tax_rate: "0.23".parse().unwrap(),
                ..Account::default()
            },
            quirks: parsed.collect(),
            ..Config::default()
        };
        Self {
            shop: Shop::of_emulator(api, config),
            quirks,
        }
    }

    /// Runs a command that has to succeed; returns how many calls of it wrote.
    pub(crate) fn run(&self, line: &str) -> Result<(Run, u64), String> {
        let run = self.shop.run(line);
        let writes = self.shop.writes();
        if run.code == 0 {
            Ok((run, writes))
        } else {
            Err(self.wrong(&format!("{run:?}")))
        }
    }

    /// Applies a catalogue with one description of its offers, and then with another; after each nothing is left to do.
    pub(crate) fn apply(&self, catalogue: impl Fn(&str) -> Vec<Draft>) -> Result<(), String> {
        for description in ["Before", DESCRIPTION] {
            self.shop.declare(&catalogue(description));
            self.run("apply --auto-approve")?;
            let (plan, writes) = self.run("plan --detailed-exitcode")?;
            if writes > 0 || !plan.out.contains("No changes.") {
                return Err(self.wrong(&format!("{writes} writes in a plan; {plan:?}")));
            }
            let (again, writes) = self.run("apply --auto-approve")?;
            if writes > 0 {
                return Err(self.wrong(&format!("{writes} writes the second time; {again:?}")));
            }
            self.run("drift")?;
        }
        Ok(())
    }

    /// Expects so many rows with the last description, and so many offers in all.
    pub(crate) fn expect_offers(&self, expected: (usize, usize)) -> Result<(), String> {
        let offers = self.shop.emulator().offers();
        let described = offers
            .iter()
            .filter(|offer| offer.text(Field::Description) == Some(DESCRIPTION));
        let counts = (described.count(), offers.len());
        if counts == expected {
            Ok(())
        } else {
            Err(self.wrong(&format!("{counts:?} offers")))
        }
    }

    fn wrong(&self, what: &str) -> String {
        format!("{:?}: {what}", self.quirks)
    }
}

/// What the offers say in the end.
pub(crate) const DESCRIPTION: &str = "After / ünïcode";

/// Expects nothing wrong under any of the switches, and names all under which something is.
pub(crate) fn check_all<'a>(
    switches: impl IntoIterator<Item = Vec<&'a str>>,
    check: impl Fn(&[&str]) -> Result<(), String>,
) {
    let wrong: Vec<String> = switches
        .into_iter()
        .filter_map(|switch| check(&switch).err())
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

fn check(quirks: &[&str]) -> Result<(), String> {
    let quirky = Quirky::new(Api::JsonRpc, quirks);
    quirky.apply(catalogue)?;
    // Six plain ones and three rows of each of the four localized ones; 20 names in all, without duplicates.
    quirky.expect_offers((6 + 4 * 3, 6 + 6 + 4 * 3 + 2))
}

fn nothing_is_left<'a>(switches: impl IntoIterator<Item = Vec<&'a str>>) {
    check_all(switches, check);
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
    nothing_is_left([vec![]]);
    nothing_is_left(switches(0).iter().map(|switch| vec![switch.as_str()]));
}

#[test]
fn nothing_is_left_to_do_under_the_second_half_of_the_quirks() {
    nothing_is_left(switches(1).iter().map(|switch| vec![switch.as_str()]));
}

#[test]
fn nothing_is_left_to_do_under_all_quirks_at_once() {
    let last: Vec<String> = Quirk::ALL
        .iter()
        .filter(|help| is_of_json_rpc(help.name))
        .map(|help| format!("{}={}", help.name, help.values[help.values.len() - 1]))
        .collect();
    nothing_is_left([last.iter().map(String::as_str).collect()]);
}

#[test]
fn nothing_is_left_to_do_where_the_price_of_a_vod_is_net() {
    nothing_is_left([
        vec!["vod-price=net", "vod-tax-rate=hidden"],
        vec!["vod-price=net", "vod-list=full"],
        vec!["vod-tax-rate=hidden", "vod-listed=twice"],
        vec!["vod-list=full", "vod-tax-rate=hidden", "vod-listed=twice"],
    ]);
}

#[test]
fn fields_that_lists_leave_out_are_read_again() {
    nothing_is_left([
        vec!["list-omits=videoId,contentExternal*"],
        vec!["list-omits=free*,geoRestriction*"],
        vec![
            "list-omits=teaser,player*,backgroundImageUrl,viewerEstimate,applyServiceFeeOnCustomer,youtube*",
        ],
        vec![
            "list-omits=rentalPeriod,runtime,videoQuality,eventAssociation",
            "vod-list=full",
        ],
    ]);
}
