//! Times as pages show them: in the agreement's zone, how far away they are, and exactly, in UTC, on hovering.

use bellwether_core::domain::Timestamp;
use jiff::tz::TimeZone;

/// The moment that a page shows, and the zone that it shows it in.
#[derive(Debug, Clone)]
pub(super) struct Viewpoint {
    pub(super) now: Timestamp,
    zone: TimeZone,
}

/// A time on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Moment {
    /// `2026-03-04T16:05:00.000Z`, for machines.
    pub(super) utc: String,
    /// `2026-03-04 16:05:00 UTC`, on hovering.
    pub(super) title: String,
    /// `Wed 4 Mar, 11:05`; with the year where it isn't this one.
    pub(super) local: String,
    /// `in 5 min`, `2 days ago`.
    pub(super) relative: String,
    /// For a time by which something is due: `in 5 min`, and after it `by 2 days`, which follows "overdue".
    pub(super) due: String,
}

impl Viewpoint {
    /// A zone that isn't known is UTC.
    pub(super) fn new(now: Timestamp, zone: &str) -> Self {
        Self {
            now,
            zone: TimeZone::get(zone).unwrap_or(TimeZone::UTC),
        }
    }

    pub(super) fn moment(&self, at: Timestamp) -> Moment {
        let utc = at.to_string();
        let title = utc
            .get(..19)
            .map_or_else(String::new, |second| format!("{} UTC", second.replace('T', " ")));
        let local = match (self.zoned(at), self.zoned(self.now)) {
            (Some(local), Some(now)) if local.date() == now.date() => {
                local.strftime("today, %H:%M").to_string()
            }
            (Some(local), Some(now)) if local.year() == now.year() => {
                local.strftime("%a %-d %b, %H:%M").to_string()
            }
            (Some(local), _) => local.strftime("%-d %b %Y, %H:%M").to_string(),
            (None, _) => title.clone(),
        };
        let ms = at.since(self.now).ms();
        let due = if ms < 0 {
            format!("by {}", span(-ms))
        } else {
            relative(ms)
        };
        Moment {
            utc,
            title,
            local,
            relative: relative(ms),
            due,
        }
    }

    fn zoned(&self, at: Timestamp) -> Option<jiff::Zoned> {
        let instant = jiff::Timestamp::from_millisecond(at.ms()).ok()?;
        Some(instant.to_zoned(self.zone.clone()))
    }
}

/// How far away something is: `in 5 min`, `2 days ago`.
fn relative(ms: i64) -> String {
    if ms >= 0 {
        format!("in {}", span(ms))
    } else {
        format!("{} ago", span(-ms))
    }
}

/// A length of time in the largest unit of which there are two; the page's script says the same words.
fn span(ms: i64) -> String {
    let minutes = ms / 60_000;
    match (minutes, minutes / 60) {
        (..1, _) => "less than a minute".to_owned(),
        (..120, _) => format!("{minutes} min"),
        (_, hours @ ..48) => format!("{hours} h"),
        (_, hours) => format!("{} days", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn a_time_is_shown_in_the_agreements_zone() {
        let view = Viewpoint::new(at("2026-03-04T16:00:00Z"), "America/New_York");
        let due = view.moment(at("2026-03-04T16:05:00Z"));
        assert_eq!(due.local, "today, 11:05");
        assert_eq!(due.title, "2026-03-04 16:05:00 UTC");
        assert_eq!(
            (due.relative.as_str(), due.due.as_str()),
            ("in 5 min", "in 5 min")
        );
        let late = view.moment(at("2026-03-03T16:00:00Z"));
        assert_eq!(
            (late.local.as_str(), late.due.as_str()),
            ("Tue 3 Mar, 11:00", "by 24 h")
        );
        assert_eq!(
            view.moment(at("2025-12-31T23:00:00Z")).local,
            "31 Dec 2025, 18:00"
        );
        assert_eq!(
            Viewpoint::new(at("2026-03-04T16:00:00Z"), "Nowhere/Here")
                .moment(at("2026-03-04"))
                .local,
            "today, 00:00"
        );
    }

    #[test]
    fn how_far_away_it_is_has_one_unit() {
        for (ms, words) in [
            (0, "in less than a minute"),
            (59_999, "in less than a minute"),
            (300_000, "in 5 min"),
            (-7_199_000, "119 min ago"),
            (7_200_000, "in 2 h"),
            (-172_800_000, "2 days ago"),
        ] {
            assert_eq!(relative(ms), words, "{ms}");
        }
    }
}
