//! Who is asked next: every enricher has its turn, however much another one is still to be asked.

use std::collections::{BTreeMap, BTreeSet};

use bellwether_store::LeadId;

/// What one enricher may be asked now.
pub(super) struct Queue<T> {
    /// How many requests it may be asked.
    pub(super) allowed: usize,
    /// About whom, with which values, in the order in which they wait.
    pub(super) waiting: Vec<(LeadId, String, T)>,
}

/// Chooses what is asked next, at most `slots` requests of all queues. Another queue comes first each turn. None takes more
/// than half of the slots as long as another one has something to ask.
///
/// One thing is asked once, and about one lead by one after another, the queue that stands first before the others: its
/// answer may do.
pub(super) fn choose<T>(queues: Vec<Queue<T>>, turn: usize, slots: usize) -> Vec<T> {
    let mut first_of: BTreeMap<LeadId, usize> = BTreeMap::new();
    for (at, queue) in queues.iter().enumerate().filter(|(_, queue)| queue.allowed > 0) {
        for (lead, ..) in &queue.waiting {
            first_of.entry(*lead).or_insert(at);
        }
    }
    let mut leads: BTreeSet<LeadId> = BTreeSet::new();
    let mut chosen = Vec::with_capacity(slots);
    let mut open: Vec<Open<T>> = queues
        .into_iter()
        .enumerate()
        .map(|(at, queue)| Open::new(at, queue, &first_of))
        .collect();
    if !open.is_empty() {
        let turns = turn % open.len();
        open.rotate_left(turns);
    }
    for share in [slots / 2, slots] {
        for queue in &mut open {
            while queue.taken < share.min(queue.allowed) && chosen.len() < slots {
                let Some((lead, key, asking)) = queue.waiting.next() else {
                    break;
                };
                if !leads.contains(&lead) && queue.keys.insert(key) {
                    leads.insert(lead);
                    queue.taken += 1;
                    chosen.push(asking);
                }
            }
        }
    }
    chosen
}

/// A queue that is being chosen from.
struct Open<T> {
    allowed: usize,
    taken: usize,
    keys: BTreeSet<String>,
    waiting: std::vec::IntoIter<(LeadId, String, T)>,
}

impl<T> Open<T> {
    fn new(at: usize, queue: Queue<T>, first_of: &BTreeMap<LeadId, usize>) -> Self {
        let mut waiting = queue.waiting;
        waiting.retain(|(lead, ..)| first_of.get(lead) == Some(&at));
        Self {
            allowed: queue.allowed,
            taken: 0,
            keys: BTreeSet::new(),
            waiting: waiting.into_iter(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Queues of leads, each asked about by the lead's own number and shown as `queue:lead`.
    fn chosen(queues: &[(usize, &[i64])], turn: usize) -> Vec<String> {
        let queues = queues.iter().enumerate().map(|(at, (allowed, leads))| Queue {
            allowed: *allowed,
            waiting: leads
                .iter()
                .map(|lead| (LeadId(*lead), lead.to_string(), format!("{at}:{lead}")))
                .collect(),
        });
        choose(queues.collect(), turn, 4)
    }

    #[test]
    fn a_backlog_takes_half_while_others_wait_and_all_where_none_does() {
        let backlog: &[i64] = &[1, 2, 3, 4, 5, 6];
        assert_eq!(chosen(&[(9, backlog)], 0), ["0:1", "0:2", "0:3", "0:4"]);
        assert_eq!(
            chosen(&[(9, backlog), (9, &[11, 12, 13])], 0),
            ["0:1", "0:2", "1:11", "1:12"]
        );
        assert_eq!(
            chosen(&[(9, backlog), (9, &[11])], 0),
            ["0:1", "0:2", "1:11", "0:3"]
        );
        assert_eq!(chosen(&[(1, backlog), (0, &[11])], 0), ["0:1"]);
        assert!(chosen(&[], 7).is_empty());
    }

    #[test]
    fn every_enricher_has_its_turn() {
        let queues: [(usize, &[i64]); 5] = [
            (9, &[1, 2, 3]),
            (9, &[11, 12, 13]),
            (9, &[21, 22]),
            (9, &[31]),
            (9, &[41]),
        ];
        for turn in 0..10 {
            let first = chosen(&queues, turn);
            assert!(
                first[0].starts_with(&format!("{}:", turn % 5)),
                "{turn}: {first:?}"
            );
        }
    }

    #[test]
    fn the_one_that_stands_first_is_asked_about_a_lead_before_the_others() {
        for turn in 0..2 {
            assert_eq!(chosen(&[(9, &[1]), (9, &[1])], turn), ["0:1"], "{turn}");
        }
        // Unless it can't be asked now.
        assert_eq!(chosen(&[(0, &[1]), (9, &[1])], 0), ["1:1"]);
    }

    #[test]
    fn one_thing_is_asked_once() {
        let waiting = vec![
            (LeadId(1), "acme".to_owned(), 1),
            (LeadId(2), "acme".to_owned(), 2),
            (LeadId(1), "zeta".to_owned(), 3),
        ];
        let queue = Queue { allowed: 9, waiting };
        assert_eq!(choose(vec![queue], 0, 4), [1]);
    }
}
