//! What an email address says: whose domain it is, and what kind of mailbox.

use std::sync::LazyLock;

use super::free_mail::{FREE_DOMAINS, FREE_NAMES};

/// The longest address that mail can be sent to, in bytes (RFC 5321 with its later correction).
const ADDRESS_BYTES_MAX: usize = 254;
/// The longest part before the `@`, in bytes (RFC 5321, section 4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;
/// The longest host name, in bytes.
const HOST_BYTES_MAX: usize = 253;
/// The longest label of a host name, in bytes. Names are taken in Unicode too, where a label has no fixed length in
/// bytes, so this is twice what DNS allows.
const LABEL_BYTES_MAX: usize = 126;

/// Parts before the `@` that stand for a task and not a person, sorted, without `.`, `-` and `_`.
#[rustfmt::skip]
const ROLES: [&str; 102] = [
    "abuse", "accounting", "accounts", "accueil", "achats", "admin", "administration", "administrator", "all",
    "anfrage", "application", "applications", "assistance", "auftrag", "bestellung", "bewerbung", "billing",
    "booking", "bookings", "buchhaltung", "buero", "business", "büro", "career", "careers", "commercial",
    "compliance", "comptabilite", "contact", "contacto", "contactus", "contatti", "customercare",
    "customerservice", "customersupport", "datenschutz", "direction", "donotreply", "einkauf", "email",
    "empfang", "enquiries", "enquiry", "events", "feedback", "finance", "hello", "help", "helpdesk", "hi",
    "hostmaster", "hr", "info", "infos", "inquiries", "inquiry", "investors", "invoice", "invoices", "it",
    "jobs", "karriere", "kontakt", "kundenservice", "legal", "mail", "mailbox", "marketing", "media",
    "newsletter", "noreply", "office", "orders", "payments", "personal", "postmaster", "pr", "press",
    "presse", "privacy", "purchasing", "reception", "rechnung", "recruiting", "recruitment", "redaktion",
    "rh", "sales", "sekretariat", "service", "shop", "spam", "subscribe", "support", "team", "tech",
    "unsubscribe", "ventas", "ventes", "vertrieb", "webmaster", "zentrale",
];

/// What kind of mailbox a lead has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EmailKind {
    /// A person's, at an organisation of its own.
    Business,
    /// At a provider that gives mailboxes to everybody.
    Free,
    /// Made to be thrown away.
    Disposable,
    /// A task's, such as `info@` or `sales@`.
    Role,
    /// There is no address that mail could be sent to.
    None,
}

impl EmailKind {
    /// The kind as conditions name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Business => "business",
            Self::Free => "free",
            Self::Disposable => "disposable",
            Self::Role => "role",
            Self::None => "none",
        }
    }
}

/// An address that mail could be sent to, in lower case.
#[derive(Debug)]
pub(super) struct Mailbox {
    local: String,
    host: String,
}

impl Mailbox {
    /// Reads an address; `None` where it is malformed. Quoted parts before the `@`, which nobody has, are malformed too.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.len() > ADDRESS_BYTES_MAX {
            return None;
        }
        let (local, host) = text.rsplit_once('@')?;
        let well_formed = !local.is_empty()
            && local.len() <= LOCAL_BYTES_MAX
            && !local.split('.').any(str::is_empty)
            && local.chars().all(is_local_char);
        well_formed.then_some(())?;
        let (local, host) = (local.to_lowercase(), host.to_lowercase());
        is_host(&host).then_some(Self { local, host })
    }

    /// The registrable domain.
    pub(super) fn domain(&self) -> Option<&str> {
        registrable(&self.host)
    }

    /// The first that fits of disposable, free, role and business.
    pub(super) fn kind(&self) -> EmailKind {
        if is_disposable(&self.host) {
            EmailKind::Disposable
        } else if is_free(self.domain().unwrap_or(&self.host)) {
            EmailKind::Free
        } else if is_role(&self.local) {
            EmailKind::Role
        } else {
            EmailKind::Business
        }
    }
}

/// The registrable domain of a web address, with or without scheme, port and path.
pub(super) fn domain_of_website(text: &str) -> Option<String> {
    let text = text.trim();
    let after_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.len() > HOST_BYTES_MAX {
        return None;
    }
    let host = host.to_lowercase();
    is_host(&host)
        .then(|| registrable(&host).map(str::to_owned))
        .flatten()
}

fn is_local_char(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c)
}

/// Whether a lower-case text is a host name of at least two labels; an IP address is none, since no top-level domain is
/// a number.
fn is_host(host: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= LABEL_BYTES_MAX
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|c| c.is_alphanumeric() || matches!(c, '-' | '_'))
    };
    let Some((_, top)) = host.rsplit_once('.') else {
        return false;
    };
    host.len() <= HOST_BYTES_MAX
        && host.split('.').all(is_label)
        && top.chars().count() >= 2
        && !top.chars().all(|c| c.is_ascii_digit())
}

fn registrable(host: &str) -> Option<&str> {
    psl::domain_str(host)
}

/// Whether the host or a domain above it is known to give throw-away mailboxes.
fn is_disposable(host: &str) -> bool {
    // The crate's own check walks its tens of thousands of domains one by one. Sorted once, with their beginnings beside
    // them as numbers, a look-up hardly reads a text but the last.
    static SORTED: LazyLock<Vec<(u64, &'static str)>> = LazyLock::new(|| {
        let domains = mailchecker::blacklist().into_iter();
        let mut domains: Vec<_> = domains.map(|domain| (beginning(domain), domain)).collect();
        domains.sort_unstable();
        domains
    });
    let mut rest = host;
    while let Some((_, above)) = rest.split_once('.') {
        if SORTED.binary_search(&(beginning(rest), rest)).is_ok() {
            return true;
        }
        rest = above;
    }
    false
}

/// The first eight bytes, as a number that is ordered as they are.
fn beginning(text: &str) -> u64 {
    let mut first = [0; 8];
    for (place, byte) in first.iter_mut().zip(text.bytes()) {
        *place = byte;
    }
    u64::from_be_bytes(first)
}

fn is_free(domain: &str) -> bool {
    let name = domain.split_once('.').map_or(domain, |(name, _)| name);
    FREE_NAMES.contains(&name) || FREE_DOMAINS.binary_search(&domain).is_ok()
}

fn is_role(local: &str) -> bool {
    let base = local.split_once('+').map_or(local, |(base, _)| base);
    if base.len() > LOCAL_BYTES_MAX {
        return false;
    }
    let joined: String = base.chars().filter(|c| !matches!(c, '.' | '-' | '_')).collect();
    ROLES.binary_search(&joined.as_str()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_go_by_the_first_that_fits() {
        for (email, kind) in [
            ("ana@acme.example", "business"),
            ("ana.lima+news@mail.acme.co.uk", "business"),
            ("Ana@GMAIL.com", "free"),
            ("info@gmail.com", "free"),
            ("max@gmx.net", "free"),
            ("max@t-online.de", "free"),
            ("anne@orange.fr", "free"),
            ("li@vip.163.com", "free"),
            ("x@yahoo.co.jp", "free"),
            ("x@mailinator.com", "disposable"),
            ("info@mailinator.com", "disposable"),
            ("x@sub.mailinator.com", "disposable"),
            ("info@acme.example", "role"),
            ("Sales+eu@acme.example", "role"),
            ("no-reply@acme.example", "role"),
            ("büro@acme.example", "role"),
            ("information@acme.example", "business"),
            ("ana@müller.example", "business"),
            ("", "none"),
            ("ana", "none"),
            ("@acme.example", "none"),
            ("ana@", "none"),
            ("ana@acme", "none"),
            ("ana@@acme.example", "none"),
            ("ana lima@acme.example", "none"),
            ("ana..lima@acme.example", "none"),
            ("ana@acme..example", "none"),
            ("ana@-acme.example", "none"),
            ("ana@10.0.0.1", "none"),
            ("ana@[10.0.0.1]", "none"),
            ("Ana <ana@acme.example>", "none"),
        ] {
            let found = Mailbox::parse(email).map_or(EmailKind::None, |mailbox| mailbox.kind());
            assert_eq!(found.as_str(), kind, "{email}");
        }
    }

    #[test]
    fn the_longest_addresses_are_refused_and_not_read() {
        let long = format!("{}@acme.example", "a".repeat(65));
        assert!(Mailbox::parse(&long).is_none());
        assert!(Mailbox::parse(&"a@b.".repeat(1_000_000)).is_none());
        assert!(domain_of_website(&"a.".repeat(1_000_000)).is_none());
    }

    #[test]
    fn tables_are_sorted_in_lower_case_and_without_separators() {
        assert!(ROLES.is_sorted_by(|a, b| a < b));
        assert!(ROLES.iter().all(|role| role.chars().all(char::is_lowercase)));
        assert!(FREE_DOMAINS.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn free_providers_are_registrable_domains_that_no_other_rule_takes() {
        for domain in FREE_DOMAINS {
            assert_eq!(registrable(domain), Some(domain), "{domain}");
            assert!(!is_disposable(domain), "{domain}");
        }
    }
}
