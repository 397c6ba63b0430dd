//! Countries by their two-letter codes: [`Country`].

use std::fmt;

use serde::{Deserialize, Serialize};

/// The officially assigned codes of ISO 3166-1, and `XK`, which is in general use for Kosovo.
const ASSIGNED: &str = "\
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ \
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO \
FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE \
JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO \
MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW \
PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM \
TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW";

/// A country by its two-letter code, such as `NO` for Norway.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Country([u8; 2]);

/// The text is not two ASCII capitals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a country code")]
pub struct CountryError(String);

impl Country {
    /// Takes two ASCII capitals, whether or not a country has that code: what the service answers is believed.
    pub fn new(code: &str) -> Option<Self> {
        match code.as_bytes() {
            &[first, second] if first.is_ascii_uppercase() && second.is_ascii_uppercase() => {
                Some(Self([first, second]))
            }
            _ => None,
        }
    }

    /// Whether ISO 3166-1 assigns the code (or custom does, as for `XK`).
    pub fn is_assigned(self) -> bool {
        // The list is sorted, and each code with its space has three bytes.
        let codes = ASSIGNED.as_bytes();
        let (mut low, mut high) = (0, ASSIGNED.len().div_ceil(3));
        while low < high {
            let middle = usize::midpoint(low, high);
            match codes[3 * middle..3 * middle + 2].cmp(&self.0) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Greater => high = middle,
                std::cmp::Ordering::Equal => return true,
            }
        }
        false
    }

    /// The code as text.
    ///
    /// # Panics
    ///
    /// Never: the constructor takes ASCII letters only.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).expect("a country code is two ASCII letters")
    }

    /// What somebody who wrote `text` for a country probably meant.
    pub fn suggest(text: &str) -> Option<Self> {
        let upper = text.trim().to_ascii_uppercase();
        let code = match upper.as_str() {
            "FALSE" | "OFF" | "N" | "NOR" | "NORWAY" => "NO",
            "UK" | "GBR" | "EN" => "GB",
            "USA" => "US",
            "EL" => "GR",
            "DEU" | "GER" => "DE",
            "FRA" => "FR",
            other => other,
        };
        Self::new(code).filter(|country| country.is_assigned())
    }
}

impl TryFrom<String> for Country {
    type Error = CountryError;

    fn try_from(text: String) -> Result<Self, CountryError> {
        Self::new(&text).ok_or(CountryError(text))
    }
}

impl From<Country> for String {
    fn from(country: Country) -> Self {
        country.as_str().to_owned()
    }
}

impl fmt::Display for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(self.as_str())
    }
}

impl fmt::Debug for Country {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_of_codes_is_sorted_and_complete() {
        let codes: Vec<_> = ASSIGNED.split(' ').collect();
        assert_eq!(codes.len(), 250, "249 of ISO 3166-1 and XK");
        assert!(codes.is_sorted());
        let pairs =
            ('A'..='Z').flat_map(|first| ('A'..='Z').map(move |second| format!("{first}{second}")));
        for pair in pairs {
            assert_eq!(
                Country::new(&pair).unwrap().is_assigned(),
                codes.contains(&pair.as_str()),
                "{pair}"
            );
        }
        assert!(codes.iter().all(|code| Country::new(code).is_some()));
    }

    #[test]
    fn norway_is_what_a_false_was_meant_to_be() {
        for text in ["no", "false", "off", "No", "NO"] {
            assert_eq!(Country::suggest(text), Country::new("NO"), "{text}");
        }
        assert_eq!(Country::suggest("UK"), Country::new("GB"));
        assert_eq!(Country::suggest("ZZ"), None);
    }

    #[test]
    fn only_two_capitals_are_a_code() {
        assert!(Country::new("FR").is_some());
        for bad in ["fr", "F", "FRA", "F1", "", "ÉÉ"] {
            assert!(Country::new(bad).is_none(), "{bad}");
        }
        assert!(!Country::new("ZZ").unwrap().is_assigned());
    }
}
