//! The environment variables that commands read.

use std::collections::BTreeMap;

use crate::aws::region::Region;
use crate::error::{Error, Result};
use crate::secret::Secret;
use crate::token;

/// Names under which a bearer token is looked for, in order.
pub const TOKEN_VARIABLES: [&str; 3] = ["AWS_BEARER_TOKEN_BEDROCK", "AWS_BEDROCK_BEARER_TOKEN", "AWS_BEDROCK_API_KEY"];

/// The variables in which OGX of a major version looks for the token by default, in order; without them it signs with
/// AWS credentials. Source: `BedrockConfig` of OGX 0.8.0 and 1.5.0.
pub fn ogx_token_variables(major: u32) -> &'static [&'static str] {
    if major == 0 { &["AWS_BEARER_TOKEN_BEDROCK"] } else { &["AWS_BEDROCK_BEARER_TOKEN", "AWS_BEARER_TOKEN_BEDROCK"] }
}

/// Names under which a region is looked for, in order.
pub const REGION_VARIABLES: [&str; 2] = ["AWS_REGION", "AWS_DEFAULT_REGION"];

/// Another endpoint than AWS's.
pub const ENDPOINT_VARIABLE: &str = "AWS_ENDPOINT_URL_BEDROCK_RUNTIME";

/// The region when nothing names one: where the guide has the model.
const DEFAULT_REGION: &str = "us-west-2";

/// Where the region is from when the configuration file names it.
pub const CONFIGURATION: &str = "the configuration file";

/// Where the region is from when nothing names one.
pub const DEFAULT: &str = "the default";

/// The environment as it was when the process started.
#[derive(Clone, Default)]
pub struct Environment {
    variables: BTreeMap<String, String>,
    configured_region: Option<String>,
}

/// Values may be secrets: names only.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.variables.keys()).finish()
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Environment { variables: variables.into_iter().collect(), configured_region: None }
    }
}

impl Environment {
    /// Notes the region of the configuration file, which holds when neither a flag nor a variable names one.
    pub fn configure_region(&mut self, region: Option<String>) {
        self.configured_region = region;
    }

    /// The value of a variable, if it is not blank.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.variables.get(name).map(|value| value.trim()).filter(|value| !value.is_empty())
    }

    /// Whether a variable is set to nothing, or to blanks.
    pub fn is_blank(&self, name: &str) -> bool {
        self.variables.get(name).is_some_and(|value| value.trim().is_empty())
    }

    /// The names of all variables, whatever they hold.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.variables.keys().map(String::as_str)
    }

    /// The bearer token and the variable it is from.
    pub fn token(&self) -> Option<(&'static str, Secret)> {
        TOKEN_VARIABLES.into_iter().find_map(|name| Some((name, token::forms::secret(self.get(name)?)?)))
    }

    /// The region, and where it is from: the flag, a variable, the configuration file, or the default.
    pub fn region(&self, flag: Option<&str>) -> Result<(Region, &'static str)> {
        let from_variable = || REGION_VARIABLES.into_iter().find_map(|name| Some((self.get(name)?, name)));
        let from_file = || Some((self.configured_region.as_deref()?, CONFIGURATION));
        let from_flag = flag.map(|text| (text, "--region"));
        let (text, source) = from_flag.or_else(from_variable).or_else(from_file).unwrap_or((DEFAULT_REGION, DEFAULT));
        match Region::parse(text) {
            Some(region) => Ok((region, source)),
            // A longer value is something else, perhaps a key, and is not shown.
            None => {
                let shown = if text.len() <= 32 { format!("{text:?}") } else { "the value".to_owned() };
                Err(Error::new(format!("{shown} is not an AWS region")).at(source).hint("give one like us-west-2"))
            }
        }
    }
}
