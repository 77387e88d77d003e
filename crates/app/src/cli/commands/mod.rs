//! The verbs, one file each. To add one: its file here, a line in [`VERBS`], and
//! `tests/it/<verb>.rs`.

mod action;
mod adopt;
mod agent;
mod approve;
mod assumption;
pub mod attach;
mod audit;
mod beat;
mod blob;
mod block;
mod brief;
mod budget;
mod changes;
mod check;
mod ci;
mod claim;
mod completions;
mod config;
mod critical;
mod dashboard;
mod decision;
mod delivery;
mod diff;
mod doctor;
mod drop;
mod due;
mod escalate;
mod explain;
mod export;
mod fix;
mod gate;
mod halt;
mod handoff;
mod help;
mod hooks;
mod import;
mod inbox;
mod init;
mod key;
mod leases;
mod lint;
mod list;
mod log;
mod man;
mod mcp;
mod memory;
mod metric;
mod metrics;
mod new;
mod note;
mod notify;
mod parse;
mod plans;
mod ready;
mod rebaseline;
mod release;
mod reopen;
mod report;
mod reserve;
mod resume;
mod review;
mod revisions;
mod risk;
mod run;
mod select;
mod serve;
mod session;
mod show;
mod stale;
mod start;
mod state;
mod submit;
mod suggest_probes;
mod swarm;
mod sync;
mod take;
pub mod token;
mod trust;
mod unblock;
pub mod update;
mod validate;
mod verify;
mod wait;
mod waive;
mod waivers;
mod webhook;
mod weekly;
mod why;
mod worker;

use super::verb::Verb;

pub(super) use agent::mentions;
pub(super) use run::at_once;

/// Every verb, in the order of help.
pub const VERBS: &[Verb] = &[
    new::VERB,
    parse::VERB,
    lint::VERB,
    check::VERB,
    fix::VERB,
    suggest_probes::VERB,
    adopt::VERB,
    diff::VERB,
    revisions::VERB,
    sync::VERB,
    token::VERB,
    trust::VERB,
    run::VERB,
    plans::VERB,
    list::VERB,
    show::VERB,
    ready::VERB,
    why::VERB,
    start::VERB,
    claim::VERB,
    update::VERB,
    block::VERB,
    unblock::VERB,
    drop::VERB,
    reopen::VERB,
    note::VERB,
    attach::VERB,
    due::VERB,
    stale::VERB,
    critical::VERB,
    verify::VERB,
    gate::VERB,
    approve::VERB,
    waive::VERB,
    waivers::VERB,
    review::VERB,
    risk::VERB,
    decision::VERB,
    escalate::VERB,
    assumption::VERB,
    action::VERB,
    metric::VERB,
    ci::VERB,
    delivery::VERB,
    rebaseline::VERB,
    dashboard::VERB,
    import::VERB,
    export::VERB,
    report::VERB,
    weekly::VERB,
    metrics::VERB,
    validate::VERB,
    log::VERB,
    changes::VERB,
    state::VERB,
    audit::VERB,
    blob::VERB,
    session::VERB,
    agent::VERB,
    swarm::VERB,
    worker::VERB,
    take::VERB,
    leases::VERB,
    beat::VERB,
    release::VERB,
    submit::VERB,
    reserve::VERB,
    memory::VERB,
    notify::VERB,
    inbox::VERB,
    handoff::VERB,
    halt::VERB,
    resume::VERB,
    budget::VERB,
    wait::VERB,
    brief::VERB,
    hooks::VERB,
    select::VERB,
    mcp::VERB,
    serve::VERB,
    webhook::VERB,
    init::VERB,
    doctor::VERB,
    config::VERB,
    key::VERB,
    explain::VERB,
    completions::VERB,
    man::VERB,
    help::VERB,
];
