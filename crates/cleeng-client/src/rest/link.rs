//! The header that points to the next page: [`next`] (RFC 8288).

/// Returns the first target of a `Link` header whose relation is `next`.
///
/// `Err` says that the header cannot be read: a list might then seem to end where it does not.
pub(super) fn next(header: &str) -> Result<Option<&str>, Malformed> {
    let mut rest = header;
    loop {
        rest = rest.trim_start_matches([' ', '\t', ',']);
        if rest.is_empty() {
            return Ok(None);
        }
        let (target, after) = rest
            .strip_prefix('<')
            .and_then(|rest| rest.split_once('>'))
            .ok_or(Malformed)?;
        let (is_next, after) = parameters(after)?;
        if is_next {
            return Ok(Some(target.trim()));
        }
        rest = after;
    }
}

/// Says that a header is not what a `Link` header should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Reads the parameters of a link. Returns whether its relation is `next`, and what follows.
fn parameters(mut rest: &str) -> Result<(bool, &str), Malformed> {
    let mut relation = None;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() || rest.starts_with(',') {
            let is_next = relation.is_some_and(|relation: &str| {
                relation
                    .split_ascii_whitespace()
                    .any(|word| word.eq_ignore_ascii_case("next"))
            });
            return Ok((is_next, rest));
        }
        rest = rest.strip_prefix(';').ok_or(Malformed)?.trim_start();
        let end = rest.find([';', ',', '=']).unwrap_or(rest.len());
        let name = rest[..end].trim_end();
        rest = &rest[end..];
        let mut value = "";
        if let Some(after) = rest.strip_prefix('=') {
            (value, rest) = parameter(after.trim_start())?;
        }
        // Only the first counts (RFC 8288 §3.3).
        if name.eq_ignore_ascii_case("rel") && relation.is_none() {
            relation = Some(value);
        }
    }
}

/// Reads the value of a parameter, in quotes or not. Relations have no escapes, so that those of
/// other parameters need only be passed over.
fn parameter(rest: &str) -> Result<(&str, &str), Malformed> {
    let Some(quoted) = rest.strip_prefix('"') else {
        let end = rest.find([';', ',']).unwrap_or(rest.len());
        return Ok((rest[..end].trim_end(), &rest[end..]));
    };
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Ok((&quoted[..at], &quoted[at + 1..])),
            _ => {}
        }
    }
    Err(Malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(header: &str, expect: Option<&str>) {
        assert_eq!(next(header), Ok(expect), "{header}");
    }

    #[test]
    fn the_next_page_is_found() {
        check("</a?x=1>; rel=\"next\"", Some("/a?x=1"));
        check("<a>;rel=next", Some("a"));
        check("<a>; REL = \"NEXT\"", Some("a"));
        check("<a>; rel=\"last next\"; title=x", Some("a"));
        check("<a>; rel=prev, <b>; rel=\"next\"", Some("b"));
        check(
            "<a,b;c>; title=\"x, y; rel=next \\\" <\", <d>; rel=next",
            Some("d"),
        );
        check(", <a> ; title ; rel=next ,", Some("a"));
    }

    #[test]
    fn other_relations_are_passed_over() {
        check("", None);
        check(" , ", None);
        check("<a>", None);
        check("<a>; rel=prev", None);
        check("<a>; rel=prev; rel=next", None);
        check("<a>; rel=nextish", None);
        check("<a>; title=\"next\"", None);
        check("<next>; rel=\"first\", <next>; rev=next", None);
    }

    #[test]
    fn a_header_that_is_none_is_told() {
        for header in [
            "next",
            "<a",
            "<a> rel=next",
            "<a>; rel=\"next",
            "a; rel=next",
            "<a>; x, y",
        ] {
            assert_eq!(next(header), Err(Malformed), "{header}");
        }
    }
}
