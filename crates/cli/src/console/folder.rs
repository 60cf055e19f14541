//! The data directory: made where it is missing, readable by its owner alone, and held by one process at a time.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

/// The file whose lock says who holds the directory. The system frees it when its process ends, however that ends.
const LOCK_FILE: &str = "bellwether.lock";
/// The socket by which the process that holds the directory is asked.
const SOCKET_FILE: &str = "bellwether.sock";
/// The database.
const DATABASE_FILE: &str = "bellwether.db";

/// A data directory.
#[derive(Debug)]
pub(crate) struct Folder(PathBuf);

/// Who holds a data directory.
#[derive(Debug)]
pub(crate) enum Hold {
    /// This process, until the file is dropped.
    Ours(File),
    /// Another one.
    Anothers,
}

impl Folder {
    /// The directory, made where it is missing.
    pub(crate) fn make(path: &Path) -> anyhow::Result<Self> {
        make_private(path).with_context(|| {
            format!(
                "the data directory `{}` can't be made; name another with --data",
                path.display()
            )
        })?;
        Ok(Self(path.to_owned()))
    }

    /// The directory, where there is a database in it.
    pub(crate) fn existing(path: &Path) -> anyhow::Result<Self> {
        let folder = Self(path.to_owned());
        if !folder.has_database() {
            bail!(
                "there is no database in `{0}`; start `bellwether serve --data {0}` once, or name another directory with --data",
                path.display()
            );
        }
        Ok(folder)
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// Whether there is a database in it.
    pub(crate) fn has_database(&self) -> bool {
        self.0.join(DATABASE_FILE).is_file()
    }

    /// Its socket.
    pub(crate) fn socket(&self) -> PathBuf {
        self.0.join(SOCKET_FILE)
    }

    /// Takes hold of the directory, unless another process has it.
    pub(crate) fn hold(&self) -> anyhow::Result<Hold> {
        let path = self.0.join(LOCK_FILE);
        let file = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path);
        let file = file.with_context(|| {
            format!(
                "`{}` can't be written; give this user the directory, or name another with --data",
                path.display()
            )
        })?;
        match file.try_lock() {
            Ok(()) => Ok(Hold::Ours(file)),
            Err(TryLockError::WouldBlock) => Ok(Hold::Anothers),
            Err(TryLockError::Error(error)) => {
                Err(error).with_context(|| format!("`{}` can't be locked", path.display()))
            }
        }
    }
}

#[cfg(unix)]
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
}

#[cfg(not(unix))]
fn make_private(path: &Path) -> io::Result<()> {
    std::fs::create_dir_all(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_holder_and_is_free_once_that_one_is_gone() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::make(&place.path().join("data")).unwrap();
        let first = folder.hold().unwrap();
        assert!(matches!(first, Hold::Ours(_)));
        assert!(matches!(folder.hold().unwrap(), Hold::Anothers));
        drop(first);
        assert!(matches!(folder.hold().unwrap(), Hold::Ours(_)));
    }

    #[test]
    fn a_directory_without_a_database_is_told_how_to_get_one() {
        let place = tempfile::tempdir().unwrap();
        let error = Folder::existing(place.path()).unwrap_err().to_string();
        assert!(error.contains("bellwether serve --data"), "{error}");
    }
}
