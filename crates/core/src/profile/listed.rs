//! Domains on the lists of free and of throw-away mailboxes. The lists are sorted texts in the program's own file. Of every
//! eighth line the beginning is noted as a number when a list is first asked, which takes a few milliseconds; a search
//! goes by those and then reads a few lines.

use std::sync::LazyLock;

use memchr::memchr;

/// How many lines a search may have to read.
const LINES_APART: usize = 8;

/// A sorted list of domains, one a line.
pub(super) struct Listed {
    text: &'static str,
    /// Of every eighth line its beginning and where it stands, in the order of the lines.
    marks: LazyLock<Vec<(u64, usize)>>,
}

const FREE_TEXT: &str = include_str!("../../data/free_domains.txt");
const DISPOSABLE_TEXT: &str = include_str!("../../data/disposable_domains.txt");

/// Providers that give mailboxes to everybody. None is on the other list.
pub(super) static FREE: Listed = Listed {
    text: FREE_TEXT,
    marks: LazyLock::new(|| marks(FREE_TEXT)),
};

/// Providers of mailboxes that are made to be thrown away.
pub(super) static DISPOSABLE: Listed = Listed {
    text: DISPOSABLE_TEXT,
    marks: LazyLock::new(|| marks(DISPOSABLE_TEXT)),
};

/// Names under whatever top-level domain, where one provider owns them all: `yahoo.co.jp`, `gmx.net`.
pub(super) const FREE_NAMES: [&str; 3] = ["gmx", "hotmail", "yahoo"];

impl Listed {
    /// Whether the domain, or one above it, is listed.
    pub(super) fn covers(&self, domain: &str) -> bool {
        let mut rest = domain;
        while let Some((_, above)) = rest.split_once('.') {
            if self.has(rest) {
                return true;
            }
            rest = above;
        }
        false
    }

    /// Whether exactly this domain is listed.
    fn has(&self, domain: &str) -> bool {
        let start = beginning(domain.as_bytes());
        let marks = &*self.marks;
        // Lines that begin alike may lie on both sides of a mark, so it begins at the last one that is surely before.
        let before = marks.partition_point(|(mark, _)| *mark < start);
        let from = before.checked_sub(1).and_then(|at| marks.get(at));
        let text = self.text.as_bytes();
        let mut rest = text.get(from.map_or(0, |(_, at)| *at)..).unwrap_or_default();
        while let Some(length) = memchr(b'\n', rest) {
            let (line, after) = rest.split_at(length);
            match line.cmp(domain.as_bytes()) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Greater => return false,
                std::cmp::Ordering::Less => rest = after.get(1..).unwrap_or_default(),
            }
        }
        false
    }
}

fn marks(text: &str) -> Vec<(u64, usize)> {
    let mut marks = Vec::with_capacity(text.len() / (LINES_APART * 12));
    let mut at = 0;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        if number % LINES_APART == 0 {
            marks.push((beginning(line.trim_end().as_bytes()), at));
        }
        at += line.len();
    }
    marks
}

/// The first eight bytes, as a number that is ordered as they are.
fn beginning(text: &[u8]) -> u64 {
    let mut first = [0; 8];
    for (place, byte) in first.iter_mut().zip(text) {
        *place = *byte;
    }
    u64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_in_lower_case_and_every_line_is_found() {
        for list in [&FREE, &DISPOSABLE] {
            assert!(list.text.ends_with('\n'));
            assert!(list.text.lines().is_sorted_by(|a, b| a < b));
            let mut lines = list.text.lines();
            assert!(lines.all(|line| list.has(line) && line.to_lowercase() == line));
            for line in list.text.lines().step_by(97) {
                for missing in [format!("{line}!"), format!("!{line}"), line.replace('.', "")] {
                    assert!(!list.has(&missing), "{missing}");
                }
            }
        }
        assert!(!FREE.has(""));
    }

    #[test]
    fn no_domain_is_on_both_lists() {
        assert!(FREE.text.lines().all(|domain| !DISPOSABLE.has(domain)));
    }

    #[test]
    fn no_list_covers_a_registry() {
        for list in [&FREE, &DISPOSABLE] {
            for domain in list.text.lines() {
                let suffix = psl::suffix(domain.as_bytes()).expect("a domain has a suffix");
                let registry =
                    suffix.as_bytes() == domain.as_bytes() && suffix.typ() != Some(psl::Type::Private);
                assert!(!registry, "{domain}");
            }
        }
    }
}
