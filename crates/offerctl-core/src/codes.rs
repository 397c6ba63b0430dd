//! Enumerations of stable codes, each with its name and an explanation: the macro `codes!`.

/// Declares an enumeration whose variants have a printed name and, in their documentation, an explanation.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub enum $codes:ident {
            $($(#[doc = $doc:literal])+ $variant:ident = $name:literal,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $codes { $($(#[doc = $doc])+ $variant,)+ }

        impl $codes {
            /// Every code.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The name that is printed; scripts can rely on it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// One or more sentences on what the code means.
            pub fn explain(self) -> &'static str {
                match self { $(Self::$variant => concat!($($doc),+).trim_ascii(),)+ }
            }
        }

        impl std::fmt::Display for $codes {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.pad(self.as_str())
            }
        }
    };
}

pub(crate) use codes;

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use crate::conflict::ConflictCode;
    use crate::diagnostic::Code;
    use crate::guard::GuardCode;

    #[test]
    fn every_code_has_a_name_of_its_own_and_an_explanation() {
        let codes: Vec<(&str, &str)> = Code::ALL
            .iter()
            .map(|code| (code.as_str(), code.explain()))
            .chain(
                ConflictCode::ALL
                    .iter()
                    .map(|code| (code.as_str(), code.explain())),
            )
            .chain(
                GuardCode::ALL
                    .iter()
                    .map(|code| (code.as_str(), code.explain())),
            )
            .collect();
        assert!(
            codes
                .iter()
                .all(|(_, explanation)| explanation.ends_with('.'))
        );
        let conflicts: BTreeSet<&str> =
            ConflictCode::ALL.iter().map(|code| code.as_str()).collect();
        let guards: BTreeSet<&str> = GuardCode::ALL.iter().map(|code| code.as_str()).collect();
        let diagnostics: BTreeSet<&str> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(conflicts.len(), ConflictCode::ALL.len());
        assert_eq!(guards.len(), GuardCode::ALL.len());
        assert_eq!(diagnostics.len(), Code::ALL.len());
        assert!(conflicts.is_disjoint(&guards), "both are codes of a plan");
    }
}
