//! Files that say whose network an address is of: held in memory, and read again when they change.

use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use bellwether_connect::companies::{Companies, CompaniesError, Fields};

use crate::shared::Shared;
use crate::{App, AppError};

pub use bellwether_connect::companies::{Company, Network};

/// How often the files are looked at, in seconds.
const LOOK_S: u64 = 60;

/// The files in MaxMind's format by which a visitor's company is told; none, unless an operator supplies them.
#[derive(Debug, Clone, Default)]
pub struct NetworkFiles {
    /// Where they are. Of several, the first that says something of an address counts.
    pub files: Vec<PathBuf>,
    /// Where their records keep what, where that isn't where it usually is.
    pub fields: Fields,
}

/// What says which account a lead belongs to, the most believed first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccountBy {
    /// A group call.
    Group,
    /// Their mail, at a company's domain.
    Email,
    /// The network that they visited from.
    Network,
}

impl AccountBy {
    /// Its name in data.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Group => "group",
            Self::Email => "email",
            Self::Network => "network",
        }
    }
}

/// What a file was like when it was read.
type Stamp = Option<(SystemTime, u64)>;

/// The files in memory.
#[derive(Debug, Default)]
pub(crate) struct Networks {
    wanted: NetworkFiles,
    held: RwLock<Arc<Vec<(Stamp, Companies)>>>,
}

impl Networks {
    /// Reads the files at the start.
    pub(crate) fn read(wanted: NetworkFiles) -> Result<Self, AppError> {
        let invalid = |error: CompaniesError| AppError::Invalid {
            field: "ip_companies",
            message: error.to_string(),
        };
        let held = wanted.files.iter().map(|file| {
            let stamp = stamp(file);
            Ok((stamp, Companies::read(file, wanted.fields.clone())?))
        });
        let held = held.collect::<Result<Vec<_>, _>>().map_err(invalid)?;
        Ok(Self {
            wanted,
            held: RwLock::new(Arc::new(held)),
        })
    }

    pub(crate) fn are_none(&self) -> bool {
        self.wanted.files.is_empty()
    }

    fn look_up(&self, address: IpAddr) -> Network {
        let held = Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner));
        let mut found = Network::default();
        for (_, file) in held.iter() {
            let network = file.look_up(address);
            found.company = found.company.or(network.company);
            found.country = found.country.or(network.country);
        }
        found
    }

    /// Reads the files again that changed; one that can't be read stays as it was.
    fn look_again(&self) {
        let held = Arc::clone(&self.held.read().unwrap_or_else(PoisonError::into_inner));
        let stamps: Vec<Stamp> = self.wanted.files.iter().map(|file| stamp(file)).collect();
        let changed = |(stamp, held): (&Stamp, &(Stamp, Companies))| stamp.is_some() && *stamp != held.0;
        if !stamps.iter().zip(held.iter()).any(changed) {
            return;
        }
        let read = self.wanted.files.iter().zip(&stamps);
        let read = read.map(|(file, stamp)| Ok((*stamp, Companies::read(file, self.wanted.fields.clone())?)));
        match read.collect::<Result<Vec<_>, CompaniesError>>() {
            Ok(read) => {
                *self.held.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(read);
                tracing::info!("the files that name visitors' companies were read again");
            }
            Err(error) => tracing::warn!(%error, "a file that names visitors' companies stays as it was"),
        }
    }
}

fn stamp(file: &std::path::Path) -> Stamp {
    let metadata = std::fs::metadata(file).ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

/// Reads files again when they change, until it is told to stop.
pub(crate) fn watch(shared: &Arc<Shared>) {
    while shared.network_files.wait(Duration::from_secs(LOOK_S)) {
        shared.networks.look_again();
    }
}

impl App {
    /// Whose network an address is of, by the operator's files. It takes some microseconds, and none where there is no
    /// file.
    pub fn network_of(&self, address: IpAddr) -> Network {
        self.shared().networks.look_up(address)
    }

    /// Whether the operator supplied files by which networks are told.
    pub fn tells_networks(&self) -> bool {
        !self.shared().networks.are_none()
    }

    /// Has the files read again that changed.
    pub fn reread_networks(&self) {
        self.shared().network_files.wake();
    }
}
