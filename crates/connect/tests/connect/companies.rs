//! A visitor's company by the network, from files as their makers write them.

use std::net::IpAddr;

use bellwether_connect::companies::{Companies, CompaniesError, Fields};
use bellwether_testkit::mmdb::mmdb;
use serde_json::json;

fn companies(networks: &[(&str, serde_json::Value)], fields: Fields) -> Companies {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), mmdb(networks)).unwrap();
    Companies::read(file.path(), fields).unwrap()
}

fn company(companies: &Companies, address: &str) -> Option<(String, Option<String>)> {
    let address: IpAddr = address.parse().unwrap();
    let company = companies.look_up(address).company?;
    Some((company.domain, company.name))
}

#[test]
fn a_record_with_a_domain_of_its_own_is_a_company_and_no_other() {
    let found = companies(
        &[
            (
                "192.0.2.0/25",
                json!({ "domain": "WWW.Acme.example", "name": "Acme", "type": "business" }),
            ),
            (
                "192.0.2.128/25",
                json!({ "domain": "host.example", "type": "hosting" }),
            ),
            ("198.51.100.0/24", json!({ "domain": "t-online.de" })),
            (
                "203.0.113.0/24",
                json!({ "autonomous_system_number": 64_496, "autonomous_system_organization": "Net" }),
            ),
            (
                "2001:db8:1::/48",
                json!({ "traits": { "domain": "globex.example", "organization": "Globex", "user_type": "business" },
                    "country": { "iso_code": "AT" } }),
            ),
            (
                "2001:db8:2::/48",
                json!({ "traits": { "domain": "cell.example", "user_type": "cellular" }, "country": { "iso_code": "DE" } }),
            ),
        ],
        Fields::default(),
    );
    let named = |domain: &str, name: &str| Some((domain.to_owned(), Some(name.to_owned())));
    for (address, expected) in [
        ("192.0.2.1", named("acme.example", "Acme")),
        ("::ffff:192.0.2.1", named("acme.example", "Acme")),
        ("192.0.2.200", None),
        ("198.51.100.7", None),
        ("203.0.113.7", None),
        ("2001:db8:1::7", named("globex.example", "Globex")),
        ("2001:db8:2::7", None),
        ("10.0.0.1", None),
        ("::1", None),
    ] {
        assert_eq!(company(&found, address), expected, "{address}");
    }
    let country = |address: &str| found.look_up(address.parse().unwrap()).country;
    assert_eq!(country("2001:db8:2::7"), Some("DE".to_owned()));
    assert_eq!(country("192.0.2.1"), None);
}

#[test]
fn a_file_of_another_make_is_read_by_the_paths_that_are_given() {
    let fields = Fields::parse("domain=org.site, organization=org.title").unwrap();
    let found = companies(
        &[(
            "192.0.2.0/24",
            json!({ "org": { "site": "acme.example", "title": "Acme" } }),
        )],
        fields,
    );
    assert_eq!(
        company(&found, "192.0.2.9"),
        Some(("acme.example".to_owned(), Some("Acme".to_owned())))
    );
    for wrong in ["domain", "domain=", "city=x", "domain=a..b"] {
        assert!(Fields::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn what_is_no_such_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.mmdb");
    let read = |file: &std::path::Path| Companies::read(file, Fields::default()).map(|_| ());
    assert!(matches!(read(&file), Err(CompaniesError::Unreadable(..))));
    let whole = mmdb(&[("192.0.2.0/24", json!({ "domain": "acme.example" }))]);
    for bytes in [&b""[..], b"not a database", &whole[..whole.len() / 2]] {
        std::fs::write(&file, bytes).unwrap();
        assert!(matches!(read(&file), Err(CompaniesError::Malformed(..))));
    }
    // A file whose end is whole and whose records aren't gives nothing, and doesn't end the process.
    for at in 0..whole.len() - 200 {
        let mut broken = whole.clone();
        broken[at] ^= 0xff;
        std::fs::write(&file, &broken).unwrap();
        if let Ok(companies) = Companies::read(&file, Fields::default()) {
            companies.look_up("192.0.2.7".parse().unwrap());
        }
    }
}
