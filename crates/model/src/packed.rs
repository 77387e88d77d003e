//! Lists that a snapshot gives back as they were packed: most of what was ever remarked in a plan is
//! read by nobody in a call that changes one task.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use serde::de::{DeserializeOwned, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

/// A list that is taken apart when somebody first looks at it. Copies share what is in it.
pub struct Packed<T>(Option<Arc<Inner<T>>>);

#[derive(Clone)]
struct Inner<T> {
    /// The list as a snapshot had it; empty once it was changed.
    bytes: Box<[u8]>,
    read: OnceLock<Vec<T>>,
}

impl<T> Default for Packed<T> {
    fn default() -> Self {
        Self(None)
    }
}

impl<T> Clone for Packed<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: DeserializeOwned> Deref for Packed<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.0 {
            Some(inner) => inner.read(),
            None => &[],
        }
    }
}

impl<'a, T: DeserializeOwned> IntoIterator for &'a Packed<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: DeserializeOwned> Inner<T> {
    fn read(&self) -> &[T] {
        // Snapshots bear a checksum, and another version's are not read: these bytes are our own.
        self.read.get_or_init(|| postcard::from_bytes(&self.bytes).unwrap_or_default())
    }
}

impl<T: DeserializeOwned + Clone> Packed<T> {
    /// Puts something behind the others.
    pub fn push(&mut self, item: T) {
        let empty = || Arc::new(Inner { bytes: Box::default(), read: OnceLock::from(Vec::new()) });
        let inner = Arc::make_mut(self.0.get_or_insert_with(empty));
        inner.read();
        inner.bytes = Box::default();
        if let Some(items) = inner.read.get_mut() {
            items.push(item);
        }
    }
}

impl<T: DeserializeOwned + PartialEq> PartialEq for Packed<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: DeserializeOwned + fmt::Debug> fmt::Debug for Packed<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl<T: DeserializeOwned + Serialize> Serialize for Packed<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return serializer.collect_seq(self.iter());
        }
        match &self.0 {
            Some(inner) if !inner.bytes.is_empty() => serializer.serialize_bytes(&inner.bytes),
            Some(inner) => {
                let bytes = postcard::to_allocvec(inner.read()).map_err(ser::Error::custom)?;
                serializer.serialize_bytes(&bytes)
            }
            None => serializer.serialize_bytes(&[]),
        }
    }
}

impl<'de, T: DeserializeOwned> Deserialize<'de> for Packed<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let full = |bytes: Box<[u8]>, read| Self(Some(Arc::new(Inner { bytes, read })));
        if deserializer.is_human_readable() {
            let items = Vec::deserialize(deserializer)?;
            let is_empty = items.is_empty();
            return Ok(if is_empty { Self(None) } else { full(Box::default(), OnceLock::from(items)) });
        }
        let bytes = deserializer.deserialize_bytes(Bytes)?;
        Ok(if bytes.is_empty() { Self(None) } else { full(bytes, OnceLock::new()) })
    }
}

struct Bytes;

impl Visitor<'_> for Bytes {
    type Value = Box<[u8]>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a packed list")
    }

    fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(bytes.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thawed(list: &Packed<String>) -> Packed<String> {
        postcard::from_bytes(&postcard::to_allocvec(list).unwrap()).unwrap()
    }

    #[test]
    fn a_list_comes_back_as_it_was_and_grows_from_there() {
        let mut list = Packed::default();
        assert_eq!(thawed(&list), list);
        list.push("one".to_owned());
        let mut again = thawed(&list);
        assert!(again.0.as_ref().unwrap().read.get().is_none(), "nobody has looked yet");
        // Passed on without being looked at, it is the same.
        assert_eq!(thawed(&again), list);
        let copy = again.clone();
        again.push("two".to_owned());
        assert_eq!((&*copy, &*again), (&*list, &["one".to_owned(), "two".to_owned()][..]));
        assert_eq!(thawed(&again), again);
    }

    #[test]
    fn people_read_it_as_a_list() {
        let list: Packed<String> = serde_json::from_str(r#"["one"]"#).unwrap();
        assert_eq!(serde_json::to_string(&list).unwrap(), r#"["one"]"#);
        assert_eq!(&*list, ["one".to_owned()]);
        assert_eq!(serde_json::from_str::<Packed<String>>("[]").unwrap(), Packed::default());
    }
}
