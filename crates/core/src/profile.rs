//! Fields that are derived from a lead's traits: domain, kind of mailbox, seniority and department.
//!
//! Nothing is derived before it is asked for: an agreement that reads none of these fields pays for none of them.

mod amount;
pub mod channel;
mod country;
mod host;
mod job_title;
mod listed;
mod mailbox;

use std::cell::OnceCell;

pub use self::amount::amount;
pub use self::country::country_code;
pub use self::job_title::{Department, Field, JobTitle, Rank, Seniority};
pub use self::mailbox::{EmailKind, matching_address};
use self::mailbox::{Mailbox, domain_of_website};
use crate::domain::{Traits, Value, ValueRef};

/// The fields that are derived, in the order in which they are listed.
pub const DERIVED_FIELDS: [&str; 4] = ["domain", "email_kind", "seniority", "department"];

/// The traits that a field is derived from, besides one of its own name; none where it isn't derived.
pub fn derived_from(field: &str) -> &'static [&'static str] {
    match field {
        "domain" => &["email", "website"],
        "email_kind" => &["email"],
        "seniority" | "department" => &["title"],
        _ => &[],
    }
}

/// A lead's traits with the fields derived from them. A trait that was sent under a derived field's name overrides it.
#[derive(Debug)]
pub struct Profile<'a> {
    traits: &'a Traits,
    mailbox: OnceCell<Option<Mailbox>>,
    website: OnceCell<Option<String>>,
    email_kind: OnceCell<EmailKind>,
    job_title: OnceCell<JobTitle>,
}

impl<'a> Profile<'a> {
    /// A view of these traits.
    pub fn new(traits: &'a Traits) -> Self {
        Self {
            traits,
            mailbox: OnceCell::new(),
            website: OnceCell::new(),
            email_kind: OnceCell::new(),
            job_title: OnceCell::new(),
        }
    }

    /// A field's value: the trait, or what is derived under that name. An empty trait is a missing one.
    pub fn field(&self, name: &str) -> Option<ValueRef<'_>> {
        let sent = self.traits.get(name).map(Value::view);
        sent.filter(|value| !value.is_empty())
            .or_else(|| self.derived_field(name))
    }

    /// The traits themselves.
    pub fn traits(&self) -> &'a Traits {
        self.traits
    }

    fn derived_field(&self, name: &str) -> Option<ValueRef<'_>> {
        let text = match name {
            "domain" => self.domain()?,
            "email_kind" => self.email_kind().as_str(),
            "seniority" => self.job_title().seniority().as_str(),
            "department" => self.job_title().department().as_str(),
            _ => return None,
        };
        Some(ValueRef::Text(text))
    }

    fn domain(&self) -> Option<&str> {
        let by_mail = self.mailbox().and_then(Mailbox::domain);
        by_mail.or_else(|| {
            let by_website = self
                .website
                .get_or_init(|| domain_of_website(self.text("website")));
            by_website.as_deref()
        })
    }

    fn email_kind(&self) -> EmailKind {
        *self
            .email_kind
            .get_or_init(|| self.mailbox().map_or(EmailKind::None, Mailbox::kind))
    }

    fn job_title(&self) -> JobTitle {
        *self.job_title.get_or_init(|| JobTitle::read(self.text("title")))
    }

    fn mailbox(&self) -> Option<&Mailbox> {
        let parsed = self.mailbox.get_or_init(|| Mailbox::parse(self.text("email")));
        parsed.as_ref()
    }

    /// A text trait; an empty text where there is none.
    fn text(&self, name: &str) -> &'a str {
        match self.traits.get(name) {
            Some(Value::Text(text)) => text,
            _ => "",
        }
    }
}

/// What is derived from these traits, by field, leaving out what a trait overrides and what can't be derived.
pub fn derived(traits: &Traits) -> Vec<(&'static str, String)> {
    let profile = Profile::new(traits);
    let not_sent = DERIVED_FIELDS
        .iter()
        .filter(|name| traits.get(**name).is_none_or(|value| value.view().is_empty()));
    not_sent
        .filter_map(|name| match profile.derived_field(name)? {
            ValueRef::Text(text) => Some((*name, text.to_owned())),
            _ => None,
        })
        .collect()
}

/// Adds the built-in fields that traits state under Segment's own names, where they don't state them themselves.
pub fn fill_known_fields(traits: &mut Traits) {
    for (sent, field) in KNOWN_TRAITS {
        if !traits.contains_key(field)
            && let Some(value) = traits.get(sent).cloned()
        {
            traits.insert(field.to_owned(), value);
        }
    }
}

/// Names under which Segment's calls send what agreements have built-in fields for, the preferred ones first.
const KNOWN_TRAITS: [(&str, &str); 16] = [
    ("firstName", "first_name"),
    ("lastName", "last_name"),
    ("jobTitle", "title"),
    ("job_title", "title"),
    ("company.name", "company"),
    ("companyName", "company"),
    ("company.employee_count", "employees"),
    ("company.employees", "employees"),
    ("employee_count", "employees"),
    ("company.industry", "industry"),
    ("address.city", "city"),
    ("address.state", "region"),
    ("address.region", "region"),
    ("address.country", "country"),
    ("phoneNumber", "phone"),
    ("annualRevenue", "revenue"),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn traits(pairs: &[(&str, &str)]) -> Traits {
        let pairs = pairs
            .iter()
            .map(|(name, value)| ((*name).to_owned(), Value::from(*value)));
        pairs.collect()
    }

    #[test]
    fn fields_are_derived_and_listed_in_order() {
        let ana = traits(&[("email", "Ana@Mail.Acme.co.uk"), ("title", "VP Marketing")]);
        let expected = [
            ("domain", "acme.co.uk"),
            ("email_kind", "business"),
            ("seniority", "vp"),
            ("department", "marketing"),
        ];
        let listed = derived(&ana);
        let listed: Vec<_> = listed
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
            .collect();
        assert_eq!(listed, expected);
    }

    #[test]
    fn a_field_is_derived_from_the_traits_that_are_named_and_no_others() {
        let emails = [
            "",
            "ana@acme.example",
            "bob@gmail.com",
            "info@acme.example",
            "nobody",
        ];
        let (websites, titles) = (["", "rival.example"], ["", "VP Sales", "Engineer"]);
        for (email, website, title) in emails
            .iter()
            .flat_map(|email| websites.iter().map(move |website| (email, website)))
            .flat_map(|(email, website)| titles.iter().map(move |title| (email, website, title)))
        {
            let all = traits(&[
                ("email", email),
                ("website", website),
                ("title", title),
                ("city", "Bern"),
            ]);
            for name in DERIVED_FIELDS {
                let mut named = all.clone();
                named.retain(|trait_name, _| derived_from(name).contains(&trait_name.as_str()));
                assert_eq!(
                    Profile::new(&named).field(name),
                    Profile::new(&all).field(name),
                    "{name} of {all:?}"
                );
            }
        }
    }

    #[test]
    fn a_trait_under_a_derived_name_overrides_and_an_empty_one_does_not() {
        let sent = traits(&[
            ("email", "ana@acme.example"),
            ("domain", "other.example"),
            ("seniority", " "),
        ]);
        let profile = Profile::new(&sent);
        assert_eq!(profile.field("domain"), Some(ValueRef::Text("other.example")));
        assert_eq!(profile.field("seniority"), Some(ValueRef::Text("unknown")));
        assert_eq!(profile.field("title"), None);
        assert!(derived(&sent).iter().all(|(name, _)| *name != "domain"));
    }

    #[test]
    fn of_nothing_nothing_is_known() {
        let nobody = Traits::new();
        let profile = Profile::new(&nobody);
        assert_eq!(profile.field("domain"), None);
        assert_eq!(profile.field("email_kind"), Some(ValueRef::Text("none")));
        assert_eq!(profile.field("department"), Some(ValueRef::Text("unknown")));
    }

    #[test]
    fn the_website_gives_the_domain_where_the_email_cannot() {
        for (email, website, domain) in [
            ("ana@acme.example", "https://other.example", Some("acme.example")),
            (
                "not an email",
                "https://www.Other.example/x?y",
                Some("other.example"),
            ),
            ("", "other.example:8080", Some("other.example")),
            ("", "http://user:pass@shop.other.co.uk/", Some("other.co.uk")),
            ("", "http://127.0.0.1/", None),
            ("", "http://[::1]:80/", None),
            ("", "localhost", None),
            ("", "co.uk", None),
            ("", "see our page", None),
        ] {
            let traits = traits(&[("email", email), ("website", website)]);
            let profile = Profile::new(&traits);
            assert_eq!(
                profile.field("domain"),
                domain.map(ValueRef::Text),
                "{email} {website}"
            );
        }
    }
}
