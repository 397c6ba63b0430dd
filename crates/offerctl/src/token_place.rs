//! What may be shown of where a token comes from: [`Source`].
//!
//! Whoever writes the token where its place belongs, as in `{env: TOKEN}` or `{file: TOKEN}`, has a name or a path that is the
//! token. So a name is shown only if it is one as people give to variables, and a path only if its parts are as short as names.

use std::fmt;

use offerctl_manifest::project::TokenSource;
use offerctl_model::foreign::escaped;

/// The longest part of a path or a name that is shown: tokens of Cleeng have forty-eight characters (docs/cleeng-api.md §1.1).
const LONGEST_PART: usize = 24;

/// Where a token comes from, in words that cannot have it in them.
pub(crate) struct Source<'a>(pub(crate) &'a TokenSource);

impl fmt::Display for Source<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, shown) = match self.0 {
            TokenSource::Env(variable) => ("variable", Some(variable).filter(|it| is_name(it))),
            TokenSource::File(path) => ("file", Some(path).filter(|it| is_path(it))),
            // Its arguments may be secret.
            TokenSource::Command(words) => ("command", words.first().filter(|it| is_path(it))),
        };
        match shown {
            Some(shown) => write!(formatter, "the {kind} `{}`", escaped(shown)),
            None => write!(formatter, "the {kind} that offerctl.yaml names"),
        }
    }
}

/// Whether people give such names to variables: a token has small letters or is longer.
fn is_name(variable: &str) -> bool {
    let is_part = |part: &str| {
        part.len() <= LONGEST_PART / 2
            && part
                .chars()
                .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit())
    };
    variable.len() <= 2 * LONGEST_PART && variable.split('_').all(is_part)
}

fn is_path(path: &str) -> bool {
    path.split(['/', '\\', '.'])
        .all(|part| part.len() <= LONGEST_PART)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALPHANUMERIC: &str = "Qk3canary7Zr9xT2LmW8vBsE5hN1pYcD0jF6uKgA4oI2X4b7";

    #[test]
    fn a_name_is_shown_and_a_token_is_not() {
        for name in [
            "CLEENG_PUBLISHER_TOKEN",
            "TOKEN_2",
            "X",
            "SHOP_DE_SANDBOX_TOKEN",
        ] {
            let shown = Source(&TokenSource::Env(name.to_owned())).to_string();
            assert_eq!(shown, format!("the variable `{name}`"));
        }
        for token in [
            ALPHANUMERIC,
            "CANARY0123456789ABCDEF",
            "canary_token",
            "A_B_C_D_E_F_G_H_I_J_K_L_M_N_O_P_Q_R_S_T_U_V_W_X_Y_Z",
        ] {
            let shown = Source(&TokenSource::Env(token.to_owned())).to_string();
            assert_eq!(shown, "the variable that offerctl.yaml names");
        }
    }

    #[test]
    fn a_path_is_shown_and_a_token_is_not() {
        for path in [
            "token",
            "/run/secrets/cleeng_publisher_token",
            "../secrets/token.txt",
        ] {
            let shown = Source(&TokenSource::File(path.to_owned())).to_string();
            assert_eq!(shown, format!("the file `{path}`"));
        }
        for token in [ALPHANUMERIC.to_owned(), format!("./{ALPHANUMERIC}.txt")] {
            let shown = Source(&TokenSource::File(token.clone())).to_string();
            assert_eq!(shown, "the file that offerctl.yaml names");
            let shown = Source(&TokenSource::Command(vec![token])).to_string();
            assert_eq!(shown, "the command that offerctl.yaml names");
        }
    }
}
