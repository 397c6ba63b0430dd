//! Whether an account is that of another environment.

use offerctl_manifest::project::{Endpoint, Environment, Site};
use offerctl_model::name::OfferId;
use offerctl_model::offer_type::Api;
use offerctl_reconcile::guard::{OtherEnvironment, account_of_another};
use offerctl_reconcile::live::Live;
use offerctl_reconcile::state::State;

use crate::support::desired;
use crate::support::live::live;
use crate::support::state::state;

/// A first contact, with one other environment.
struct Case {
    live: Live,
    environment: Environment,
    state: State,
    other: OtherEnvironment,
}

/// An account of two offers that `sales@club.tv` publishes; nothing is known of either environment.
fn case() -> Case {
    let endpoint = || Endpoint::Url("https://api.club.tv".to_owned());
    Case {
        live: live("pass P100000001_US title=One\npass P100000002_US title=Two"),
        environment: Environment::new("sandbox", endpoint()),
        state: State::default(),
        other: OtherEnvironment {
            name: "production".to_owned(),
            endpoint: endpoint(),
            publisher_email: None,
            ids: [].into(),
        },
    }
}

impl Case {
    fn with(mut self, change: impl FnOnce(&mut Self)) -> Self {
        change(&mut self);
        self
    }

    /// An e-mail address of the other environment.
    fn email(self, email: &str) -> Self {
        self.with(|case| case.other.publisher_email = Some(email.into()))
    }

    /// What the state of the other environment binds.
    fn ids(self, ids: &[&str]) -> Self {
        self.with(|case| case.other.ids = ids.iter().map(|id| OfferId::new(id)).collect())
    }

    fn found(&self) -> Option<String> {
        let own = (&self.environment, &self.state);
        account_of_another(&self.live, own, std::slice::from_ref(&self.other))
    }

    #[track_caller]
    fn is_of_another(&self, why: &str) {
        let expected = format!("the account is that of the environment `production`: {why}");
        assert_eq!(self.found(), Some(expected));
    }

    #[track_caller]
    fn passes(&self) {
        assert_eq!(self.found(), None);
    }
}

#[test]
fn an_address_tells_whose_account_it_is() {
    case().passes();
    case()
        .email("sales@club.tv")
        .is_of_another("its offers are published by sales@club.tv");
    case().email("other@club.tv").passes();
}

#[test]
fn without_an_address_most_of_the_bound_offers_tell_it() {
    let listed = ["P100000001", "P100000002"];
    case()
        .ids(&listed)
        .is_of_another("it lists 2 of the 2 offers that are bound there");
    case().ids(&["P100000001", "P100000009"]).passes();
    case()
        .ids(&["P100000001", "P100000002", "P100000009"])
        .is_of_another("it lists 2 of the 3 offers that are bound there");
    // Whose address is known is known by it.
    case().ids(&listed).email("other@club.tv").passes();
    case()
        .ids(&listed)
        .email("other@club.tv")
        .with(|case| {
            let rows = "pass P100000001_US email=none\npass P100000002_US email=none";
            case.live = live(rows);
        })
        .is_of_another("it lists 2 of the 2 offers that are bound there");
}

#[test]
fn what_the_environment_knows_itself_goes_before() {
    let other = || case().email("sales@club.tv").ids(&["P100000001"]);
    let own = "sales@club.tv".to_owned();
    other()
        .with(|case| case.environment.account.publisher_email = Some(own.clone().into()))
        .passes();
    other()
        .with(|case| case.state.account.publisher_email = Some(own.clone().into()))
        .passes();
    other()
        .with(|case| {
            let offers = "one: {type: pass, title: One, url: 'https://club.tv', period: month}";
            case.state = state(
                "one pass P100000001_US",
                &desired::offers_for(Api::JsonRpc, offers),
            );
        })
        .passes();
    let wrong = "third@club.tv".to_owned();
    other()
        .with(|case| case.environment.account.publisher_email = Some(wrong.into()))
        .is_of_another("its offers are published by sales@club.tv");
    other().with(|case| case.live = Live::new()).passes();
}

#[test]
fn the_sites_of_cleeng_have_accounts_of_their_own() {
    let sites = |here: Site, there: Site| {
        case().email("sales@club.tv").with(|case| {
            case.environment.endpoint = Endpoint::Site(here);
            case.other.endpoint = Endpoint::Site(there);
        })
    };
    sites(Site::Sandbox, Site::Production).passes();
    sites(Site::Production, Site::Production)
        .is_of_another("its offers are published by sales@club.tv");
}

#[test]
fn the_embedded_emulator_has_no_token_to_swap() {
    let other = || case().email("sales@club.tv");
    other()
        .with(|case| case.environment.endpoint = Endpoint::Emulator)
        .passes();
    other()
        .with(|case| case.other.endpoint = Endpoint::Emulator)
        .passes();
}
