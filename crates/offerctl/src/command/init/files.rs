//! The files of a new project: [`of_project`] and [`of_forge`].

use offerctl_manifest::project::FILE_NAME;
use offerctl_show::schema::SchemaKind;

use crate::args::Forge;

/// The environments of a new project; the first is the default.
pub(super) const ENVIRONMENTS: [&str; 3] = ["local", "sandbox", "production"];

/// What a project is called whose folder has no name that would do.
pub(super) const DEFAULT_PROJECT: &str = "offers";

/// The manifest to begin with.
pub(super) const EXAMPLE: &str = "offers/example.yaml";

/// A file to be made.
pub(super) struct File {
    /// Its path in the folder of the project.
    pub(super) path: &'static str,
    pub(super) text: String,
}

/// The files that every project has.
pub(super) fn of_project(project: &str, default_environment: &str) -> Vec<File> {
    // What begins with a digit may be a number to others who read the file.
    let project = if project.starts_with(|first: char| first.is_ascii_digit()) {
        format!("\"{project}\"")
    } else {
        project.to_owned()
    };
    let file = include_str!("project.yaml")
        .replace("project: PROJECT", &format!("project: {project}"))
        .replace("ENVIRONMENT", default_environment);
    vec![
        File {
            path: FILE_NAME,
            text: file,
        },
        File {
            path: EXAMPLE,
            text: include_str!("example.yaml").to_owned(),
        },
        File {
            path: "schemas/offerctl/manifest.v1.schema.json",
            text: SchemaKind::Manifest.text().to_owned(),
        },
        File {
            path: "schemas/offerctl/project.v1.schema.json",
            text: SchemaKind::Project.text().to_owned(),
        },
    ]
}

/// The pipelines, as they are explained in the documentation.
pub(super) fn of_forge(forge: Forge) -> Vec<File> {
    match forge {
        Forge::None => Vec::new(),
        Forge::Github => [
            (
                ".github/workflows/offers-plan.yml",
                include_str!("../../../../../ci/github/workflows/plan.yml"),
            ),
            (
                ".github/workflows/offers-apply.yml",
                include_str!("../../../../../ci/github/workflows/apply.yml"),
            ),
            (
                ".github/workflows/offers-drift.yml",
                include_str!("../../../../../ci/github/workflows/drift.yml"),
            ),
        ]
        .map(|(path, text)| File {
            path,
            text: text.to_owned(),
        })
        .into(),
        Forge::Gitlab => vec![File {
            path: ".gitlab-ci.yml",
            text: gitlab(include_str!("../../../../../ci/gitlab/offerctl.yml")),
        }],
    }
}

/// What the head of the template says to put into `.gitlab-ci.yml`.
fn gitlab(template: &str) -> String {
    let lines = template
        .lines()
        .skip_while(|line| *line != "#   include:")
        .map_while(|line| line.strip_prefix("#   "));
    let lines: Vec<String> = lines.map(|line| format!("{line}\n")).collect();
    format!(
        "# The offers: plans in merge requests, the apply of what was merged, drift. Put the commit of offerctl that you have\n\
         # looked at in place of COMMIT (all forty digits); the head of the file that is included explains the variables.\n{}",
        lines.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_head_of_the_template_is_a_pipeline() {
        let files = of_forge(Forge::Gitlab);
        let text = &files[0].text;
        assert!(text.contains("\ninclude:\n  - remote: https://"), "{text}");
        assert!(
            text.contains("\noffers-drift: {extends: .offerctl-drift}\n"),
            "{text}"
        );
        let read: serde_yaml::Value = serde_yaml::from_str(text).unwrap();
        assert!(read["offers-plan"]["extends"].is_string());
    }

    #[test]
    fn a_name_of_digits_is_a_text() {
        let files = of_project("2027", "local");
        assert!(files[0].text.contains("\nproject: \"2027\"\n"));
    }
}
