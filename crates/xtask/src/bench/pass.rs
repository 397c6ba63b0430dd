//! Bare passes of the parsers, in a process of their own: what the bench compares with.

use std::path::{Path, PathBuf};

use offerctl_manifest::manifest;
use offerctl_manifest::source::SourceFile;
use offerctl_manifest::span::FileId;

use super::catalogue::files;

/// What is read, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct PassArgs {
    /// The folder with manifests
    folder: PathBuf,
    /// A folder with answers of lists
    #[arg(long)]
    answers: Option<PathBuf>,
    /// Read the manifests, and not only the events of the parser
    #[arg(long)]
    manifests: bool,
}

/// Parses every file, one after the other, and throws away what comes of it.
pub(crate) fn pass(args: &PassArgs) -> anyhow::Result<()> {
    let mut found = 0;
    for path in files(&args.folder, "yaml")? {
        found += if args.manifests {
            read_manifests(&path)?
        } else {
            offerctl_manifest::yaml::scan_events(&std::fs::read_to_string(path)?)
        };
    }
    if let Some(answers) = &args.answers {
        for path in files(answers, "json")? {
            let answer: serde_json::Value = serde_json::from_slice(&std::fs::read(path)?)?;
            found += answer.as_object().map_or(0, serde_json::Map::len);
        }
    }
    println!("{found} things");
    Ok(())
}

fn read_manifests(path: &Path) -> anyhow::Result<usize> {
    let shown = path.display().to_string();
    let (source, _) = SourceFile::from_bytes(FileId(0), shown, std::fs::read(path)?);
    Ok(manifest::read(&source).manifests.len())
}
