//! Windows of time that hold more than they should.

use std::collections::BTreeMap;

use crate::domain::{Period, Timestamp};

/// The spans that begin where `count` of the sorted times lie within a period of one another, and end as long again after
/// the last of them; ascending, none touching another.
pub(super) fn spans(times: &[Timestamp], count: usize, within: Period) -> Vec<(Timestamp, Timestamp)> {
    let mut spans: Vec<(Timestamp, Timestamp)> = Vec::new();
    for window in times.windows(count.max(1)) {
        let (Some(first), Some(last)) = (window.first(), window.last()) else {
            continue;
        };
        if last.since(*first) > within {
            continue;
        }
        let until = last.plus(within);
        match spans.last_mut() {
            Some((_, open_until)) if *first <= *open_until => *open_until = until,
            _ => spans.push((*first, until)),
        }
    }
    spans
}

/// Whether an instant is in one of the spans.
pub(super) fn within_any(spans: &[(Timestamp, Timestamp)], ts: Timestamp) -> bool {
    let next = spans.partition_point(|(_, until)| *until < ts);
    spans.get(next).is_some_and(|(from, _)| *from <= ts)
}

/// Which clicks lie in a window that begins with an anchor, is `within` long and holds that many different links. Both
/// are sorted by time.
pub(super) fn crowded(
    anchors: &[Timestamp],
    clicks: &[(usize, Timestamp, &str)],
    links: usize,
    within: Period,
) -> Vec<bool> {
    let mut crowd = vec![false; clicks.len()];
    let mut inside: BTreeMap<&str, usize> = BTreeMap::new();
    let (mut left, mut right, mut marked) = (0, 0, 0);
    for anchor in anchors {
        while let Some((_, _, link)) = clicks.get(right).filter(|(_, ts, _)| ts.since(*anchor) <= within) {
            *inside.entry(link).or_default() += 1;
            right += 1;
        }
        while let Some((_, _, link)) = clicks.get(left).filter(|(_, ts, _)| left < right && ts < anchor) {
            if let Some(count) = inside.get_mut(link) {
                *count -= 1;
                if *count == 0 {
                    inside.remove(link);
                }
            }
            left += 1;
        }
        if inside.len() >= links {
            for one in crowd.iter_mut().take(right).skip(left.max(marked)) {
                *one = true;
            }
            marked = right;
        }
    }
    crowd
}
