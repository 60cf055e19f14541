//! A chronicle as Parquet that any tool opens: `events.parquet`, `leads.parquet` and `traits.parquet` in a folder. Their
//! columns are described in the guide on replay.

mod json;
mod open;
mod write;

/// The version of the files' form, which is among their metadata.
const FORM: &str = "2";
/// The keys of the metadata: the form, the fingerprint, the instant of the latest fact, and the position that was noted.
const FORM_KEY: &str = "bellwether.chronicle";
const FINGERPRINT_KEY: &str = "bellwether.fingerprint";
const LATEST_KEY: &str = "bellwether.latest";
const POSITION_KEY: &str = "bellwether.position";

/// What stands in an event's column `released` where somebody said that no machine made it.
const RELEASED: &str = "yes";

const EVENTS: &str = "events.parquet";
const LEADS: &str = "leads.parquet";
const TRAITS: &str = "traits.parquet";
