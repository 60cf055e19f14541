//! What each kind of person does, from the first visit to the last.

use super::{Diary, Step, pages};

impl Diary {
    pub(super) fn buyer(&mut self) {
        self.browse(2, 5);
        for _ in 0..self.dice.between(0, 2) {
            self.wait(1, 9);
            self.browse(1, 4);
        }
        self.wait(1, 10);
        if self.dice.chance(85) {
            self.come_forward();
            self.mails(130, 62, 14);
        }
        self.wait(2, 24);
        self.interest();
        if self.dice.chance(24) {
            self.wait(95, 190);
            self.browse(1, 3);
            self.wait(1, 4);
            self.interest();
        }
    }

    /// Some days of looking at prices and asking.
    pub(super) fn interest(&mut self) {
        self.visit(|diary| {
            let feature = Step::Page(diary.dice.pick(&pages::PRODUCT));
            vec![
                feature,
                Step::Page(&pages::PRICING),
                Step::Page(&pages::PRICING_TEAMS),
            ]
        });
        self.wait(1, 3);
        if self.dice.chance(80) {
            self.visit(|diary| {
                vec![
                    Step::Page(diary.dice.pick(&pages::COMPARISONS)),
                    Step::Page(&pages::PRICING),
                ]
            });
            self.wait(0, 3);
        }
        if self.dice.chance(30) {
            self.webinar(true);
        }
        if self.dice.chance(55) {
            self.download(&pages::BUYING_AIDS);
            self.wait(0, 2);
        }
        if self.dice.chance(34) {
            self.visit(|_| {
                vec![
                    Step::Page(&pages::PRICING),
                    Step::Page(&pages::DEMO),
                    Step::SignUp,
                    Step::AskForDemo,
                ]
            });
        } else {
            self.visit(|diary| {
                vec![
                    Step::Page(&pages::PRICING),
                    Step::Page(diary.dice.pick(&pages::STORIES)),
                    Step::SignUp,
                ]
            });
        }
        for _ in 0..self.dice.between(0, 3) {
            self.wait(1, 12);
            self.browse(1, 4);
        }
    }

    pub(super) fn adviser(&mut self) {
        self.visit(|diary| {
            vec![
                Step::Page(diary.dice.pick(&pages::PRODUCT)),
                Step::Page(&pages::PRODUCT[5]),
            ]
        });
        self.wait(0, 6);
        self.visit(|_| {
            vec![
                Step::Page(&pages::PRICING),
                Step::SignUp,
                Step::Download(pages::BUYING_AIDS[1]),
            ]
        });
        self.mails(60, 30, 5);
        if self.dice.chance(50) {
            self.wait(1, 8);
            self.visit(|diary| vec![Step::Page(diary.dice.pick(&pages::COMPARISONS))]);
        }
        if self.dice.chance(25) {
            self.webinar(true);
        }
        if self.dice.chance(6) {
            self.visit(|_| vec![Step::Page(&pages::DEMO), Step::AskForDemo]);
        }
        for _ in 0..self.dice.between(1, 3) {
            self.wait(2, 30);
            self.browse(1, 4);
        }
    }

    pub(super) fn casual(&mut self) {
        self.browse(1, 4);
        self.wait(1, 20);
        self.come_forward();
        self.mails(160, 35, 4);
        for _ in 0..self.dice.between(1, 4) {
            self.wait(5, 50);
            self.browse(1, 4);
            if self.dice.chance(12) {
                self.visit(|_| vec![Step::Page(&pages::PRICING)]);
            }
        }
        if self.dice.chance(15) {
            self.webinar(false);
        }
        if self.dice.chance(4) {
            self.interest();
        }
    }

    pub(super) fn reader(&mut self) {
        self.read(1, 3);
        self.wait(0, 10);
        self.visit(|diary| {
            vec![
                Step::Page(diary.dice.pick(&pages::BLOG)),
                Step::SignUp,
                Step::Subscribe,
            ]
        });
        self.mails(220, 55, 12);
        for _ in 0..self.dice.between(2, 6) {
            self.wait(4, 40);
            self.read(1, 4);
            if self.dice.chance(22) {
                self.download(&pages::READING);
            }
        }
        if self.dice.chance(30) {
            self.webinar(false);
        }
    }

    pub(super) fn student(&mut self) {
        self.read(2, 5);
        self.download(&pages::READING);
        for _ in 0..self.dice.between(2, 5) {
            self.wait(1, 9);
            self.read(2, 5);
            self.download(&pages::READING);
        }
        if self.dice.chance(25) {
            self.webinar(false);
        }
    }

    pub(super) fn owner(&mut self) {
        self.browse(1, 4);
        self.wait(0, 6);
        self.visit(|_| {
            vec![
                Step::Page(&pages::HOME),
                Step::Page(&pages::PRICING),
                Step::SignUp,
                Step::Subscribe,
            ]
        });
        self.mails(90, 40, 6);
        if self.dice.chance(35) {
            self.wait(1, 12);
            self.visit(|_| {
                vec![
                    Step::Page(&pages::PRICING),
                    Step::Page(&pages::DEMO),
                    Step::AskForDemo,
                ]
            });
        }
        for _ in 0..self.dice.between(0, 3) {
            self.wait(3, 30);
            self.browse(1, 3);
        }
    }

    pub(super) fn rival(&mut self) {
        for _ in 0..self.dice.between(3, 8) {
            self.visit(|diary| {
                let product = diary.dice.pick(&pages::PRODUCT);
                vec![
                    Step::Page(&pages::PRICING),
                    Step::Page(product),
                    Step::Page(&pages::COMPARISONS[0]),
                ]
            });
            self.wait(7, 45);
        }
        self.visit(|_| {
            vec![
                Step::SignUp,
                Step::Download(pages::BUYING_AIDS[1]),
                Step::Page(&pages::PRICING),
            ]
        });
        self.webinar(true);
    }

    pub(super) fn applicant(&mut self) {
        self.visit(|diary| {
            vec![
                Step::Page(&pages::CAREERS),
                Step::Page(diary.dice.pick(&pages::JOBS)),
            ]
        });
        self.wait(0, 4);
        self.visit(|diary| {
            let job = diary.dice.pick(&pages::JOBS);
            vec![
                Step::Page(job),
                Step::Page(&pages::CONTACT),
                Step::SignUp,
                Step::Page(&pages::HOME),
            ]
        });
        for _ in 0..self.dice.between(0, 3) {
            self.wait(1, 8);
            self.visit(|_| vec![Step::Page(&pages::CAREERS)]);
        }
    }

    // ---- What they do ----
}
