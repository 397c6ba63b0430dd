//! Commands for people to paste: [`command`].

use std::path::Path;

use offerctl_model::foreign::shell_word;

/// Returns a command line of this program, with the folder of the project and the environment that it is about.
///
/// `-C` is left out where it is the default. `-e` is always there, so that the line means the same in every shell.
pub(crate) fn command(words: &str, directory: &Path, environment: &str) -> String {
    let mut line = format!("offerctl {words}");
    if directory != Path::new(".") {
        line.push_str(" -C ");
        line.push_str(&shell_word(&directory.to_string_lossy()));
    }
    line.push_str(" -e ");
    line.push_str(&shell_word(environment));
    line
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
}
