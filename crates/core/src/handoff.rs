//! What sales gets when a lead qualifies: who it is, why now, whose it is, and by when. All of it is worked out here from
//! the agreement and the ledger, and kept as it was at that moment.

mod choose;
mod clock;
mod packet;
mod presence;
mod turns;

pub use choose::{RouteLook, SlaFacts, choose_route, choose_sla, look_at_routes};
pub use clock::{Counting, Pause, Run, Terms};
pub use packet::{
    AccountContext, AccountScore, Activity, AgreementStamp, COLLEAGUES_MAX, Colleague, CommitteeSeat,
    DEALS_MAX, EARLIER_MAX, EarlierCycle, FIRMOGRAPHICS, Firmographic, Handed, LeadCard, OpenDeal, Owner,
    Packet, PacketScore, RouteChoice, SlaStamp, Task, TopLine, packet,
};
pub use presence::{Absence, Away, Limit, Presence};
pub use turns::{Able, CREDIT_LEADS_MAX, LEAD, Next, Turn, Turns, credit_in_words, least_loaded};
