//! Builds [`State`] from lines such as `news pass P100000001_US applied`.

use offerctl_manifest::desired::Desired;
use offerctl_model::name::{Name, OfferId};
use offerctl_model::offer_type::OfferType;
use offerctl_model::value::Moment;
use offerctl_reconcile::state::{Binding, Gone, Intent, IntentId, Record, Retiring, Sent, State};

/// Builds a state; each line is a binding, or begins with another word.
///
/// - `NAME TYPE ID [applied|sent] [protect] [needs=a,b] [retiring=TYPE:ID]` binds; `applied` takes the content from
///   the offer of that name in `applied`, `sent` says that an apply sent all of it;
/// - `deactivated NAME TYPE ID` and `forgotten NAME TYPE ID` are tombstones;
/// - `replaced NAME TYPE ID` is one of an offer that another has taken the place of, and `uncounted NAME TYPE ID` one that
///   an earlier version wrote for an offer that we deactivated;
/// - `intent NAME TYPE` is a create that nobody knows the outcome of, `watched NAME TYPE` one that was taken as never
///   made;
/// - `account EMAIL` is the account of the first apply;
/// - `consumed NONCE` is a plan that was applied.
#[track_caller]
pub(crate) fn state(text: &str, applied: &Desired) -> State {
    let mut state = State::default();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let words: Vec<&str> = line.split(' ').collect();
        match words.as_slice() {
            ["deactivated", name, offer_type, id] => {
                bury(&mut state, (name, offer_type, id), Gone::Deactivated);
            }
            ["replaced", name, offer_type, id] => {
                bury(&mut state, (name, offer_type, id), Gone::Replaced);
            }
            ["uncounted", name, offer_type, id] => {
                bury(&mut state, (name, offer_type, id), Gone::Deactivated);
                let buried = state.tombstones.get_mut(&OfferId::new(id).to_stem());
                buried.unwrap().order = 0;
            }
            ["forgotten", name, offer_type, id] => {
                bury(&mut state, (name, offer_type, id), Gone::Forgotten);
            }
            [word @ ("intent" | "watched"), name, offer_type] => {
                let intent = Intent {
                    record: Record::default(),
                    run: "run".to_owned(),
                    name: name.parse().unwrap(),
                    offer_type: OfferType::from_name(offer_type).unwrap(),
                    content: content(applied, &name.parse().unwrap()),
                    uses: Vec::new(),
                    since: Moment::from_unix(1).unwrap(),
                };
                let open = if *word == "intent" {
                    &mut state.intents
                } else {
                    &mut state.watched
                };
                open.insert(IntentId(format!("{name}-{}", open.len())), intent);
            }
            ["account", email] => state.account.publisher_email = Some((*email).into()),
            ["consumed", nonce] => {
                state.consumed.insert((*nonce).to_owned());
            }
            [name, offer_type, id, rest @ ..] => {
                let name: Name = name.parse().unwrap();
                let binding = binding(&name, (offer_type, id), rest, applied);
                state.bindings.insert(name, binding);
            }
            _ => panic!("`{line}`"),
        }
    }
    state
}

fn bury(state: &mut State, (name, offer_type, id): (&str, &str, &str), reason: Gone) {
    let offer_type = OfferType::from_name(offer_type).unwrap();
    state.bury(
        &name.parse().unwrap(),
        &OfferId::new(id),
        offer_type,
        reason,
    );
}

fn content(applied: &Desired, name: &Name) -> offerctl_model::content::Content {
    let offer = applied.get(name);
    offer.map_or_else(Default::default, |offer| (*offer.content).clone())
}

fn binding(
    name: &Name,
    (offer_type, id): (&str, &str),
    rest: &[&str],
    applied: &Desired,
) -> Binding {
    let mut binding = Binding {
        id: OfferId::new(id),
        offer_type: OfferType::from_name(offer_type).unwrap(),
        protect: false,
        needs: std::collections::BTreeSet::new(),
        applied: None,
        sent: None,
        leftovers: Vec::new(),
        retiring: Vec::new(),
    };
    for word in rest {
        match word.split_once('=') {
            None if *word == "applied" => {
                assert!(applied.get(name).is_some(), "`{name}` was never applied");
                binding.applied = Some(content(applied, name));
            }
            None if *word == "sent" => {
                assert!(applied.get(name).is_some(), "`{name}` was never applied");
                binding.applied = Some(content(applied, name));
                binding.sent = Some(Sent::everything(applied.api()));
            }
            None if *word == "protect" => binding.protect = true,
            Some(("needs", names)) => {
                binding.needs = names.split(',').map(|name| name.parse().unwrap()).collect();
            }
            Some(("retiring", old)) => {
                let (offer_type, id) = old.split_once(':').unwrap();
                binding.retiring.push(Retiring {
                    id: OfferId::new(id),
                    offer_type: OfferType::from_name(offer_type).unwrap(),
                });
            }
            None | Some(_) => panic!("`{word}`"),
        }
    }
    binding
}
