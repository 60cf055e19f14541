//! Who signs an agreement, and for which department. The role says it: marketing signs for marketing; for sales sign the
//! managers of its teams, or anybody of sales where no team has a manager; an admin signs for either, but never for both.

use bellwether_store::{Db, StoreError, UserRow};

use crate::{Actor, AppError, Department, Role};

/// The departments that somebody may sign for.
pub(crate) fn departments_of(db: &Db, user: &UserRow) -> Result<Vec<Department>, StoreError> {
    if !user.active {
        return Ok(Vec::new());
    }
    let role = Role::ALL.into_iter().find(|role| role.as_str() == user.role);
    Ok(match role {
        Some(Role::Marketing) => vec![Department::Marketing],
        Some(Role::Admin) => Department::ALL.to_vec(),
        Some(Role::Sales) if speaks_for_sales(db, user)? => vec![Department::Sales],
        Some(Role::Sales) | None => Vec::new(),
    })
}

fn speaks_for_sales(db: &Db, user: &UserRow) -> Result<bool, StoreError> {
    let teams = db.teams()?;
    let mut managers = teams.iter().filter_map(|team| team.manager).peekable();
    Ok(managers.peek().is_none() || managers.any(|manager| manager == user.id))
}

/// Why somebody may not propose, publish, confirm or roll back; nothing where they may. An operator may: a key or the
/// command line can't sign, and what it publishes without signatures is kept as that.
pub(crate) fn forbidden(db: &Db, actor: Actor) -> Result<Option<AppError>, StoreError> {
    let Actor::User(id) = actor else {
        return Ok(None);
    };
    let user = db.user(id)?;
    let may = match &user {
        Some(user) => !departments_of(db, user)?.is_empty(),
        None => false,
    };
    Ok((!may).then(|| AppError::Forbidden {
        message: "only marketing, managers of sales teams and admins change the agreement; ask one of them"
            .to_owned(),
    }))
}

/// Whether somebody may publish without signatures, saying why.
pub(crate) fn may_override(db: &Db, actor: Actor) -> Result<bool, StoreError> {
    let Actor::User(id) = actor else {
        return Ok(true);
    };
    Ok(db
        .user(id)?
        .is_some_and(|user| user.active && user.role == Role::Admin.as_str()))
}
