//! A map whose keys keep their order, found in constant time however many there are.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;

use hashbrown::HashTable;

/// More keys than this are found through an index. Most objects are small; comparing a few keys is cheaper than hashing one.
const INDEXED: usize = 24;

/// A map whose keys keep their order.
#[derive(Clone, Debug)]
pub struct Members<T> {
    pairs: Vec<(String, T)>,
    /// Of a large object, behind a pointer so that a value does not grow by it.
    index: Option<Box<Index>>,
}

/// The places of keys by their hashes, which differ from run to run so that no file can make them collide.
#[derive(Clone, Debug, Default)]
struct Index {
    hasher: RandomState,
    places: HashTable<usize>,
}

impl Index {
    fn of<T>(pairs: &[(String, T)]) -> Self {
        let mut index = Index::default();
        index.places.reserve(pairs.len(), |_| 0);
        for at in 0..pairs.len() {
            index.add(pairs, at);
        }
        index
    }

    fn add<T>(&mut self, pairs: &[(String, T)], at: usize) {
        let hasher = &self.hasher;
        let hash = |place: &usize| hasher.hash_one(pairs[*place].0.as_str());
        self.places.insert_unique(hash(&at), at, hash);
    }

    fn find<T>(&self, pairs: &[(String, T)], key: &str) -> Option<usize> {
        self.places.find(self.hasher.hash_one(key), |place| pairs[*place].0 == key).copied()
    }
}

/// By keys, values and their order.
impl<T: PartialEq> PartialEq for Members<T> {
    fn eq(&self, other: &Self) -> bool {
        self.pairs == other.pairs
    }
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Members { pairs: vec![], index: None }
    }
}

impl<T> Members<T> {
    /// A map without keys.
    pub fn new() -> Self {
        Members::default()
    }

    fn of_distinct(pairs: Vec<(String, T)>) -> Self {
        let index = (pairs.len() > INDEXED).then(|| Box::new(Index::of(&pairs)));
        Members { pairs, index }
    }

    fn find(&self, key: &str) -> Option<usize> {
        match &self.index {
            Some(index) => index.find(&self.pairs, key),
            None => self.pairs.iter().position(|(k, _)| k == key),
        }
    }

    /// The value of `key`.
    pub fn get(&self, key: &str) -> Option<&T> {
        self.find(key).map(|at| &self.pairs[at].1)
    }

    /// The value of `key`, to change it in place.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut T> {
        self.find(key).map(|at| &mut self.pairs[at].1)
    }

    /// Whether `key` is there, also when its value is null.
    pub fn contains_key(&self, key: &str) -> bool {
        self.find(key).is_some()
    }

    /// Sets `key`: in place when it is there, at the end when not. As a Python dict does.
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<T>) {
        let key = key.into();
        let value = value.into();
        if let Some(slot) = self.get_mut(&key) {
            *slot = value;
            return;
        }
        self.pairs.push((key, value));
        match &mut self.index {
            Some(index) => index.add(&self.pairs, self.pairs.len() - 1),
            None if self.pairs.len() > INDEXED => self.index = Some(Box::new(Index::of(&self.pairs))),
            None => {}
        }
    }

    /// Removes `key` and keeps the order of the rest.
    pub fn remove(&mut self, key: &str) -> Option<T> {
        let (_, value) = self.pairs.remove(self.find(key)?);
        if self.index.is_some() {
            // All that came after it has moved.
            *self = Members::of_distinct(std::mem::take(&mut self.pairs));
        }
        Some(value)
    }

    /// Keys and values in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &T)> {
        self.pairs.iter().map(|(k, v)| (k.as_str(), v))
    }

    /// The values in order, to change them in place.
    pub fn values_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.pairs.iter_mut().map(|(_, v)| v)
    }

    /// The number of keys.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether it is empty.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    pub(super) fn pairs(&self) -> &[(String, T)] {
        &self.pairs
    }

    /// Takes pairs that may repeat a key: the last value wins, at the place of the first.
    pub(super) fn from_pairs(pairs: Vec<(String, T)>) -> Self {
        let repeated = if pairs.len() <= 8 {
            pairs.iter().enumerate().any(|(i, (key, _))| pairs[..i].iter().any(|(k, _)| k == key))
        } else {
            let mut seen = std::collections::HashSet::with_capacity(pairs.len());
            !pairs.iter().all(|(key, _)| seen.insert(key.as_str()))
        };
        if !repeated {
            return Members::of_distinct(pairs);
        }
        let mut place: HashMap<String, usize> = HashMap::with_capacity(pairs.len());
        let mut kept: Vec<(String, T)> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            if let Some(&index) = place.get(&key) {
                kept[index].1 = value;
            } else {
                place.insert(key.clone(), kept.len());
                kept.push((key, value));
            }
        }
        Members::of_distinct(kept)
    }
}

impl<T, K: Into<String>, V: Into<T>> FromIterator<(K, V)> for Members<T> {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Members::from_pairs(pairs.into_iter().map(|(k, v)| (k.into(), v.into())).collect())
    }
}

impl<T> IntoIterator for Members<T> {
    type Item = (String, T);
    type IntoIter = std::vec::IntoIter<(String, T)>;

    fn into_iter(self) -> Self::IntoIter {
        self.pairs.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use crate::recording::json::{Object, Value};

    #[test]
    fn an_object_is_a_python_dict_however_large() {
        let mut random = fastrand::Rng::with_seed(3);
        for _ in 0..300 {
            let mut object = Object::new();
            let mut expected: Vec<(String, i64)> = Vec::new();
            for step in 0..random.i64(..200) {
                let key = format!("k{}", random.u8(..60));
                let at = expected.iter().position(|(k, _)| *k == key);
                match (at, random.u8(..4)) {
                    (Some(at), 0) => {
                        assert_eq!(object.remove(&key), Some(Value::from(expected.remove(at).1)));
                    }
                    (None, 0) => assert_eq!(object.remove(&key), None),
                    (Some(at), _) => {
                        expected[at].1 = step;
                        object.insert(key, step);
                    }
                    (None, _) => {
                        expected.push((key.clone(), step));
                        object.insert(key, step);
                    }
                }
                let key = format!("k{}", random.u8(..60));
                let found = expected.iter().find(|(k, _)| *k == key).map(|(_, v)| Value::from(*v));
                assert_eq!(object.get(&key), found.as_ref());
                assert_eq!(object.clone().get_mut(&key).cloned(), found);
            }
            let expected: Vec<(String, Value)> = expected.into_iter().map(|(k, v)| (k, Value::from(v))).collect();
            assert_eq!(object.pairs(), expected);
            assert_eq!(object, expected.into_iter().collect());
        }
    }
}
