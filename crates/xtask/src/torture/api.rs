//! The generations of the API: [`Api`].

/// A generation of the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, clap::ValueEnum)]
pub(super) enum Api {
    /// JSON-RPC 3.0.
    JsonRpc,
    /// REST, Core API 3.1.
    Rest,
}

impl Api {
    /// Both.
    pub(super) const ALL: [Self; 2] = [Self::JsonRpc, Self::Rest];

    /// The word in offerctl.yaml.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::JsonRpc => "json-rpc",
            Self::Rest => "rest",
        }
    }
}
