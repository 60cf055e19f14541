//! Which columns of a leads file name the lead and say since when it is known; the others are its traits.

use std::path::Path;

use crate::columns::{CREATED_AT, ColumnMap, LEAD};
use crate::error::ReplayError;

/// The columns of a leads file that are no traits, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LeadColumns {
    /// The lead's id.
    pub lead: usize,
    /// When the lead came to be.
    pub created: Option<usize>,
}

impl LeadColumns {
    /// Finds them among the columns of a file by their well-known names, or as the map says.
    pub fn of(file: &Path, names: &[String], map: &ColumnMap) -> Result<Self, ReplayError> {
        Ok(Self {
            lead: LEAD.require(file, names, map.lead.as_deref())?,
            created: CREATED_AT.find(file, names, map.created_at.as_deref())?,
        })
    }
}
