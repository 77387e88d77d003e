//! The text format of Prometheus, version 0.0.4.

use std::fmt::Write as _;

use lens::figures::Histogram;

use super::registry::Metric;

/// What the text is, for the header.
pub const CONTENT_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// A text being written, under one or more beginnings of names.
#[derive(Debug)]
pub struct Exposition {
    prefixes: Vec<String>,
    text: String,
}

/// One metric being written: each sample goes out under every name.
#[derive(Debug)]
pub struct Family<'e> {
    exposition: &'e mut Exposition,
    metric: Metric,
    samples: Vec<Sample>,
}

/// What stands behind a name: an ending of the name, its labels, and the value.
#[derive(Debug)]
struct Sample {
    ending: &'static str,
    labels: String,
    value: f64,
}

impl Exposition {
    /// A text whose names have these beginnings, each with its underscore; none is the empty one.
    pub fn new(prefixes: Vec<String>) -> Self {
        Self { prefixes, text: String::new() }
    }

    /// Writes a metric; `tell` says its samples.
    pub fn family(&mut self, metric: Metric, tell: impl FnOnce(&mut Family<'_>)) {
        let mut family = Family { exposition: self, metric, samples: Vec::new() };
        tell(&mut family);
        family.end();
    }

    /// Writes a metric that has one sample and no labels.
    pub fn one(&mut self, metric: Metric, value: f64) {
        self.family(metric, |family| family.sample([], value));
    }

    /// The text.
    pub fn finish(self) -> String {
        self.text
    }
}

impl Family<'_> {
    /// A sample with the values of the metric's labels, in their order.
    pub fn sample<const N: usize>(&mut self, values: [&str; N], value: f64) {
        debug_assert_eq!(N, self.metric.labels.len(), "{}", self.metric.name);
        let labels = self.labels(&values, None);
        self.samples.push(Sample { ending: "", labels, value });
    }

    /// A histogram with the values of the metric's labels.
    pub fn histogram<const N: usize>(&mut self, values: [&str; N], histogram: &Histogram) {
        debug_assert_eq!(N, self.metric.labels.len(), "{}", self.metric.name);
        for (bound, count) in histogram.cumulative() {
            let labels = self.labels(&values, Some(bound));
            self.samples.push(Sample { ending: "_bucket", labels, value: count as f64 });
        }
        let labels = self.labels(&values, None);
        self.samples.push(Sample { ending: "_sum", labels: labels.clone(), value: histogram.sum() });
        self.samples.push(Sample { ending: "_count", labels, value: histogram.count() as f64 });
    }

    fn labels(&self, values: &[&str], bound: Option<f64>) -> String {
        let named = self.metric.labels.iter().zip(values);
        let mut pairs: Vec<String> =
            named.map(|(name, value)| format!("{name}=\"{}\"", escape(value))).collect();
        pairs.extend(bound.map(|bound| format!("le=\"{}\"", number(bound))));
        if pairs.is_empty() { String::new() } else { format!("{{{}}}", pairs.join(",")) }
    }

    fn end(self) {
        // A metric without samples says nothing, not even that it is there.
        if self.samples.is_empty() {
            return;
        }
        let Exposition { prefixes, text } = self.exposition;
        for prefix in prefixes.iter() {
            let name = format!("{prefix}{}", self.metric.name);
            // Writing to a text cannot fail.
            let _ = writeln!(text, "# HELP {name} {}", self.metric.help.replace('\\', "\\\\"));
            let _ = writeln!(text, "# TYPE {name} {}", self.metric.kind.as_str());
            for Sample { ending, labels, value } in &self.samples {
                let _ = writeln!(text, "{name}{ending}{labels} {}", number(*value));
            }
        }
    }
}

fn number(value: f64) -> String {
    if value == f64::INFINITY { "+Inf".to_owned() } else { value.to_string() }
}

fn escape(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::super::registry::{POSITION, REFUSED, TEST_DURATION};
    use super::*;

    #[test]
    fn every_sample_goes_out_under_every_name() {
        let mut text = Exposition::new(vec!["a_".to_owned(), "b_".to_owned()]);
        text.one(POSITION, 12.0);
        text.family(REFUSED, |_| {});
        assert_eq!(
            text.finish(),
            "# HELP a_journal_position The journal's last position.\n# TYPE a_journal_position gauge\n\
             a_journal_position 12\n\
             # HELP b_journal_position The journal's last position.\n# TYPE b_journal_position gauge\n\
             b_journal_position 12\n"
        );
    }

    #[test]
    fn labels_are_escaped_and_buckets_add_up() {
        let mut text = Exposition::new(vec![String::new()]);
        text.family(REFUSED, |family| family.sample(["a\"b\\c\nd"], 1.5));
        let mut histogram = Histogram::new(&[1.0]);
        histogram.observe(0.25);
        histogram.observe(2.0);
        text.family(TEST_DURATION, |family| family.histogram([], &histogram));
        let text = text.finish();
        let samples: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
        assert_eq!(
            samples,
            [
                "refused_total{code=\"a\\\"b\\\\c\\nd\"} 1.5",
                "test_duration_seconds_bucket{le=\"1\"} 1",
                "test_duration_seconds_bucket{le=\"+Inf\"} 2",
                "test_duration_seconds_sum 2.25",
                "test_duration_seconds_count 2",
            ]
        );
    }
}
