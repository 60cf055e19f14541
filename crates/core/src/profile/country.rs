//! Countries by whatever people write for them: the codes of two and three letters, and their names in English, German,
//! French and the languages that they speak themselves.

use std::collections::HashMap;
use std::sync::LazyLock;

/// Codes and names, one country a line, from kept lists.
const NAMES: &str = include_str!("../../data/country_names.txt");
/// Further names, which go before those.
const OUR_NAMES: &str = include_str!("../../data/ours/country_names.txt");

/// The longest text that is looked up, in bytes; no country's name is near it.
const NAME_BYTES_MAX: usize = 120;

/// The codes by name, in the form that names are compared in; `None` where two countries share a name.
static CODES: LazyLock<HashMap<String, Option<&'static str>>> = LazyLock::new(|| {
    let mut codes = HashMap::with_capacity(2_048);
    for line in NAMES.lines() {
        let Some((code, names)) = line.split_once('|') else {
            continue;
        };
        for name in names.split('|') {
            let known = codes.entry(plain(name)).or_insert(Some(code));
            if *known != Some(code) {
                *known = None;
            }
        }
    }
    for line in OUR_NAMES.lines().filter(|line| !line.starts_with('#')) {
        let Some((code, names)) = line.split_once('|') else {
            continue;
        };
        let code = NAMES
            .lines()
            .filter_map(|line| line.get(..2))
            .find(|known| *known == code);
        codes.extend(names.split('|').map(|name| (plain(name), code)));
    }
    // A code of two letters is never anything else.
    codes.extend(
        NAMES
            .lines()
            .filter_map(|line| line.get(..2))
            .map(|code| (plain(code), Some(code))),
    );
    codes
});

/// The code of two letters (ISO 3166-1) of the country that is meant; nothing where that isn't sure.
pub fn country_code(text: &str) -> Option<&'static str> {
    let text = text.trim();
    (!text.is_empty() && text.len() <= NAME_BYTES_MAX)
        .then(|| CODES.get(&plain(text)).copied().flatten())
        .flatten()
}

/// A name in the form that names are compared in: lower case, letters and digits only, Latin ones without what stands
/// above or below them.
fn plain(name: &str) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        match unmarked(c) {
            Some(letters) => plain.push_str(letters),
            None if c.is_alphanumeric() => plain.push(c),
            None => {}
        }
    }
    plain
}

const fn unmarked(c: char) -> Option<&'static str> {
    Some(match c {
        'à' | 'á' | 'â' | 'ã' | 'ä' | 'å' | 'ā' | 'ă' | 'ą' => "a",
        'ç' | 'ć' | 'č' => "c",
        'đ' | 'ď' | 'ð' => "d",
        'è' | 'é' | 'ê' | 'ë' | 'ē' | 'ę' | 'ě' | 'ė' => "e",
        'ğ' | 'ģ' => "g",
        'ì' | 'í' | 'î' | 'ï' | 'ī' | 'į' | 'ı' => "i",
        'ķ' => "k",
        'ł' | 'ļ' | 'ľ' | 'ĺ' => "l",
        'ñ' | 'ń' | 'ň' | 'ņ' => "n",
        'ò' | 'ó' | 'ô' | 'õ' | 'ö' | 'ø' | 'ō' | 'ő' => "o",
        'ř' | 'ŕ' => "r",
        'ś' | 'š' | 'ş' | 'ș' => "s",
        'ß' => "ss",
        'ť' | 'ţ' | 'ț' => "t",
        'ù' | 'ú' | 'û' | 'ü' | 'ū' | 'ů' | 'ű' | 'ų' => "u",
        'ý' | 'ÿ' => "y",
        'ź' | 'ż' | 'ž' => "z",
        'æ' => "ae",
        'œ' => "oe",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_country_is_found_by_its_codes_and_by_itself() {
        for line in NAMES.lines() {
            let mut parts = line.split('|');
            let code = parts.next();
            assert_eq!(code.and_then(country_code), code);
            assert_eq!(parts.next().and_then(country_code), code);
        }
    }

    #[test]
    fn names_that_two_countries_share_are_known() {
        let mut shared: Vec<&str> = CODES
            .iter()
            .filter(|(_, code)| code.is_none())
            .map(|(name, _)| name.as_str())
            .collect();
        shared.sort_unstable();
        assert_eq!(shared, ["congo"]);
    }
}
