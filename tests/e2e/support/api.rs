//! The two generations of the API, and scenarios that run over each: [`Api`] and [`both`].

/// What the emulator is talked to in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Api {
    /// JSON-RPC 3.0.
    JsonRpc,
    /// Core API 3.1.
    Rest,
}

/// Makes two tests of a scenario that takes an [`Api`]: `NAME::json_rpc` and `NAME::rest`. Both get the attributes that
/// stand before the name.
macro_rules! both {
    ($(#[$attribute:meta])* $name:ident) => {
        mod $name {
            use $crate::support::Api;

            #[test]
            $(#[$attribute])*
            fn json_rpc() {
                super::$name(Api::JsonRpc);
            }

            #[test]
            $(#[$attribute])*
            fn rest() {
                super::$name(Api::Rest);
            }
        }
    };
}

pub(crate) use both;

impl Api {
    /// The lines that an environment of that generation has beside its endpoint. Over REST the account does not show
    /// its country before it has an offer, and a localized one cannot be made without it.
    pub(crate) fn lines(self, more: &str) -> &'static str {
        match self {
            Self::JsonRpc => "",
            Self::Rest if more.contains("    account:") => "    api: rest\n",
            Self::Rest => "    api: rest\n    account: {country: US, currency: USD}\n",
        }
    }

    /// The word for a call, as records and fault rules have it, by the name of the method of JSON-RPC.
    pub(crate) fn call(self, method: &str) -> String {
        if self == Self::JsonRpc {
            return method.to_owned();
        }
        let verbs = [
            ("create", "createOffer"),
            ("list", "listOffers"),
            ("get", "getOffer"),
            ("update", "patchOffer"),
            ("deactivate", "deactivateOffer"),
            ("cancel", "deactivateOffer"),
        ];
        let found = verbs.iter().find(|(verb, _)| method.starts_with(verb));
        found.unwrap().1.to_owned()
    }

    /// The fault that refuses a call for what it asks.
    pub(crate) fn refusal(self) -> &'static str {
        match self {
            Self::JsonRpc => "error:8",
            Self::Rest => "error:422",
        }
    }

    /// Whether there is a fault of that kind: without batches there is no place in one, and no code but the status.
    pub(crate) fn knows(self, fault: &str) -> bool {
        let of_batches = ["missing", "double", "wrong-id", "shuffled", "bare-error"];
        let is_of_batches = of_batches.iter().any(|word| fault.starts_with(word));
        self == Self::JsonRpc || !is_of_batches && !fault.starts_with("error:")
    }
}
