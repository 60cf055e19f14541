//! By what two leads are found that may be one person: the same name at the same company, or the same mailbox written
//! otherwise. Nothing is joined for it; the two are offered as a pair, and a person decides.

use bellwether_core::profile::matching_address;

/// How many others a lead is offered with for one likeness: more are no persons but a default of some form.
pub(crate) const PAIRS_MAX: u32 = 5;
/// The longest value by which leads are found to be alike, in bytes.
const VALUE_BYTES_MAX: usize = 200;

/// Something that two leads have in common if they are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Likeness {
    /// What kind of thing.
    pub(crate) kind: &'static str,
    /// Itself, in the form in which it is compared.
    pub(crate) value: String,
    /// What is said of two leads that have it.
    pub(crate) reason: String,
}

/// By what a lead may be found to be another one.
pub(crate) fn of(name: Option<&str>, email: Option<&str>, company_domain: Option<&str>) -> Vec<Likeness> {
    let mut found = Vec::new();
    if let Some(mailbox) = email.and_then(matching_address) {
        found.push(Likeness {
            kind: "mailbox",
            reason: format!("the same mailbox, {mailbox}"),
            value: mailbox,
        });
    }
    let name = name.map(comparable).filter(|name| name.contains(' '));
    if let (Some(name), Some(domain)) = (name, company_domain) {
        found.push(Likeness {
            kind: "name_at_domain",
            reason: format!("the same name, both at {domain}"),
            value: format!("{name}|{domain}"),
        });
    }
    found.retain(|likeness| likeness.value.len() <= VALUE_BYTES_MAX);
    found
}

/// A name in lower case, with single spaces, its parts in order: "Lopez, Ana" and "Ana Lopez" are one.
fn comparable(name: &str) -> String {
    let lower = name.to_lowercase();
    let mut parts: Vec<&str> = lower
        .split(|c: char| c.is_whitespace() || matches!(c, ',' | '.'))
        .filter(|part| !part.is_empty())
        .collect();
    parts.sort_unstable();
    parts.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(name: &str, email: &str, domain: Option<&str>) -> Vec<String> {
        of(Some(name), Some(email), domain)
            .into_iter()
            .map(|likeness| likeness.value)
            .collect()
    }

    #[test]
    fn a_name_counts_at_a_company_only_and_in_any_order() {
        let expected = values("Ana Lopez", "ana@acme.example", Some("acme.example"));
        assert_eq!(expected, ["ana@acme.example", "ana lopez|acme.example"]);
        assert_eq!(
            values("LOPEZ,  Ana", "ana+news@ACME.example", Some("acme.example")),
            expected
        );
        assert_eq!(
            values("Ana Lopez", "ana@mail.example", None),
            ["ana@mail.example"]
        );
        // A first name alone says too little.
        assert_eq!(
            values("Ana", "ana@acme.example", Some("acme.example")),
            ["ana@acme.example"]
        );
    }
}
