//! Who may move leads. API keys for administration and the command line may do everything; whoever signs in may do what
//! their role and their teams allow.

use bellwether_core::domain::Stage;
use bellwether_store::{Db, LeadId, StoreError, UserId};

use crate::{Actor, AppError, Role};

/// Something that not everybody may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Take leads, send them back, qualify them, and work on deals.
    Sell,
    /// Say that a lead isn't to be sold to.
    Disqualify,
    /// Put a lead at any stage.
    Override,
}

/// Why somebody may not do something to a lead; nothing where they may.
pub(crate) fn forbidden(
    db: &Db,
    actor: Actor,
    deed: Deed,
    lead: Option<LeadId>,
) -> Result<Option<AppError>, StoreError> {
    let Actor::User(user) = actor else {
        return Ok(None);
    };
    let role = db.user(user)?.and_then(|row| role_named(&row.role));
    let may = match (deed, role) {
        (_, Some(Role::Admin)) | (Deed::Sell | Deed::Disqualify, Some(Role::Sales)) => true,
        (_, None) | (Deed::Sell, Some(Role::Marketing)) => false,
        (Deed::Disqualify, Some(Role::Marketing)) => !with_sales(db, lead)?,
        (Deed::Override, Some(Role::Sales | Role::Marketing)) => manages(db, user, lead)?,
    };
    let message = match deed {
        _ if may => return Ok(None),
        Deed::Sell => "only sales and admins take leads, send them back and work on deals; ask one of them",
        Deed::Disqualify => {
            "marketing disqualifies only leads that sales hasn't; ask the lead's owner in sales or an admin"
        }
        Deed::Override => {
            "only an admin and the manager of the lead's team override its stage; ask one of them"
        }
    };
    Ok(Some(AppError::Forbidden {
        message: message.to_owned(),
    }))
}

fn role_named(name: &str) -> Option<Role> {
    Role::ALL.into_iter().find(|role| role.as_str() == name)
}

/// Whether sales works on a lead.
fn with_sales(db: &Db, lead: Option<LeadId>) -> Result<bool, StoreError> {
    let row = root_of(db, lead)?
        .map(|root| db.lead(root))
        .transpose()?
        .flatten();
    let stage = row.map_or(Stage::Lead, |row| row.stage);
    Ok(matches!(
        stage,
        Stage::Mql | Stage::Sal | Stage::Sql | Stage::Opportunity | Stage::Customer
    ))
}

/// Whether somebody manages the team that a lead was last given to.
fn manages(db: &Db, user: UserId, lead: Option<LeadId>) -> Result<bool, StoreError> {
    let Some(root) = root_of(db, lead)? else {
        return Ok(false);
    };
    Ok(db.manager_of_lead(root)? == Some(user))
}

fn root_of(db: &Db, lead: Option<LeadId>) -> Result<Option<LeadId>, StoreError> {
    match lead {
        Some(lead) => db.root(lead),
        None => Ok(None),
    }
}
