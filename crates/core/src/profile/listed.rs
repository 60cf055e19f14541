//! Domains on the lists of free and of throw-away mailboxes. The lists are sorted texts in the program's own file, searched
//! by halves where they lie: nothing is built when it starts, and only the pages that a search touches are ever read.

/// A sorted list of domains, one a line.
pub(super) struct Listed(&'static str);

/// Providers that give mailboxes to everybody. None is on the other list.
pub(super) static FREE: Listed = Listed(include_str!("../../data/free_domains.txt"));

/// Providers of mailboxes that are made to be thrown away.
pub(super) static DISPOSABLE: Listed = Listed(include_str!("../../data/disposable_domains.txt"));

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
        let (wanted, text) = (domain.as_bytes(), self.0.as_bytes());
        let (mut from, mut to) = (0, text.len());
        // Both ends are always the start of a line, or the text's end.
        while from < to {
            let middle = from.midpoint(to);
            let before = text.get(from..middle).unwrap_or_default();
            let start = before
                .iter()
                .rposition(|byte| *byte == b'\n')
                .map_or(from, |at| from + at + 1);
            let rest = text.get(start..).unwrap_or_default();
            let length = rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len());
            match rest.get(..length).unwrap_or_default().cmp(wanted) {
                std::cmp::Ordering::Equal => return true,
                std::cmp::Ordering::Less => from = start + length + 1,
                std::cmp::Ordering::Greater => to = start,
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_sorted_in_lower_case_and_every_line_is_found() {
        for list in [&FREE, &DISPOSABLE] {
            assert!(list.0.ends_with('\n'));
            assert!(list.0.lines().is_sorted_by(|a, b| a < b));
            let mut lines = list.0.lines();
            assert!(lines.all(|line| list.has(line) && line.to_lowercase() == line));
            for line in list.0.lines().step_by(97) {
                for missing in [format!("{line}!"), format!("!{line}"), line.replace('.', "")] {
                    assert!(!list.has(&missing), "{missing}");
                }
            }
        }
        assert!(!FREE.has(""));
    }

    #[test]
    fn no_domain_is_on_both_lists() {
        assert!(FREE.0.lines().all(|domain| !DISPOSABLE.has(domain)));
    }

    #[test]
    fn no_list_covers_a_registry() {
        for list in [&FREE, &DISPOSABLE] {
            for domain in list.0.lines() {
                let suffix = psl::suffix(domain.as_bytes()).expect("a domain has a suffix");
                let registry =
                    suffix.as_bytes() == domain.as_bytes() && suffix.typ() != Some(psl::Type::Private);
                assert!(!registry, "{domain}");
            }
        }
    }
}
