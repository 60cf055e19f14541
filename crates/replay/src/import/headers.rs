//! Which field a column means, by its header: a table of the names that CRMs and spreadsheets give them, in English,
//! German and French. Case, blanks, punctuation and accents don't count.

use std::collections::BTreeMap;

use bellwether_core::records::RecordKind;

/// Fields that every kind of row with people in it may have.
const WHO: &[(&str, &str)] = &[
    (
        "email",
        "email emailaddress mail mailaddress primaryemail workemail businessemail emailwork emailadresse \
         mailadresse geschaeftlicheemail courriel adresseemail adressemail adressecourriel contactemail \
         leademail traitsemail",
    ),
    (
        "user_id",
        "userid user benutzerid nutzerid idutilisateur distinctid",
    ),
    (
        "anonymous_id",
        "anonymousid visitorid besucherid idvisiteur cookieid",
    ),
];

/// Fields of leads.
const LEADS: &[(&str, &str)] = &[
    (
        "id",
        "id lead leadid contactid recordid prospectid personid objectid hsobjectid crmid salesforceid \
         leadorcontactid kontaktid leadnummer leadnr kontaktnummer kontaktnr datensatzid identifiant idcontact idprospect \
         numerocontact",
    ),
    (
        "created_at",
        "createdat created createdate createddate createdtime creationdate datecreated dateadded \
         createdon signupdate erstelltam erstellt erstellungsdatum angelegtam anlagedatum datedecreation \
         creele cree dateajout",
    ),
    (
        "updated_at",
        "updatedat updated lastmodified lastmodifieddate modifiedat modifieddate lastupdated modifiedon \
         lastmodifiedtime geaendertam zuletztgeaendert letzteaenderung aenderungsdatum \
         datedemodification modifiele dernieremodification",
    ),
    (
        "stage",
        "stage lifecyclestage leadstage lifecyclephase lebenszyklusphase phasedecycledevie",
    ),
    (
        "owner",
        "owner owneremail leadowner leadowneremail contactowner contactowneremail ownerid salesrepemail \
         besitzer zustaendig verantwortlicher verkaeufer proprietaire responsable",
    ),
    (
        "account",
        "accountid companyid associatedcompanyid firmenid unternehmensid idsociete identreprise",
    ),
    ("keys", "keys"),
    ("traits", "traits"),
];

/// Fields of events.
const EVENTS: &[(&str, &str)] = &[
    (
        "lead",
        "lead leadid contactid contact prospectid personid customerid profileid caseid case \
         caseconceptname kontaktid idcontact idprospect whoid",
    ),
    (
        "event",
        "event eventname activity activityname activitytype action conceptname ereignis aktivitaet \
         evenement activite",
    ),
    (
        "ts",
        "ts timestamp time at occurredat eventtime eventtimestamp datetime timetimestamp \
         originaltimestamp activitydate eventdate receivedat sentat createdat createddate createdate \
         date datum zeitpunkt zeit zeitstempel horodatage dateheure",
    ),
    ("type", "type calltype"),
    ("path", "path pagepath propertiespath"),
    ("id", "messageid eventid activityid id aktivitaetsid idevenement"),
    ("known", "known"),
    ("said_by", "saidby"),
    ("properties", "properties"),
    ("traits", "traits"),
];

/// Fields of accounts.
const ACCOUNTS: &[(&str, &str)] = &[
    (
        "id",
        "id accountid companyid recordid objectid hsobjectid crmid firmenid unternehmensid datensatzid \
         identifiant idsociete identreprise",
    ),
    (
        "domain",
        "domain companydomain companydomainname emaildomain domainname domaene domaine nomdedomaine",
    ),
    (
        "name",
        "name account accountname company companyname firma firmenname unternehmen unternehmensname \
         organisation organization societe entreprise nomdelasociete raisonsociale",
    ),
    (
        "owner",
        "owner owneremail accountowner accountowneremail companyowner companyowneremail besitzer \
         verantwortlicher zustaendig proprietaire responsable",
    ),
    ("traits", "traits"),
];

/// Fields of outcomes.
const OUTCOMES: &[(&str, &str)] = &[
    (
        "lead",
        "lead leadid contactid contact prospectid personid email emailaddress contactemail leademail \
         userid primarycontact kontaktid idcontact courriel",
    ),
    (
        "outcome",
        "outcome result status dealstage stage stagename opportunitystage ergebnis phase statut resultat \
         etape",
    ),
    (
        "at",
        "at closedate closedat closeddate closed wonat wondate date abschlussdatum geschlossenam datum \
         datedecloture closele",
    ),
    (
        "amount",
        "amount value dealamount dealvalue closevalue opportunityamount revenue betrag wert auftragswert \
         montant valeur",
    ),
    (
        "currency",
        "currency currencycode dealcurrency currencyisocode waehrung devise",
    ),
    (
        "reason",
        "reason lostreason closedlostreason lossreason wonreason closedwonreason grund verlustgrund \
         motif raison",
    ),
    (
        "opportunity",
        "opportunity opportunityid dealid deal recordid id verkaufschanceid idopportunite",
    ),
];

/// Traits that agreements know, by the names that columns have for them.
const TRAITS: &[(&str, &str)] = &[
    ("first_name", "firstname givenname forename vorname prenom"),
    (
        "last_name",
        "lastname surname familyname nachname familienname nom nomdefamille",
    ),
    (
        "name",
        "name fullname contactname leadname vollstaendigername nomcomplet",
    ),
    (
        "title",
        "title jobtitle position jobposition berufsbezeichnung stellenbezeichnung jobtitel funktion \
         poste fonction intituledeposte intituleduposte",
    ),
    (
        "company",
        "company companyname account accountname organisation organization employer firma firmenname \
         unternehmen unternehmensname societe entreprise nomdelasociete",
    ),
    (
        "phone",
        "phone phonenumber telephone businessphone workphone mobile mobilephone mobilephonenumber \
         telefon telefonnummer handy mobiltelefon numerodetelephone telephoneportable",
    ),
    (
        "website",
        "website websiteurl webseite homepage url siteweb siteinternet",
    ),
    (
        "industry",
        "industry sector branche industrie secteur secteurdactivite",
    ),
    (
        "employees",
        "employees numberofemployees noofemployees employeecount companysize headcount mitarbeiter \
         mitarbeiterzahl anzahlmitarbeiter anzahldermitarbeiter effectif nombredemployes employes",
    ),
    (
        "revenue",
        "revenue annualrevenue umsatz jahresumsatz chiffredaffaires ca",
    ),
    ("country", "country countryregion mailingcountry land pays"),
    (
        "region",
        "region state stateregion stateprovince mailingstate bundesland",
    ),
    ("city", "city mailingcity stadt ort ville"),
];

/// What a column is guessed to hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Meaning {
    /// A field of the row itself, by the name that `--map` has for it.
    Field(&'static str),
    /// A trait that agreements know, by its name there.
    Trait(&'static str),
}

/// A header as it is compared: letters and digits in lower case, without accents; `ä` is `ae` and `ß` is `ss`.
pub fn plain(header: &str) -> String {
    let mut plain = String::with_capacity(header.len());
    for c in header
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
    {
        match c {
            'ä' | 'æ' => plain.push_str("ae"),
            'ö' | 'œ' => plain.push_str("oe"),
            'ü' => plain.push_str("ue"),
            'ß' => plain.push_str("ss"),
            'à' | 'á' | 'â' | 'ã' | 'å' => plain.push('a'),
            'ç' => plain.push('c'),
            'è' | 'é' | 'ê' | 'ë' => plain.push('e'),
            'ì' | 'í' | 'î' | 'ï' => plain.push('i'),
            'ñ' => plain.push('n'),
            'ò' | 'ó' | 'ô' | 'õ' => plain.push('o'),
            'ù' | 'ú' | 'û' => plain.push('u'),
            other => plain.push(other),
        }
    }
    plain
}

/// What a column of such a file is guessed to hold, by its header alone; nothing where no name fits. The second number
/// says how good the guess is among several columns for one meaning: less is better.
pub fn guess(kind: RecordKind, header: &str) -> Option<(Meaning, usize)> {
    let plain = plain(header);
    let among = |table: &'static [(&'static str, &'static str)]| {
        table.iter().find_map(|(field, names)| {
            let rank = names.split_whitespace().position(|name| name == plain)?;
            Some((*field, rank))
        })
    };
    let own = among(fields_of(kind)).or_else(|| match kind {
        RecordKind::Leads | RecordKind::Events => among(WHO),
        RecordKind::Accounts | RecordKind::Outcomes => None,
    });
    let field = own.map(|(field, rank)| (Meaning::Field(field), rank));
    field.or_else(|| match kind {
        RecordKind::Leads | RecordKind::Accounts => {
            among(TRAITS).map(|(name, rank)| (Meaning::Trait(name), rank))
        }
        RecordKind::Events | RecordKind::Outcomes => None,
    })
}

/// The column that each field is best found in, of those that the headers suggest.
pub(crate) fn places(kind: RecordKind, columns: &[String]) -> BTreeMap<&'static str, usize> {
    let mut best: BTreeMap<&'static str, (usize, usize)> = BTreeMap::new();
    for (at, column) in columns.iter().enumerate() {
        if let Some((Meaning::Field(field), rank)) = guess(kind, column) {
            let place = best.entry(field).or_insert((rank, at));
            *place = (*place).min((rank, at));
        }
    }
    best.into_iter().map(|(field, (_, at))| (field, at)).collect()
}

/// The fields that rows of a kind have, as `--map` names them.
pub fn fields(kind: RecordKind) -> Vec<&'static str> {
    let who = match kind {
        RecordKind::Leads | RecordKind::Events => WHO,
        RecordKind::Accounts | RecordKind::Outcomes => &[],
    };
    fields_of(kind)
        .iter()
        .chain(who)
        .map(|(field, _)| *field)
        .collect()
}

const fn fields_of(kind: RecordKind) -> &'static [(&'static str, &'static str)] {
    match kind {
        RecordKind::Leads => LEADS,
        RecordKind::Events => EVENTS,
        RecordKind::Accounts => ACCOUNTS,
        RecordKind::Outcomes => OUTCOMES,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_in_three_languages_and_any_spelling_mean_the_same() {
        let cases = [
            (RecordKind::Leads, "E-Mail", Meaning::Field("email")),
            (RecordKind::Leads, "Email Address", Meaning::Field("email")),
            (RecordKind::Leads, "E-Mail-Adresse", Meaning::Field("email")),
            (RecordKind::Leads, "Courriel", Meaning::Field("email")),
            (RecordKind::Leads, "Lead ID", Meaning::Field("id")),
            (RecordKind::Leads, "Record ID", Meaning::Field("id")),
            (RecordKind::Leads, "Created Date", Meaning::Field("created_at")),
            (RecordKind::Leads, "Create Date", Meaning::Field("created_at")),
            (RecordKind::Leads, "Erstellt am", Meaning::Field("created_at")),
            (
                RecordKind::Leads,
                "Date de création",
                Meaning::Field("created_at"),
            ),
            (
                RecordKind::Leads,
                "Zuletzt geändert",
                Meaning::Field("updated_at"),
            ),
            (RecordKind::Leads, "Lifecycle Stage", Meaning::Field("stage")),
            (RecordKind::Leads, "Contact owner", Meaning::Field("owner")),
            (RecordKind::Leads, "Firma", Meaning::Trait("company")),
            (RecordKind::Leads, "Société", Meaning::Trait("company")),
            (RecordKind::Leads, "Job Title", Meaning::Trait("title")),
            (RecordKind::Leads, "job_title", Meaning::Trait("title")),
            (RecordKind::Leads, "Prénom", Meaning::Trait("first_name")),
            (
                RecordKind::Leads,
                "Number of Employees",
                Meaning::Trait("employees"),
            ),
            (RecordKind::Events, "Contact ID", Meaning::Field("lead")),
            (RecordKind::Events, "Activity Date", Meaning::Field("ts")),
            (RecordKind::Events, "messageId", Meaning::Field("id")),
            (RecordKind::Accounts, "Account Name", Meaning::Field("name")),
            (
                RecordKind::Accounts,
                "Company Domain Name",
                Meaning::Field("domain"),
            ),
            (RecordKind::Accounts, "sector", Meaning::Trait("industry")),
            (RecordKind::Outcomes, "close_date", Meaning::Field("at")),
            (RecordKind::Outcomes, "deal_stage", Meaning::Field("outcome")),
            (RecordKind::Outcomes, "Währung", Meaning::Field("currency")),
        ];
        for (kind, header, meaning) in cases {
            assert_eq!(
                guess(kind, header).map(|(found, _)| found),
                Some(meaning),
                "{header}"
            );
        }
        for header in ["", "???", "Unsubscribed", "Shoe size"] {
            assert_eq!(guess(RecordKind::Leads, header), None, "{header}");
        }
    }

    #[test]
    fn names_are_written_as_they_are_compared_and_mean_one_thing() {
        for kind in RecordKind::ALL {
            let mut seen = std::collections::BTreeMap::new();
            for (field, names) in fields_of(kind) {
                for name in names.split_whitespace() {
                    assert_eq!(plain(name), name);
                    assert_eq!(seen.insert(name, *field), None, "{kind} {name}");
                }
            }
        }
    }
}
