//! The words of fields, in English, German and French.
//!
//! A row is the field, how plainly its words name it, and the words, separated by commas, as in the table of ranks: the
//! first form only, the longest phrase first, `*` for one to three words.

use super::{
    Field::{
        self, Administration, BusinessDevelopment, Consulting, Engineering, Executive, Finance, Hr, It,
        Legal, Marketing, Operations, Other, Product, Projects, Purchasing, Sales, Support, Unknown,
    },
    vocabulary::Plainness::{self, Name, Occupation, RunsCompany, Work},
};

pub(super) const FIELDS: &[(Field, Plainness, &str)] = &[
    // Marketing and communication.
    (
        Marketing,
        Name,
        "marketing, marketer, marketeer, marcom, webmarketing, cmo, advertising, brand, branding, seo, \
         sea, sem, ppc, pr, p r, publicity, publicist, public relations, press, media relations, \
         communication, corporate communications",
    ),
    (
        Marketing,
        Name,
        "product marketing, product marketing manager, partner marketing, customer marketing, \
         field marketing, growth, growth hacker, demand generation, demand gen, lead generation, \
         content, copywriter, social media, community manager, editorial, trade show, trade shows, \
         trade marketing",
    ),
    (
        Marketing,
        Name,
        "employer branding, e commerce, ecommerce, go to market, campaign, event, kampagne, \
         kommunikation, unternehmenskommunikation, öffentlichkeitsarbeit, pressesprecher, werbung, \
         werbe, marke, messe, veranstaltung, fair, exhibition, public affairs, redaktion, redakteur",
    ),
    (
        Marketing,
        Name,
        "publicité, événementiel, relations presse, relations publiques, community, rédacteur web, \
         communicante, dircom, attaché de presse, responsable éditorial, marktforschung, marktforscher, \
         market research, sponsoring",
    ),
    (
        Marketing,
        Work,
        "media, medien, digital, creative, promotion, art director, video, grafik, grafiker, \
         grafikdesigner, graphic designer, graphiste, web design, web designer, online, webdesigner, \
         mediengestalter, mediaplaner, strategic communications, werber, texter, produktmarketing, \
         desktop publisher",
    ),
    // Sales.
    (
        Sales,
        Name,
        "sales, salesman, saleswoman, salesperson, seller, selling, presales, pre sales, \
         aftersales manager, inside sales, account executive, account manager, account management, \
         key account, account, account director, kam, ae, sdr, bdr, cro, chief revenue officer, revenue, \
         territory manager, vente, vendeur",
    ),
    (
        Sales,
        Name,
        "vertrieb, vertriebler, verkauf, verkäufer, außendienst, innendienst, handelsvertreter, \
         vertreter, akquise, kundenberater, firmenkunden, privatkunden, großkunden, commercial, \
         directeur commercial, technico commercial, chargé d affaires, ingénieur d affaires, salesforce",
    ),
    (
        Sales,
        Name,
        "sales operations, sales engineer, sales support, sales marketing, sales enablement, it sales, \
         software sales, medical sales, bid manager, bid management, sales development, \
         sales development representative, technical sales, représentant, grands comptes, comptes clés, \
         retail sales, real estate agent, leasing",
    ),
    (
        Sales,
        Work,
        "retail, distribution, export, channel, store, filial, kunden berater, area manager, territory, \
         handel, bid, tender, proposal, proposal engineer",
    ),
    (
        BusinessDevelopment,
        Name,
        "business development, bizdev, biz dev, business developer, business development representative, \
         new business, partnership, alliance, partner manager, channel partner, strategic partnerships, \
         partner management, geschäftsentwicklung, développement commercial, développeur commercial, \
         développement des affaires",
    ),
    (
        BusinessDevelopment,
        Work,
        "business unit development, market development, corporate development, unternehmensentwicklung, \
         strategic resources, strategy, strategie, stratégie, international development",
    ),
    // Makes the product.
    (
        Engineering,
        Work,
        "engineering, engineer, software, software engineer, developer, development, r d, \
         research development, research and development, forschung entwicklung, recherche développement, \
         cto, cpto, devops, sre, site reliability, backend, back end, frontend, front end, fullstack, \
         full stack, web developer, programmer, coder",
    ),
    (
        Engineering,
        Work,
        "embedded, firmware, hardware, electrical, mechanical, robotics, mechatronik, machine learning, \
         artificial intelligence, ai, ml, data scientist, data science, data engineer, qa, \
         quality assurance, test engineer, tester, quality engineer, technical lead, tech lead, \
         solution architect, solutions architect, software architect",
    ),
    (
        Engineering,
        Work,
        "entwickler, entwicklung, programmierer, ingenieur, konstruktion, konstrukteur, technik, \
         technische leiter, technik leiter, forschung, versuch, elektronik, elektrotechnik, \
         maschinenbau, développeur, développement, développement logiciel, ingénieur, ingénierie, \
         bureau d études, recherche",
    ),
    (
        Engineering,
        Occupation,
        "technical, technique, technisch, elektroniker, mechatroniker, technology, technologie, tech, \
         technician, techniker, technicien, electronic, applications engineer, application, \
         scrum master, agile",
    ),
    // Runs the systems.
    (
        It,
        Name,
        "it, i t, information technology, information systems, information security, it support, \
         it security, cio, ciso, dsi, rssi, edv, ict, cyber, cybersecurity, cyber security, \
         informatique, systèmes d information, informatik, informatiker, informationstechnik",
    ),
    (
        It,
        Name,
        "systems administrator, system administrator, systemadministrator, systembetreuer, sysadmin, \
         network, netzwerk, réseau, réseaux, dba, database, datenbank, erp, sap, helpdesk it, \
         service desk, cloud, infrastructure, system engineer, systems engineer, network engineer, \
         système, administrateur systèmes, data center, datacenter",
    ),
    (It, Work, "crm"),
    (
        It,
        Name,
        "salesforce administrator, salesforce developer, dynamics, sharepoint, citrix, microsoft, \
         digitalisierung, digitalization, digitalisation, master data, stammdaten, \
         digital transformation, digitale transformation, transformation digitale, webmaster, \
         business intelligence, bi, it business analyst, business systems analyst, technical architect, \
         enterprise architect, cdo, chief digital officer",
    ),
    (
        It,
        Work,
        "workplace, applikation, system, data, data analyst, data analytics, analytics, security, digital business, anwendung, \
         internet, web, daten, données, data architect, information, business applications, platform",
    ),
    // Finance.
    (
        Finance,
        Name,
        "finance, financial, fp a, fpa, accounting, accountant, account payable, account receivable, \
         cfo, controller, controlling, comptroller, audit, auditor, tax, treasury, treasurer, payroll, \
         bookkeeper, billing, credit, investor relations, investment, m a, mergers acquisitions, \
         mergers and acquisitions, risk, asset management, financial planning, portfolio manager, \
         private equity, venture capital",
    ),
    (
        Finance,
        Name,
        "finanz, finanzielle, buchhaltung, buchhalter, finanzbuchhaltung, bilanz, bilanzbuchhalter, \
         rechnungswesen, steuer, steuerberater, wirtschaftsprüfer, revision, daf, comptable, \
         comptabilité, financier, trésorier, trésorerie, contrôleur de gestion, contrôle de gestion, \
         fiscal, fiscalité, expert comptable, directeur administratif et financier, \
         responsable administratif et financier, paie",
    ),
    (
        Finance,
        Work,
        "bank, banking, banker, actuary, underwriter, trader, trading, securities, capital markets, \
         kredit, insurance, versicherung, collections, claims, loan, banque, assurance, economist, \
         pricing, administratif et financier, broker, teller, wealth, kaufmännische leiter, kfm leiter, \
         kaufmännische leitung",
    ),
    // Human resources.
    (
        Hr,
        Name,
        "hr, h r, human resources, human resource, human capital, human relations, hrbp, \
         hr business partner, people, people operations, people ops, people culture, people and culture, \
         talent, talent acquisition, talent manager, recruiting, recruitment, recruiter, staffing, \
         learning and development, learning development, l d, compensation, compensation benefits, \
         personnel, chro, personal, personalwesen, personalreferent",
    ),
    (
        Hr,
        Name,
        "personal entwicklung, personaler, personal berater, rh, r h, ressources humaines, recrutement, \
         recruteur, drh, rrh, capital humain, gestion de la paie et rh, employee experience, \
         employee relations, workforce, headhunter, head hunter, executive search, \
         aus und weiterbildung, diversity",
    ),
    (
        Hr,
        Work,
        "training, learning, ausbildung, formation, onboarding specialist, trainer, weiterbildung, \
         training officer, formateur",
    ),
    // Operations.
    (
        Operations,
        Name,
        "operations, ops, operational, coo, chief operating officer, supply chain, logistics, logistik, \
         logistique, warehouse, lager, manufacturing, production, produktion, fertigung, maintenance, \
         instandhaltung, plant, facility, facility management, fleet, transport, spedition, quality, \
         quality management, qualität, qualitätsmanagement, qualité, lean",
    ),
    (
        Operations,
        Name,
        "disponent, disposition, arbeitsvorbereitung, werk, chaîne logistique, exploitation, \
         approvisionnement, usine, hse, health and safety, health safety, arbeitssicherheit, \
         prozessmanagement, dispatch, dispatcher, materials, continuous improvement, \
         chaine d approvisionnement, opérations, magasinier, lagerist",
    ),
    (
        Operations,
        Work,
        "process, prozess, betrieb, factory, machine operator, shift, schicht, site manager, \
         construction, bau, industrial, business analyst, business process, organisation, store manager, \
         restaurant manager, hotel manager, planning, industrialisation, chantier, methods, méthodes, \
         niederlassung",
    ),
    (
        Purchasing,
        Name,
        "procurement, purchasing, purchaser, buyer, sourcing, buying, category manager, commodity, \
         einkauf, einkäufer, beschaffung, sortiment, achat, acheteur, vendor management, supplier",
    ),
    (
        Projects,
        Work,
        "project, project manager, project management, pmo, program, programme, program manager, \
         projekt, projekt leiter, projekt leitung, chef de projet, projet, delivery manager, bau leiter",
    ),
    (
        Product,
        Name,
        "product manager, product management, product owner, product lead, product, produkt, produit, \
         chef de produit, cpo, chief product officer, ux, ui, user experience, ux designer, \
         product designer, product line, produkt entwicklung",
    ),
    (
        Operations,
        Name,
        "product supply, production planning, demand planning, product safety",
    ),
    (
        Engineering,
        Name,
        "product engineer, product development, product engineering, development leader, \
         process engineer, design engineer, validation scientist",
    ),
    (Marketing, Name, "produkt marketing"),
    (Projects, Work, "change management, change manager, bpm"),
    (
        BusinessDevelopment,
        Work,
        "strategic planning, engagement manager",
    ),
    (
        Finance,
        Name,
        "product controller, product control, project controller, projekt controller, sales controller, \
         credit risk",
    ),
    (Purchasing, Name, "chief procurement officer"),
    (Hr, Name, "chief people officer"),
    (
        Marketing,
        Name,
        "chief communications officer, communication manager, media berater",
    ),
    (
        Sales,
        Name,
        "chief sales officer, chief commercial officer, product sales, product sales specialist, \
         project sales, chef de vente, chef des ventes, chef de rayon, directeur de clientèle",
    ),
    // Legal.
    (
        Legal,
        Name,
        "legal, general counsel, counsel, lawyer, attorney, solicitor, barrister, paralegal, compliance, \
         privacy, data protection, regulatory, regulatory affairs, contract manager, recht, jurist, \
         rechtsanwalt, anwalt, syndikus, notar, justitiar, datenschutz, juridique, avocat, notaire, clo, \
         dpo, law, patent, conformité",
    ),
    // Support.
    (
        Support,
        Name,
        "customer success, student success, customer support, customer service, customer care, \
         customer experience, client service, client services, client success, client support, \
         client relations, technical support, support, helpdesk, help desk, call center, call centre, \
         callcenter, csm, service client, relation client",
    ),
    (
        Support,
        Name,
        "kundenservice, kundendienst, kundenbetreuung, kundenbetreuer, kundensupport, kundenerfolg, sav, \
         service après vente, support technique, support client, service technique, conseiller client, \
         téléconseiller, chargé de clientèle, conseiller clientèle, aftersales, after sales, \
         service techniker, field service, customer operations",
    ),
    (
        Support,
        Work,
        "service, customer, client, kunde, onboarding, implementation, escalation, clientèle",
    ),
    // Runs the company.
    (
        Executive,
        RunsCompany,
        "ceo, c e o, chief executive, chief executive officer, president, founder, cofounder, founding, \
         owner, co owner, proprietor, entrepreneur, managing director, managing partner, managing owner, \
         general manager, gm, country manager, chairman, chairwoman, chair, board member, \
         board of directors, member of the board, chief of staff, chief strategy officer, \
         executive director, partner, shareholder",
    ),
    (
        Executive,
        RunsCompany,
        "geschäftsführer, geschäftsführung, geschäftsführend, geschäftsleitung, geschäftsleiter, gf, \
         gesellschafter, vorstand, vorsitzend, präsident, inhaber, eigentümer, unternehmer, gründer, \
         generaldirektor, prokurist, aufsichtsrat, verwaltungsrat, beirat, teilhaber",
    ),
    (
        Executive,
        RunsCompany,
        "pdg, p d g, dg, directeur général, directeur général adjoint, directeur général délégué, dga, \
         président, gérant, fondateur, cofondateur, propriétaire, dirigeant, chef d entreprise, associé, \
         administrateur délégué, patron",
    ),
    // Names no field, though its words alone would.
    (
        Unknown,
        Occupation,
        "process owner, data owner, service owner, business partner, channel partners, vice president, \
         vice chair, officer, employee, schüler, werkstudent, staffer, assistant manager, asst manager, \
         assistant director, assistant vice president, chef de service",
    ),
    // Advises other companies.
    (
        Consulting,
        Occupation,
        "consultant, consulting, consultancy, berater, beratung, unternehmensberater, \
         unternehmensberatung, advisor, adviser, advisory, conseil, consultant en, conseiller, \
         management consultant, business consultant, inhouse consultant",
    ),
    (
        Administration,
        Name,
        "executive assistant, personal assistant, team assistant, administrative assistant, \
         office assistant, management assistant, assistant de direction, office manager, \
         office management, back office, front office, receptionist, reception, empfang, sekretariat, \
         secrétariat, bürokraft, büro, office administrator",
    ),
    (
        Administration,
        Name,
        "assistent der geschäftsführung, assistenz der geschäftsführung, assistent der geschäftsleitung, \
         assistenz der geschäftsleitung, assistenz geschäftsführung, assistenz geschäftsleitung, \
         assistenz des vorstands, data entry, order management, bürokaufmann, bürokommunikation, \
         büromanagement",
    ),
    (
        Administration,
        Occupation,
        "assistant, asst, assistent, assistenz, secretary, sekretär, secrétaire, ea, pa, administration, \
         administrative, administrator, admin, verwaltung, office, clerk, coordinator, sachbearbeiter, \
         kaufmann, industriekaufmann, administratif",
    ),
    // Occupations outside companies' departments.
    (
        Other,
        Work,
        "teaching assistant, research assistant, teacher, professor, lecturer, instructor, tutor, postdoc, researcher, research, scientist, \
         chemist, librarian, education, doctor, physician, surgeon, dentist, nurse, nursing, pharmacist, \
         therapist, psychologist, medical, clinical, healthcare, paramedic, veterinarian, social worker, \
         soldier, police, military, army, firefighter, pastor, priest",
    ),
    (
        Other,
        Work,
        "artist, musician, actor, photographer, journalist, reporter, author, translator, interpreter, \
         interior designer, driver, pilot, farmer, cook, waiter, barista, bartender, chef de cuisine, \
         janitor, cleaner, guard, carpenter, electrician, plumber, mechanic, cashier, coach, \
         personal trainer, fitness, head chef, head coach, sous chef, real estate, judge, homemaker",
    ),
    (
        Other,
        Work,
        "lehrer, dozent, erzieher, wissenschaftler, wissenschaftliche mitarbeiter, forscher, arzt, \
         zahnarzt, pfleger, pflege, krankenschwester, apotheker, therapeut, physiotherapeut, psychologe, \
         sozialarbeiter, soldat, polizist, pfarrer, landwirt, koch, kellner, fahrer, hausmeister, \
         friseur, schauspieler, musiker, handwerker, schlosser, tischler",
    ),
    (
        Other,
        Work,
        "enseignant, professeur, chercheur, médecin, infirmier, chauffeur, cuisinier, serveur, \
         traducteur, pharmacien, éducateur, ouvrier, électricien, agriculteur, photographe, school, \
         university, universität, schule, école",
    ),
    (
        Other,
        Occupation,
        "writer, editor, designer, architect, architekt, freelancer, analyst, referent, specialist",
    ),
];
