//! `bellwether agreement`: the agreement that a database runs by.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail};
use bellwether_core::agreement::{Severity, check, limits};

use super::user::first_line;
use crate::console::{AgreementRequest, DataArgs, Done, Request, ask, harmless_lines, print_rows};

/// The columns of the lists.
const PROPOSALS: [&str; 7] = ["proposal", "state", "on", "proposed", "by", "missing", "note"];
const VERSIONS: [&str; 8] = [
    "version", "since", "mode", "basis", "signed", "by", "hash", "reason",
];
const NEWLY_QUALIFIED: [&str; 9] = [
    "lead",
    "state",
    "name",
    "qualified",
    "trigger",
    "score",
    "still",
    "team",
    "owner",
];

/// Arguments of `bellwether agreement`.
#[derive(clap::Args)]
pub(crate) struct AgreementArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(clap::Subcommand)]
enum Action {
    /// Print the active agreement as it was given.
    Show {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Make an agreement the active one that nobody signed: the first of a database without leads, or one for which you say
    /// why.
    Put {
        /// The agreement.
        file: PathBuf,
        /// Why it is published though nobody signed it; kept with the version, and listed as a warning.
        #[arg(long = "override", value_name = "REASON")]
        reason: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Propose an agreement, and show what it would have come to. It changes nothing.
    Propose {
        /// The agreement.
        file: PathBuf,
        /// Why, for those who sign it.
        #[arg(long, value_name = "TEXT")]
        note: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List proposals, the newest first.
    Proposals {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Show a proposal: what it would have come to, and who signed it.
    Proposal {
        /// Its number.
        id: i64,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Sign a proposal. Your password is read from the first line of standard input.
    Sign {
        /// Its number.
        id: i64,
        /// The address that you sign in by.
        #[arg(long = "as", value_name = "ADDRESS")]
        email: String,
        /// `marketing` or `sales`; needed where you may sign for either.
        #[arg(long, value_name = "DEPARTMENT")]
        department: Option<String>,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Make a proposal that both departments signed the active version.
    Publish {
        /// Its number.
        id: i64,
        #[command(flatten)]
        how: How,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Take a proposal back.
    Withdraw {
        /// Its number.
        id: i64,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List versions, the newest first, with who signed each.
    Versions {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Make an older version active again, as a new one.
    Rollback {
        /// Its number.
        version: u32,
        #[command(flatten)]
        how: How,
        #[command(flatten)]
        data: DataArgs,
    },
    /// List whom the active version would newly hand off, where it judges all leads anew.
    NewlyQualified {
        #[command(flatten)]
        data: DataArgs,
    },
    /// Have listed leads handed off.
    Confirm {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Leave listed leads out: they are judged by what they do next.
    LeaveOut {
        #[command(flatten)]
        which: Which,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Run a proposal beside the active version: it hands nobody off, and tells whom it would have.
    Shadow {
        /// The proposal's number.
        id: i64,
        /// For how many days, 1 to 90.
        #[arg(long, default_value_t = 14)]
        days: u16,
        #[command(flatten)]
        data: DataArgs,
    },
    /// Tell whom the proposal of a run would have handed off, so far or in all.
    ShadowReport {
        /// The run's number.
        id: i64,
        #[command(flatten)]
        data: DataArgs,
    },
    /// End a run before its time.
    ShadowStop {
        /// The run's number.
        id: i64,
        #[command(flatten)]
        data: DataArgs,
    },
}

/// How something becomes the active version.
#[derive(clap::Args)]
struct How {
    /// `forward` (from now on; what was decided stays) or `retroactive` (all leads are judged anew, and whom it would newly
    /// hand off is listed to be confirmed).
    #[arg(long, default_value = "forward")]
    mode: String,
    /// Why it is published though not both departments signed it; kept with the version, and listed as a warning.
    #[arg(long = "override", value_name = "REASON")]
    reason: Option<String>,
}

/// Which leads of the list.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
struct Which {
    /// Their numbers.
    leads: Vec<i64>,
    /// All that wait, if they are this many: as many as `newly-qualified` said.
    #[arg(long, value_name = "COUNT")]
    all: Option<u64>,
}

/// Runs the command.
pub(crate) fn run(args: &AgreementArgs) -> anyhow::Result<ExitCode> {
    let (data, request) = match &args.action {
        Action::Put { file, reason, data } => {
            let source = read_checked(file)?;
            let reason = reason.clone();
            (data, AgreementRequest::Put { source, reason })
        }
        Action::Propose { file, note, data } => {
            let source = read_checked(file)?;
            let note = note.clone();
            (data, AgreementRequest::Propose { source, note })
        }
        Action::Show { data } => (data, AgreementRequest::Show),
        Action::Proposals { data } => (data, AgreementRequest::Proposals),
        Action::Proposal { id, data } => (data, AgreementRequest::Proposal { id: *id }),
        Action::Withdraw { id, data } => (data, AgreementRequest::Withdraw { id: *id }),
        Action::Versions { data } => (data, AgreementRequest::Versions),
        Action::Sign {
            id,
            email,
            department,
            data,
        } => {
            let request = AgreementRequest::Sign {
                id: *id,
                email: email.clone(),
                password: first_line()?,
                department: department.clone(),
            };
            (data, request)
        }
        Action::Publish { id, how, data } => {
            let request = AgreementRequest::Publish {
                id: *id,
                mode: how.mode.clone(),
                reason: how.reason.clone(),
            };
            (data, request)
        }
        Action::Rollback { version, how, data } => {
            let request = AgreementRequest::RollBack {
                version: *version,
                mode: how.mode.clone(),
                reason: how.reason.clone(),
            };
            (data, request)
        }
        other => about_leads(other),
    };
    show(&args.action, ask(&data.data, Request::Agreement(request))?)?;
    Ok(ExitCode::SUCCESS)
}

/// What is asked about leads that another agreement judges.
fn about_leads(action: &Action) -> (&DataArgs, AgreementRequest) {
    match action {
        Action::Confirm { which, data } => (data, which.decide(true)),
        Action::LeaveOut { which, data } => (data, which.decide(false)),
        Action::Shadow { id, days, data } => (data, AgreementRequest::Shadow { id: *id, days: *days }),
        Action::ShadowReport { id, data } => (data, AgreementRequest::ShadowReport { id: *id }),
        Action::ShadowStop { id, data } => (data, AgreementRequest::ShadowStop { id: *id }),
        Action::NewlyQualified { data }
        | Action::Show { data }
        | Action::Put { data, .. }
        | Action::Propose { data, .. }
        | Action::Proposals { data }
        | Action::Proposal { data, .. }
        | Action::Sign { data, .. }
        | Action::Publish { data, .. }
        | Action::Withdraw { data, .. }
        | Action::Versions { data }
        | Action::Rollback { data, .. } => (data, AgreementRequest::NewlyQualified),
    }
}

impl Which {
    fn decide(&self, hand_off: bool) -> AgreementRequest {
        AgreementRequest::Decide {
            leads: self.leads.clone(),
            all: self.all,
            hand_off,
        }
    }
}

/// Prints what was answered.
fn show(action: &Action, done: Done) -> anyhow::Result<()> {
    match done {
        Done::Agreement {
            version,
            activated_at,
            by,
            basis,
            source,
        } => {
            eprintln!("version {version}, active since {activated_at}, published by {by}; {basis}");
            print!("{source}");
        }
        Done::Published { version, basis } => eprintln!("version {version} is active: {basis}"),
        Done::Text(text) => println!("{}", harmless_lines(&text)),
        Done::Counted(leads) => eprintln!("{leads} leads"),
        Done::NewlyQualified { left, waiting, rows } => {
            if left > 0 {
                eprintln!("{left} leads are still to be judged anew");
            }
            if waiting > 0 {
                eprintln!(
                    "{waiting} wait; `bellwether agreement confirm --all {waiting}` has them handed off"
                );
            }
            print_rows(
                &NEWLY_QUALIFIED,
                Done::Rows(rows),
                "nobody would newly be handed off",
            );
        }
        rows @ Done::Rows(_) => match action {
            Action::Proposals { .. } => print_rows(&PROPOSALS, rows, "nothing was proposed"),
            _ => print_rows(&VERSIONS, rows, "there is no version"),
        },
        Done::Problems => bail!("the agreement wasn't taken; `bellwether check` says why"),
        _ => eprintln!("done"),
    }
    Ok(())
}

/// An agreement's text, where it has no errors.
pub(crate) fn read_checked(file: &Path) -> anyhow::Result<String> {
    let name = file.display();
    let size = std::fs::metadata(file)
        .with_context(|| format!("`{name}` can't be read"))?
        .len();
    if size > limits::FILE_BYTES_MAX as u64 {
        bail!(
            "`{name}` is larger than an agreement may be, {} bytes",
            limits::FILE_BYTES_MAX
        );
    }
    let source = std::fs::read_to_string(file).with_context(|| format!("`{name}` can't be read"))?;
    let checked = check(&source);
    let mut errors = checked
        .problems
        .iter()
        .filter(|problem| problem.severity == Severity::Error);
    if let Some(first) = errors.next() {
        bail!(
            "`{name}` has {} errors, the first on line {}: {}; `bellwether check {name}` shows them all",
            errors.count() + 1,
            first.line,
            first.message
        );
    }
    Ok(source)
}
