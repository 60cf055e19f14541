//! One package of the npm registry: its newest version, unpacked.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::shell;

/// A package as it is unpacked.
pub(super) struct Package {
    pub(super) version: String,
    /// The day of its publication.
    pub(super) published: String,
    pub(super) licence: String,
    folder: PathBuf,
}

impl Package {
    /// Fetches the newest version into the target folder.
    pub(super) fn fetch(name: &str) -> Result<Self> {
        if shell::find_program("npm").is_none() {
            bail!("there is no npm here; install Node.js with npm");
        }
        let mut view = shell::command("npm");
        view.args(["view", name, "version", "license", "time", "--json"]);
        let said = shell::output(&mut view)?;
        let said: Value = serde_json::from_str(&said).context("npm prints one object")?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let version = text(&said["version"]).with_context(|| format!("npm names no version of {name}"))?;
        let published = text(&said["time"][version.as_str()]).unwrap_or_default();
        let licence = text(&said["license"]).with_context(|| format!("npm names no licence of {name}"))?;
        let into = shell::target().join("xtask-data").join(name);
        fs::create_dir_all(&into).with_context(|| format!("cannot make {}", into.display()))?;
        let mut pack = shell::command("npm");
        pack.current_dir(&into)
            .args(["pack", "--silent", &format!("{name}@{version}")]);
        let file = shell::output(&mut pack)?;
        let mut unpack = shell::command("tar");
        unpack.current_dir(&into).args(["-xzf", file.trim()]);
        shell::output(&mut unpack)?;
        Ok(Self {
            version,
            published: published.chars().take(10).collect(),
            licence,
            folder: into.join("package"),
        })
    }

    /// A file of the package, as JSON.
    pub(super) fn json(&self, path: &str) -> Result<Value> {
        let path = self.folder.join(path);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
    }
}
