//! What each kind of person does over the months: when they come by, what they look at, when they say who they are, and
//! which mails they open. Only steps are told here; [`super::story`] makes facts of them.

mod personas;

use bellwether_core::domain::{MS_PER_DAY, Timestamp};

use super::dice::Dice;
use super::pages::{self, Asset, SitePage};
use super::plan::{Cast, Person, Persona};

/// Something that somebody does in a visit.
#[derive(Clone, Copy)]
pub(super) enum Step {
    /// Looks at a page.
    Page(&'static SitePage),
    /// Says who they are.
    SignUp,
    /// Asks for a demo.
    AskForDemo,
    /// Subscribes to the newsletter.
    Subscribe,
    /// Downloads something.
    Download(Asset),
    /// Takes part in a webinar, on the product or the trade.
    Attend { product: bool, title: &'static str },
    /// Opens the newsletter.
    OpenMail,
    /// Follows a link in it, to the product or to something to read.
    ClickMail { product: bool },
}

/// What somebody does in one go.
pub(super) struct Visit {
    pub(super) at: Timestamp,
    pub(super) steps: Vec<Step>,
}

/// Everything that one person does, in the order of time, up to the present.
pub(super) fn journey(cast: &Cast, person: &Person) -> Vec<Visit> {
    let mut diary = Diary::new(cast, person);
    match person.persona {
        Persona::Buyer => diary.buyer(),
        Persona::Adviser => diary.adviser(),
        Persona::Casual => diary.casual(),
        Persona::Reader => diary.reader(),
        Persona::Student => diary.student(),
        Persona::Owner => diary.owner(),
        Persona::Rival => diary.rival(),
        Persona::Applicant => diary.applicant(),
    }
    diary.finish(cast.ends)
}

/// What a stranger does: a few pages, perhaps again on another day.
pub(super) fn stroll(cast: &Cast, person: &Person) -> Vec<Visit> {
    let mut diary = Diary::new(cast, person);
    for _ in 0..diary.dice.weighted(&[(70, 1), (20, 2), (10, 3)]) {
        diary.browse(1, 4);
        diary.wait(1, 20);
    }
    diary.finish(cast.ends)
}

/// One visit of a buyer by which they qualify, told for an instant.
pub(super) fn hot_visit(dice: &mut Dice, ends_with_demo: bool) -> Vec<Step> {
    let story = Step::Page(dice.pick(&pages::STORIES));
    if ends_with_demo {
        return vec![story, Step::Page(&pages::DEMO), Step::SignUp, Step::AskForDemo];
    }
    let comparison = Step::Page(dice.pick(&pages::COMPARISONS));
    let aid = Step::Download(pages::BUYING_AIDS[0]);
    vec![
        Step::Page(&pages::PRICING),
        comparison,
        story,
        Step::SignUp,
        aid,
        Step::Page(&pages::PRICING_TEAMS),
    ]
}

/// A look around, told for an instant.
pub(super) fn look_around(dice: &mut Dice) -> Vec<Step> {
    let count = dice.between(1, 4);
    (0..count).map(|_| Step::Page(some_page(dice))).collect()
}

fn some_page(dice: &mut Dice) -> &'static SitePage {
    match dice.below(10) {
        0..=1 => &pages::HOME,
        2..=5 => dice.pick(&pages::BLOG),
        6..=8 => dice.pick(&pages::PRODUCT),
        _ => dice.pick(&pages::STORIES),
    }
}

struct Diary {
    dice: Dice,
    visits: Vec<Visit>,
    /// The day that the story has come to, as the UTC instant of its midnight.
    day_ms: i64,
    offset_h: i64,
    /// Whether they come by in the evening and on weekends too.
    at_leisure: bool,
    signed_up: bool,
}

impl Diary {
    fn new(cast: &Cast, person: &Person) -> Self {
        let arrives = person.arrives.ms();
        Self {
            dice: Dice::new(cast.seed, (1 << 32) + u64::from(person.index)),
            visits: Vec::new(),
            day_ms: arrives - arrives.rem_euclid(MS_PER_DAY),
            offset_h: person.country.offset_h,
            at_leisure: matches!(
                person.persona,
                Persona::Student | Persona::Applicant | Persona::Owner
            ),
            signed_up: false,
        }
    }

    fn finish(mut self, ends: Timestamp) -> Vec<Visit> {
        self.visits.retain(|visit| visit.at < ends);
        self.visits.sort_by_key(|visit| visit.at);
        self.visits
    }

    // ---- Kinds of people ----

    /// Says who they are, for something in return.
    fn come_forward(&mut self) {
        match self.dice.below(10) {
            0..=4 => self.download(&pages::READING),
            5..=7 => self.visit(|diary| {
                vec![
                    Step::Page(diary.dice.pick(&pages::BLOG)),
                    Step::SignUp,
                    Step::Subscribe,
                ]
            }),
            _ => self.webinar(false),
        }
    }

    fn browse(&mut self, low: i64, high: i64) {
        self.visit(|diary| {
            let count = diary.dice.between(low, high);
            (0..count)
                .map(|_| Step::Page(some_page(&mut diary.dice)))
                .collect()
        });
    }

    fn read(&mut self, low: i64, high: i64) {
        self.visit(|diary| {
            let count = diary.dice.between(low, high);
            (0..count)
                .map(|_| Step::Page(diary.dice.pick(&pages::BLOG)))
                .collect()
        });
    }

    fn download(&mut self, assets: &'static [Asset]) {
        self.visit(|diary| {
            let page = diary.dice.pick(&pages::BLOG);
            vec![
                Step::Page(page),
                Step::SignUp,
                Step::Download(*diary.dice.pick(assets)),
            ]
        });
    }

    /// The next webinar of that kind: every other Thursday, the product and the trade in turn.
    fn webinar(&mut self, product: bool) {
        let week = self.day_ms.div_euclid(7 * MS_PER_DAY) + 1;
        let turn = if product { 0 } else { 2 };
        let week = week + (turn - week).rem_euclid(4);
        // The epoch was a Thursday.
        let hour = if product { 15 } else { 16 };
        let at_ms = week * 7 * MS_PER_DAY + hour * 3_600_000 + self.dice.between(0, 240) * 1_000;
        let titles = if product {
            &pages::PRODUCT_WEBINARS
        } else {
            &pages::TRADE_WEBINARS
        };
        let title = titles[usize::try_from(week.div_euclid(4)).unwrap_or(0) % titles.len()];
        let mut steps = self.introduction();
        steps.push(Step::Attend { product, title });
        self.visits.push(Visit {
            at: Timestamp::from_ms_clamped(at_ms),
            steps,
        });
        self.day_ms = week * 7 * MS_PER_DAY;
    }

    /// The newsletter of every other Tuesday, for so many days; some opened, some followed.
    fn mails(&mut self, days: i64, open_percent: u64, click_percent: u64) {
        let until = self.day_ms + days * MS_PER_DAY;
        let mut tuesday = (self.day_ms.div_euclid(14 * MS_PER_DAY) + 1) * 14 * MS_PER_DAY + 5 * MS_PER_DAY;
        while tuesday < until {
            if self.dice.chance(open_percent) {
                let at = tuesday + self.dice.between(7 * 60, 19 * 60) * 60_000 - self.offset_h * 3_600_000;
                let mut steps = vec![Step::OpenMail];
                if self.dice.chance(click_percent) {
                    let product = self.dice.chance(45);
                    steps.push(Step::ClickMail { product });
                    let pages: &[SitePage] = if product { &pages::PRODUCT } else { &pages::BLOG };
                    steps.push(Step::Page(self.dice.pick(pages)));
                }
                self.visits.push(Visit {
                    at: Timestamp::from_ms_clamped(at),
                    steps,
                });
            }
            tuesday += 14 * MS_PER_DAY;
        }
    }

    fn introduction(&mut self) -> Vec<Step> {
        let first_time = !std::mem::replace(&mut self.signed_up, true);
        if first_time {
            vec![Step::SignUp]
        } else {
            Vec::new()
        }
    }

    fn wait(&mut self, low_days: i64, high_days: i64) {
        self.day_ms += self.dice.between(low_days, high_days) * MS_PER_DAY;
    }

    /// A visit on the day that the story has come to, at an hour when people are about; who has signed up once isn't
    /// asked again.
    fn visit(&mut self, steps: impl FnOnce(&mut Self) -> Vec<Step>) {
        let mut steps = steps(self);
        if self.signed_up {
            steps.retain(|step| !matches!(step, Step::SignUp));
        }
        self.signed_up |= steps.iter().any(|step| matches!(step, Step::SignUp));
        let at = self.hour();
        if !steps.is_empty() {
            self.visits.push(Visit { at, steps });
        }
    }

    fn hour(&mut self) -> Timestamp {
        // 0 is Monday.
        let weekday = (self.day_ms.div_euclid(MS_PER_DAY) + 3).rem_euclid(7);
        if weekday >= 5 && !self.at_leisure && self.dice.chance(88) {
            self.day_ms += (7 - weekday) * MS_PER_DAY;
        }
        let working: &[(u64, i64)] = &[
            (3, 7),
            (8, 8),
            (13, 9),
            (14, 10),
            (12, 11),
            (7, 12),
            (10, 13),
            (12, 14),
            (11, 15),
            (9, 16),
            (5, 17),
            (2, 20),
        ];
        let leisure: &[(u64, i64)] = &[
            (4, 10),
            (5, 13),
            (6, 16),
            (8, 18),
            (12, 20),
            (12, 21),
            (9, 22),
            (4, 23),
        ];
        let hour = self
            .dice
            .weighted(if self.at_leisure { leisure } else { working })
            - self.offset_h;
        let at = self.day_ms + hour * 3_600_000 + self.dice.between(0, 3_599_999);
        Timestamp::from_ms_clamped(self.after_the_last(at))
    }

    /// Two visits of one day come one after the other, an hour apart at least.
    fn after_the_last(&mut self, at_ms: i64) -> i64 {
        let visits = self.visits.iter().map(|visit| visit.at.ms());
        let same_day =
            visits.filter(|last| (last - at_ms).abs() < MS_PER_DAY / 2 && *last >= at_ms - 3_600_000);
        match same_day.max() {
            Some(last) => last + self.dice.between(3_600_000, 9_000_000),
            None => at_ms,
        }
    }
}
