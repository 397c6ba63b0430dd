//! Laws of diagnostics: [`check`].

use offerctl_manifest::diagnostic::{Code, Diagnostics};
use offerctl_manifest::source::{SourceFile, Sources};
use offerctl_manifest::span::{FileId, Span};
use offerctl_show::render::{Style, diagnostics_text};

/// Takes an input as a file.
pub(crate) fn source(input: &[u8]) -> (SourceFile, Diagnostics) {
    let path = "offers/input.yaml".to_owned();
    let (source, problem) = SourceFile::from_bytes(FileId(0), path, input.to_vec());
    let mut diagnostics = Diagnostics::new();
    if let Some(problem) = problem {
        diagnostics.push(problem);
    }
    (source, diagnostics)
}

/// Whether nothing is wrong with the YAML itself, so that the fields were looked at.
pub(crate) fn was_decoded(diagnostics: &Diagnostics) -> bool {
    !diagnostics.iter().any(|diagnostic| {
        matches!(
            diagnostic.code,
            Code::FileSize
                | Code::Utf8
                | Code::YamlSyntax
                | Code::YamlTab
                | Code::YamlDepth
                | Code::YamlAlias
                | Code::YamlTag
                | Code::YamlDocuments
        )
    })
}

/// Checks that every diagnostic says something and points into the text, and returns all of them as people see them.
pub(crate) fn check(diagnostics: &Diagnostics, source: &SourceFile) -> String {
    let within = |span: Span| {
        let (start, end) = (span.start as usize, (span.start + span.length) as usize);
        assert!(end <= source.text.len(), "{span:?} is outside the text");
        assert!(
            source.text.is_char_boundary(start),
            "{span:?} begins inside a character"
        );
        assert!(
            source.text.is_char_boundary(end),
            "{span:?} ends inside a character"
        );
    };
    for diagnostic in diagnostics.iter() {
        assert!(!diagnostic.message.trim().is_empty(), "{diagnostic:?}");
        assert!(diagnostic.message.len() < 2_000, "{diagnostic:?}");
        diagnostic.span.into_iter().for_each(within);
        if let Some((span, _)) = &diagnostic.related {
            within(*span);
        }
    }
    if diagnostics.is_empty() {
        return String::new();
    }
    let sources = Sources::new(vec![source.clone()]);
    // Colour changes nothing else: half of the inputs are shown with it.
    let style = if source.text.len() % 2 == 0 {
        Style::Plain
    } else {
        Style::Color
    };
    let text = diagnostics_text(diagnostics, &sources, |_| Vec::new(), style);
    assert!(!text.trim().is_empty());
    text + &format!("{diagnostics:?}")
}
