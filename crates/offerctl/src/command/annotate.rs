//! Where files stand for whoever shows a pull request: [`annotated_folder`].

use std::path::{Component, Path, PathBuf};

/// The folder of the project, seen from the root of the repository, with `/`; empty if it is the root itself.
///
/// GitHub and GitLab look for an annotated file from the root of the repository, wherever `-C` leads: that is the nearest
/// folder with a `.git`, or else the workspace of the job, or else the current folder. A `.git` that is no folder
/// belongs to a submodule, whose files a pull request does not show; there the workspace goes first.
pub(crate) fn annotated_folder(root: &Path) -> String {
    let Ok(root) = root.canonicalize() else {
        return String::new();
    };
    let workspace = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"]
        .into_iter()
        .filter_map(std::env::var_os)
        .filter(|value| !value.is_empty())
        .filter_map(|value| PathBuf::from(value).canonicalize().ok())
        .find(|folder| root.starts_with(folder));
    let above = |is_root: fn(&Path) -> bool| {
        let mut folders = root.ancestors();
        folders
            .find(|folder| is_root(&folder.join(".git")))
            .map(Path::to_path_buf)
    };
    let repository = above(Path::is_dir).filter(|folder| {
        // A repository around the workspace is not the one that the job is about.
        workspace
            .as_ref()
            .is_none_or(|workspace| folder.starts_with(workspace))
    });
    let here = || std::env::current_dir().and_then(|folder| folder.canonicalize());
    let base = repository
        .or(workspace)
        .or_else(|| above(Path::exists))
        .or_else(|| here().ok());
    let below = base
        .as_deref()
        .and_then(|base| root.strip_prefix(base).ok());
    let names = below.unwrap_or(&root).components();
    let names: Vec<String> = names
        .filter_map(|component| match component {
            Component::Normal(name) => Some(name.to_string_lossy().into_owned()),
            // A project outside of everything keeps its absolute path.
            Component::RootDir => Some(String::new()),
            Component::Prefix(_) | Component::CurDir | Component::ParentDir => None,
        })
        .collect();
    names.join("/")
}
