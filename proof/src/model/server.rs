//! A provider small enough to be explored: drafts that are open, committed or dead, and a count of charges.

use serde_json::{Value, json};

use super::caller::{CORRELATION, SERVICE};

/// A draft's phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Phase {
    Open,
    Committed,
    Dead,
}

/// An answer, as it travels.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) body: String,
}

/// A paid call, as it travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Paid {
    Commit(usize),
    Choose,
    Search,
}

/// The provider.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Server {
    pub(super) drafts: Vec<Phase>,
    /// Charges for what the callers want.
    pub(super) charges: u8,
    pub(super) searches: u8,
    pub(super) chosen: bool,
    /// Commits that found their draft open and are still to close it: only a server that is not atomic has any.
    pub(super) deciding: Vec<usize>,
}

impl Server {
    /// A server with a request that was handed in, and found something.
    pub(super) fn searched() -> Server {
        Server {
            drafts: vec![Phase::Committed],
            searches: 1,
            ..Server::default()
        }
    }

    pub(super) fn open(&mut self, commits: bool) -> Answer {
        self.drafts.push(Phase::Open);
        let id = self.drafts.len() - 1;
        if commits {
            self.charge(id);
        }
        self.show(id)
    }

    pub(super) fn fill(&self, id: usize) -> Answer {
        match self.drafts[id] {
            Phase::Open => self.show(id),
            Phase::Committed | Phase::Dead => refuse(400, 239),
        }
    }

    /// A paid call arrives. `None`: a commit that is still being decided.
    pub(super) fn pay(&mut self, paid: Paid, is_atomic: bool) -> Option<Answer> {
        match paid {
            Paid::Commit(id) if self.drafts[id] != Phase::Open => Some(refuse(400, 239)),
            Paid::Commit(id) if is_atomic => {
                self.charge(id);
                Some(self.show(id))
            }
            Paid::Commit(id) => {
                self.deciding.push(id);
                None
            }
            Paid::Choose if self.chosen => Some(refuse(409, 230)),
            Paid::Choose => {
                self.chosen = true;
                self.charges += 1;
                Some(self.show(0))
            }
            Paid::Search => {
                self.searches += 1;
                self.charges += 1;
                Some(self.show(0))
            }
        }
    }

    /// A commit that found its draft open closes it, whatever has happened since.
    pub(super) fn decide(&mut self, at: usize) -> (usize, Answer) {
        let id = self.deciding.remove(at);
        self.charge(id);
        (id, self.show(id))
    }

    fn charge(&mut self, id: usize) {
        self.drafts[id] = Phase::Committed;
        self.charges += 1;
    }

    pub(super) fn show(&self, id: usize) -> Answer {
        let phase = self.drafts[id];
        let mut data = json!({
            "_id": format!("d{id}"),
            "state": i32::from(phase == Phase::Committed),
            "stato_richiesta": if phase == Phase::Dead { "Annullata" } else { "In ricerca" },
            "hash_visura": SERVICE,
            "prezzo_visura": 19,
            "ricerca": self.searches > 0,
            "callback_data": { "data": { "sportello": CORRELATION } },
        });
        if self.searches > 0 {
            data["prezzo_ricerca"] = json!(1);
            let search = |number: u8| {
                json!({
                    "id_ricerca": format!("d{id}_{number}"),
                    "stato_ricerca": "Ricerca evasa",
                    "json_ricerca": { "$0": if number == 0 { "one" } else { "two" } },
                    "json_risultato": { "indice_0": { "a": "1" } },
                })
            };
            data["ricerche"] = (0..self.searches).map(search).collect();
            if self.chosen {
                data["id_ricerca"] = json!(format!("d{id}_0"));
                data["indice_ricerca"] = json!(0);
            }
        }
        success(&data)
    }
}

fn success(data: &Value) -> Answer {
    Answer {
        status: 200,
        body: json!({ "success": true, "data": data }).to_string(),
    }
}

fn refuse(status: u16, code: u32) -> Answer {
    Answer {
        status,
        body: json!({ "success": false, "error": code, "message": "no" }).to_string(),
    }
}
