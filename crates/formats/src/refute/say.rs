//! How numbers are said in refutations.

use crate::statements::numbers::Unit;

use super::yardsticks::{Demand, DemandKind};

/// A value in its unit, in the scale the plan or report wrote it in.
pub(super) fn value(value: f64, unit: Unit, scale: f64) -> String {
    let scaled = if scale == 0.0 { value } else { value / scale };
    let number = number(scaled);
    match unit {
        Unit::Count | Unit::Money => number,
        Unit::Percent => format!("{number} %"),
        Unit::Points => format!("{number} points"),
        Unit::Times => format!("{number}×"),
        Unit::Seconds => format!("{number} {}", time(scale)),
        Unit::Bytes => format!("{number} {}", bytes(scale)),
        Unit::Metres if scale >= 1e3 => format!("{number} km"),
        Unit::Metres if scale < 1e-2 => format!("{number} mm"),
        Unit::Metres if scale < 1.0 => format!("{number} cm"),
        Unit::Metres => format!("{number} m"),
    }
}

/// A number without needless decimals.
pub(super) fn number(value: f64) -> String {
    let rounded = (value * 100.0).round() / 100.0;
    let rounded = if rounded == 0.0 { 0.0 } else { rounded };
    format!("{rounded}")
}

fn time(scale: f64) -> &'static str {
    if scale < 1e-5 {
        "µs"
    } else if scale < 0.5 {
        "ms"
    } else if scale < 30.0 {
        "s"
    } else if scale < 1800.0 {
        "min"
    } else if scale < 40_000.0 {
        "h"
    } else if scale < 300_000.0 {
        "days"
    } else {
        "weeks"
    }
}

fn bytes(scale: f64) -> &'static str {
    match scale {
        scale if scale < 500.0 => "bytes",
        1024.0 => "KiB",
        1_048_576.0 => "MiB",
        1_073_741_824.0 => "GiB",
        scale if scale < 500_000.0 => "KB",
        scale if scale < 5e8 => "MB",
        scale if scale < 5e11 => "GB",
        _ => "TB",
    }
}

/// What a plan demands: `< 20`, `-40 %..-25 %`.
pub(super) fn demand(demand: &Demand) -> String {
    let say = |number: f64| value(number, demand.unit, demand.scale);
    if demand.kind == DemandKind::All {
        return "all of them".to_owned();
    }
    match (demand.low.is_finite(), demand.high.is_finite()) {
        (true, true) if demand.low == demand.high => format!("= {}", say(demand.low)),
        (true, true) => format!("{} to {}", say(demand.low), say(demand.high)),
        (true, false) => format!("{} {}", if demand.open { ">" } else { ">=" }, say(demand.low)),
        (false, true) => format!("{} {}", if demand.open { "<" } else { "<=" }, say(demand.high)),
        (false, false) => "any".to_owned(),
    }
}
