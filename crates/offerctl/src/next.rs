//! Commands for people to paste: [`command`].

use std::path::Path;

/// Returns a command line of this program, with the folder of the project and the environment that it is about.
///
/// `-C` is left out where it is the default. `-e` is always there, so that the line means the same in every shell.
pub(crate) fn command(words: &str, directory: &Path, environment: &str) -> String {
    let mut line = format!("offerctl {words}");
    if directory != Path::new(".") {
        line.push_str(" -C ");
        line.push_str(&quoted(&directory.to_string_lossy()));
    }
    line.push_str(" -e ");
    line.push_str(&quoted(environment));
    line
}

/// Quotes a word for a shell, where it needs that.
fn quoted(word: &str) -> String {
    let is_plain = |character: char| {
        character.is_ascii_alphanumeric()
            || "-_./:@%+,=".contains(character)
            || (cfg!(windows) && character == '\\')
    };
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else if cfg!(windows) {
        format!("\"{word}\"")
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_its_environment_and_a_folder_that_is_not_here() {
        let line = |directory: &str| command("doctor", Path::new(directory), "shop");
        assert_eq!(line("."), "offerctl doctor -e shop");
        assert_eq!(line("../club-tv"), "offerctl doctor -C ../club-tv -e shop");
    }

    #[test]
    #[cfg(unix)]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        for (word, expect) in [
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$HOME", "'$HOME'"),
            ("a;b", "'a;b'"),
            ("~", "'~'"),
            ("\u{fc}", "'\u{fc}'"),
            ("", "''"),
        ] {
            assert_eq!(quoted(word), expect);
        }
    }
}
