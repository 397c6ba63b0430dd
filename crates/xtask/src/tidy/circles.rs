//! No file imports in a circle: what a file needs, never needs that file, not even by way of others.
//!
//! An arrow goes from a file to every file of its crate whose path it writes: in a `use`, in an expression, in a type. A
//! path is followed as far as there are files for it, so that `crate::plan::Step` is an arrow to `plan.rs`, wherever that
//! has its `Step` from. Tests may import what they like.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};

use super::files;
use crate::process::root;

/// A module by its path within the crate; the crate itself has none.
type Module = Vec<String>;

#[test]
fn no_file_imports_in_a_circle() {
    let mut found = Vec::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let source = entry.unwrap().path().join("src");
        found.extend(circles(&arrows(&source)).into_iter().map(|circle| {
            let files: Vec<String> = circle.iter().map(|module| module.join("::")).collect();
            format!("{}: {}", source.display(), files.join(", "))
        }));
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_circle_is_seen_however_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    let circles_of = || circles(&arrows(folder.path()));
    write("lib.rs", "mod a; mod b;");
    write("a.rs", "use crate::b::{self, B};");
    write("b.rs", "#[cfg(test)] mod tests { use crate::a::A; }");
    assert!(circles_of().is_empty(), "a test may import anything");
    for circle in [
        "use crate::a::A;",
        "fn f() -> super::a::A { todo() }",
        "fn f() { g!(1, crate::a::A) }",
        "mod c; use c::C;",
    ] {
        write("b.rs", circle);
        write("b/c.rs", "use super::super::a::A;");
        assert_eq!(circles_of().len(), 1, "{circle}");
    }
}

/// Which files each file of a crate imports.
fn arrows(source: &Path) -> BTreeMap<Module, BTreeSet<Module>> {
    let paths = files(source, "rs");
    let modules: BTreeMap<Module, &Path> = paths
        .iter()
        .map(|path| {
            let inside = path.strip_prefix(source).unwrap().with_extension("");
            let parts = inside
                .iter()
                .map(|part| part.to_string_lossy().into_owned());
            let module = parts.filter(|part| part != "lib" && part != "main");
            (module.collect(), path.as_path())
        })
        .collect();
    let known: BTreeSet<&Module> = modules.keys().collect();
    modules
        .iter()
        .map(|(module, path)| {
            let text = fs::read_to_string(path).unwrap();
            let mut reader = Reader {
                known: &known,
                module,
                found: BTreeSet::new(),
            };
            reader.visit_file(&syn::parse_file(&text).unwrap());
            (module.clone(), reader.found)
        })
        .collect()
}

/// Finds the files that one file imports.
struct Reader<'a> {
    known: &'a BTreeSet<&'a Module>,
    module: &'a Module,
    found: BTreeSet<Module>,
}

impl Reader<'_> {
    fn path(&mut self, segments: &[String]) {
        let (mut place, rest) = match segments.first().map(String::as_str) {
            Some("crate") => (Module::new(), &segments[1..]),
            Some("self") => (self.module.clone(), &segments[1..]),
            Some("super") => (self.module.clone(), segments),
            Some(_) | None => {
                let mut child = self.module.clone();
                child.extend(segments.first().cloned());
                if !self.known.contains(&child) {
                    return;
                }
                (self.module.clone(), segments)
            }
        };
        for segment in rest {
            if segment == "super" {
                place.pop();
                continue;
            }
            place.push(segment.clone());
            if !self.known.contains(&place) {
                place.pop();
                break;
            }
        }
        if place != *self.module {
            self.found.insert(place);
        }
    }

    fn tree(&mut self, before: &mut Vec<String>, tree: &syn::UseTree) {
        match tree {
            syn::UseTree::Path(path) => {
                before.push(path.ident.to_string());
                self.tree(before, &path.tree);
                before.pop();
            }
            syn::UseTree::Group(group) => {
                for tree in &group.items {
                    self.tree(before, tree);
                }
            }
            syn::UseTree::Name(name) => self.leaf(before, &name.ident),
            syn::UseTree::Rename(rename) => self.leaf(before, &rename.ident),
            syn::UseTree::Glob(_) => self.path(before),
        }
    }

    fn leaf(&mut self, before: &[String], name: &syn::Ident) {
        let name = (name != "self").then(|| name.to_string());
        let segments: Vec<String> = before.iter().cloned().chain(name).collect();
        self.path(&segments);
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        let attributes = match item {
            syn::Item::Const(item) => &item.attrs,
            syn::Item::Enum(item) => &item.attrs,
            syn::Item::ExternCrate(item) => &item.attrs,
            syn::Item::Fn(item) => &item.attrs,
            syn::Item::ForeignMod(item) => &item.attrs,
            syn::Item::Impl(item) => &item.attrs,
            syn::Item::Macro(item) => &item.attrs,
            syn::Item::Mod(item) => &item.attrs,
            syn::Item::Static(item) => &item.attrs,
            syn::Item::Struct(item) => &item.attrs,
            syn::Item::Trait(item) => &item.attrs,
            syn::Item::TraitAlias(item) => &item.attrs,
            syn::Item::Type(item) => &item.attrs,
            syn::Item::Union(item) => &item.attrs,
            syn::Item::Use(item) => &item.attrs,
            syn::Item::Verbatim(_) | _ => &Vec::new(),
        };
        let is_test = |attribute: &syn::Attribute| match &attribute.meta {
            syn::Meta::List(list) => list.path.is_ident("cfg") && list.tokens.to_string() == "test",
            syn::Meta::Path(_) | syn::Meta::NameValue(_) => false,
        };
        if !attributes.iter().any(is_test) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        self.tree(&mut Vec::new(), &item.tree);
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        if segments.len() > 1 {
            self.path(&segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, of: &'ast syn::Macro) {
        // What a macro is given need not be Rust: its words are looked at.
        let text = of.tokens.to_string().replace(" :: ", "::");
        let is_word =
            |character: char| character.is_alphanumeric() || character == '_' || character == ':';
        for word in text.split(|character| !is_word(character)) {
            let segments: Vec<String> = word.split("::").map(str::to_owned).collect();
            if segments.len() > 1 {
                self.path(&segments);
            }
        }
        visit::visit_macro(self, of);
    }
}

/// The sets of files that reach each other.
fn circles(arrows: &BTreeMap<Module, BTreeSet<Module>>) -> Vec<Vec<Module>> {
    let reached = |from: &Module| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(module) = open.pop() {
            for next in &arrows[module] {
                if reached.insert(next) {
                    open.push(next);
                }
            }
        }
        reached
    };
    let reached: BTreeMap<&Module, BTreeSet<&Module>> = arrows
        .keys()
        .map(|module| (module, reached(module)))
        .collect();
    let mut circles: BTreeSet<Vec<Module>> = BTreeSet::new();
    for (module, theirs) in &reached {
        let circle: Vec<Module> = theirs
            .iter()
            .filter(|other| reached[**other].contains(module))
            .map(|other| (*other).clone())
            .collect();
        if circle.contains(module) {
            circles.insert(circle);
        }
    }
    circles.into_iter().collect()
}
