//! What a job title says: how senior somebody is, and in which department. Titles are read as words, in English, German
//! and French; a title that no table knows is `unknown`, which is an answer.

use super::job_words::{
    DEPARTMENT_ENDINGS, DEPARTMENT_PHRASES, DEPARTMENT_STEMS, DEPARTMENT_WORDS, EXECUTIVE_WORDS,
    RANK_ENDINGS, RANK_PHRASES, RANK_STEMS, RANK_WORDS,
};

/// How many words of a title are read.
const WORDS_MAX: usize = 16;
/// How many bytes of a title are read.
const TITLE_BYTES_MAX: usize = 400;
/// How long a word is at least that is tried for what it begins or ends with, in bytes.
const COMPOUND_BYTES_MIN: usize = 6;

/// How senior somebody is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seniority {
    /// The title doesn't say.
    Unknown,
    /// Still studying.
    Student,
    /// Learning the job, or in the first one.
    Entry,
    /// Does the work, however experienced.
    Individual,
    /// Leads a team or a field.
    Manager,
    /// Leads a department.
    Director,
    /// Leads several.
    Vp,
    /// Leads or owns the company.
    CSuite,
}

impl Seniority {
    /// The level as conditions name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Student => "student",
            Self::Entry => "entry",
            Self::Individual => "individual",
            Self::Manager => "manager",
            Self::Director => "director",
            Self::Vp => "vp",
            Self::CSuite => "c_suite",
        }
    }
}

/// In which department somebody works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Department {
    /// Marketing and communication.
    Marketing,
    /// Sales and business development.
    Sales,
    /// Makes the product.
    Engineering,
    /// Runs the company's systems.
    It,
    /// Finance and accounting.
    Finance,
    /// Human resources.
    Hr,
    /// Operations, production, logistics and purchasing.
    Operations,
    /// Decides what the product is.
    Product,
    /// Legal and compliance.
    Legal,
    /// Helps customers.
    Support,
    /// Runs the company.
    Executive,
    /// A known occupation in none of these.
    Other,
    /// The title doesn't say.
    Unknown,
}

impl Department {
    /// The department as conditions name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Marketing => "marketing",
            Self::Sales => "sales",
            Self::Engineering => "engineering",
            Self::It => "it",
            Self::Finance => "finance",
            Self::Hr => "hr",
            Self::Operations => "operations",
            Self::Product => "product",
            Self::Legal => "legal",
            Self::Support => "support",
            Self::Executive => "executive",
            Self::Other => "other",
            Self::Unknown => "unknown",
        }
    }
}

/// How senior a title is.
pub(super) fn seniority(title: &str) -> Seniority {
    let lower = lower(title);
    let words = words(&lower);
    let words = own_words(&words);
    if words.iter().any(|word| PAST_OR_FUTURE.contains(word)) {
        return Seniority::Unknown;
    }
    if let Some(at) = words.iter().position(|word| is_assistant(word)) {
        return assistant_rank(words, at);
    }
    let ranks: Vec<Seniority> = ranks(words);
    let highest = ranks.iter().copied().max().unwrap_or(Seniority::Unknown);
    let lowest = ranks.iter().copied().filter(|rank| *rank != Seniority::Unknown);
    match lowest.min() {
        // `VP, former intern programme` stays what it is; `Junior Product Manager` and `Product Manager Intern` don't.
        Some(learner @ (Seniority::Student | Seniority::Entry)) if highest <= Seniority::Manager => {
            let stands_last = ranks.last() == Some(&learner);
            let is_junior = words.iter().any(|word| JUNIOR.contains(word));
            if stands_last || is_junior || highest <= Seniority::Individual {
                learner
            } else {
                highest
            }
        }
        _ => highest,
    }
}

/// Which department a title belongs to: the first word that names one, before words that only name a rank.
pub(super) fn department(title: &str) -> Department {
    let lower = lower(title);
    let words = words(&lower);
    let words = own_words(&words);
    if words.iter().any(|word| ASSISTANTS_OF_PEOPLE.contains(word)) {
        return Department::Other;
    }
    let mut fallback = Department::Unknown;
    let mut rest = words;
    while let [word, after @ ..] = rest {
        if let Some((department, _)) = phrase(&DEPARTMENT_PHRASES, rest) {
            return department;
        }
        match department_word(word) {
            Some(Department::Other) if fallback == Department::Unknown => fallback = Department::Other,
            Some(Department::Other) => {}
            Some(department) => return department,
            None if EXECUTIVE_WORDS.contains(word) || is_owner(words, word) => {
                fallback = Department::Executive;
            }
            None => {}
        }
        rest = after;
    }
    fallback
}

/// Words for what somebody was, or wants to be.
#[rustfmt::skip]
const PAST_OR_FUTURE: [&str; 10] = [
    "aspiring", "ehemalige", "ehemaliger", "ex", "former", "formerly", "future", "pensioniert", "retired", "unemployed",
];
/// Words that keep a manager from being one yet.
#[rustfmt::skip]
const JUNIOR: [&str; 8] = ["apprentice", "azubi", "jr", "junior", "trainee", "werkstudent", "werkstudentin", "alternant"];
/// Assistants of a person or an office and not of a department.
const ASSISTANTS_OF_PEOPLE: [&str; 7] = [
    "assistenz",
    "ea",
    "pa",
    "secrétaire",
    "secretary",
    "sekretär",
    "sekretärin",
];
/// What an assistant can stand before and be it: `Assistant Manager`.
const ASSISTANT_BEFORE: [&str; 6] = ["director", "manager", "vice", "vp", "head", "principal"];
/// Words after which a title speaks of somebody else: `Assistant to the CEO`.
const SOMEBODY_ELSE: [&str; 5] = ["to", "reporting", "auprès", "c/o", "bei"];

fn is_assistant(word: &str) -> bool {
    ASSISTANTS_OF_PEOPLE.contains(&word) || word.starts_with("assistan") || word.starts_with("assistent")
}

fn assistant_rank(words: &[&str], at: usize) -> Seniority {
    let after = words.get(at.saturating_add(1)..).unwrap_or_default();
    let learns = words
        .iter()
        .any(|word| rank_word(word) == Some(Seniority::Student));
    match after.first() {
        _ if learns => Seniority::Student,
        Some(next) if ASSISTANT_BEFORE.contains(next) => {
            ranks(after).into_iter().max().unwrap_or(Seniority::Individual)
        }
        _ => Seniority::Individual,
    }
}

/// `Owner` alone owns the company; a product's or process's owner doesn't.
fn is_owner(words: &[&str], word: &str) -> bool {
    let owner = words.iter().position(|word| matches!(*word, "owner" | "owners"));
    matches!(word, "owner" | "owners")
        && owner.is_some_and(|at| {
            let before = at.checked_sub(1).and_then(|before| words.get(before));
            before.is_none_or(|before| {
                matches!(*before, "business" | "company" | "co" | "franchise")
                    || EXECUTIVE_WORDS.contains(before)
            })
        })
}

/// What each word or phrase says of the rank, in the title's order.
fn ranks(words: &[&str]) -> Vec<Seniority> {
    let (mut found, mut rest) = (Vec::new(), words);
    while let [word, after @ ..] = rest {
        if let Some((rank, after)) = phrase(&RANK_PHRASES, rest) {
            found.push(rank);
            rest = after;
            continue;
        }
        if is_owner(words, word) {
            found.push(Seniority::CSuite);
        } else if *word == "chief" {
            // A chief officer is of the board; a chief engineer leads engineers.
            let officer = after.contains(&"officer");
            found.push(if officer {
                Seniority::CSuite
            } else {
                Seniority::Director
            });
        } else if let Some(rank) = rank_word(word) {
            found.push(rank);
        }
        rest = after;
    }
    found
}

fn rank_word(word: &str) -> Option<Seniority> {
    look_up(&RANK_WORDS, word).or_else(|| compound(&RANK_STEMS, &RANK_ENDINGS, word))
}

fn department_word(word: &str) -> Option<Department> {
    look_up(&DEPARTMENT_WORDS, word).or_else(|| compound(&DEPARTMENT_STEMS, &DEPARTMENT_ENDINGS, word))
}

fn look_up<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    let at = table.binary_search_by(|(known, _)| (*known).cmp(word)).ok()?;
    table.get(at).map(|(_, means)| *means)
}

/// German writes several words as one: what it ends with is what it is, what it begins with is of what.
fn compound<T: Copy>(stems: &[(&str, T)], endings: &[(&str, T)], word: &str) -> Option<T> {
    if word.len() < COMPOUND_BYTES_MIN {
        return None;
    }
    let stem = stems.iter().find(|(stem, _)| word.starts_with(stem));
    let found = stem.or_else(|| endings.iter().find(|(ending, _)| word.ends_with(ending)));
    found.map(|(_, means)| *means)
}

/// The phrase that the words begin with, and the words after it.
fn phrase<'w, 't, T: Copy>(table: &[(&[&str], T)], words: &'w [&'t str]) -> Option<(T, &'w [&'t str])> {
    table.iter().find_map(|(phrase, means)| {
        let (beginning, after) = words.split_at_checked(phrase.len())?;
        (beginning == *phrase).then_some((*means, after))
    })
}

fn lower(title: &str) -> String {
    let title = title
        .get(..title.floor_char_boundary(TITLE_BYTES_MAX))
        .unwrap_or_default();
    title.to_lowercase()
}

fn words(lower: &str) -> Vec<&str> {
    let words = lower.split(|c: char| !c.is_alphanumeric());
    words.filter(|word| !word.is_empty()).take(WORDS_MAX).collect()
}

/// The words that speak of the person, where some speak of another one.
fn own_words<'w, 't>(words: &'w [&'t str]) -> &'w [&'t str] {
    let other = words.iter().position(|word| SOMEBODY_ELSE.contains(word));
    other.and_then(|at| words.get(..at)).unwrap_or(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::job_words;

    #[test]
    fn seniority_goes_by_the_words_of_a_title() {
        for (title, expected) in [
            ("CEO", "c_suite"),
            ("Chief Marketing Officer (CMO)", "c_suite"),
            ("Co-Founder & CTO", "c_suite"),
            ("Owner", "c_suite"),
            ("Managing Director", "c_suite"),
            ("President", "c_suite"),
            ("Geschäftsführerin", "c_suite"),
            ("Mitglied des Vorstands", "c_suite"),
            ("Directeur général", "c_suite"),
            ("PDG", "c_suite"),
            ("Vice President, Sales", "vp"),
            ("SVP Engineering", "vp"),
            ("EVP", "vp"),
            ("Assistant Vice President", "vp"),
            ("Director of Marketing Operations", "director"),
            ("Head of Growth", "director"),
            ("Marketing Director", "director"),
            ("Directrice marketing", "director"),
            ("Vertriebsdirektor", "director"),
            ("Bereichsleiter Einkauf", "director"),
            ("Chief Engineer", "director"),
            ("Chief of Staff", "director"),
            ("Marketing Manager", "manager"),
            ("Teamleiterin Vertrieb", "manager"),
            ("Vertriebsleiter", "manager"),
            ("Responsable marketing", "manager"),
            ("Team Lead", "manager"),
            ("Assistant Manager", "manager"),
            ("Student Success Manager", "manager"),
            ("Sr. Software Engineer", "individual"),
            ("Product Owner", "individual"),
            ("Lead Generation Specialist", "individual"),
            ("Account Executive", "individual"),
            ("Assistant to the CEO", "individual"),
            ("Executive Assistant to the VP of Sales", "individual"),
            ("Assistentin der Geschäftsführung", "individual"),
            ("CEO Assistant", "individual"),
            ("HR Business Partner", "individual"),
            ("Internal Auditor", "individual"),
            ("Sachbearbeiter", "individual"),
            ("Marketing Management", "individual"),
            ("Head of Product Management", "director"),
            ("Jr. Developer", "entry"),
            ("Junior Product Manager", "entry"),
            ("Marketing Intern", "entry"),
            ("Product Manager Intern", "entry"),
            ("Praktikant", "entry"),
            ("Auszubildende", "entry"),
            ("Student", "student"),
            ("Werkstudent Marketing", "student"),
            ("PhD student", "student"),
            ("Étudiante", "student"),
            ("Former CEO", "unknown"),
            ("", "unknown"),
            ("Ninja", "unknown"),
            ("🦀", "unknown"),
        ] {
            assert_eq!(seniority(title).as_str(), expected, "{title}");
        }
    }

    #[test]
    fn departments_go_by_the_first_word_that_names_one() {
        for (title, expected) in [
            ("VP Marketing", "marketing"),
            ("Head of Product Marketing", "marketing"),
            ("CMO", "marketing"),
            ("Leiter Unternehmenskommunikation", "marketing"),
            ("Account Executive", "sales"),
            ("Business Development Manager", "sales"),
            ("Vertriebsleiter", "sales"),
            ("Directeur commercial", "sales"),
            ("Software Engineer", "engineering"),
            ("Founder & CTO", "engineering"),
            ("Entwicklungsleiter", "engineering"),
            ("IT-Leiter", "it"),
            ("CISO", "it"),
            ("Systemadministrator", "it"),
            ("CFO", "finance"),
            ("Leiterin Buchhaltung", "finance"),
            ("HR Business Partner", "hr"),
            ("Personalreferentin", "hr"),
            ("Human Resources Manager", "hr"),
            ("COO", "operations"),
            ("Einkäufer", "operations"),
            ("Supply Chain Manager", "operations"),
            ("Product Owner", "product"),
            ("Produktmanager", "product"),
            ("General Counsel", "legal"),
            ("Rechtsanwältin", "legal"),
            ("Customer Success Manager", "support"),
            ("Kundenservice", "support"),
            ("CEO", "executive"),
            ("Geschäftsführer", "executive"),
            ("Owner", "executive"),
            ("Founder", "executive"),
            ("Assistant to the CEO", "other"),
            ("Secretary, Marketing", "other"),
            ("Teacher", "other"),
            ("Director", "unknown"),
            ("", "unknown"),
        ] {
            assert_eq!(department(title).as_str(), expected, "{title}");
        }
    }

    #[test]
    fn a_title_of_a_megabyte_costs_what_its_beginning_does() {
        assert_eq!(
            seniority(&format!("CEO {}", "ä".repeat(1_000_000))),
            Seniority::CSuite
        );
        assert_eq!(department(&"marketing ".repeat(100_000)), Department::Marketing);
    }

    #[test]
    fn tables_are_sorted_and_in_lower_case() {
        assert!(job_words::RANK_WORDS.is_sorted_by(|a, b| a.0 < b.0));
        assert!(job_words::DEPARTMENT_WORDS.is_sorted_by(|a, b| a.0 < b.0));
        let words = job_words::RANK_WORDS.iter().map(|(word, _)| *word);
        let words = words.chain(job_words::DEPARTMENT_WORDS.iter().map(|(word, _)| *word));
        assert!(words.into_iter().all(|word| word == word.to_lowercase()));
    }
}
