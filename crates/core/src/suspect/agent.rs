//! Known crawlers, HTTP libraries and headless browsers, by what they call themselves.

use std::sync::LazyLock;

use regex::{RegexSet, RegexSetBuilder};

/// A name and a pattern a line, with a tab between; lines that begin with `#` say where the list is from.
const LIST: &str = include_str!("agents.tsv");

/// The memory that the compiled patterns may take, in bytes.
const COMPILED_BYTES_MAX: usize = 32 << 20;
/// The longest user agent that is looked at, in bytes; browsers' own have about 150.
const AGENT_BYTES_MAX: usize = 1_024;

struct Known {
    names: Vec<&'static str>,
    patterns: RegexSet,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    let (names, patterns): (Vec<_>, Vec<_>) = lines.filter_map(|line| line.split_once('\t')).unzip();
    // A pattern of the list that doesn't compile would be found by the tests.
    let patterns = RegexSetBuilder::new(patterns)
        .size_limit(COMPILED_BYTES_MAX)
        .build();
    Known {
        names,
        patterns: patterns.unwrap_or_default(),
    }
});

/// What a user agent is called that is known to be a program and no person's browser.
pub fn known_agent(user_agent: &str) -> Option<&'static str> {
    let cut = user_agent.floor_char_boundary(AGENT_BYTES_MAX.min(user_agent.len()));
    let shown = user_agent.get(..cut).unwrap_or_default();
    let found = KNOWN.patterns.matches(shown).iter().next();
    found.and_then(|index| KNOWN.names.get(index).copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pattern_of_the_list_is_in_use() {
        assert!(KNOWN.names.len() > 1_000);
        assert_eq!(KNOWN.names.len(), KNOWN.patterns.len());
    }

    #[test]
    fn programs_are_known_by_name() {
        for (user_agent, name) in [
            (
                "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
                "Googlebot",
            ),
            (
                "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)",
                "bingbot",
            ),
            ("python-requests/2.32.3", "python-requests"),
            ("curl/8.5.0", "curl"),
            ("Go-http-client/2.0", "Go-http-client"),
            ("axios/1.7.2", "axios"),
            (
                "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/131.0.0.0 Safari/537.36",
                "HeadlessChrome",
            ),
        ] {
            assert_eq!(known_agent(user_agent), Some(name), "{user_agent}");
        }
    }

    #[test]
    fn people_are_no_programs() {
        for user_agent in [
            "",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0",
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.5 Mobile/15E148 Safari/604.1",
            "Mozilla/5.0 (Linux; Android 15; Pixel 8 Build/AP3A.240617.008; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/142.0.0.0 Mobile Safari/537.36",
            "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [LinkedInApp]/9.30",
            "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)",
        ] {
            assert_eq!(known_agent(user_agent), None, "{user_agent}");
        }
    }

    #[test]
    fn a_long_agent_is_cut_between_characters() {
        assert_eq!(known_agent(&"é".repeat(10_000)), None);
    }
}
