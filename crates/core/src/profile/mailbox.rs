//! What an email address says: whose domain it is, what kind of mailbox, and which other spellings reach the same person.

use super::host::{host_name, registrable};
use super::listed::{DISPOSABLE, FREE, FREE_NAMES};

/// The longest address that mail can be sent to, in bytes (RFC 5321 with its later correction).
const ADDRESS_BYTES_MAX: usize = 254;
/// The longest part before the `@`, in bytes (RFC 5321, section 4.5.3.1.1).
const LOCAL_BYTES_MAX: usize = 64;

/// Parts before the `@` that stand for a task and not a person, sorted, without `.`, `-` and `_`: those of RFC 2142, and
/// what English, German, French and some Spanish and Italian companies write.
#[rustfmt::skip]
const ROLES: [&str; 319] = [
    "abonnement", "abonnements", "abteilung", "abuse", "accounting", "accounts", "accountspayable",
    "accountsreceivable", "accueil", "achats", "admin", "administración", "administratif", "administration",
    "administrator", "agence", "aide", "all", "anfrage", "application", "applications", "assistance", "auftrag",
    "ausbildung", "auskunft", "backoffice", "beratung", "bestellung", "bestellungen", "bewerbung",
    "bewerbungen", "billing", "board", "bonjour", "booking", "bookings", "buchhaltung", "buero", "bureau",
    "business", "büro", "candidature", "candidatures", "career", "careers", "chancery", "clients",
    "clientservice", "clientservices", "commercial", "comms", "communication", "communications", "compliance",
    "compta", "comptabilite", "comptabilité", "comptable", "conference", "contabilidad", "contact", "contactez",
    "contacteznous", "contacto", "contactos", "contactus", "contatti", "copyright", "courrier", "cs",
    "customercare", "customers", "customerservice", "customersuccess", "customersupport", "dataprotection",
    "datenschutz", "demo", "dev", "developers", "devs", "digital", "direction", "dispatch", "disposition",
    "domains", "donotreply", "dpo", "ecommerce", "editor", "editorial", "einkauf", "einkäufe", "email",
    "empfang", "emploi", "enquire", "enquiries", "enquiry", "entreprise", "equipe", "events", "everyone",
    "export", "facturation", "factures", "feedback", "finance", "firma", "fragen", "ftp", "gdpr", "general",
    "geschaeftsfuehrung", "geschäftsführung", "gf", "groupe", "gutentag", "hallo", "hello", "help", "helpdesk",
    "helpline", "hi", "hilfe", "hostmaster", "hq", "hr", "hrteam", "immobilien", "import", "impressum", "inbox",
    "info", "infodesk", "informatique", "infos", "infoservice", "innovation", "inquiries", "inquiry",
    "international", "investorrelations", "investors", "invoice", "invoices", "ir", "it", "itsupport", "jobs",
    "kanzlei", "karriere", "karriereteam", "kasse", "kommunikation", "kontakt", "koordination", "kunden",
    "kundenbetreuung", "kundendienst", "kundenservice", "lager", "leads", "legal", "leitung", "lieferung",
    "logistics", "logistik", "logistique", "mahnwesen", "mail", "mailadmin", "mailbox", "mailer",
    "mailerdaemon", "maintenance", "mairie", "management", "marketing", "media", "mediarelations", "members",
    "membership", "mitarbeiter", "moderator", "moin", "nepasrepondre", "network", "news", "newsletter",
    "nobody", "noc", "noreplay", "noreply", "notification", "notifications", "offers", "offerte", "office",
    "offre", "operations", "order", "orders", "ordini", "partner", "partners", "partnerships", "payable",
    "payments", "payroll", "personal", "personalabteilung", "pm", "post", "postmaster", "poststelle", "pr",
    "praxis", "press", "presse", "pressoffice", "privacy", "procurement", "produktion", "project", "projects",
    "projekte", "promotions", "publicity", "purchase", "purchasing", "qa", "quality", "question", "questions",
    "receivable", "reception", "receptionist", "rechnung", "recruiting", "recruitment", "recrutement",
    "redaktion", "registration", "reklamation", "relations", "reply", "reservation", "reservations",
    "reservierung", "resources", "responsable", "returns", "rh", "root", "sachbearbeitung", "sales", "sav",
    "schulung", "secretaria", "secretariat", "secretary", "security", "sekretariat", "sekretär", "server",
    "service", "serviceclient", "services", "shop", "signup", "sos", "spam", "staff", "standort", "stores",
    "subscribe", "subscription", "subscriptions", "support", "sysadmin", "system", "team", "tech", "technical",
    "technik", "technique", "termin", "ticket", "ticketing", "tickets", "training", "travel", "unsubscribe",
    "usenet", "usermanagement", "uucp", "ventas", "vente", "ventes", "verkauf", "versand", "vertrieb",
    "verwaltung", "verwaltungsrat", "vorstand", "vorverkauf", "web", "webinfo", "webmaster", "website",
    "welcome", "werbung", "werkstatt", "willkommen", "workshop", "www", "zentrale", "équipe",
];

/// What stands beside a task where a company has several of its mailboxes: `sales-uk@`, `info.dach@`. Sorted.
#[rustfmt::skip]
const REGIONS: [&str; 74] = [
    "ae", "africa", "am", "amer", "americas", "apac", "ar", "asia", "at", "au", "be", "berlin", "bg", "br",
    "ca", "ch", "cn", "co", "cz", "dach", "de", "deutschland", "dk", "ee", "emea", "en", "es", "eu", "europe",
    "fi", "fr", "france", "gb", "global", "hk", "hu", "ie", "il", "in", "int", "it", "jp", "kr", "latam",
    "london", "lt", "lu", "lv", "mea", "mx", "na", "nl", "no", "nordics", "nyc", "nz", "paris", "pl", "pt",
    "ro", "row", "ru", "se", "sg", "si", "sk", "tr", "tw", "ua", "uk", "us", "usa", "world", "za",
];

/// Hosts of one provider's mailboxes that ignore dots before the `@`, and the host that they all are.
const WITHOUT_DOTS: [(&str, &str); 2] = [("gmail.com", "gmail.com"), ("googlemail.com", "gmail.com")];

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
        let host = host_name(host)?;
        Some(Self {
            local: local.to_lowercase(),
            host,
        })
    }

    /// The registrable domain.
    pub(super) fn domain(&self) -> Option<&str> {
        registrable(&self.host)
    }

    /// The first that fits of disposable, free, role and business.
    pub(super) fn kind(&self) -> EmailKind {
        if DISPOSABLE.covers(&self.host) {
            EmailKind::Disposable
        } else if self.is_free() {
            EmailKind::Free
        } else if is_role(&self.local) {
            EmailKind::Role
        } else {
            EmailKind::Business
        }
    }
}

impl Mailbox {
    fn is_free(&self) -> bool {
        let domain = self.domain().unwrap_or(&self.host);
        let name = domain.split_once('.').map_or(domain, |(name, _)| name);
        FREE_NAMES.contains(&name) || FREE.covers(&self.host)
    }
}

/// The form of an address in which two that reach the same person are equal: in lower case, without a `+tag`, and without
/// dots where the provider ignores them (Ana.Lima+news@Googlemail.com is analima@gmail.com). It is for comparing only:
/// mail goes to the address as it was given. `None` where the text is no address.
pub fn matching_address(email: &str) -> Option<String> {
    let Mailbox { local, host } = Mailbox::parse(email)?;
    let untagged = untagged(&local);
    let without_dots = WITHOUT_DOTS.iter().find(|(known, _)| *known == host);
    Some(match without_dots {
        Some((_, one)) => format!("{}@{one}", untagged.replace('.', "")),
        None => format!("{untagged}@{host}"),
    })
}

/// The part before the `@` without what a person added to tell mails apart.
fn untagged(local: &str) -> &str {
    match local.split_once('+') {
        Some((base, _)) if !base.is_empty() => base,
        _ => local,
    }
}

/// The registrable domain of a web address, with or without scheme, port and path.
pub(super) fn domain_of_website(text: &str) -> Option<String> {
    let text = text.trim();
    let host = host_of_address(text)?;
    registrable(&host).map(str::to_owned)
}

/// The host of a web address, with or without scheme, port and path.
pub(super) fn host_of_address(text: &str) -> Option<String> {
    let after_scheme = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = after_scheme.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let host = host.split_once(':').map_or(host, |(host, _)| host);
    host_name(host)
}

fn is_local_char(c: char) -> bool {
    c.is_alphanumeric() || "!#$%&'*+/=?^_`{|}~.-".contains(c)
}

fn is_role(local: &str) -> bool {
    let base = untagged(local);
    let joined: String = base.chars().filter(|c| !is_separator(*c)).collect();
    if has(&ROLES, &joined) {
        return true;
    }
    let base = base.trim_end_matches(|c: char| c.is_ascii_digit() || is_separator(c));
    let mut parts = base.split(is_separator).filter(|part| !part.is_empty());
    parts.next().is_some_and(|task| has(&ROLES, task))
        && parts.all(|part| has(&ROLES, part) || has(&REGIONS, part))
}

const fn is_separator(c: char) -> bool {
    matches!(c, '.' | '-' | '_')
}

fn has(sorted: &[&str], word: &str) -> bool {
    sorted.binary_search(&word).is_ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_longest_addresses_are_refused_and_not_read() {
        let long = format!("{}@acme.example", "a".repeat(65));
        assert!(Mailbox::parse(&long).is_none());
        assert!(Mailbox::parse(&"a@b.".repeat(1_000_000)).is_none());
        assert!(domain_of_website(&"a.".repeat(1_000_000)).is_none());
    }

    #[test]
    fn tables_are_sorted_in_lower_case_and_without_separators() {
        for table in [&ROLES[..], &REGIONS[..]] {
            assert!(table.is_sorted_by(|a, b| a < b));
            assert!(table.iter().all(|word| word.chars().all(char::is_lowercase)));
        }
    }

    proptest! {
        #[test]
        fn an_address_matches_itself_however_it_is_written(
            local in "[a-z]{1,8}(\\.[a-z]{1,8})?",
            tag in "(\\+[a-z0-9]{0,9})?",
            host in prop::sample::select(vec!["gmail.com", "googlemail.com", "acme.example", "xn--mnchen-3ya.de"]),
        ) {
            let plain = matching_address(&format!("{local}@{host}")).expect("an address");
            let written = format!(" {}{tag}@{}. ", local.to_uppercase(), host.to_uppercase());
            prop_assert_eq!(matching_address(&written), Some(plain.clone()));
            prop_assert_eq!(matching_address(&plain), Some(plain));
        }
    }
}
