//! The environment variables that commands read.

use std::collections::BTreeMap;

use crate::aws::region::Region;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::token;

/// Names under which a bearer token is looked for, in order.
pub const TOKEN_VARIABLES: [&str; 3] = ["AWS_BEARER_TOKEN_BEDROCK", "AWS_BEDROCK_BEARER_TOKEN", "AWS_BEDROCK_API_KEY"];

/// Names under which a region is looked for, in order.
pub const REGION_VARIABLES: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// Another endpoint than AWS's.
pub const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME";

/// The region when nothing names one: where the guide has the model.
const DEFAULT_REGION: &str = "us-west-2";

/// Where the region is from when nothing names one.
pub const DEFAULT: &str = "the default";

/// The environment as it was when the process started.
#[derive(Clone, Default)]
pub struct Environment(BTreeMap<String, String>);

/// Values may be secrets: names only.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.0.keys()).finish()
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Environment(variables.into_iter().collect())
    }
}

impl Environment {
    /// The value of a variable, if it is not blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether a variable is set to nothing, or to blanks.
    pub fn is_blank(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.trim().is_empty())
    }

    /// The names of all variables, whatever they hold.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// The bearer token and the variable it is from.
    pub fn token(&self) -> Option<(&'static str, Secret)> {
        TOKEN_VARIABLES.into_iter().find_map(|name| Some((name, token::forms::secret(self.get(name)?)?)))
    }

    /// The region, and where it is from: the flag, a variable, or the default.
    pub fn region(&self, flag: Option<&str>) -> Result<(Region, &'static str)> {
        let from_variable = || REGION_VARIABLES.into_iter().find_map(|name| Some((self.get(name)?, name)));
        let (text, source) =
            flag.map(|text| (text, "--region")).or_else(from_variable).unwrap_or((DEFAULT_REGION, DEFAULT));
        match Region::parse(text) {
            Some(region) => Ok((region, source)),
            // A longer value is something else, perhaps a key, and is not shown.
            None => {
                let shown = if text.len() <= 32 { format!("{text:?}") } else { "the value".to_owned() };
                Err(Error::new(format!("{shown} is no AWS region")).at(source).hint("give one like us-west-2"))
            }
        }
    }
}
