//! What a new database needs before anybody can use it: a key to bring events by, a key for everything else, and
//! somebody who may sign in.

use std::fmt::Write as _;
use std::path::Path;

use bellwether_app::{App, KeyClass, Role, SystemEntropy};

use crate::console::password;

/// By what the first operator signs in.
const FIRST_EMAIL: &str = "admin@localhost";

/// What is shown once.
pub(super) struct Secrets {
    write_key: String,
    admin_key: String,
    password: String,
}

/// Prepares a database that nobody has a way into; nothing where somebody has.
pub(super) async fn prepare(app: &App) -> anyhow::Result<Option<Secrets>> {
    if !app.keys().await?.is_empty() || !app.users().await?.is_empty() {
        return Ok(None);
    }
    let password = password(&SystemEntropy)?;
    app.create_user("Admin", FIRST_EMAIL, &password, Role::Admin)
        .await?;
    let (_, write_key) = app.create_key(KeyClass::Write, "first write key").await?;
    let (_, admin_key) = app.create_key(KeyClass::Admin, "first admin key").await?;
    Ok(Some(Secrets {
        write_key,
        admin_key,
        password,
    }))
}

impl Secrets {
    /// The secrets with what to do next.
    pub(super) fn laid_out(&self, url: &str, data: &Path) -> String {
        let mut text = String::new();
        let data = data.display();
        // Writing to a string can't fail.
        let _ = write!(
            text,
            "A new database is in `{data}`. What follows is shown this once; keep it.

  sign in     {FIRST_EMAIL}
  password    {}
  write key   {}
  admin key   {}

Next:
  1. Sign in at {url}
  2. Give your site's Segment client the write key and this address.
  3. Add those who call leads:
     bellwether user add --data {data} --email ana@acme.example --name \"Ana Reyes\" --team sdr
     `bellwether team list --data {data}` shows the teams that the agreement names.
  4. Make the agreement yours: bellwether agreement show --data {data} > agreement.toml, edit it,
     `bellwether check agreement.toml`, `bellwether agreement put --data {data} agreement.toml`.
",
            self.password, self.write_key, self.admin_key
        );
        text
    }
}
