//! The plan as people read it: every action, every cause, everything that stands in the way.

mod markdown;
mod text;

use std::collections::BTreeMap;

use offerctl_manifest::project::{Account, GuardPolicy};
use offerctl_manifest::source::Sources;
use offerctl_reconcile::guard::{Findings, Policy, review};
use offerctl_reconcile::headline::Headline;
use offerctl_reconcile::plan::Plan;

use crate::support::desired;
use crate::support::world::{Texts, declared};

/// A plan with all that is shown of it.
pub(crate) struct Scene {
    pub(crate) plan: Plan,
    pub(crate) findings: Findings,
    pub(crate) sources: Sources,
}

pub(crate) fn headline() -> Headline {
    Headline {
        environment: "production".to_owned(),
        endpoint: "Cleeng production".to_owned(),
        account: Some("sales@club.tv".into()),
        ..Headline::default()
    }
}

/// Plans and reviews, with the places of files.
#[track_caller]
pub(crate) fn scene(offers: &str, texts: Texts<'_>) -> Scene {
    let mut world = texts.world();
    let (desired, sources) = desired::of_files(texts.api(), &[desired::file(offers)]);
    world.desired = desired;
    let plan = world.plan();
    Scene {
        findings: findings(&plan),
        plan,
        sources,
    }
}

pub(crate) fn findings(plan: &Plan) -> Findings {
    let policy = Policy {
        guards: &GuardPolicy::default(),
        account: &Account::default(),
        account_of_another: None,
        today: "2026-06-15".parse().unwrap(),
        allow_deactivations: None,
        uses: &BTreeMap::new(),
        found_manifests: Some(true),
    };
    review(plan, &policy)
}

/// One offer for each thing that can happen.
pub(crate) fn everything() -> Scene {
    everything_of(EVERYTHING, LIVE)
}

/// The same with its lines in the opposite order.
pub(crate) fn everything_shuffled() -> Scene {
    let turned = |text: &str| -> String {
        let lines: Vec<&str> = text.lines().rev().collect();
        lines.join("\n")
    };
    everything_of(&turned(EVERYTHING), &turned(LIVE))
}

fn everything_of(offers: &str, live: &str) -> Scene {
    scene(
        offers,
        declared(offers).applied(APPLIED).live(live).state(STATE),
    )
}

/// All sorts of things that stand in the way of an apply.
pub(crate) fn blocked() -> Scene {
    const OFFERS: &str = "\
alpine: {type: pass, title: Alpine, url: 'https://club.tv/alpine', period: month, price: 3.00}
biathlon: {type: pass, title: Biathlon, url: 'https://club.tv/another-biathlon', period: month}
curling: {type: rental, title: Curling, url: 'https://club.tv/curling', period: 48}
discus: {type: pass, title: Discus, url: 'https://club.tv/discus', period: month, geoRestriction: {type: whitelist, countries: [NO, US]}}
fencing: {type: pass, title: Fencing, url: 'https://club.tv/fencing', period: month}
";
    const APPLIED: &str = "\
alpine: {type: pass, title: Alpine, url: 'https://club.tv/alpine', period: month}
curling: {type: single, title: Curling, url: 'https://club.tv/curling'}
discus: {type: pass, title: Discus, url: 'https://club.tv/discus', period: month, geoRestriction: {type: whitelist, countries: [DK, SE, US]}}
fencing: {type: pass, title: Fencing, url: 'https://club.tv/fencing', period: month}
";
    const LIVE: &str = r#"
pass P100000001_US title=Alpine url=https://club.tv/alpine price=12 period=month
pass P100000002_US title=Biathlon url=https://club.tv/biathlon price=12 period=month
single A100000003_US title=Curling url=https://club.tv/curling price=12
pass P100000004_US title=Discus url=https://club.tv/discus price=12 period=month geoRestriction={"type":"whitelist","countries":["DK","SE","US"]}
"#;
    const STATE: &str = "\
alpine pass P100000001_US applied
curling single A100000003_US applied protect
discus pass P100000004_US applied
intent fencing pass
";
    scene(
        OFFERS,
        declared(OFFERS).applied(APPLIED).live(LIVE).state(STATE),
    )
}

const EVERYTHING: &str = "\
arena: {type: pass, title: Arena, url: 'https://club.tv/arena', period: month, geoRestriction: {type: whitelist, countries: [NO, US]}, lifecycle: {removeCountries: {countries: [SE], reason: licence, until: 2026-12-31}}}
boxing: {type: single, title: Boxing, url: 'https://club.tv/boxing', description: 'Every fight of the season, live and on demand, from the first bell to the last', tags: [boxing, sport]}
cinema: {type: rental, title: Cinema, url: 'https://club.tv/cinema', period: 48, lifecycle: {onImmutableChange: replace}}
derby: {type: pass, title: Derby, url: 'https://club.tv/derby', period: month, price: 9.00}
everest: {type: subscription, title: Everest, url: 'https://club.tv/everest', period: month, localizations: {DE: {currency: EUR, price: 9.00}, FR: {currency: EUR, price: 9.50}, NO: {currency: NOK, price: 99.00}, SE: {currency: SEK, price: 89.00}, US: {currency: USD}}}
films: {type: subscription, title: Films, url: 'https://club.tv/films', period: month, localizations: {FR: {currency: EUR, price: 8.00}, NO: {currency: NOK, price: 95.00}, US: {currency: USD}}}
golf: {type: single, title: Golf, url: 'https://club.tv/golf'}
hockey: {type: single, title: Hockey, url: 'https://club.tv/hockey', description: New words, tags: [ice], ids: {local: A100000008_US}}
icehouse: {type: single, title: Icehouse, url: 'https://club.tv/icehouse', videoId: two, description: Declared, contentExternalId: two}
judo: {type: single, title: Judo, url: 'https://club.tv/judo', description: A title that is declared, tags: [judo]}
";

const APPLIED: &str = "\
arena: {type: pass, title: Arena, url: 'https://club.tv/arena', period: month, geoRestriction: {type: whitelist, countries: [SE, US]}}
boxing: {type: single, title: Boxing, url: 'https://club.tv/boxing', description: 'Every fight of the year, live and on demand, from the first bell to the end', tags: [boxing, news]}
cinema: {type: single, title: Cinema, url: 'https://club.tv/cinema'}
derby: {type: pass, title: Derby, url: 'https://club.tv/derby', period: month, price: 12.00}
films: {type: subscription, title: Films, url: 'https://club.tv/films', period: month, localizations: {FR: {currency: EUR, price: 9.00}, NO: {currency: NOK, price: 95.00}, US: {currency: USD, price: 10.00}}}
icehouse: {type: single, title: Icehouse, url: 'https://club.tv/icehouse', videoId: one, description: Declared, contentExternalId: one}
judo: {type: single, title: Judo, url: 'https://club.tv/judo', description: A title that is declared, tags: [judo], contentExternalId: gone}
karate: {type: pass, title: Karate, url: 'https://club.tv/karate', period: month}
luge: {type: pass, title: Luge, url: 'https://club.tv/luge', period: month}
";

const LIVE: &str = r#"
pass P100000001_US title=Arena url=https://club.tv/arena price=12 period=month geoRestriction={"type":"whitelist","countries":["SE","US"]}
single A100000002_US title=Boxing url=https://club.tv/boxing price=12 description="Every fight of the year, live and on demand, from the first bell to the end" tags=boxing,news
single A100000003_US title=Cinema url=https://club.tv/cinema price=12
pass P100000004_US title=Derby url=https://club.tv/derby price=12 period=month
subscription S100000006_FR title=Films url=https://club.tv/films price=9 period=month currency=EUR
subscription S100000006_NO title=Films url=https://club.tv/films price=85 period=month currency=NOK
subscription S100000006_US title=Films url=https://club.tv/films price=11 period=month
single A100000007_US title=Golf url=https://club.tv/golf price=12
single A100000008_US title=Hockey url=https://club.tv/hockey price=12 description=Old tags=ice,puck
single A100000009_US title=Icehouse url=https://club.tv/icehouse price=12 videoId=hand description=Hand contentExternalId=one
single A100000010_US title=Judo url=https://club.tv/judo price=12 description="Changed by hand" tags=judo contentExternalId=gone
pass P100000011_US title=Karate url=https://club.tv/karate price=12 period=month
pass P100000012_US inactive title=Luge url=https://club.tv/luge price=12 period=month
subscription S100000013_US title="Made by hand" url=https://club.tv/hand price=5 period=month
"#;

const STATE: &str = "\
arena pass P100000001_US applied
boxing single A100000002_US applied
cinema single A100000003_US applied
derby pass P100000004_US applied
films subscription S100000006 applied
icehouse single A100000009_US applied
judo single A100000010_US applied
karate pass P100000011_US applied
luge pass P100000012_US applied
";
