//! Undoes the encodings in which a character is spelt with others: [`decoded`].

/// A text with its escapes undone once, all kinds at the same time, and without what cannot be in a token: white space,
/// control characters and everything outside of ASCII.
pub(super) struct Decoded {
    pub(super) text: Vec<u8>,
    /// Whether there was any escape.
    pub(super) has_undone: bool,
}

pub(super) fn decoded(text: &[u8]) -> Decoded {
    let mut decoded = Vec::with_capacity(text.len());
    let mut has_undone = false;
    let mut rest = text;
    loop {
        let plain = rest
            .iter()
            .take_while(|byte| IS_PLAIN[usize::from(**byte)])
            .count();
        decoded.extend_from_slice(&rest[..plain]);
        let Some((&first, behind)) = rest[plain..].split_first() else {
            break;
        };
        let escape = match first {
            b'%' => percent(behind),
            b'=' => quoted_printable(behind),
            b'\\' => backslash(behind),
            b'&' => entity(behind),
            _ => None,
        };
        has_undone |= escape.is_some();
        let (byte, length) = escape.unwrap_or((Some(first), 0));
        decoded.extend(byte.filter(u8::is_ascii_graphic));
        rest = &behind[length..];
    }
    Decoded {
        text: decoded,
        has_undone,
    }
}

/// The characters that stand for themselves, by their codes.
const IS_PLAIN: [bool; 256] = {
    let mut is_plain = [false; 256];
    let mut code = b'!';
    while code <= b'~' {
        is_plain[code as usize] = !matches!(code, b'%' | b'=' | b'\\' | b'&');
        code += 1;
    }
    is_plain
};

/// Other views of a text: its letters and digits without what sets them apart, its hexadecimal digits without that and without
/// what marks them, and its decimal numbers with commas between them.
pub(super) fn reduced(text: &[u8]) -> [Vec<u8>; 3] {
    let is_of_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let words = text.iter().copied().filter(is_of_word).collect();
    let mut digits = Vec::new();
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        let marks: [&[u8]; 6] = [b"0x", b"0X", b"U+00", b"u+00", b"\\0000", b"\\u00"];
        if let Some(mark) = marks.iter().find(|mark| rest.starts_with(mark)) {
            rest = &rest[mark.len()..];
            continue;
        }
        digits.extend(first.is_ascii_hexdigit().then_some(first));
        rest = behind;
    }
    let mut numbers = Vec::new();
    for number in text.split(|byte| !byte.is_ascii_digit()) {
        if !number.is_empty() {
            numbers.extend_from_slice(number);
            numbers.push(b',');
        }
    }
    [words, digits, numbers]
}

/// A character, if it can be in a token, and how many bytes its escape has behind the first.
type Escape = Option<(Option<u8>, usize)>;

/// `%2d`, and `%u002d` as old scripts write it.
fn percent(behind: &[u8]) -> Escape {
    match behind.first()? {
        b'u' | b'U' => number(&behind[1..], 16, 4..=4).map(|(byte, length)| (byte, 1 + length)),
        _ => number(behind, 16, 2..=2),
    }
}

/// `=2D`, and `=` at the end of a line that goes on.
fn quoted_printable(behind: &[u8]) -> Escape {
    match behind {
        [b'\r', b'\n', ..] | [b'\\', b'n', ..] => Some((None, 2)),
        [b'\n', ..] => Some((None, 1)),
        [b'\\', b'r', b'\\', b'n', ..] => Some((None, 4)),
        _ => number(behind, 16, 2..=2),
    }
}

/// `\u002d`, `\u{2d}`, `\x2d`, and any other character behind a backslash, which stands for itself.
fn backslash(behind: &[u8]) -> Escape {
    let digits = behind.get(1..).unwrap_or_default();
    let escape = match behind.first()? {
        b'u' | b'U' if digits.first() == Some(&b'{') => {
            let inside = number(&digits[1..], 16, 1..=6);
            inside.map(|(byte, length)| (byte, length + 2))
        }
        b'u' => number(digits, 16, 4..=4),
        b'U' => number(digits, 16, 8..=8),
        b'x' | b'X' => number(digits, 16, 2..=2),
        // Of a style sheet, or else of C.
        b'0'..=b'3' => number(behind, 16, 6..=6)
            .or_else(|| number(behind, 8, 3..=3))
            .map(|(byte, length)| (byte, length - 1)),
        b'n' | b'r' | b't' | b'b' | b'f' => Some((None, 0)),
        other => Some((Some(*other), 0)),
    };
    let (byte, length) = escape.unwrap_or((None, 0));
    Some((byte, (1 + length).min(behind.len())))
}

/// `&#45;`, `&#x2d;` and `&lowbar;`; the semicolon may be missing behind a number.
fn entity(behind: &[u8]) -> Escape {
    let ended = |(byte, length): (Option<u8>, usize)| {
        let semicolon = usize::from(behind.get(length) == Some(&b';'));
        (byte, length + semicolon)
    };
    match behind {
        [b'#', b'x' | b'X', digits @ ..] => {
            number(digits, 16, 1..=7).map(|(byte, length)| ended((byte, 2 + length)))
        }
        [b'#', digits @ ..] => {
            number(digits, 10, 1..=7).map(|(byte, length)| ended((byte, 1 + length)))
        }
        _ => NAMES.iter().find_map(|(name, byte)| {
            let rest = behind.strip_prefix(name.as_bytes())?;
            (rest.first() == Some(&b';')).then_some((Some(*byte), name.len() + 1))
        }),
    }
}

/// What HTML calls the characters that a token may have and that are neither letters nor digits.
const NAMES: [(&str, u8); 44] = [
    ("excl", b'!'),
    ("quot", b'"'),
    ("QUOT", b'"'),
    ("num", b'#'),
    ("dollar", b'$'),
    ("percnt", b'%'),
    ("amp", b'&'),
    ("AMP", b'&'),
    ("apos", b'\''),
    ("lpar", b'('),
    ("rpar", b')'),
    ("ast", b'*'),
    ("midast", b'*'),
    ("plus", b'+'),
    ("comma", b','),
    ("hyphen", b'-'),
    ("dash", b'-'),
    ("minus", b'-'),
    ("period", b'.'),
    ("sol", b'/'),
    ("colon", b':'),
    ("semi", b';'),
    ("lt", b'<'),
    ("LT", b'<'),
    ("equals", b'='),
    ("gt", b'>'),
    ("GT", b'>'),
    ("quest", b'?'),
    ("commat", b'@'),
    ("lsqb", b'['),
    ("lbrack", b'['),
    ("bsol", b'\\'),
    ("rsqb", b']'),
    ("rbrack", b']'),
    ("Hat", b'^'),
    ("lowbar", b'_'),
    ("UnderBar", b'_'),
    ("grave", b'`'),
    ("lcub", b'{'),
    ("lbrace", b'{'),
    ("verbar", b'|'),
    ("vert", b'|'),
    ("rcub", b'}'),
    ("rbrace", b'}'),
];

/// Reads as many digits as there are, within limits; the character is none that a token can have if it is outside of ASCII.
fn number(text: &[u8], radix: u32, digits: std::ops::RangeInclusive<usize>) -> Escape {
    let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
    let length = text.iter().take(*digits.end()).take_while(is_digit).count();
    if length < *digits.start() {
        return None;
    }
    let written = std::str::from_utf8(&text[..length]).ok()?;
    let value = u32::from_str_radix(written, radix).ok()?;
    Some((u8::try_from(value).ok(), length))
}
