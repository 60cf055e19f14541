//! Enrichers and the files that name a visitor's company, against services and files of the tests' own.

mod asking;
mod companies;
mod settings;
mod telling;
