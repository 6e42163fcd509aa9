//! A value that is found when it is first needed: some facts take longer to find than a whole command that may not need
//! them.

use std::fmt;
use std::sync::{Arc, OnceLock};

/// A value that is known now or found later. Copies share it.
#[derive(Clone)]
pub struct Later<T> {
    inner: Arc<Inner<T>>,
}

struct Inner<T> {
    value: OnceLock<T>,
    find: Box<dyn Fn() -> T + Send + Sync>,
}

impl<T: Clone + Send + Sync + 'static> Later<T> {
    /// A value that is known.
    pub fn now(value: T) -> Self {
        let later = Later::of(move || value.clone());
        later.get();
        later
    }
}

impl<T> Later<T> {
    /// What `find` says, once it is asked for. `find` may use the threads of rayon, so it must not be asked for the first time
    /// from one of them.
    pub fn of(find: impl Fn() -> T + Send + Sync + 'static) -> Self {
        Later { inner: Arc::new(Inner { value: OnceLock::new(), find: Box::new(find) }) }
    }

    /// The value.
    pub fn get(&self) -> &T {
        self.inner.value.get_or_init(|| (self.inner.find)())
    }

    /// Gives the value, which is then not looked for. One that is known stays.
    pub fn give(&self, value: T) {
        drop(self.inner.value.set(value));
    }

    /// The value, if it was asked for already.
    pub fn known(&self) -> Option<&T> {
        self.inner.value.get()
    }
}

impl<T: fmt::Debug> fmt::Debug for Later<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known() {
            Some(value) => value.fmt(f),
            None => f.write_str("(not asked for yet)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn it_is_found_once_and_not_before() {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let later = Later::of(move || count.fetch_add(1, Ordering::SeqCst));
        let copy = later.clone();
        assert_eq!((later.known(), asked.load(Ordering::SeqCst)), (None, 0));
        assert_eq!((copy.get(), later.get(), later.known()), (&0, &0, Some(&0)));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn a_value_that_is_given_is_not_looked_for() {
        let later = Later::of(|| 1);
        later.give(2);
        later.give(3);
        assert_eq!(later.get(), &2);
    }
}
