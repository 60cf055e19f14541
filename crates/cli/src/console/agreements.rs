//! What is asked about the agreement: its versions, what is to become one, and whom a retroactive one would newly hand
//! off.

use anyhow::Context as _;
use bellwether_app::{
    Actor, AgreementVersion, App, AppError, Department, LeadId, Listed, NewlyQualified, PAGE_ITEMS_MAX,
    ProposalId, ProposalView, PublishMode, ReplaySummary, ShadowId, ShadowReport, VersionView,
};
use serde::{Deserialize, Serialize};

use super::request::Done;

/// Something to be done about the agreement.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AgreementRequest {
    /// Show the active one.
    Show,
    /// Make one the active one that nobody signed.
    Put {
        /// The file's text.
        source: String,
        /// Why, where there are leads already.
        reason: Option<String>,
    },
    /// Keep one that is to become a version.
    Propose {
        /// The file's text.
        source: String,
        /// Why.
        note: Option<String>,
    },
    /// List proposals.
    Proposals,
    /// Show a proposal.
    Proposal {
        /// Its number.
        id: i64,
    },
    /// Sign a proposal as somebody.
    Sign {
        /// Its number.
        id: i64,
        /// Their address.
        email: String,
        /// Their password.
        password: String,
        /// `marketing` or `sales`.
        department: Option<String>,
    },
    /// Make a proposal the active version.
    Publish {
        /// Its number.
        id: i64,
        /// `forward` or `retroactive`.
        mode: String,
        /// Why, where it isn't signed.
        reason: Option<String>,
    },
    /// Take a proposal back.
    Withdraw {
        /// Its number.
        id: i64,
    },
    /// List versions.
    Versions,
    /// Make an older version active again.
    RollBack {
        /// Its number.
        version: u32,
        /// `forward` or `retroactive`.
        mode: String,
        /// Why, where it wasn't signed.
        reason: Option<String>,
    },
    /// List whom the active version would newly hand off.
    NewlyQualified,
    /// Hand listed leads off, or leave them out.
    Decide {
        /// These.
        leads: Vec<i64>,
        /// All that wait, if they are this many.
        all: Option<u64>,
        /// Whether they are handed off.
        hand_off: bool,
    },
    /// Run a proposal beside the active version.
    Shadow {
        /// The proposal's number.
        id: i64,
        /// For how many days.
        days: u16,
    },
    /// Tell whom a run's proposal would have handed off.
    ShadowReport {
        /// The run's number.
        id: i64,
    },
    /// End a run before its time.
    ShadowStop {
        /// The run's number.
        id: i64,
    },
}

/// Does what was asked.
pub(super) async fn perform(app: &App, request: AgreementRequest) -> anyhow::Result<Done> {
    match request {
        AgreementRequest::Show => show(app).await,
        AgreementRequest::Put { source, reason } => {
            published(app.put_agreement(source, None, reason, Actor::Console).await)
        }
        AgreementRequest::Propose { source, note } => match app.propose(source, note, Actor::Console).await {
            Ok(proposal) => {
                let proposal = app.replay_proposal(proposal.id).await?;
                Ok(Done::Text(proposal_in_words(&proposal)))
            }
            Err(AppError::Agreement(_)) => Ok(Done::Problems),
            Err(error) => Err(error.into()),
        },
        AgreementRequest::Proposals => proposals(app).await,
        AgreementRequest::Proposal { id } => {
            let proposal = app.proposal(ProposalId(id)).await?;
            Ok(Done::Text(proposal_in_words(&proposal)))
        }
        AgreementRequest::Sign {
            id,
            email,
            password,
            department,
        } => {
            let department = department.as_deref().map(department_named).transpose()?;
            let signed = app.sign_proposal_as(ProposalId(id), department, &email, &password);
            Ok(Done::Text(proposal_in_words(&signed.await?)))
        }
        AgreementRequest::Publish { id, mode, reason } => {
            let mode = mode_named(&mode)?;
            published(
                app.publish_proposal(ProposalId(id), mode, reason, Actor::Console)
                    .await,
            )
        }
        AgreementRequest::Withdraw { id } => {
            app.withdraw_proposal(ProposalId(id), Actor::Console).await?;
            Ok(Done::Nothing)
        }
        AgreementRequest::Versions => versions(app).await,
        AgreementRequest::RollBack {
            version,
            mode,
            reason,
        } => published(
            app.roll_back(version, mode_named(&mode)?, reason, Actor::Console)
                .await,
        ),
        other => rescoring(app, other).await,
    }
}

/// What is done about leads that another agreement judges.
async fn rescoring(app: &App, request: AgreementRequest) -> anyhow::Result<Done> {
    match request {
        AgreementRequest::NewlyQualified => newly_qualified(app).await,
        AgreementRequest::Decide { leads, all, hand_off } => {
            let version = app.active_agreement().await?.version;
            let which = match all {
                Some(all) => Listed::All(all),
                None => Listed::Leads(leads.into_iter().map(LeadId).collect()),
            };
            let decided = if hand_off {
                app.confirm(version, which, Actor::Console).await?
            } else {
                app.leave_out(version, which, Actor::Console).await?
            };
            Ok(Done::Counted(decided.decided))
        }
        AgreementRequest::Shadow { id, days } => {
            let run = app.start_shadow(ProposalId(id), days, Actor::Console).await?;
            Ok(Done::Text(format!("run {}, until {}", run.id, run.ends_at)))
        }
        AgreementRequest::ShadowReport { id } => {
            let report = app.shadow_report(ShadowId(id)).await?;
            Ok(Done::Text(report_in_words(&report)))
        }
        AgreementRequest::ShadowStop { id } => {
            app.stop_shadow(ShadowId(id), Actor::Console).await?;
            Ok(Done::Nothing)
        }
        _ => anyhow::bail!("this isn't about leads that another agreement judges"),
    }
}

fn published(outcome: Result<AgreementVersion, AppError>) -> anyhow::Result<Done> {
    match outcome {
        Ok(active) => Ok(Done::Published {
            version: active.version,
            basis: active.basis.in_words().to_owned(),
        }),
        Err(AppError::Agreement(_)) => Ok(Done::Problems),
        Err(error) => Err(error.into()),
    }
}

async fn show(app: &App) -> anyhow::Result<Done> {
    let active = app.active_agreement().await?;
    Ok(Done::Agreement {
        version: active.version,
        activated_at: active.activated_at.to_string(),
        by: active.by,
        basis: active.basis.in_words().to_owned(),
        source: active.source,
    })
}

async fn proposals(app: &App) -> anyhow::Result<Done> {
    let page = app.proposals(None, PAGE_ITEMS_MAX).await?;
    let rows = page.items.into_iter().map(|one| {
        let missing: Vec<&str> = one.missing.iter().map(|one| one.as_str()).collect();
        vec![
            one.id.to_string(),
            one.state.as_str().to_owned(),
            one.based_on.to_string(),
            one.proposed_at.to_string(),
            one.proposed_by,
            missing.join(", "),
            one.note.unwrap_or_default(),
        ]
    });
    Ok(Done::Rows(rows.collect()))
}

async fn versions(app: &App) -> anyhow::Result<Done> {
    let page = app.versions(None, PAGE_ITEMS_MAX).await?;
    let rows = page.items.into_iter().map(|one| {
        vec![
            one.version.to_string(),
            one.activated_at.to_string(),
            one.mode.as_str().to_owned(),
            one.basis.as_str().to_owned(),
            signers(&one),
            one.by,
            one.hash.chars().take(12).collect(),
            one.reason.unwrap_or_default(),
        ]
    });
    Ok(Done::Rows(rows.collect()))
}

fn signers(version: &VersionView) -> String {
    let each = version.signatures.iter();
    let each: Vec<String> = each
        .map(|one| format!("{} ({})", one.user.name, one.department.as_str()))
        .collect();
    each.join(", ")
}

async fn newly_qualified(app: &App) -> anyhow::Result<Done> {
    let counts = app.confirm_counts().await?;
    let page = app
        .newly_qualified(counts.version, None, None, PAGE_ITEMS_MAX)
        .await?;
    let row = |one: NewlyQualified| {
        vec![
            one.lead.to_string(),
            one.state,
            one.name.unwrap_or_default(),
            one.qualified_at.to_string(),
            one.trigger,
            (one.fit + one.intent).short(),
            if one.reaches { "yes" } else { "no" }.to_owned(),
            one.team.unwrap_or_default(),
            one.owner.map(|owner| owner.name).unwrap_or_default(),
        ]
    };
    Ok(Done::NewlyQualified {
        left: counts.left,
        waiting: counts.waiting,
        rows: page.items.into_iter().map(row).collect(),
    })
}

fn proposal_in_words(proposal: &ProposalView) -> String {
    let mut lines = vec![
        format!("proposal  {}, {}", proposal.id, proposal.state.as_str()),
        format!("hash      {}", proposal.hash),
        format!("based on  version {}", proposal.based_on),
        format!("proposed  {} by {}", proposal.proposed_at, proposal.proposed_by),
    ];
    lines.extend(proposal.note.iter().map(|note| format!("note      {note}")));
    for one in &proposal.signatures {
        let department = one.department.as_str();
        lines.push(format!(
            "signed    {} for {department}, {}",
            one.user.name, one.at
        ));
    }
    let missing: Vec<&str> = proposal.missing.iter().map(|one| one.as_str()).collect();
    if !missing.is_empty() {
        lines.push(format!("missing   {}", missing.join(", ")));
    }
    lines.extend(proposal.version.map(|version| format!("version   {version}")));
    match &proposal.replay {
        Some(replay) => lines.extend(replay_in_words(replay)),
        None => lines.push("replay    is being worked out".to_owned()),
    }
    lines.join("\n")
}

fn replay_in_words(replay: &ReplaySummary) -> Vec<String> {
    let mut lines = vec![format!(
        "replay    {} leads as of {}, beside version {}",
        replay.judged, replay.as_of, replay.against
    )];
    lines.push(format!("          {}", replay.headline()));
    for row in replay.rows() {
        let (active, proposed) = (row.active, row.proposed);
        lines.push(format!("          {:<32} {active:<22} {proposed}", row.what));
    }
    lines.extend(replay.causes().iter().map(|why| format!("          {why}")));
    for month in &replay.months {
        lines.push(format!(
            "          {}  {} by the version, {} by this",
            month.month, month.active, month.proposed
        ));
    }
    lines
}

fn report_in_words(report: &ShadowReport) -> String {
    let mut lines = vec![
        format!(
            "from {} until {}, beside version {}",
            report.from, report.until, report.against
        ),
        format!(
            "{} leads judged: both would have handed off {}, the proposal alone {}, the active version alone {}",
            report.judged, report.both, report.only_proposed, report.only_active
        ),
    ];
    let each = report.only_proposed_leads.iter().map(|lead| ("proposal", lead));
    let each = each.chain(report.only_active_leads.iter().map(|lead| ("active", lead)));
    for (by, lead) in each {
        lines.push(format!(
            "  {by:<8}  lead {} at {} by {}",
            lead.lead, lead.at, lead.trigger
        ));
    }
    lines.join("\n")
}

fn mode_named(name: &str) -> anyhow::Result<PublishMode> {
    PublishMode::named(name)
        .with_context(|| format!("`{name}` is not a mode; use `forward` or `retroactive`"))
}

fn department_named(name: &str) -> anyhow::Result<Department> {
    Department::named(name)
        .with_context(|| format!("`{name}` is not a department; use `marketing` or `sales`"))
}
