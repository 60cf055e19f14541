//! Which company's network an address belongs to, by a file in MaxMind's format that the operator supplies. Only a record
//! that names a domain makes a company, and only where that domain is a company's own: the networks of access providers,
//! mobile carriers and hosts carry everybody's visitors.

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use bellwether_core::domain::{Traits, Value};
use bellwether_core::profile::Profile;
use maxminddb::{PathElement, Reader};

/// The largest file that is read, in bytes.
pub const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024 * 1024;
/// The longest text that is taken from a record, in bytes.
const TEXT_BYTES_MAX: usize = 200;

/// Words by which files say that a network is no company's own.
const CARRIERS: [&str; 16] = [
    "isp",
    "hosting",
    "cellular",
    "mobile",
    "residential",
    "dialup",
    "cable/dsl",
    "cafe",
    "consumer_privacy_network",
    "content_delivery_network",
    "router",
    "search_engine_spider",
    "traveler",
    "vpn",
    "proxy",
    "tor",
];

/// Where a file keeps what, as dotted paths of which the first that leads somewhere counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fields {
    domain: Vec<String>,
    organization: Vec<String>,
    country: Vec<String>,
    kind: Vec<String>,
}

impl Default for Fields {
    /// Where the files in use keep it: company, domain, enterprise, country and city files.
    fn default() -> Self {
        let paths = |paths: &[&str]| paths.iter().map(|path| (*path).to_owned()).collect();
        Self {
            domain: paths(&["domain", "company.domain", "traits.domain"]),
            organization: paths(&[
                "organization",
                "company.name",
                "traits.organization",
                "name",
                "autonomous_system_organization",
                "traits.autonomous_system_organization",
            ]),
            country: paths(&["country.iso_code", "country_code", "country"]),
            kind: paths(&[
                "type",
                "company.type",
                "user_type",
                "traits.user_type",
                "usage_type",
            ]),
        }
    }
}

impl Fields {
    /// Reads `domain=company.domain,organization=company.name`; what isn't named stays where it usually is. An error says
    /// what is wrong.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut fields = Self::default();
        for part in text.split(',').map(str::trim).filter(|part| !part.is_empty()) {
            let (name, path) = part.split_once('=').unwrap_or((part, ""));
            let into = match name.trim() {
                "domain" => &mut fields.domain,
                "organization" => &mut fields.organization,
                "country" => &mut fields.country,
                "kind" => &mut fields.kind,
                _ => {
                    return Err(format!(
                        "`{part}` names no field; write `domain=PATH`, `organization=PATH`, `country=PATH` or `kind=PATH`"
                    ));
                }
            };
            let path = path.trim();
            if path.is_empty() || path.split('.').any(str::is_empty) {
                return Err(format!(
                    "`{part}` has no path; write one like `domain=company.domain`"
                ));
            }
            *into = vec![path.to_owned()];
        }
        Ok(fields)
    }
}

/// What a file says of an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// The company, where the network is one's own.
    pub company: Option<Company>,
    /// The country's two letters.
    pub country: Option<String>,
}

/// A company, by its network.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Company {
    /// Its registrable domain.
    pub domain: String,
    /// Its name.
    pub name: Option<String>,
}

/// Why a file can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CompaniesError {
    /// It can't be read.
    #[error("`{0}` can't be read: {1}")]
    Unreadable(PathBuf, String),
    /// It isn't in MaxMind's format.
    #[error("`{0}` is not a file in MaxMind's format (`.mmdb`): {1}")]
    Malformed(PathBuf, String),
    /// It is larger than what is read.
    #[error("`{0}` has more than {FILE_BYTES_MAX} bytes")]
    TooLarge(PathBuf),
}

/// A file, in memory.
pub struct Companies {
    reader: Reader<Vec<u8>>,
    fields: Fields,
}

impl Companies {
    /// Reads a file.
    pub fn read(file: &Path, fields: Fields) -> Result<Self, CompaniesError> {
        let unreadable =
            |error: std::io::Error| CompaniesError::Unreadable(file.to_owned(), error.to_string());
        let length = std::fs::metadata(file).map_err(unreadable)?.len();
        if length > FILE_BYTES_MAX {
            return Err(CompaniesError::TooLarge(file.to_owned()));
        }
        let bytes = std::fs::read(file).map_err(unreadable)?;
        let reader = Reader::from_source(bytes)
            .map_err(|error| CompaniesError::Malformed(file.to_owned(), error.to_string()))?;
        Ok(Self { reader, fields })
    }

    /// What the file says of an address. What can't be read of a record is as if it weren't there.
    pub fn look_up(&self, address: IpAddr) -> Network {
        let Ok(record) = self.reader.lookup(address.to_canonical()) else {
            return Network::default();
        };
        if !record.has_data() {
            return Network::default();
        }
        let text = |paths: &[String]| {
            paths.iter().find_map(|path| {
                let steps: Vec<PathElement<'_>> = path.split('.').map(PathElement::Key).collect();
                let found: Option<&str> = record.decode_path(&steps).ok()?;
                let found = found?.trim();
                (!found.is_empty() && found.len() <= TEXT_BYTES_MAX).then(|| found.to_owned())
            })
        };
        let carrier = || {
            let kind = text(&self.fields.kind);
            kind.is_some_and(|kind| CARRIERS.contains(&kind.to_ascii_lowercase().as_str()))
        };
        let company = text(&self.fields.domain)
            .and_then(|domain| own_domain(&domain))
            .filter(|_| !carrier())
            .map(|domain| Company {
                domain,
                name: text(&self.fields.organization),
            });
        let country = text(&self.fields.country);
        Network {
            company,
            country: country.filter(|code| code.len() == 2 && code.bytes().all(|b| b.is_ascii_alphabetic())),
        }
    }
}

/// The registrable domain, where it is a company's own: not one of those under which people have free mail, which are
/// those of access providers too.
fn own_domain(domain: &str) -> Option<String> {
    let traits = Traits::from([("email".to_owned(), Value::Text(format!("visitor@{domain}")))]);
    let profile = Profile::new(&traits);
    let business = profile
        .field("email_kind")?
        .as_texts()
        .any(|kind| kind == "business");
    let own = profile.field("domain").filter(|_| business)?;
    own.as_texts().next().map(std::borrow::Cow::into_owned)
}

impl std::fmt::Debug for Companies {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let kind = &self.reader.metadata().database_type;
        f.debug_struct("Companies")
            .field("kind", kind)
            .finish_non_exhaustive()
    }
}
