//! The same events as CloudEvents 1.0, in the JSON format: for buses and functions that take those.
//!
//! Only the outside differs. `data` is the envelope, so that what is true of one is true of the other.

use serde::ser::SerializeMap as _;

use super::schema::PATH;
use super::{Envelope, TaskEvent};

/// The media type of one event.
pub const EVENT: &str = "application/cloudevents+json";

/// The media type of a list of them.
pub const BATCH: &str = "application/cloudevents-batch+json";

/// An event as a CloudEvent.
#[derive(Debug, Clone, Copy)]
pub struct CloudEvent<'a> {
    event: &'a TaskEvent,
    schema: &'a str,
}

impl TaskEvent {
    /// The event as a CloudEvent whose data is the envelope of a schema.
    pub fn cloud_event<'a>(&'a self, schema: &'a str) -> CloudEvent<'a> {
        CloudEvent { event: self, schema }
    }
}

impl serde::Serialize for CloudEvent<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { event, schema } = *self;
        let TaskEvent { sequence, task, name, at, .. } = event;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("specversion", "1.0")?;
        // The source and the id together name an event: the same one has the same, whenever it is told.
        map.serialize_entry("id", &format_args!("{task}.{sequence}"))?;
        map.serialize_entry("source", &format_args!("/api/v1/tasks/{task}"))?;
        map.serialize_entry("type", &format_args!("{schema}.{name}"))?;
        map.serialize_entry("subject", task)?;
        map.serialize_entry("time", at)?;
        map.serialize_entry("datacontenttype", "application/json")?;
        map.serialize_entry("dataschema", PATH)?;
        map.serialize_entry("data", &Envelope { event, schema })?;
        map.end()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn it_has_what_the_specification_asks_for_and_the_envelope_inside() {
        let task = model::ids::TaskId::from_bits(7);
        let event = TaskEvent {
            sequence: 3,
            task,
            name: "progress".to_owned(),
            at: "2031-05-01T09:00:00Z".parse().unwrap(),
            payload: serde_json::Map::new(),
            run: None,
        };
        let told = serde_json::to_value(event.cloud_event("countersign.task-event.v1")).unwrap();
        let expected = json!({
            "specversion": "1.0",
            "id": format!("{task}.3"),
            "source": format!("/api/v1/tasks/{task}"),
            "type": "countersign.task-event.v1.progress",
            "subject": task,
            "time": "2031-05-01T09:00:00Z",
            "datacontenttype": "application/json",
            "dataschema": "/api/v1/schemas/task-event.v1.json",
            "data": serde_json::to_value(event.envelope("countersign.task-event.v1")).unwrap(),
        });
        assert_eq!(told, expected);
    }
}
