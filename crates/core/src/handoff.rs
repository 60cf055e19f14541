//! What sales gets when a lead qualifies: who it is, why now, whose it is, and by when. All of it is worked out here from
//! the agreement and the ledger, and kept as it was at that moment.

mod choose;
mod clock;
mod packet;
mod pick;
mod rotation;

pub use choose::{SlaFacts, choose_route, choose_sla};
pub use clock::{Counting, Pause, Run, Terms};
pub use packet::{
    AccountContext, AccountScore, Activity, AgreementStamp, COLLEAGUES_MAX, Colleague, CommitteeSeat,
    DEALS_MAX, EARLIER_MAX, EarlierCycle, FIRMOGRAPHICS, Firmographic, Handed, LeadCard, OpenDeal, Owner,
    Packet, PacketScore, RouteChoice, SlaStamp, Task, TopLine, packet,
};
pub use pick::{Turn, pick};
pub use rotation::{Member, Picked, round_robin};
