//! Variables: `${vars.site}` in the texts of manifests.

use std::collections::BTreeMap;
use std::sync::Arc;

use offerctl_model::content::{Content, FieldPath, Fields};
use offerctl_model::foreign::Foreign;
use offerctl_model::value::Value;

use crate::diagnostic::{Code, Diagnostic, Diagnostics, did_you_mean};
use crate::manifest::{Manifest, Part};
use crate::project::Environment;
use crate::yaml::cut;

/// Returns the content of a manifest with its variables filled in; the same content if there are none in it.
///
/// A field whose variables cannot be filled in is left out: what else would be said of it is noise.
pub(super) fn fill_in(
    manifest: &Manifest,
    environment: &Environment,
    diagnostics: &mut Diagnostics,
) -> Arc<Content> {
    let content = &manifest.content;
    if !content
        .all_fields()
        .any(|fields| fields.iter().any(|(_, value)| has_variable(value)))
    {
        return Arc::clone(content);
    }
    let mut filled = Content::clone(content);
    let mut fill = |fields: &mut Fields,
                    path: fn(
        Option<offerctl_model::country::Country>,
        offerctl_model::field::Field,
    ) -> FieldPath,
                    country| {
        let found: Vec<_> = fields
            .iter()
            .filter(|(_, value)| has_variable(value))
            .map(|(field, _)| field)
            .collect();
        for field in found {
            let span = manifest.places.of(Part::Field(path(country, field)));
            let Some(value) = fields.remove(field) else {
                continue;
            };
            let mut problems = Vec::new();
            let value = fill_value(&value, &mut |text| {
                fill_text(text, &environment.vars).unwrap_or_else(|problem| {
                    problems.push(problem.diagnostic(environment).at(span));
                    text.into()
                })
            });
            if problems.is_empty() {
                fields.set(field, value);
            }
            for problem in problems {
                diagnostics.push(problem);
            }
        }
    };
    let path = |country, field| FieldPath { country, field };
    fill(&mut filled.fields, path, None);
    for (country, row) in filled.localizations.iter_mut().flatten() {
        fill(&mut row.fields, path, Some(*country));
    }
    Arc::new(filled)
}

/// Whether a text has to be filled in, be it only that `$${` becomes `${`.
fn has_variable(value: &Value) -> bool {
    any_text(value, &|text| text.contains("${"))
}

/// Whether what the value says depends on the environment.
pub fn names_variable(value: &Value) -> bool {
    any_text(value, &|text| text.replace("$${", "").contains("${"))
}

fn any_text(value: &Value, is: &dyn Fn(&str) -> bool) -> bool {
    match value {
        Value::Text(text) => is(text.raw()),
        Value::Tags(tags) => tags.iter().any(|tag| is(tag.raw())),
        Value::Texts(texts) => texts.iter().any(|(_, text)| is(text.raw())),
        Value::Record(members) => members.iter().any(|(_, value)| any_text(value, is)),
        Value::Records(records) => records.iter().any(|value| any_text(value, is)),
        Value::Integer(_)
        | Value::Flag(_)
        | Value::Amount(_)
        | Value::Currency(_)
        | Value::Time(_)
        | Value::Geo(_)
        | Value::Events(_) => false,
    }
}

fn fill_value(value: &Value, fill: &mut dyn FnMut(&str) -> Foreign) -> Value {
    match value {
        Value::Text(text) => Value::Text(fill(text.raw())),
        Value::Tags(tags) => Value::tags(tags.iter().map(|tag| fill(tag.raw()))),
        Value::Texts(texts) => Value::Texts(
            texts
                .iter()
                .map(|(key, text)| (key.clone(), fill(text.raw())))
                .collect(),
        ),
        Value::Record(members) => Value::Record(
            members
                .iter()
                .map(|(name, value)| (*name, fill_value(value, fill)))
                .collect(),
        ),
        Value::Records(records) => Value::Records(
            records
                .iter()
                .map(|record| fill_value(record, fill))
                .collect(),
        ),
        Value::Integer(_)
        | Value::Flag(_)
        | Value::Amount(_)
        | Value::Currency(_)
        | Value::Time(_)
        | Value::Geo(_)
        | Value::Events(_) => value.clone(),
    }
}

/// Why a text cannot be filled in.
enum Problem {
    Unclosed,
    NotAVariable(String),
    Undefined(String),
}

/// Replaces `${vars.NAME}`, and `$${` by `${`.
fn fill_text(text: &str, vars: &BTreeMap<String, String>) -> Result<Foreign, Problem> {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        if rest[..start].ends_with('$') {
            filled.push_str(&rest[..start - 1]);
            filled.push_str("${");
            rest = &rest[start + 2..];
            continue;
        }
        filled.push_str(&rest[..start]);
        let inside = &rest[start + 2..];
        let end = inside.find('}').ok_or(Problem::Unclosed)?;
        let expression = inside[..end].trim();
        let name = expression
            .strip_prefix("vars.")
            .ok_or_else(|| Problem::NotAVariable(cut(expression)))?;
        let value = vars
            .get(name)
            .ok_or_else(|| Problem::Undefined(name.to_owned()))?;
        filled.push_str(value);
        rest = &inside[end + 1..];
    }
    filled.push_str(rest);
    Ok(filled.into())
}

impl Problem {
    fn diagnostic(self, environment: &Environment) -> Diagnostic {
        match self {
            Self::Unclosed => Diagnostic::error(Code::Variable, "a `${` has no `}`")
                .help("write `$${` for the characters themselves"),
            Self::NotAVariable(expression) => Diagnostic::error(
                Code::Variable,
                format!("`${{{expression}}}` is not a variable"),
            )
            .help("write `${vars.NAME}` for a variable, `$${` for the characters themselves"),
            Self::Undefined(name) => {
                let message = format!(
                    "the variable `{}` is not defined in the environment `{}`",
                    cut(&name),
                    environment.name
                );
                let help = match did_you_mean(&name, environment.vars.keys().map(String::as_str)) {
                    Some(meant) => format!("did you mean `${{vars.{meant}}}`?"),
                    None => "define it under `vars` of the environment in offerctl.yaml".to_owned(),
                };
                Diagnostic::error(Code::Variable, message).help(help)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(text: &str) -> Option<String> {
        let vars = BTreeMap::from([("site".to_owned(), "https://club.tv".to_owned())]);
        fill_text(text, &vars).ok().map(|text| text.to_string())
    }

    #[test]
    fn variables_are_filled_in_and_doubled_dollars_are_not() {
        assert_eq!(
            fill("${vars.site}/a/${ vars.site }").unwrap(),
            "https://club.tv/a/https://club.tv"
        );
        assert_eq!(fill("$${vars.site} $5 $").unwrap(), "${vars.site} $5 $");
        assert_eq!(fill("plain"), Some("plain".to_owned()));
    }

    #[test]
    fn what_is_no_variable_is_a_problem() {
        for text in ["${vars.site", "${site}", "${vars.other}", "${}", "${vars.}"] {
            assert_eq!(fill(text), None, "{text}");
        }
    }
}
