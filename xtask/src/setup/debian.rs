//! Programs that come as Debian packages: the browser and its driver, Node.js, Python. Installed only when absent and when
//! this user may install packages.

use std::{env, process::Command};

use anyhow::{Result, bail};

use super::{State, Tool, state_of};
use crate::shell;

struct Program {
    /// The name on the search path.
    name: &'static str,
    package: &'static str,
    needed_for: &'static str,
}

const PROGRAMS: [Program; 5] = [
    Program {
        name: "chromium",
        package: "chromium",
        needed_for: "the browser's way through the pages",
    },
    Program {
        name: "chromedriver",
        package: "chromium-driver",
        needed_for: "the browser's way through the pages",
    },
    Program {
        name: "node",
        package: "nodejs",
        needed_for: "Segment's Node.js client",
    },
    Program {
        name: "npm",
        package: "npm",
        needed_for: "Segment's JavaScript clients",
    },
    Program {
        name: "python3",
        package: "python3-venv",
        needed_for: "Segment's Python client",
    },
];

pub(super) fn set_up() -> Vec<Tool> {
    let absent: Vec<&Program> = PROGRAMS.iter().filter(|program| !is_there(program)).collect();
    let packages: Vec<&str> = absent.iter().map(|program| program.package).collect();
    let installed = if packages.is_empty() {
        Ok(())
    } else {
        install(&packages)
    };
    PROGRAMS
        .iter()
        .map(|program| {
            let was_absent = absent.iter().any(|other| other.name == program.name);
            let state = match (&installed, was_absent) {
                (_, false) => Ok(State::Present),
                (Ok(()), true) if is_there(program) => Ok(State::Installed),
                (Ok(()), true) => {
                    bail_missing("its package was installed, but the program is not on the search path")
                }
                (Err(error), true) => bail_missing(&format!("{error:#}")),
            };
            Tool {
                name: program.name,
                needed_for: program.needed_for,
                state: state_of(state),
            }
        })
        .collect()
}

fn is_there(program: &Program) -> bool {
    shell::find_program(program.name).is_some()
}

fn bail_missing(why: &str) -> Result<State> {
    bail!("{why}")
}

fn install(packages: &[&str]) -> Result<()> {
    if shell::find_program("apt-get").is_none() {
        bail!("there is no apt-get here; install {} by hand", packages.join(" "));
    }
    println!("installing Debian packages: {}", packages.join(" "));
    // An old list of packages names versions that the mirror no longer has. A failure shows in the install below.
    let _ = shell::run(as_root()?.args(["apt-get", "update", "-qq"]));
    shell::run(
        as_root()?
            .args(["apt-get", "install", "-y", "-qq", "--no-install-recommends"])
            .args(packages),
    )
}

/// A command that runs as root without asking for a password, whose program comes as the first argument.
fn as_root() -> Result<Command> {
    let is_root = shell::output(shell::command("id").arg("-u"))?.trim() == "0";
    let mut command = if is_root {
        shell::command("env")
    } else if shell::output(shell::command("sudo").args(["-n", "true"])).is_ok() {
        let mut sudo = shell::command("sudo");
        sudo.arg("-n");
        sudo
    } else {
        let user = env::var("USER").unwrap_or_else(|_| "this user".to_owned());
        bail!("{user} may not install packages; run `cargo xtask setup` as root or with sudo");
    };
    command.env("DEBIAN_FRONTEND", "noninteractive");
    Ok(command)
}
