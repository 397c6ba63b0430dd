//! `cargo xtask schemas`: the JSON Schemas in `schemas/`.

use std::fs;

use anyhow::{Context, bail};
use offerctl_show::schema::SchemaKind;

use crate::process::root;

/// Writes the schemas, or says whether they are what would be written.
pub(crate) fn run(check: bool) -> anyhow::Result<()> {
    let folder = root().join("schemas");
    let mut stale = Vec::new();
    for kind in SchemaKind::ALL {
        let path = folder.join(kind.file_name());
        let (wanted, found) = (
            kind.generate(),
            fs::read_to_string(&path).unwrap_or_default(),
        );
        if wanted == found {
            continue;
        }
        if check {
            let diff = similar::TextDiff::from_lines(&found, &wanted);
            println!("{}", diff.unified_diff().header("committed", "generated"));
            stale.push(kind.file_name());
        } else {
            fs::create_dir_all(&folder)?;
            fs::write(&path, wanted)
                .with_context(|| format!("failed to write {}", path.display()))?;
            println!("wrote {}", path.display());
        }
    }
    if !stale.is_empty() {
        bail!("{} not fresh: run `cargo xtask schemas`", stale.join(", "));
    }
    Ok(())
}
