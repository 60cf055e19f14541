//! What tests use of Python's packages (Segment's client, a mail server, a verifier of webhooks, `DuckDB`), in a virtual
//! environment of its own below the target folder.

use std::fs;

use anyhow::{Context as _, Result, bail};

use super::{State, Tool, state_of, test_python};
use crate::shell;

const REQUIREMENTS: &str = "crates/cli/tests/clients/python/requirements.txt";

pub(super) fn set_up() -> Tool {
    Tool {
        name: "Segment's Python client, aiosmtpd, standardwebhooks and DuckDB",
        needed_for: "the wire form as that client speaks it, mails and webhooks as others read them, scores worked out in SQL",
        state: state_of(set_up_environment()),
    }
}

fn set_up_environment() -> Result<State> {
    let requirements = shell::root().join(REQUIREMENTS);
    let wanted = fs::read(&requirements).with_context(|| format!("cannot read {REQUIREMENTS}"))?;
    let folder = shell::target().join("test-python");
    let stamp = folder.join("installed-requirements.txt");
    if fs::read(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(State::Present);
    }
    if shell::find_program("python3").is_none() {
        bail!("there is no python3 here; install Python 3 with its venv module");
    }
    shell::run(
        shell::command("python3")
            .args(["-m", "venv", "--clear"])
            .arg(&folder),
    )?;
    let mut pip = shell::command(test_python());
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--require-hashes",
        "-r",
    ]);
    shell::run(pip.arg(&requirements))?;
    fs::write(&stamp, wanted).context("cannot remember what was installed")?;
    Ok(State::Installed)
}
