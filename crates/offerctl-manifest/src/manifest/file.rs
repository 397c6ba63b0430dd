//! Reading a file of manifests: [`read`].

use std::collections::BTreeSet;
use std::sync::Arc;

use offerctl_model::foreign::Foreign;
use offerctl_model::name::Name;
use offerctl_model::offer_type::OfferType;

use super::allow::Approval;
use super::allow_list::{self, Origin};
use super::declaration::Manifest;
use super::defaults::{Defaults, merge_under};
use super::scope::Scope;
use super::{countries, environments, offer, value};
use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::source::SourceFile;
use crate::span::Span;
use crate::yaml::{NodeId, NodeKind, Reader, Tree, Yaml, cut};

/// The only version of manifests so far.
const VERSION: &str = "1";

/// How many bytes of offers are decoded together: enough that beginning costs little, and not so many that the
/// decoded values of a large file are all held at once.
const TOGETHER: usize = 8 * 1024;

/// The offers of one file, and what is wrong in it.
#[derive(Debug, Default)]
pub struct ManifestFile {
    /// The offers that could be read, whether or not values of them could.
    pub manifests: Vec<Manifest>,
    /// What is approved for offers of the file.
    pub approvals: Vec<Approval>,
    /// What is wrong.
    pub diagnostics: Diagnostics,
}

/// Reads a file of manifests; never fails, notes every mistake at its place.
///
/// ```
/// # use offerctl_manifest::{manifest, source::SourceFile, span::FileId};
/// let text = b"version: 1\noffers:\n  news:\n    type: pass\n    price: 9,99\n".to_vec();
/// let (source, _) = SourceFile::from_bytes(FileId(0), "news.yaml".to_owned(), text);
/// let file = manifest::read(&source);
/// assert_eq!(file.diagnostics.iter().next().unwrap().code.as_str(), "price-format");
/// ```
pub fn read(source: &SourceFile) -> ManifestFile {
    let mut file = ManifestFile::default();
    let Some(tree) = Tree::scan(source, &mut file.diagnostics) else {
        if !file.diagnostics.has_errors() {
            file.diagnostics.push(says_nothing(source));
        }
        return file;
    };
    let root = tree.root();
    if tree.kind(root) != NodeKind::Mapping {
        let message = "a manifest is a mapping with `version` and `offers`";
        file.diagnostics
            .push(Diagnostic::error(Code::WrongShape, message).at(tree.span(root)));
        return file;
    }
    let (mut version, mut defaults, mut allow, mut offers) = (None, None, None, None);
    for (key, value) in tree.entries(root) {
        match tree.text(key, &mut file.diagnostics).as_deref() {
            Some("version") => version = Some(value),
            Some("defaults") => defaults = Some(value),
            Some("allow") => allow = Some(value),
            Some("offers") => offers = Some(value),
            Some(other) => {
                Reader::new(&tree, &mut file.diagnostics).unknown_key(
                    key,
                    other,
                    &["version", "defaults", "allow", "offers"],
                );
            }
            None => {}
        }
    }
    check_version(&tree, version, &mut file.diagnostics);
    let defaults: Option<Yaml<'_>> = defaults
        .filter(|node| !is_null(&tree, *node))
        .and_then(|node| tree.decode(node, &mut file.diagnostics));
    let path = Arc::new(source.path.clone());
    if let Some(yaml) = allow.and_then(|node| tree.decode(node, &mut file.diagnostics)) {
        let origin = Origin::manifest(source, &path);
        let mut reader = Reader::new(&tree, &mut file.diagnostics);
        file.approvals = allow_list::list(&mut reader, &yaml, &origin);
    }
    let defaults = Defaults::new(&tree, defaults.as_ref(), &mut file.diagnostics);
    if let Some(offers) = offers {
        read_offers(&tree, offers, (defaults, &path), &mut file);
    } else {
        let diagnostic =
            Diagnostic::error(Code::MissingField, "`offers` is missing").at(tree.span(root));
        file.diagnostics
            .push(diagnostic.help("write `offers: {}` for a file without offers"));
    }
    file
}

/// A file that was cut to nothing must not look like one whose offers were removed.
fn says_nothing(source: &SourceFile) -> Diagnostic {
    let start = Span {
        file: source.id,
        start: 0,
        length: 0,
    };
    Diagnostic::error(Code::Version, "the file says nothing")
        .at(start)
        .help("write `version: 1` and `offers: {}` for a file without offers, or delete the file")
}

fn is_null(tree: &Tree<'_>, node: NodeId) -> bool {
    tree.kind(node) == NodeKind::Scalar { null: true }
}

fn check_version(tree: &Tree<'_>, version: Option<NodeId>, diagnostics: &mut Diagnostics) {
    let Some(node) = version else {
        let diagnostic =
            Diagnostic::error(Code::Version, "`version` is missing").at(tree.span(tree.root()));
        diagnostics.push(diagnostic.help("begin the file with `version: 1`"));
        return;
    };
    let text = tree.text(node, diagnostics);
    if text.as_deref() != Some(VERSION) {
        let message = match text.as_deref() {
            Some(text) => format!("version `{}` of manifests is not known", cut(text)),
            None => "no number stands where the version of the file belongs".to_owned(),
        };
        let diagnostic = Diagnostic::error(Code::Version, message);
        diagnostics.push(diagnostic.at(tree.span(node)).help("write `version: 1`"));
    }
}

fn read_offers(
    tree: &Tree<'_>,
    offers: NodeId,
    (mut defaults, path): (Defaults<'_>, &Arc<Foreign>),
    file: &mut ManifestFile,
) {
    if is_null(tree, offers) {
        return;
    }
    let offers = tree.target(offers);
    if tree.kind(offers) != NodeKind::Mapping {
        let message = "`offers` is a mapping from names to offers";
        file.diagnostics
            .push(Diagnostic::error(Code::WrongShape, message).at(tree.span(offers)));
        return;
    }
    let mut types = BTreeSet::new();
    let mut names: BTreeSet<Name> = BTreeSet::new();
    let mut entries = tree.entries(offers).peekable();
    while entries.peek().is_some() {
        let mut bytes = 0;
        let mut together = Vec::new();
        while bytes < TOGETHER
            && let Some((key, value)) = entries.next()
        {
            bytes += tree.bytes(value).len();
            together.push((key, value));
        }
        let mut decoded = tree.decode_together(&together).into_iter().flatten();
        for entry in together {
            let yaml = decoded.next();
            let read = read_offer(tree, (entry, yaml), &mut defaults, &mut file.diagnostics);
            let Some(mut manifest) = read else { continue };
            manifest.file = Arc::clone(path);
            types.insert(manifest.offer_type);
            // A key that stands twice was noted already.
            if names.insert(manifest.name.clone()) {
                file.manifests.push(manifest);
            }
        }
    }
    defaults.report_unused(tree, &types, &mut file.diagnostics);
}

fn read_offer(
    tree: &Tree<'_>,
    ((key, value), decoded): ((NodeId, NodeId), Option<Yaml<'_>>),
    defaults: &mut Defaults<'_>,
    diagnostics: &mut Diagnostics,
) -> Option<Manifest> {
    let text = tree.text(key, diagnostics)?;
    let name = match text.parse::<Name>() {
        Ok(name) => Some(name),
        Err(error) => {
            value::invalid_name(&mut Reader::new(tree, diagnostics), key, &text, &error);
            None
        }
    };
    let offer_type = offer_type(tree, value, &text, diagnostics)?;
    let yaml = decoded.or_else(|| tree.decode(value, diagnostics))?;
    let mut reader = Reader::new(tree, diagnostics);
    let unknown = |reader: &mut Reader<'_>, node, key: &str, place| {
        offer::unknown_field(reader, node, key, (offer_type, place));
    };
    let of = (offer_type, Scope::Offer);
    let mut body = offer::body(&mut reader, &yaml, of, &unknown);
    let defaults = defaults.of_type(tree, offer_type, diagnostics);
    let place = tree.span(key);
    let mut reader = Reader::new(tree, diagnostics);
    countries::inherit_currencies(&mut reader, &mut body, defaults);
    let overrides = environments::overrides(&mut reader, &mut body, defaults, place);
    if let Some(defaults) = defaults {
        merge_under(&mut body, defaults);
    }
    countries::check_offer(&mut reader, &body, defaults);
    let manifest = body.into_manifest(name?, offer_type, place);
    Some(Manifest {
        overrides,
        ..manifest
    })
}

/// Finds the type before anything else is read, because the other keys depend on it.
fn offer_type(
    tree: &Tree<'_>,
    offer: NodeId,
    name: &str,
    diagnostics: &mut Diagnostics,
) -> Option<OfferType> {
    let offer = tree.target(offer);
    if tree.kind(offer) != NodeKind::Mapping {
        let message = format!("the offer `{}` is not a mapping", cut(name));
        let help = "write its fields below the name, indented by two spaces more";
        diagnostics.push(
            Diagnostic::error(Code::WrongShape, message)
                .at(tree.span(offer))
                .help(help),
        );
        return None;
    }
    let all = OfferType::ALL.map(OfferType::as_str).join(", ");
    for (key, value) in tree.entries(offer) {
        if tree.text(key, diagnostics).as_deref() != Some("type") {
            continue;
        }
        let text = tree.text(tree.target(value), diagnostics);
        let found = text.as_deref().and_then(OfferType::from_name);
        if found.is_none() {
            let message = match &text {
                Some(text) => format!("`{}` is not a type of offer", cut(text)),
                None => "no single word stands where the type of the offer belongs".to_owned(),
            };
            let diagnostic = Diagnostic::error(Code::OfferType, message);
            let text = text.unwrap_or_default();
            let help = match did_you_mean(&text, OfferType::ALL.map(OfferType::as_str)) {
                Some(meant) => format!("did you mean `{meant}`? The types are {all}"),
                None => format!("the types are {all}"),
            };
            diagnostics.push(diagnostic.at(tree.span(value)).help(help));
        }
        return found;
    }
    let message = format!("the offer `{}` has no `type`", cut(name));
    let diagnostic = Diagnostic::error(Code::MissingField, message).at(tree.span(offer));
    diagnostics.push(diagnostic.help(format!("the types are {all}")));
    None
}
