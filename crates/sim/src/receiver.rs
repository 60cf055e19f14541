//! What is told to outside: a receiver that is out of reach three times in a quarter, and now and then takes a message
//! and fails to say so.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context as _, Result, ensure};
use bellwether_app::Preview;
use bellwether_core::domain::{Period, Timestamp};
use rusqlite::Connection;

use crate::dice::Dice;

const MINUTE_MS: i64 = 60_000;
/// By which the receiver's dice are told from others'.
const RECEIVER_DICE: u64 = u64::MAX - 1;
/// How long it is out of reach each time: tries go on through the first two, and not through the third.
const OUTAGES_MS: [i64; 3] = [20 * MINUTE_MS, 2 * 60 * MINUTE_MS, 9 * 60 * MINUTE_MS];
/// Of how many messages in a hundred it takes, and then fails to say so.
const UNANSWERED_PERCENT: u64 = 2;

/// The receiver, and what it got.
#[derive(Debug)]
pub(crate) struct Receiver {
    outages: Vec<(Timestamp, Timestamp)>,
    dice: Dice,
    now: Timestamp,
    /// What each message said, by its id.
    got: BTreeMap<String, String>,
    told: BTreeSet<String>,
    /// Whether a message came again in other words.
    reworded: Option<String>,
    pub(crate) again: u64,
    pub(crate) failed: u64,
}

impl Receiver {
    pub(crate) fn new(seed: u64, start: Timestamp, days_ms: i64) -> Self {
        let mut dice = Dice::new(seed, RECEIVER_DICE);
        let third = days_ms / 3;
        let outages = (0..).zip(OUTAGES_MS).map(|(number, long)| {
            let begins = start.plus(Period::from_ms(third * number + dice.between(0, third / 2)));
            (begins, begins.plus(Period::from_ms(long)))
        });
        let outages = outages.collect();
        Self {
            outages,
            dice,
            now: start,
            got: BTreeMap::new(),
            told: BTreeSet::new(),
            reworded: None,
            again: 0,
            failed: 0,
        }
    }

    pub(crate) fn set_time(&mut self, now: Timestamp) {
        self.now = now;
    }

    /// Takes a message, or doesn't.
    pub(crate) fn take(&mut self, id: &str, said: &Preview) -> Result<(), String> {
        if self
            .outages
            .iter()
            .any(|(from, until)| *from <= self.now && self.now < *until)
        {
            self.failed += 1;
            return Err("out of reach".to_owned());
        }
        match self.got.get(id) {
            Some(before) if *before != said.body => self.reworded = Some(id.to_owned()),
            Some(_) => self.again += 1,
            None => drop(self.got.insert(id.to_owned(), said.body.clone())),
        }
        if self.dice.chance(UNANSWERED_PERCENT) {
            self.failed += 1;
            return Err("no answer".to_owned());
        }
        self.told.insert(id.to_owned());
        Ok(())
    }

    /// What was promised arrived in the same words each time, or waits, or is listed as given up; nothing else arrived.
    pub(crate) fn check(&self, db: &Connection) -> Result<()> {
        ensure!(
            self.reworded.is_none(),
            "message {:?} came again in other words",
            self.reworded
        );
        let mut select = db.prepare_cached("SELECT message_id, state FROM outbox")?;
        let mut rows = select.query([])?;
        let (mut promised, mut delivered) = (BTreeSet::new(), 0);
        while let Some(row) = rows.next()? {
            let (id, state): (String, String) = (row.get(0)?, row.get(1)?);
            if state == "delivered" {
                delivered += 1;
                ensure!(
                    self.told.contains(&id),
                    "message {id} is delivered and never arrived"
                );
            }
            ensure!(promised.insert(id), "two messages have one id");
        }
        let stranger = self.got.keys().find(|id| !promised.contains(*id));
        ensure!(
            stranger.is_none(),
            "message {stranger:?} arrived and was never promised"
        );
        let counted = "SELECT count(*) FROM outbox WHERE state IN ('waiting', 'dead') OR attempts > 0";
        let counted: i64 = db.query_row(counted, [], |row| row.get(0))?;
        let all = i64::try_from(promised.len()).context("too many messages")?;
        ensure!(
            counted == all && delivered <= all,
            "of {all} messages {counted} wait, are given up or were tried"
        );
        Ok(())
    }
}
