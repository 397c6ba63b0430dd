//! A situation to plan in: [`World`], with desired, live and state, each from a few lines of text.

use std::collections::BTreeSet;
use std::fmt::Write;

use offerctl_manifest::desired::Desired;
use offerctl_model::offer_type::Api;
use offerctl_reconcile::check::check;
use offerctl_reconcile::live::Live;
use offerctl_reconcile::matching::{Matching, Rule, match_offers};
use offerctl_reconcile::plan::{Plan, plan};
use offerctl_reconcile::state::State;

use super::{desired, live, rows, state};

/// Desired, live and state.
pub(crate) struct World {
    pub(crate) desired: Desired,
    pub(crate) live: Live,
    pub(crate) state: State,
}

/// The texts of a [`World`] that is being built.
#[derive(Clone, Copy)]
pub(crate) struct Texts<'a> {
    api: Api,
    desired: &'a str,
    applied: &'a str,
    live: &'a str,
    state: &'a str,
    markers: bool,
    country: Option<&'static str>,
    take_over_from: Option<&'a str>,
}

/// Begins with what git says; what was last applied is the same as long as nothing else is said.
pub(crate) fn declared(desired: &str) -> Texts<'_> {
    Texts {
        api: Api::JsonRpc,
        desired,
        applied: desired,
        live: "",
        state: "",
        markers: false,
        country: Some("US"),
        take_over_from: None,
    }
}

impl<'a> Texts<'a> {
    pub(crate) fn rest(self) -> Self {
        Self {
            api: Api::Rest,
            ..self
        }
    }

    /// Over REST, with markers.
    pub(crate) fn marked(self) -> Self {
        Self {
            markers: true,
            ..self.rest()
        }
    }

    /// Without a word about the country of the account.
    pub(crate) fn without_country(self) -> Self {
        Self {
            country: None,
            ..self
        }
    }

    /// With the offers of another project free to be taken over.
    pub(crate) fn take_over_from(self, project: &'a str) -> Self {
        Self {
            take_over_from: Some(project),
            ..self
        }
    }

    /// The generation of the API.
    pub(crate) fn api(&self) -> Api {
        self.api
    }

    pub(crate) fn applied(self, applied: &'a str) -> Self {
        Self { applied, ..self }
    }

    pub(crate) fn live(self, live: &'a str) -> Self {
        Self { live, ..self }
    }

    pub(crate) fn state(self, state: &'a str) -> Self {
        Self { state, ..self }
    }

    #[track_caller]
    pub(crate) fn world(self) -> World {
        let project = desired::Options {
            api: self.api,
            markers: self.markers,
            country: self.country,
        };
        let (mut desired, _sources) = desired::of_files(project, &[desired::file(self.desired)]);
        desired.take_over_from = self.take_over_from.into_iter().map(str::to_owned).collect();
        let applied = desired::of_files(project, &[desired::file(self.applied)]).0;
        let live = live::live(self.live);
        World {
            desired,
            live: match self.api {
                Api::JsonRpc => live,
                Api::Rest => rows::as_resources(&live),
            },
            state: state::state(self.state, &applied),
        }
    }

    /// The plan, which the independent checker must find nothing wrong with.
    #[track_caller]
    pub(crate) fn plan(self) -> Plan {
        self.world().plan()
    }

    /// What belongs together, in words.
    #[track_caller]
    pub(crate) fn matching(self) -> String {
        let world = self.world();
        world.plan();
        matching_text(&world)
    }
}

impl World {
    #[track_caller]
    pub(crate) fn plan(&self) -> Plan {
        let plan = plan(&self.desired, &self.live, &self.state);
        let violations = check(&plan, &self.desired, &self.live, &self.state);
        assert_eq!(violations, [], "{plan:#?}");
        plan
    }
}

/// One line per name and live offer: `news = P1 by title and url`, `news: create`, `conflict …`.
fn matching_text(world: &World) -> String {
    let Matching {
        matches,
        moves,
        orphans,
        blocked,
        pending,
        conflicts,
        unmanaged,
    } = match_offers(&world.desired, &world.live, &world.state);
    let mut lines: BTreeSet<String> = BTreeSet::new();
    for name in world.desired.offers().keys() {
        lines.insert(if let Some(found) = matches.get(name) {
            let rule = match found.rule {
                Rule::Binding => "binding",
                Rule::Ids => "ids",
                Rule::Marker => "marker",
                Rule::Tombstone => "tombstone",
                Rule::Equal => "equal",
                Rule::TitleAndUrl => "title and url",
            };
            format!("{name} = {} {} by {rule}", found.offer_type, found.id())
        } else if blocked.contains(name) {
            format!("{name}: blocked")
        } else if pending.contains(name) {
            format!("{name}: pending")
        } else {
            format!("{name}: create")
        });
    }
    for conflict in conflicts {
        let ids: Vec<String> = conflict.ids.iter().map(ToString::to_string).collect();
        lines.insert(format!(
            "{} conflict {} [{}]",
            conflict.name,
            conflict.code,
            ids.join(" ")
        ));
    }
    lines.extend(moves.iter().map(|(from, to)| format!("{to} was {from}")));
    lines.extend(
        orphans
            .iter()
            .map(|name| format!("{name} is no longer declared")),
    );
    lines.extend(unmanaged.iter().map(|id| format!("~ {id} is unmanaged")));
    let mut text = String::new();
    for line in lines {
        writeln!(text, "{line}").unwrap();
    }
    text
}
