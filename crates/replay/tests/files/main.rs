//! Files in, decisions out: every format and order gives the same bytes, and what can't be read is listed.

mod bad_input;
mod chronicle;
mod formats;
mod identity;
mod imports;
mod lists;
mod objects;
mod orders;
mod outcomes;
mod replayed;
mod retold;
mod sql;
mod support;
mod suspect;
