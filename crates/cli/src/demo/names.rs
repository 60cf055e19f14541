//! The words that the demo's people, companies and places are made of. Whoever is named is made up; every domain ends in
//! `.example`, and every phone number is of a range set aside for fiction.

/// First names with the form that they have in an address.
#[rustfmt::skip]
pub(super) const FIRST: [(&str, &str); 72] = [
    ("Amara", "amara"), ("Aisha", "aisha"), ("Alejandro", "alejandro"), ("Anneke", "anneke"), ("Astrid", "astrid"),
    ("Benoît", "benoit"), ("Bianca", "bianca"), ("Björn", "bjoern"), ("Camille", "camille"), ("Carlos", "carlos"),
    ("Chidi", "chidi"), ("Chloé", "chloe"), ("Dagny", "dagny"), ("Daniel", "daniel"), ("Deepa", "deepa"),
    ("Diego", "diego"), ("Elena", "elena"), ("Élodie", "elodie"), ("Emeka", "emeka"), ("Esther", "esther"),
    ("Farid", "farid"), ("Fatima", "fatima"), ("Fiona", "fiona"), ("Grace", "grace"), ("Greta", "greta"),
    ("Hana", "hana"), ("Hannah", "hannah"), ("Henrik", "henrik"), ("Ines", "ines"), ("Ivan", "ivan"),
    ("Jasmine", "jasmine"), ("Jean-Luc", "jean-luc"), ("Jonas", "jonas"), ("Jürgen", "juergen"), ("Kaito", "kaito"),
    ("Kavya", "kavya"), ("Kofi", "kofi"), ("Lars", "lars"), ("Leila", "leila"), ("Liam", "liam"),
    ("Łukasz", "lukasz"), ("Mads", "mads"), ("Maeve", "maeve"), ("Marcus", "marcus"), ("María", "maria"),
    ("Mateo", "mateo"), ("Mei", "mei"), ("Nadia", "nadia"), ("Niamh", "niamh"), ("Nikhil", "nikhil"),
    ("Noor", "noor"), ("Olivia", "olivia"), ("Omar", "omar"), ("Owen", "owen"), ("Paulo", "paulo"),
    ("Petra", "petra"), ("Priya", "priya"), ("Rachel", "rachel"), ("Rafael", "rafael"), ("Rosalind", "rosalind"),
    ("Samuel", "samuel"), ("Sanne", "sanne"), ("Sofia", "sofia"), ("Soraya", "soraya"), ("Sven", "sven"),
    ("Tamsin", "tamsin"), ("Théo", "theo"), ("Tobias", "tobias"), ("Valentina", "valentina"), ("Wei", "wei"),
    ("Yusuf", "yusuf"), ("Zoë", "zoe"),
];

/// Last names with the form that they have in an address.
#[rustfmt::skip]
pub(super) const LAST: [(&str, &str); 80] = [
    ("Abara", "abara"), ("Adeyemi", "adeyemi"), ("Almeida", "almeida"), ("Andersson", "andersson"),
    ("Aydin", "aydin"), ("Baptiste", "baptiste"), ("Bauer", "bauer"), ("Becker", "becker"),
    ("Bergström", "bergstroem"), ("Brennan", "brennan"), ("Carver", "carver"), ("Castellanos", "castellanos"),
    ("Chaudhry", "chaudhry"), ("Chen", "chen"), ("Costa", "costa"), ("Court", "court"),
    ("D'Angelo", "dangelo"), ("Dahl", "dahl"), ("de la Cruz", "delacruz"), ("Delacroix", "delacroix"),
    ("Desai", "desai"), ("Diallo", "diallo"), ("Dubois", "dubois"), ("Eriksen", "eriksen"),
    ("Fairweather", "fairweather"), ("Farouk", "farouk"), ("Fischer", "fischer"), ("Fitzgerald", "fitzgerald"),
    ("Fournier", "fournier"), ("García", "garcia"), ("Hale", "hale"), ("Hartmann", "hartmann"),
    ("Hollis", "hollis"), ("Ibrahim", "ibrahim"), ("Ivanova", "ivanova"), ("Jansen", "jansen"),
    ("Kapoor", "kapoor"), ("Keller", "keller"), ("Kowalczyk", "kowalczyk"), ("Krüger", "krueger"),
    ("Lindqvist", "lindqvist"), ("Lefèvre", "lefevre"), ("Lopes", "lopes"), ("MacLeod", "macleod"),
    ("Marlowe", "marlowe"), ("Mbeki", "mbeki"), ("Mehta", "mehta"), ("Moreau", "moreau"),
    ("Müller", "mueller"), ("Nakamura", "nakamura"), ("Nguyễn", "nguyen"), ("Novák", "novak"),
    ("Nuñez", "nunez"), ("O'Brien", "obrien"), ("O'Shea", "oshea"), ("Okafor", "okafor"),
    ("Okonkwo", "okonkwo"), ("Olsen", "olsen"), ("Osei", "osei"), ("Pereira", "pereira"),
    ("Petrov", "petrov"), ("Quigley", "quigley"), ("Rahman", "rahman"), ("Reyes", "reyes"),
    ("Rossi", "rossi"), ("Saito", "saito"), ("Sandoval", "sandoval"), ("Schäfer", "schaefer"),
    ("Sokolova", "sokolova"), ("St. John", "stjohn"), ("Strand", "strand"), ("Tanaka", "tanaka"),
    ("Thorne", "thorne"), ("Tremblay", "tremblay"), ("van Dijk", "vandijk"), ("Vasquez", "vasquez"),
    ("Weiß", "weiss"), ("Whitlock", "whitlock"), ("Yilmaz", "yilmaz"), ("Zielińska", "zielinska"),
];

/// What a company's name begins with.
#[rustfmt::skip]
pub(super) const COMPANY_HEAD: [&str; 48] = [
    "Alder", "Amber", "Arrow", "Birch", "Brindle", "Brisk", "Cinder", "Clover", "Cobalt", "Copper", "Coral",
    "Cedar", "Dapple", "Elder", "Ember", "Fable", "Fern", "Flint", "Gable", "Garnet", "Hazel", "Heather", "Indigo",
    "Ivory", "Juniper", "Kestrel", "Lantern", "Larch", "Linden", "Maple", "Marble", "Marsh", "Meadow", "Nettle",
    "Ochre", "Otter", "Pebble", "Quarry", "Raven", "Rowan", "Saffron", "Sorrel", "Tamarind", "Thistle", "Umber",
    "Velvet", "Willow", "Yarrow",
];

/// What a company's name ends with.
#[rustfmt::skip]
pub(super) const COMPANY_TAIL: [&str; 16] = [
    "loom", "gate", "mark", "fold", "forge", "path", "well", "stack", "ledger", "signal", "row", "line", "wharf",
    "spire", "works", "crest",
];

/// A line of business: what it is called in a lead's traits, and what companies of it add to their names.
pub(super) struct Industry {
    pub(super) name: &'static str,
    pub(super) suffixes: &'static [&'static str],
}

/// The lines of business that the demo's agreement is after.
pub(super) const SERVED: [Industry; 4] = [
    Industry {
        name: "Software",
        suffixes: &["", " Software", " Labs", " Systems"],
    },
    Industry {
        name: "SaaS",
        suffixes: &["", " Cloud", " HQ"],
    },
    Industry {
        name: "Internet",
        suffixes: &["", " Media", " Online"],
    },
    Industry {
        name: "Financial Services",
        suffixes: &[" Capital", " Insurance", " Payments", " Savings"],
    },
];

/// Those that it isn't after.
pub(super) const OTHERS: [Industry; 6] = [
    Industry {
        name: "Manufacturing",
        suffixes: &[" Tools", " Plastics", " Pumps"],
    },
    Industry {
        name: "Logistics",
        suffixes: &[" Freight", " Logistics"],
    },
    Industry {
        name: "Healthcare",
        suffixes: &[" Clinics", " Care"],
    },
    Industry {
        name: "Education",
        suffixes: &[" Academy", " College"],
    },
    Industry {
        name: "Retail",
        suffixes: &[" Outfitters", " Home"],
    },
    Industry {
        name: "Food and Drink",
        suffixes: &[" Bakery", " Roasters"],
    },
];

/// A country where leads live.
pub(super) struct Country {
    pub(super) name: &'static str,
    pub(super) cities: &'static [&'static str],
    /// Hours that its clocks are ahead of UTC in winter.
    pub(super) offset_h: i64,
    /// A number of a range that is set aside for fiction, its last digits missing.
    pub(super) phone: &'static str,
    /// How many digits are missing, and where they begin.
    pub(super) phone_from: i64,
    pub(super) phone_to: i64,
}

/// The countries, with how many in a hundred leads live there.
pub(super) const COUNTRIES: [(u64, Country); 6] = [
    (
        46,
        Country {
            name: "United States",
            cities: &["Denver", "Austin", "Boston", "Raleigh", "Portland", "Chicago"],
            offset_h: -5,
            phone: "+1 303 555 01",
            phone_from: 10,
            phone_to: 99,
        },
    ),
    (
        18,
        Country {
            name: "United Kingdom",
            cities: &["London", "Leeds", "Bristol", "Glasgow"],
            offset_h: 0,
            phone: "+44 20 7946 0",
            phone_from: 100,
            phone_to: 999,
        },
    ),
    (
        14,
        Country {
            name: "Germany",
            cities: &["Berlin", "Hamburg", "München", "Köln"],
            offset_h: 1,
            phone: "+49 30 23125 ",
            phone_from: 100,
            phone_to: 999,
        },
    ),
    (
        8,
        Country {
            name: "France",
            cities: &["Paris", "Lyon", "Nantes"],
            offset_h: 1,
            phone: "+33 1 99 00 ",
            phone_from: 1000,
            phone_to: 9999,
        },
    ),
    (
        7,
        Country {
            name: "Ireland",
            cities: &["Dublin", "Cork", "Galway"],
            offset_h: 0,
            phone: "+353 20 911 ",
            phone_from: 1000,
            phone_to: 9999,
        },
    ),
    (
        7,
        Country {
            name: "Australia",
            cities: &["Melbourne", "Brisbane", "Perth"],
            offset_h: 10,
            phone: "+61 3 5550 ",
            phone_from: 1000,
            phone_to: 9999,
        },
    ),
];

/// How leads find the site: channel, source, campaign, and the page that they come from; with weights.
pub(super) struct Channel {
    pub(super) name: &'static str,
    pub(super) source: &'static str,
    pub(super) campaign: Option<&'static str>,
    pub(super) referrer: &'static str,
}

/// The channels, with how many in a hundred leads come by each.
pub(super) const CHANNELS: [(u64, Channel); 7] = [
    (
        30,
        Channel {
            name: "Organic search",
            source: "search",
            campaign: None,
            referrer: "https://search.example/",
        },
    ),
    (
        20,
        Channel {
            name: "Paid search",
            source: "search",
            campaign: Some("proposal-software"),
            referrer: "https://search.example/",
        },
    ),
    (
        14,
        Channel {
            name: "Social",
            source: "social",
            campaign: Some("proposals-that-win"),
            referrer: "https://social.example/feed",
        },
    ),
    (
        10,
        Channel {
            name: "Referral",
            source: "partner",
            campaign: None,
            referrer: "https://salesweekly.example/tools",
        },
    ),
    (
        8,
        Channel {
            name: "Review site",
            source: "reviews",
            campaign: None,
            referrer: "https://reviews.example/proposal-software",
        },
    ),
    (
        8,
        Channel {
            name: "Event",
            source: "event",
            campaign: Some("revenue-days"),
            referrer: "https://revenuedays.example/",
        },
    ),
    (
        10,
        Channel {
            name: "Direct",
            source: "direct",
            campaign: None,
            referrer: "",
        },
    ),
];

/// A job, with how common it is.
pub(super) type Jobs = &'static [(u64, &'static str)];

/// Those who sign for a proposal tool.
#[rustfmt::skip]
pub(super) const DECIDERS: Jobs = &[
    (6, "VP Sales"), (6, "VP Marketing"), (5, "Chief Revenue Officer"), (4, "Chief Marketing Officer"),
    (8, "Sales Director"), (8, "Director of Sales Operations"), (7, "Director of Demand Generation"),
    (10, "Head of Sales"), (8, "Head of Marketing"), (10, "Sales Manager"), (10, "Marketing Manager"),
    (6, "Sales Operations Manager"), (4, "Chief Executive Officer"), (3, "Regional Sales Manager"),
];

/// Those whom they ask.
#[rustfmt::skip]
pub(super) const ADVISERS: Jobs = &[
    (6, "IT Manager"), (5, "Solutions Architect"), (4, "Chief Technology Officer"), (5, "Finance Director"),
    (5, "Procurement Manager"), (6, "Software Engineer"), (4, "Head of IT"), (4, "Legal Counsel"),
    (3, "Chief Financial Officer"), (4, "Operations Manager"),
];

/// Those who would use it.
#[rustfmt::skip]
pub(super) const USERS: Jobs = &[
    (8, "Account Executive"), (6, "Marketing Specialist"), (5, "Sales Development Representative"),
    (5, "Content Writer"), (4, "Campaign Manager"), (5, "Sales Representative"), (3, "Proposal Writer"),
    (4, "Product Marketing Manager"), (3, "Business Development Manager"),
];

/// Those who learn.
pub(super) const STUDENTS: Jobs = &[
    (5, "Student"),
    (3, "MBA Student"),
    (2, "Marketing Intern"),
    (1, "PhD Student"),
];

/// Those with a business of their own.
pub(super) const OWNERS: Jobs = &[
    (4, "Founder"),
    (4, "Owner"),
    (3, "Freelance Consultant"),
    (2, "Managing Director"),
];
