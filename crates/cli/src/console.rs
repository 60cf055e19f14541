//! What the commands share that work on a data directory: one process at a time holds it; the others ask that one,
//! through a socket in the directory that only its owner may use, so that whatever it remembers stays true.

mod agreements;
mod desk;
mod destinations;
mod enrichers;
mod folder;
mod inbound;
mod mail;
mod moves;
mod perform;
mod records;
mod request;
mod secret;
mod session;
mod socket;
mod table;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use bellwether_app::{App, Options};

pub(crate) use agreements::AgreementRequest;
pub(crate) use desk::{DeskRequest, TeamSaid};
pub(crate) use folder::{Folder, Hold};
pub(crate) use mail::laid_out;
pub(crate) use request::{DestinationRequest, Done, MailRequest, MoveArgs, Request, Trial};
pub(crate) use secret::password;
pub(crate) use session::{Session, Taking};
pub(crate) use socket::{Listening, listen};
pub(crate) use table::{harmless, harmless_lines, print_rows};

use crate::demo::AGREEMENT;

/// Where a command's data is.
#[derive(clap::Args)]
pub(crate) struct DataArgs {
    /// The data directory.
    #[arg(
        long,
        value_name = "DIR",
        env = "BELLWETHER_DATA",
        default_value = "bellwether-data"
    )]
    pub(crate) data: PathBuf,
}

/// How the product is run on this machine, on that data.
pub(crate) fn options(data: &Path) -> Options {
    Options::new(data.to_owned(), AGREEMENT.to_owned())
}

/// Has something done: by the process that holds the data directory, or else here and now.
pub(crate) fn ask(data: &Path, request: Request) -> anyhow::Result<Done> {
    let folder = Folder::existing(data)?;
    match folder.hold()? {
        Hold::Ours(lock) => {
            let done = runtime()?.block_on(async {
                let options = Options {
                    deliver: false,
                    ..options(data)
                };
                let app = App::open(options).map_err(anyhow::Error::from)?;
                perform::perform(&app, folder.path(), request).await
            });
            drop(lock);
            done
        }
        Hold::Anothers => socket::ask(&folder, &request)
            .with_context(|| format!("the process that holds `{}` answers", data.display())),
    }
}

/// What runs asynchronous work.
pub(crate) fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .context("the process can't start its threads")
}
