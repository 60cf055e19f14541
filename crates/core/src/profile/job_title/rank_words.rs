//! The words of rank, in English, German and French.
//!
//! A row is what its words say and the words, separated by commas. A phrase means together what its words don't mean
//! alone, and the longest one that fits counts; `*` stands for one to three words. Write the first form only (masculine,
//! one): the others are found by their endings, and so are German compounds by the words of [`COMPOUND_ENDINGS`], which
//! read as their parts: the row with `team leiter` has `Teamleiterin`, too.

use super::{
    Rank::{
        Assistant, Chief, Coordinator, Director, GeneralManager, Head, Learner, Manager, Professional,
        Senior as SeniorRank, Student, TeamLead, VicePresident,
    },
    vocabulary::RankMark::{
        self, Assists, At, Deputy, Gone, Is, Junior, Learns, NotNow, Nothing, Senior, SomebodyElse,
    },
};

pub(super) const RANKS: &[(RankMark, &str)] = &[
    // Leads or owns the company.
    (
        Is(Chief),
        "ceo, cfo, coo, cto, cio, ciso, cmo, cso, cro, cpo, cdo, cco, chro, clo, cdto, cpto, cxo, cao, \
         cko",
    ),
    (
        Is(Chief),
        "c e o, c f o, c o o, c t o, c i o, c m o, chief executive, chief * officer, chief officer, \
         c level",
    ),
    (
        Is(Chief),
        "president, co president, chairman, chairwoman, chairperson, chair, chair of the board, \
         vice chair, vice chairman",
    ),
    (
        Is(Chief),
        "board member, board director, board of directors, member of the board, supervisory board, \
         advisory board, executive board, management board, managing board",
    ),
    (
        Is(Chief),
        "non executive director, nonexecutive director, executive committee, trustee, board of trustees, \
         governor",
    ),
    (
        Is(Chief),
        "managing director, managing member, managing partner, managing owner, senior partner, \
         equity partner, founding partner, general partner, limited partner, partner",
    ),
    (
        Is(Chief),
        "group managing director, founder, cofounder, founding member, owner, co owner, coowner, \
         proprietor, entrepreneur, shareholder, franchisee, business owner",
    ),
    (
        Is(Chief),
        "geschäftsführer, geschaftsfuherer, geschäftsführend, geschäftsführung, geschäftsleitung, \
         geschäftsleiter, gf, ggf, gesellschafter",
    ),
    (
        Is(Chief),
        "vorstand, vorstandsmitglied, mitglied des vorstands, mitglied des vorstandes, vorsitzend, \
         vorsitz, präsident, präsidium, generaldirektor",
    ),
    (
        Is(Chief),
        "mitglied der geschäftsführung, mitglied der geschäftsleitung, mitglied in der geschäftsleitung, \
         vorsitzende der geschäftsführung, vorsitzende des vorstands, sprecher der geschäftsführung, \
         sprecher des vorstands",
    ),
    (
        Is(Chief),
        "aufsichtsrat, verwaltungsrat, beirat, beiratsmitglied, inhaber, eigentümer, unternehmer, \
         gründer, teilhaber, kanzler, arbeitgeber",
    ),
    (
        Is(Chief),
        "pdg, p d g, dg, directeur général, président, président directeur général, directeur gérant, \
         gérant, cogérant, co gérant, fondateur, cofondateur, co fondateur, propriétaire, dirigeant, \
         chef d entreprise, patron",
    ),
    (
        Is(Chief),
        "directeur général délégué, administrateur délégué, membre du directoire, \
         membre du comité exécutif, membre du conseil d administration, entrepreneur individuel, \
         auto entrepreneur, associé gérant",
    ),
    // Vice presidents.
    (
        Is(VicePresident),
        "vp, v p, svp, evp, gvp, rvp, vice president, senior vice president, executive vice president, \
         vizepräsident, vice présidence",
    ),
    (Is(VicePresident), "directeur général adjoint, dga"),
    // In a bank an assistant vice president is an officer's grade, two below a vice president.
    (
        Is(Manager),
        "avp, assistant vice president, assistant vp, asst vice president, asst vp",
    ),
    (Is(Director), "associate vice president, associate vp"),
    // Runs a business, or signs for the company.
    (
        Is(GeneralManager),
        "general manager, gm, country manager, managing head, prokurist, prokura, ppa, \
         handlungsbevollmächtigte, directeur de filiale, directeur pays",
    ),
    (
        Is(GeneralManager),
        "niederlassung leiter, niederlassung leitung, werk leiter, werk leitung, landesdirektor, \
         hoteldirektor, directeur d usine, directeur de site, directeur d agence, directeur d hôtel",
    ),
    // Directors.
    (
        Is(Director),
        "director, dir, directorate, directeur, dirctor, direktor, direktion, direction, \
         directeur adjoint, directeur associé, associate director, deputy director, executive director",
    ),
    (
        Is(Director),
        "daf, dsi, drh, dircom, directeur de projet, chief of staff, principal director, \
         abteilungsdirektor, dean",
    ),
    (
        Is(Manager),
        "assistant director, asst director, school principal, headteacher, head teacher, headmaster, \
         assistant general manager",
    ),
    // Heads of departments.
    (
        Is(Head),
        "head, co head, cohead, leiter, leitung, leitende, chief, chief engineer, chief architect, \
         chief accountant, chief scientist, editor in chief, chefredakteur, chefredaktion",
    ),
    (
        Is(Head),
        "abteilung leiter, abteilung leitung, bereich leiter, bereich leitung, hauptabteilung leiter, \
         ressort leiter, dezernat leiter, betrieb leiter, kaufmännische leiter, technische leiter",
    ),
    (
        Is(Head),
        "rédacteur en chef, responsable de département, chef de département, chef de division, \
         business unit manager, department manager, comptroller",
    ),
    (
        Is(Head),
        "department head, division head, branch head, practice head, chefarzt",
    ),
    // Leads a team, a shift or a project.
    (
        Is(TeamLead),
        "lead, leader, team lead, teamlead, team leader, teamleader, team manager, team head, tech lead, \
         team captain, squad lead, line manager, shift manager, shift leader, section head, \
         section chief",
    ),
    (
        Is(TeamLead),
        "supervisor, foreman, superintendent, overseer, captain, station manager, site manager, \
         store manager, shop manager, restaurant manager, hotel manager, branch manager, project leader, \
         project lead, head coach, head chef, head nurse, charge nurse",
    ),
    (
        Is(TeamLead),
        "team leiter, team leitung, gruppe leiter, gruppe leitung, schicht leiter, projekt leiter, \
         projekt leitung, filial leiter, filial leitung, markt leiter, bau leiter, bau leitung, \
         büro leiter, sachgebiet leiter, referat leiter, labor leiter",
    ),
    (
        Is(TeamLead),
        "küche leiter, stationen leiter, store leiter, prüfung leiter, bergung leiter, meister, polier, \
         vorarbeiter, obmann, gruppenführer, teamchef, stellenleiter, chef",
    ),
    (
        Is(TeamLead),
        "responsable, chef d équipe, chef de projet, cheffe de projet, chef de produit, chef de service, \
         chef de groupe, chef d atelier, chef de chantier, chef de secteur, chef de rayon, superviseur, \
         contremaître, agent de maîtrise, encadrant",
    ),
    (
        Is(TeamLead),
        "responsable d équipe, general secretary, engagement manager, bid manager, category manager, \
         area manager, district manager, district sales manager, assistant manager, asst manager, \
         assistant store manager",
    ),
    // Managers of whatever.
    (Is(Manager), "manager, mgr, managing editor, manageress"),
    // Those who are called manager and manage no one are individuals.
    (
        Is(Professional),
        "office manager, community manager, social media manager, case manager",
    ),
    // Coordinates what others do.
    (
        Is(Coordinator),
        "coordinator, co ordinator, koordinator, coordinateur, coordonnateur",
    ),
    // Does the work with long experience.
    (
        Is(SeniorRank),
        "principal, principal engineer, staff engineer, staff software engineer, expert, fellow, \
         counsel, of counsel, general counsel, chefberater, oberarzt, distinguished engineer, doyen, \
         confirmé",
    ),
    (Senior, "senior, sr, snr, sénior, sen"),
    // Does the work.
    (
        Is(Professional),
        "professional, specialist, generalist, analyst, engineer, developer, programmer, coder, \
         consultant, advisor, adviser, agent, representative, rep, associate, executive, officer, \
         administrator, admin, architect, planner, strategist",
    ),
    (
        Is(Professional),
        "accountant, auditor, bookkeeper, controller, economist, actuary, underwriter, trader, broker, \
         banker, teller, investor, attorney, lawyer, solicitor, barrister, paralegal, notary, judge, \
         recruiter, headhunter, head hunter, designer, artist, illustrator",
    ),
    (
        Is(Professional),
        "writer, copywriter, editor, journalist, reporter, author, translator, interpreter, \
         photographer, producer, videographer, marketer, marketeer, publicist, buyer, purchaser, \
         procurer, merchandiser, seller, salesman, saleswoman, salesperson",
    ),
    (
        Is(Professional),
        "technician, operator, mechanic, electrician, plumber, carpenter, welder, machinist, driver, \
         pilot, builder, worker, laborer, craftsman, cleaner, janitor, guard, cook, waiter, barista, \
         bartender, cashier, clerk, receptionist, dispatcher, courier",
    ),
    (
        Is(Professional),
        "teacher, professor, assistant professor, associate professor, lecturer, instructor, tutor, \
         trainer, coach, researcher, scientist, chemist, physicist, biologist, statistician, \
         mathematician, postdoc, postdoctoral, librarian, curator, scholar",
    ),
    (
        Is(Professional),
        "doctor, physician, surgeon, dentist, nurse, pharmacist, therapist, psychologist, counselor, \
         counsellor, caregiver, paramedic, veterinarian, social worker, soldier, police officer, \
         firefighter, pastor, priest",
    ),
    (
        Is(Professional),
        "freelance, freelancer, contractor, self employed, independent, evangelist, advocate, \
         ambassador, hacker, webmaster, tester, sysadmin, dba, sre, devops, bdr, sdr, ae, csm, kam, \
         hrbp, ba, scrum master, product owner, process owner, data owner, service owner, system owner",
    ),
    (
        Is(Professional),
        "account executive, sales executive, marketing executive, business partner, hr business partner, \
         finance business partner, human resources business partner, channel partner, member of staff, \
         staff, staffer, employee, management, project management, product management, \
         account management, examiner, inspector, investigator, estimator, surveyor, draftsman",
    ),
    (
        Is(Professional),
        "integrator, organizer, organiser, facilitator, negotiator, ranger, agile coach, musician, \
         actor, art director, director of photography, player, model, farmer, gardener, homemaker, \
         instrumentalist, technologist, chef de partie, commis",
    ),
    (
        Is(Professional),
        "sachbearbeiter, sachbearbeitung, referent, mitarbeiter, mitarbeit, angestellte, \
         fachangestellte, kaufmann, kaufleute, fachkraft, fachmann, fachwirt, betriebswirt, wirt, \
         berater, beratung, betreuer, betreuung, spezialist, entwickler, ingenieur, informatiker",
    ),
    (
        Is(Professional),
        "techniker, mechaniker, mechatroniker, elektriker, elektroniker, konstrukteur, zeichner, planer, \
         disponent, einkäufer, verkäufer, vertreter, handelsvertreter, vertriebler, außendienst, \
         innendienst, buchhalter, bilanzbuchhalter, rechnungsprüfer, prüfer, revisor, steuerberater",
    ),
    (
        Is(Professional),
        "wirtschaftsprüfer, jurist, anwalt, rechtsanwalt, notar, syndikus, richter, redakteur, autor, \
         texter, gestalter, grafiker, fotograf, pressesprecher, sprecher, programmierer, architekt, \
         bürokraft, empfangsmitarbeiter, fahrer, lagerist",
    ),
    (
        Is(Professional),
        "lehrer, dozent, lehrkraft, erzieher, ausbilder, wissenschaftler, forscher, arzt, zahnarzt, \
         pfleger, krankenschwester, apotheker, therapeut, physiotherapeut, psychologe, sozialarbeiter, \
         soldat, polizist, pfarrer, landwirt, handwerker, arbeiter, schlosser",
    ),
    (
        Is(Professional),
        "schweißer, maurer, tischler, koch, kellner, friseur, reinigungskraft, hausmeister, wachmann, \
         personaler, personalreferent, freiberufler, selbstständig, selbständig, betriebsrat, \
         betriebsratsvorsitzend, verantwortlich, beauftragt, justitiar, sekretariat, moderator, \
         zahntechniker, dienstleister",
    ),
    (
        Is(Professional),
        "chargé, conseiller, commercial, technico commercial, ingénieur, ingénieur commercial, \
         technicien, développeur, concepteur, rédacteur, comptable, acheteur, vendeur, avocat, notaire, \
         gestionnaire, formateur",
    ),
    (
        Is(Professional),
        "enseignant, professeur, chercheur, médecin, infirmier, ouvrier, employé, opérateur, chauffeur, \
         cuisinier, serveur, graphiste, infographiste, traducteur, animateur, recruteur, agent de, \
         administrateur, administrateur systèmes",
    ),
    (
        Is(Professional),
        "attaché, attaché commercial, attaché de presse, délégué, délégué commercial, téléconseiller, \
         hôte, magasinier, logisticien, représentant, négociateur, contrôleur, contrôleur de gestion, \
         auditeur, indépendant, correspondant, préparateur, monteur, électricien",
    ),
    (
        Is(Professional),
        "ingénieur d affaires, cadre, médiateur, webmestre, traffic manager, planificateur, dessinateur, \
         géomètre, urbaniste, statisticien, psychologue, pharmacien, kinésithérapeute, éducateur, \
         aide soignant, assistant social, assistante sociale",
    ),
    (
        Is(Professional),
        "petty officer, police, publisher, executive chef, steward, shop steward, chief steward, \
         teaching fellow, research fellow, postdoctoral research fellow, accompagnateur, \
         visiting scholar",
    ),
    // Helps somebody in the job.
    (
        Assists,
        "assistant, asst, assistent, assistenz, assistance, assistenzkraft, secretary, sekretär, \
         secrétaire, pa, ea, aide, personal assistant, executive assistant, administrative assistant, \
         management assistant, team assistant, office assistant",
    ),
    (
        Assists,
        "assistant de direction, assistante de direction, secrétariat de direction, chefsekretär, \
         rechte hand, vorzimmer",
    ),
    (
        Is(Professional),
        "corporate secretary, company secretary, board secretary, state secretary",
    ),
    (
        Is(Assistant),
        "medical assistant, dental assistant, legal assistant",
    ),
    (
        Deputy,
        "deputy, stellvertretend, stellvertreter, stellv, stv, adjoint, vize, co stellvertretend, vice",
    ),
    // Learns the job.
    (Junior, "junior, jr, jnr, débutant, nachwuchs"),
    (
        Learns(Learner),
        "intern, internship, apprentice, apprenticeship, trainee, management trainee, graduate trainee, \
         graduate, new grad, entry level, entry, volunteer, co op, probationer, cadet, articled clerk",
    ),
    (
        Learns(Learner),
        "praktikant, praktikum, auszubildend, azubi, azubine, ausbildung, lehrling, volontär, \
         volontariat, berufseinsteiger, quereinsteiger, anwärter, hospitant, aushilfe, minijobber, \
         umschüler, fsj, bufdi, zivildienst, studienreferendar",
    ),
    (
        Learns(Learner),
        "stagiaire, stage, stagiair, alternant, alternance, apprenti, apprentissage, bénévole, \
         service civique, contrat de professionnalisation, en alternance, en formation",
    ),
    // Studies.
    (
        Learns(Student),
        "student, undergraduate, undergrad, phd student, phd candidate, doctoral candidate, \
         doctoral student, pupil, schoolboy, working student, student assistant, mba candidate",
    ),
    (
        Learns(Student),
        "werkstudent, werkstudium, studierend, duales studium, studentisch, schüler, doktorand, \
         promovend, masterand, bachelorand, diplomand, abiturient",
    ),
    (
        Learns(Student),
        "étudiant, lycéen, doctorant, élève, élève ingénieur, collégien, thésard",
    ),
    // Words that look like a rank and aren't one.
    (
        Nothing,
        "future of work, lead generation, lead gen, lead management, leads, lead nurturing, interne, internal, \
         student affairs, student success, student services, student recruitment, student engagement, \
         student experience, student life",
    ),
    (
        Nothing,
        "senioren, senior living, senior care, seniors care, senior services, junior high, \
         junior high school, junior school, junior league, entry systems, data entry, order entry, \
         graduate admissions, graduate recruitment, graduate school, graduate programs, \
         volunteer management",
    ),
    (
        Nothing,
        "volunteer services, volunteer programs, head office, head start, headquarters, back office, \
         front office, board game, board games, power management, chair massage, executive search, \
         executive education, executive services, staff training, staff development",
    ),
    (
        Nothing,
        "change management, risk management, quality management, asset management, wealth management, \
         facility management, event management, content management, process management, \
         supply chain management, category management",
    ),
    (
        Nothing,
        "customer relationship management, master data management, document management, \
         office management, team management, service management, portfolio management, \
         partner management, partner marketing, partner program, partner success, channel partners, \
         partner sales, partner relations",
    ),
    (
        Nothing,
        "partner manager program, artist management team, direction artistique de, intern program, \
         internship program, stage design, stage technology, early stage, backstage, direct, vice versa, \
         president s office, aus und weiterbildung, aide de camp",
    ),
    (
        Is(Manager),
        "partner manager, partner account manager, channel partner manager, partner success manager, \
         partner marketing manager, intern program manager, volunteer manager",
    ),
    (
        Is(Professional),
        "management consultant, managing consultant, management accountant, lead generation specialist, \
         volunteer coordinator, internship coordinator, student advisor, student counselor, \
         executive recruiter, staff accountant, staff nurse, staff writer, entry clerk",
    ),
    (
        Is(Professional),
        "data entry clerk, data entry operator, executive producer, executive search consultant, \
         staff scientist, training officer, admissions officer",
    ),
    // What follows speaks of somebody or something else.
    (
        SomebodyElse,
        "to, to the, reporting to, for the, auprès, auprès du, auprès de la, c o, supporting, \
         on behalf of, der geschäftsführung, der geschäftsleitung, des geschäftsführers, des vorstands, \
         des vorstandes, du pdg, du président, du directeur, de la direction générale, des ceo",
    ),
    (At, "at, bei, beim, chez, office of the, office of"),
    (
        NotNow,
        "former, formerly, ex, previously, previous, past president, aspiring, future, prospective, \
         wannabe, ehemalige, ehemals, ehem, vormals, früher, künftig, zukünftig, ancien, anciennement, \
         ex fondateur, futur, emeritus",
    ),
    (
        Gone,
        "retired, unemployed, between jobs, looking for, seeking, open to work, job seeker, a d, \
         pensioniert, pensionär, im ruhestand, rentner, arbeitslos, arbeitssuchend, arbeitsuchend, \
         retraité, à la retraite, demandeur d emploi, recherche d emploi, sans emploi",
    ),
];

/// What German compounds of rank end with.
pub(super) const COMPOUND_ENDINGS: &str = "leiter, leitung, leitende, manager, management, chef, meister, direktor, geschäftsführer, \
         geschäftsführung, vorstand, inhaber, gründer, präsident, praktikant, student, assistent, \
         assistenz, sekretär, trainee, berater, beratung, betreuer, betreuung, referent, mitarbeiter, \
         mitarbeit, sachbearbeiter, sachbearbeitung, angestellte, kaufmann, fachmann, fachkraft, \
         fachwirt, wirt, spezialist, entwickler, ingenieur, informatiker, techniker, mechaniker, \
         elektroniker, konstrukteur, planer, disponent, einkäufer, verkäufer, vertreter, buchhalter, \
         controller, prüfer, jurist, anwalt, redakteur, texter, designer, gestalter, administrator, \
         architekt, lehrer, dozent, trainer, coach, wissenschaftler, forscher, arzt, pfleger, therapeut, \
         fahrer, arbeiter, sprecher, koordinator, beauftragt, mitglied, analyst, consultant, specialist, \
         engineer, developer, leader, vorsitzend, beirat, aufsichtsrat, verwaltungsrat, architekt, \
         werber, vermittler, lead, hilfskraft, bearbeiter, verantwortlich, marketing, vertrieb, verkauf, \
         kommunikation, entwicklung, technik, forschung, logistik, produktion, fertigung, einkauf, \
         beschaffung, buchhaltung, controlling, service, support, innendienst, außendienst, \
         kundendienst, administration, verwaltung, sicherung, abteilung, bereich";
