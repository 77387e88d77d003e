//! Words that mean the same in what plans and reports speak of, so that one may be told in the words of
//! the other.

use std::collections::HashMap;

/// Each root with its words.
const SAME: &[(&str, &[&str])] = &[
    (
        "cost",
        &[
            "cost",
            "costs",
            "costing",
            "price",
            "prices",
            "expense",
            "expenses",
            "spend",
            "spends",
            "spent",
            "spending",
            "expenditure",
            "outlay",
            "bill",
            "billed",
            "charge",
            "charges",
            "pay",
            "paid",
            "pays",
        ],
    ),
    (
        "answer",
        &[
            "answer",
            "answers",
            "answered",
            "reply",
            "replies",
            "replied",
            "respond",
            "responds",
            "responded",
            "response",
            "responses",
        ],
    ),
    ("client", &["client", "clients", "customer", "customers"]),
    ("error", &["error", "errors", "mistake", "mistakes", "fault", "faults", "faulty"]),
    (
        "staff",
        &[
            "staff",
            "employee",
            "employees",
            "worker",
            "workers",
            "personnel",
            "colleague",
            "colleagues",
            "newcomer",
            "newcomers",
            "hire",
            "hired",
            "people",
            "person",
            "persons",
        ],
    ),
    ("train", &["train", "trains", "trained", "training", "taught", "teach", "teaches"]),
    ("buy", &["buy", "buys", "bought", "purchase", "purchased", "purchases"]),
    ("wait", &["wait", "waits", "waited", "waiting", "queue", "queues", "queued", "line"]),
    ("bin", &["bin", "binned", "discard", "discarded", "thrown", "throw", "waste", "wasted"]),
    ("fail", &["fail", "fails", "failed", "failing", "failure", "failures", "broke", "broken"]),
    ("lose", &["lose", "loses", "lost", "loss", "losses", "missing"]),
    ("late", &["late", "delay", "delays", "delayed", "overdue"]),
    (
        "move",
        &[
            "move",
            "moves",
            "moved",
            "moving",
            "relocate",
            "relocated",
            "relocation",
            "transfer",
            "transfers",
            "transferred",
        ],
    ),
    (
        "write",
        &[
            "write", "writes", "wrote", "written", "writing", "writer", "writers", "draft", "drafted",
            "author", "authored",
        ],
    ),
    ("build", &["build", "builds", "built", "building"]),
    ("draw", &["draw", "draws", "drew", "drawn", "drawing", "drawings"]),
    ("hold", &["hold", "holds", "held", "holding"]),
    ("choose", &["choose", "chose", "chosen", "select", "selected", "selection", "choice", "pick"]),
    ("risk", &["risk", "risks", "danger"]),
    ("chance", &["likelihood", "probability", "chance", "chances", "likely", "unlikely", "probable"]),
    ("speed", &["speed", "pace", "rate"]),
    ("throughput", &["throughput"]),
    ("visitor", &["visitor", "visitors", "guest", "guests"]),
    ("weigh", &["weigh", "weighs", "weight", "heavy"]),
    ("long", &["length", "long", "last", "lasts", "lasted", "duration"]),
    (
        "deliver",
        &[
            "deliver",
            "delivers",
            "delivered",
            "delivery",
            "deliveries",
            "arrive",
            "arrives",
            "arrived",
            "arrival",
        ],
    ),
    ("lint", &["lint", "linter", "eslint", "linting", "clippy"]),
    ("warning", &["warning", "warnings", "lints", "finding", "findings"]),
    ("memory", &["memory", "ram"]),
    ("variable", &["variable", "variables", "var", "vars"]),
    ("walk", &["walk", "walks", "walked", "walking"]),
    ("sell", &["sell", "sells", "sold", "sale", "sales"]),
    ("freeze", &["freeze", "froze", "frozen"]),
    ("speak", &["speak", "spoken", "spoke"]),
    ("store", &["store", "stored", "stores", "storage"]),
    ("contract", &["contract", "contracts", "agreement", "agreements"]),
    ("day", &["day", "days", "daily"]),
    ("week", &["week", "weeks", "weekly"]),
    ("month", &["month", "months", "monthly"]),
    ("night", &["night", "nights", "nightly", "overnight"]),
    ("year", &["year", "years", "yearly", "annual", "annually"]),
    ("sound", &["sound", "noise", "loud"]),
    ("image", &["image", "images", "picture", "pictures", "photo", "photos", "photograph", "photographs"]),
    ("reserve", &["reserve", "contingency", "buffer"]),
    ("vehicle", &["vehicle", "vehicles", "lorry", "lorries", "truck", "trucks", "van", "vans"]),
    ("complain", &["complain", "complains", "complained", "complaint", "complaints"]),
    ("sign", &["sign", "signs", "signed", "signing", "signature", "signatures"]),
    ("approve", &["approve", "approves", "approved", "approval", "approvals", "approver"]),
    ("mean", &["average", "mean", "averages", "averaged"]),
    ("measure", &["measure", "measured", "measures", "measurement"]),
    ("satisfied", &["satisfied", "satisfaction", "content", "happy", "pleased"]),
    ("bed", &["bed", "beds"]),
    ("supplier", &["supplier", "suppliers", "vendor", "vendors"]),
    ("meet", &["meeting", "meetings"]),
];

pub(super) fn same_as(word: &str) -> Option<&'static str> {
    static BY_WORD: std::sync::LazyLock<HashMap<String, &'static str>> = std::sync::LazyLock::new(|| {
        let stems = |(root, words): &'static (&'static str, &'static [&'static str])| {
            words.iter().map(move |word| (super::stems::stem(word), *root))
        };
        let words = |(root, words): &'static (&'static str, &'static [&'static str])| {
            words.iter().map(move |word| ((*word).to_owned(), *root))
        };
        // A word itself counts for more than the stem of another.
        SAME.iter().flat_map(stems).chain(SAME.iter().flat_map(words)).collect()
    });
    BY_WORD.get(word).copied()
}
