//! The store as the lookup of a client, so that neither of the two rooms imports the other.

use crate::client::replay::{Lookup, LookupError};
use crate::recording::Recording;
use crate::recording::key::RequestKey;
use crate::recording::recorder::KeyRules;
use crate::recording::test_id::TestId;
use crate::store::Store;

impl Lookup for Store {
    fn key_rules(&self) -> KeyRules {
        Store::key_rules(self)
    }

    fn look_up(&self, key: RequestKey, test_id: Option<&str>) -> Result<Recording, LookupError> {
        let test_id = test_id.map(TestId::parse).transpose();
        let test_id = test_id.map_err(|why| LookupError::Unreadable(why.to_string()))?;
        let file = self.find_one(key, test_id.as_ref()).ok_or(LookupError::Missing)?;
        let bytes = self.read(&file).map_err(LookupError::Unreadable)?;
        Recording::parse(&bytes).map_err(|flaw| LookupError::Unreadable(flaw.to_string()))
    }
}
