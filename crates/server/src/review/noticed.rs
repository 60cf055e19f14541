//! What a manager is to look at first: what is outside of what is usual, and whether that can be luck.

use bellwether_app::{Review, RuleFigures};
use bellwether_replay::statistics::{Millionths, Rate};

use super::{
    ACCEPTED_MIN, Band, MQL_TO_SQL, QUALIFIED, REJECTED_MAX, accepted, percent, qualified_by_sales, rejected,
};

/// Something that stands out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What kind of thing, as a word for programs: `share_qualified`.
    pub kind: &'static str,
    /// In words.
    pub text: String,
    /// Whether the numbers are large enough that luck hardly made it: the whole interval of 95 % is outside.
    pub sure: bool,
}

/// What stands out in a review, the surest first.
pub fn notices(review: &Review) -> Vec<Notice> {
    let now = &review.now;
    let funnel = &now.handoffs;
    let mut found = Vec::new();
    found.extend(outside(
        "share_qualified",
        Rate::new(now.qualified, now.leads),
        QUALIFIED,
        "of the leads that came have qualified",
        (
            "the line may be too high, or events don't arrive",
            "the line may be too low for sales to trust it",
        ),
    ));
    let (taken, refused) = (accepted(funnel), rejected(funnel));
    found.extend(below(
        "acceptance",
        taken,
        ACCEPTED_MIN,
        "of the answered handoffs were accepted",
    ));
    found.extend(above(
        "rejection",
        refused,
        REJECTED_MAX,
        "of the answered handoffs were rejected",
    ));
    found.extend(outside(
        "mql_to_sql",
        qualified_by_sales(funnel),
        MQL_TO_SQL,
        "of the answered handoffs became SQL",
        (
            "what marketing calls qualified, sales doesn't",
            "the line may be higher than it needs to be",
        ),
    ));
    if let Some((reason, count)) = now.rejections.first() {
        let share = Rate::new(*count, now.rejections.iter().map(|(_, count)| count).sum());
        if *count > 1 && share.rate > Some(Millionths(500_000)) {
            let most = share.low > Some(Millionths(500_000));
            found.push(notice(
                "one_reason",
                format!(
                    "“{reason}” is the reason of {} of {} rejections",
                    share.hits, share.of
                ),
                most,
            ));
        }
    }
    found.extend(review.rules.iter().filter(|rule| rule.now.leads == 0).map(never));
    found.extend(review.rules.iter().filter_map(drifted));
    if review.review_due.is_some_and(|due| due <= review.at) {
        found.push(notice(
            "review_due",
            "The agreement’s own review is due".to_owned(),
            true,
        ));
    }
    found.sort_by_key(|notice| !notice.sure);
    found
}

fn notice(kind: &'static str, text: String, sure: bool) -> Notice {
    Notice { kind, text, sure }
}

fn outside(kind: &'static str, rate: Rate, band: Band, what: &str, why: (&str, &str)) -> Option<Notice> {
    let share = rate.rate?;
    let counted = format!("{} {what} ({} of {})", percent(share), rate.hits, rate.of);
    if share < band.low {
        let text = format!(
            "{counted}, where {} to {} is usual: {}",
            percent(band.low),
            percent(band.high),
            why.0
        );
        return Some(notice(kind, text, rate.high < Some(band.low)));
    }
    if share > band.high {
        let text = format!(
            "{counted}, where {} to {} is usual: {}",
            percent(band.low),
            percent(band.high),
            why.1
        );
        return Some(notice(kind, text, rate.low > Some(band.high)));
    }
    None
}

fn below(kind: &'static str, rate: Rate, least: Millionths, what: &str) -> Option<Notice> {
    let share = rate.rate.filter(|share| *share < least)?;
    let text = format!(
        "{} {what} ({} of {}), under {}",
        percent(share),
        rate.hits,
        rate.of,
        percent(least)
    );
    Some(notice(kind, text, rate.high < Some(least)))
}

fn above(kind: &'static str, rate: Rate, most: Millionths, what: &str) -> Option<Notice> {
    let share = rate.rate.filter(|share| *share > most)?;
    let text = format!(
        "{} {what} ({} of {}), over {}",
        percent(share),
        rate.hits,
        rate.of,
        percent(most)
    );
    Some(notice(kind, text, rate.low > Some(most)))
}

fn never(rule: &RuleFigures) -> Notice {
    let before = match rule.before.leads {
        0 => "nor in the quarter before".to_owned(),
        leads => format!("of {leads} leads in the quarter before"),
    };
    notice(
        "rule_never_fired",
        format!("“{}” spoke of nobody, {before}", rule.rule),
        true,
    )
}

/// A rule whose leads sales takes much more, or less, often than a quarter ago, beyond luck.
fn drifted(rule: &RuleFigures) -> Option<Notice> {
    let now = Rate::new(rule.now.accepted, rule.now.accepted + rule.now.rejected);
    let before = Rate::new(rule.before.accepted, rule.before.accepted + rule.before.rejected);
    let (share, earlier) = now.rate.zip(before.rate)?;
    now.is_apart_from(&before).then(|| {
        let text = format!(
            "Sales accepted {} of the answered handoffs with “{}” ({} of {}), {} in the quarter before",
            percent(share),
            rule.rule,
            now.hits,
            now.of,
            percent(earlier)
        );
        notice("rule_drifted", text, true)
    })
}

#[cfg(test)]
mod tests {
    use bellwether_app::{
        Department, Funnel, PeriodFigures, Promises, ProposalId, RuleSide, RuleWorth, ToSign,
    };
    use bellwether_core::domain::Timestamp;

    use super::*;

    fn quarter(leads: u64, qualified: u64, handoffs: Funnel) -> PeriodFigures {
        PeriodFigures {
            name: "2026-Q3".to_owned(),
            complete: true,
            leads,
            qualified,
            handoffs,
            rejections: Vec::new(),
            promises: Promises::default(),
        }
    }

    fn review(now: PeriodFigures, rules: Vec<RuleFigures>) -> Review {
        Review {
            agreement: "Acme <script>".to_owned(),
            version: 3,
            active_since: Timestamp::MIN,
            review_due: None,
            timezone: "UTC".to_owned(),
            at: Timestamp::MIN,
            before: PeriodFigures::default(),
            now,
            rules,
            proposals: Vec::new(),
        }
    }

    fn kinds(review: &Review) -> Vec<(&'static str, bool)> {
        notices(review)
            .iter()
            .map(|notice| (notice.kind, notice.sure))
            .collect()
    }

    fn handed(made: u64, accepted: u64, rejected: u64, sql: u64) -> Funnel {
        Funnel {
            made,
            accepted,
            rejected,
            sql,
            ..Funnel::default()
        }
    }

    #[test]
    fn what_is_outside_of_the_usual_is_called_out_and_luck_is_said_to_be_luck() {
        let usual = handed(200, 150, 50, 40);
        for (now, expected) in [
            (quarter(1_000, 200, usual), vec![]),
            (quarter(1_000, 300, usual), vec![("share_qualified", true)]),
            (quarter(10, 3, usual), vec![("share_qualified", false)]),
            (quarter(1_000, 100, usual), vec![("share_qualified", true)]),
            (
                quarter(1_000, 200, handed(200, 20, 180, 40)),
                vec![("acceptance", true), ("rejection", true)],
            ),
            (
                quarter(1_000, 200, handed(200, 150, 50, 4)),
                vec![("mql_to_sql", true)],
            ),
            (quarter(0, 0, Funnel::default()), vec![]),
        ] {
            assert_eq!(kinds(&review(now.clone(), Vec::new())), expected, "{now:?}");
        }
    }

    #[test]
    fn what_waits_to_be_signed_is_listed_with_who_has_signed_and_who_must() {
        let proposal = |id, note: Option<&str>, based_on, signed: &[Department]| ToSign {
            id: ProposalId(id),
            note: note.map(str::to_owned),
            at: Timestamp::MIN,
            by: "Mia".to_owned(),
            based_on,
            signed: signed
                .iter()
                .map(|department| (*department, "Ann & Bo".to_owned(), Timestamp::MIN))
                .collect(),
            missing: Department::ALL
                .into_iter()
                .filter(|department| !signed.contains(department))
                .collect(),
        };
        let mut found = review(quarter(0, 0, Funnel::default()), Vec::new());
        let page = |found: &Review, changes| super::super::review_page(found, changes).expect("a page");
        assert!(page(&found, None).contains("No change of the agreement waits"));
        found.proposals = vec![
            proposal(7, Some("Points from <won> deals"), 3, &[Department::Marketing]),
            proposal(6, None, 3, &Department::ALL),
            proposal(5, None, 2, &[]),
        ];
        let served = page(&found, Some("/agreement/changes"));
        for said in [
            "<a href=\"/agreement/changes#proposal-7\">Proposal 7</a>: Points from &#60;won&#62; deals",
            "Ann &#38; Bo for marketing, 1970-01-01",
            "<td>sales</td>",
            "nobody: it waits to be published",
            "Made on version 2: it must be proposed anew",
        ] {
            assert!(served.contains(said), "{said}: {served}");
        }
        let apart = page(&found, None);
        assert!(!apart.contains("href=") && apart.contains("Sign in Bellwether"));
        let json = &super::super::review_json(&found)["proposals"][0];
        assert_eq!(
            (&json["id"], &json["missing"], &json["signed"][0]["department"]),
            (&7.into(), &serde_json::json!(["sales"]), &"marketing".into())
        );
    }

    #[test]
    fn a_rule_that_speaks_of_nobody_or_drifts_is_called_out() {
        let worth = |leads, accepted, rejected| RuleWorth {
            leads,
            handoffs: accepted + rejected,
            accepted,
            rejected,
            won: 0,
        };
        let rule = |name: &str, now, before| RuleFigures {
            rule: name.to_owned(),
            side: RuleSide::Intent,
            points_max: None,
            now,
            before,
        };
        let rules = vec![
            rule("Steady", worth(90, 50, 40), worth(90, 45, 45)),
            rule("Silent", worth(0, 0, 0), worth(7, 0, 0)),
            rule("Worn out", worth(90, 10, 80), worth(90, 70, 20)),
        ];
        let found = review(quarter(1_000, 200, handed(200, 150, 50, 40)), rules);
        assert_eq!(
            kinds(&found),
            [("rule_never_fired", true), ("rule_drifted", true)]
        );
        let page = super::super::review_page(&found, None).expect("the page can be made");
        assert!(page.contains("Worn out") && !page.contains("<script>"), "{page}");
    }
}
