//! Who is in the demo's story: companies, the people of them, and those who never say who they are. What they do is
//! told in [`super::journey`].

use std::collections::BTreeSet;

use bellwether_core::domain::{MS_PER_DAY, Timestamp};

use super::dice::Dice;
use super::names::{
    ADVISERS, CHANNELS, COMPANY_HEAD, COMPANY_TAIL, COUNTRIES, Channel, Country, DECIDERS, FIRST, Industry,
    Jobs, LAST, OTHERS, OWNERS, SERVED, STUDENTS, USERS,
};

/// How far back the story begins, in days: eighteen months.
pub(super) const HISTORY_DAYS: i64 = 548;

/// How large a story is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Size {
    /// People who say who they are.
    pub(crate) people: u32,
    /// People who never do.
    pub(crate) strangers: u32,
    /// Companies that the people work at.
    pub(crate) companies: u32,
}

impl Size {
    /// The demo's size: some 60,000 events.
    pub(crate) const FULL: Self = Self {
        people: 3_000,
        strangers: 1_100,
        companies: 900,
    };
    /// Enough to look at, loaded in a moment.
    pub(crate) const FAST: Self = Self {
        people: 400,
        strangers: 100,
        companies: 150,
    };
}

/// A company that people of the story work at.
pub(crate) struct Company {
    /// Its name.
    pub(crate) name: String,
    /// Its domain, under `.example`.
    pub(crate) domain: String,
    /// Its line of business.
    pub(crate) industry: &'static str,
    /// How many work there.
    pub(crate) employees: u32,
    pub(super) country: &'static Country,
    pub(super) city: &'static str,
}

/// What somebody is after.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Persona {
    /// Looks for a product, and may sign for it.
    Buyer,
    /// Is asked by a buyer to have a look.
    Adviser,
    /// Would fit, but only looks around.
    Casual,
    /// Reads what there is to read.
    Reader,
    /// Studies.
    Student,
    /// Has a business of their own that is too small.
    Owner,
    /// Works for a rival.
    Rival,
    /// Looks for a job.
    Applicant,
}

/// Somebody in the story.
pub(crate) struct Person {
    /// Their place in the story, from 0; dice and ids go by it.
    pub(crate) index: u32,
    /// Their first name.
    pub(crate) first: &'static str,
    /// Their last name.
    pub(crate) last: &'static str,
    /// Their address, under `.example`.
    pub(crate) email: String,
    /// Their job title.
    pub(crate) title: &'static str,
    /// Where they work, in [`Cast::companies`].
    pub(crate) company: Option<usize>,
    /// What they are after.
    pub(crate) persona: Persona,
    /// Their phone number, where they give it.
    pub(crate) phone: Option<String>,
    /// When they first come by.
    pub(crate) arrives: Timestamp,
    pub(super) country: &'static Country,
    pub(super) city: &'static str,
    pub(super) channel: &'static Channel,
}

/// Everybody in the story.
pub(crate) struct Cast {
    /// The companies.
    pub(crate) companies: Vec<Company>,
    /// The people who say who they are.
    pub(crate) people: Vec<Person>,
    /// How many never do.
    pub(crate) strangers: u32,
    /// From when the story is told.
    pub(crate) begins: Timestamp,
    /// The present.
    pub(crate) ends: Timestamp,
    /// The seed that it comes from.
    pub(crate) seed: u64,
}

/// Makes up everybody, the same for the same seed, size and present.
pub(crate) fn cast(seed: u64, size: Size, now: Timestamp) -> Cast {
    let begins = Timestamp::from_ms_clamped(now.ms() - HISTORY_DAYS * MS_PER_DAY);
    let mut cast = Cast {
        companies: companies(seed, size.companies),
        people: Vec::new(),
        strangers: size.strangers,
        begins,
        ends: now,
        seed,
    };
    let mut addresses = BTreeSet::new();
    for index in 0..size.people {
        let mut dice = Dice::new(seed, u64::from(index) + 1);
        let persona = dice.weighted(PERSONAS);
        let arrives = arrival(&mut dice, &cast);
        let mut person = person(&mut dice, &cast.companies, index, persona, arrives);
        distinguish(&mut person, &mut addresses);
        cast.people.push(person);
    }
    cast
}

/// Makes up one more person, who arrives at that time.
pub(super) fn newcomer(cast: &Cast, index: u32, persona: Persona, arrives: Timestamp) -> Person {
    let mut dice = Dice::new(cast.seed, u64::from(index) + 1);
    let mut person = person(&mut dice, &cast.companies, index, persona, arrives);
    person.email = person.email.replacen('@', &format!("{}@", index % 100_000), 1);
    person
}

/// How many in a hundred are after what.
const PERSONAS: &[(u64, Persona)] = &[
    (19, Persona::Buyer),
    (12, Persona::Adviser),
    (18, Persona::Casual),
    (24, Persona::Reader),
    (10, Persona::Student),
    (8, Persona::Owner),
    (2, Persona::Rival),
    (7, Persona::Applicant),
];

/// The domains of the two rivals that the agreement names.
const RIVALS: [(&str, &str); 2] = [
    ("Rival Proposals", "rival.example"),
    ("Otherwise Quotes", "other.example"),
];

/// Where people without a company have their mailboxes.
const MAILBOXES: [&str; 3] = ["mailbox.example", "post.example", "inbox.example"];

fn companies(seed: u64, count: u32) -> Vec<Company> {
    let mut dice = Dice::new(seed, 1 << 40);
    let mut taken = BTreeSet::new();
    let mut companies: Vec<Company> = Vec::new();
    for (name, domain) in RIVALS {
        let (country, city) = place(&mut dice);
        companies.push(Company {
            name: name.to_owned(),
            domain: domain.to_owned(),
            industry: "Software",
            employees: 240,
            country,
            city,
        });
    }
    // There are 48 x 16 heads and tails, each with some suffixes: twice as many draws as companies find enough.
    for _ in 0..count * 2 {
        let company = company(&mut dice);
        if companies.len() < count as usize && taken.insert(company.domain.clone()) {
            companies.push(company);
        }
    }
    companies
}

fn company(dice: &mut Dice) -> Company {
    let served = dice.chance(78);
    let industry: &'static Industry = if served {
        dice.pick(&SERVED)
    } else {
        dice.pick(&OTHERS)
    };
    let stem = format!("{}{}", dice.pick(&COMPANY_HEAD), dice.pick(&COMPANY_TAIL));
    let suffix: &str = dice.pick::<&str>(industry.suffixes);
    let name = format!("{stem}{suffix}");
    let domain: String = name
        .to_lowercase()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join("-");
    let (low, high) = dice.weighted(&[
        (6, (3, 10)),
        (14, (11, 49)),
        (50, (50, 500)),
        (16, (501, 999)),
        (11, (1_000, 5_000)),
        (3, (5_001, 24_000)),
    ]);
    let (country, city) = place(dice);
    Company {
        name,
        domain: format!("{domain}.example"),
        industry: industry.name,
        employees: u32::try_from(dice.between(low, high)).unwrap_or(50),
        country,
        city,
    }
}

fn place(dice: &mut Dice) -> (&'static Country, &'static str) {
    let table: [(u64, &'static Country); 6] = std::array::from_fn(|i| (COUNTRIES[i].0, &COUNTRIES[i].1));
    let country = dice.weighted(&table);
    let city: &str = dice.pick::<&str>(country.cities);
    (country, city)
}

fn person(
    dice: &mut Dice,
    companies: &[Company],
    index: u32,
    persona: Persona,
    arrives: Timestamp,
) -> Person {
    let (first, first_plain) = *dice.pick(&FIRST);
    let (last, last_plain) = *dice.pick(&LAST);
    let company = workplace(dice, companies, persona);
    let domain = company.map_or_else(|| *dice.pick(&MAILBOXES), |at| companies[at].domain.as_str());
    let (country, city) =
        company.map_or_else(|| place(dice), |at| (companies[at].country, companies[at].city));
    let channels: [(u64, &'static Channel); 7] = std::array::from_fn(|i| (CHANNELS[i].0, &CHANNELS[i].1));
    let phone = format!(
        "{}{}",
        country.phone,
        dice.between(country.phone_from, country.phone_to)
    );
    Person {
        index,
        first,
        last,
        email: format!("{first_plain}.{last_plain}@{domain}"),
        title: dice.weighted(jobs(persona)),
        company,
        persona,
        phone: dice.chance(phone_percent(persona)).then_some(phone),
        arrives,
        country,
        city,
        channel: dice.weighted(&channels),
    }
}

/// Makes an address unlike all before it.
fn distinguish(person: &mut Person, taken: &mut BTreeSet<String>) {
    if !taken.insert(person.email.clone()) {
        person.email = person.email.replacen('@', &format!("{}@", person.index), 1);
        taken.insert(person.email.clone());
    }
}

/// Where somebody of that kind works: buyers and whom they ask meet at a fifth of the companies, so that these show
/// committees; most buyers are at companies that the product is for.
fn workplace(dice: &mut Dice, companies: &[Company], persona: Persona) -> Option<usize> {
    let staffed = companies.get(RIVALS.len()..)?;
    let suits = |company: &Company| {
        (50..=5_000).contains(&company.employees) && SERVED.iter().any(|i| i.name == company.industry)
    };
    let near = staffed.len() / 5 + 1;
    let anywhere = |dice: &mut Dice| usize::try_from(dice.below(staffed.len() as u64)).unwrap_or(0);
    let at = match persona {
        Persona::Rival => return Some(usize::from(dice.chance(50))),
        Persona::Student | Persona::Owner | Persona::Applicant => return None,
        Persona::Reader | Persona::Casual => anywhere(dice),
        Persona::Buyer | Persona::Adviser => {
            let mut at = anywhere(dice);
            for _ in 0..6 {
                if suits(&staffed[at]) {
                    break;
                }
                at = anywhere(dice);
            }
            if dice.chance(45) { at % near } else { at }
        }
    };
    Some(at + RIVALS.len())
}

fn jobs(persona: Persona) -> Jobs {
    match persona {
        Persona::Buyer | Persona::Casual => DECIDERS,
        Persona::Adviser => ADVISERS,
        Persona::Reader | Persona::Rival | Persona::Applicant => USERS,
        Persona::Student => STUDENTS,
        Persona::Owner => OWNERS,
    }
}

fn phone_percent(persona: Persona) -> u64 {
    match persona {
        Persona::Buyer => 75,
        Persona::Adviser | Persona::Owner => 40,
        _ => 10,
    }
}

/// A day of the story: more as the company grows, fewer in summer and at the turn of the year.
fn arrival(dice: &mut Dice, cast: &Cast) -> Timestamp {
    loop {
        let day = dice.between(0, HISTORY_DAYS - 1);
        let at = Timestamp::from_ms_clamped(cast.begins.ms() + day * MS_PER_DAY);
        let (_, month, _) = at.day().date();
        let season = match month {
            7 | 8 | 12 => 60,
            2 | 3 | 9 | 10 => 100,
            _ => 85,
        };
        let growth = 55 + u64::try_from(day * 45 / HISTORY_DAYS).unwrap_or(0);
        if dice.chance(season) && dice.chance(growth) {
            return at;
        }
    }
}
