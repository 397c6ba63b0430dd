//! What GitHub's runner takes for commands in the output of a step: [`obeyed`].

const KNOWN: [&str; 15] = [
    "add-mask",
    "add-matcher",
    "add-path",
    "debug",
    "echo",
    "endgroup",
    "error",
    "group",
    "notice",
    "remove-matcher",
    "save-state",
    "set-env",
    "set-output",
    "stop-commands",
    "warning",
];

/// The lines that are obeyed, as `ActionCommand` and `ActionCommandManager` of actions/runner find them.
pub(crate) fn obeyed(text: &str) -> Vec<String> {
    let mut obeyed = Vec::new();
    let mut stopped: Option<String> = None;
    for line in text.split(['\n', '\r']) {
        let Some((name, data)) = command(line, stopped.as_deref()) else {
            continue;
        };
        match &stopped {
            Some(word) if name == word => stopped = None,
            Some(_) => {}
            None if name == "stop-commands" => stopped = Some(data.to_owned()),
            None => obeyed.push(line.to_owned()),
        }
    }
    obeyed
}

/// The name and the data of a command: `::name …::data` after blanks, or `##[name …]data` anywhere.
fn command<'a>(line: &'a str, word: Option<&str>) -> Option<(&'a str, &'a str)> {
    let named = |inside: &'a str, data: &'a str| {
        let name = inside.split(' ').next()?;
        (KNOWN.contains(&name) || word == Some(name)).then_some((name, data))
    };
    let new = line
        .trim_start()
        .strip_prefix("::")
        .and_then(|rest| rest.split_once("::"))
        .and_then(|(inside, data)| named(inside, data));
    new.or_else(|| {
        let (_, rest) = line.split_once("##[")?;
        let (inside, data) = rest.split_once(']')?;
        named(inside, data)
    })
}

#[test]
fn commands_are_found_as_the_runner_finds_them() {
    let text = "a ::error::no\n  ::error file=a::yes\nx ##[set-output name=exit]0\n::nothing::\n\
                ::stop-commands::w\n::error::no\nx ##[add-mask]no\n::w::\rend ::notice::no\n::notice::yes";
    assert_eq!(
        obeyed(text),
        [
            "  ::error file=a::yes",
            "x ##[set-output name=exit]0",
            "::notice::yes"
        ]
    );
}
