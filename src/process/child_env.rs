//! The changes of the environment of a command before it records or replays: the guide's export and unset lines.
//!
//! Pure: names in, names and values out.

use std::ffi::OsString;
use std::path::Path;

use crate::aws::region::Region;
use crate::secret::Secret;

use crate::context::environment::{Environment, REGION_VARIABLES, TOKEN_VARIABLES};

/// Where OGX keeps the state of a run.
pub const STORE_VARIABLE: &str = "SQLITE_STORE_DIR";

/// Variables that make another provider active in a configuration of OGX, or give an SDK the key of another service. A
/// star matches any ending. Names with an ending of [`KEY_ENDINGS`] need no row.
const OTHER_PROVIDERS: [&str; 40] = [
    "ANTHROPIC_*",
    "AZURE_*",
    "BRAVE_SEARCH_*",
    "CEREBRAS_*",
    "COHERE_*",
    "CO_API_*",
    "DATABRICKS_*",
    "DEEPSEEK_*",
    "FIREWORKS_*",
    "GEMINI_*",
    "GOOGLE_*",
    "GROQ_*",
    "GUARDRAILS_SERVICE_URL",
    "HF_TOKEN",
    "HUGGINGFACEHUB_*",
    "HUGGING_FACE_HUB_TOKEN",
    "INFERENCE_ENDPOINT_ID",
    "LLAMA_CPP_SERVER_*",
    "MISTRAL_*",
    "NVIDIA_BASE_URL",
    "NVIDIA_GUARDRAILS_CONFIG_ID",
    "OCI_*",
    "OLLAMA_*",
    "OPENAI_*",
    "OPENROUTER_*",
    "PASSTHROUGH_*",
    "PERPLEXITY_*",
    "REPLICATE_*",
    "RUNPOD_*",
    "SAMBANOVA_*",
    "TAVILY_*",
    "TGI_URL",
    "TOGETHER_*",
    "VERTEXAI_*",
    "VERTEX_*",
    "VLLM_*",
    "VOYAGE_*",
    "WATSONX_*",
    "WOLFRAM_*",
    "XAI_*",
];

/// How the names of keys of services end, whatever the service.
const KEY_ENDINGS: [&str; 3] = ["_API_KEY", "_API_TOKEN", "_ACCESS_TOKEN"];

/// Parts of names that do not belong to another provider: Bedrock's own, and the key of OGX's own server.
const OURS: [&str; 4] = ["*BEDROCK*", "AWS_*", "LLAMA_STACK_*", "OGX_*"];

/// Variables of AWS that do not give access; all others that start with `AWS_` are removed for a replay.
const AWS_HARMLESS: [&str; 12] = [
    "AWS_CA_BUNDLE",
    "AWS_CLI_*",
    "AWS_CONNECT_TIMEOUT",
    "AWS_DEFAULT_OUTPUT",
    "AWS_DEFAULT_REGION",
    "AWS_EC2_METADATA_DISABLED",
    "AWS_ENDPOINT_URL*",
    "AWS_MAX_ATTEMPTS",
    "AWS_PAGER",
    "AWS_READ_TIMEOUT",
    "AWS_REGION",
    "AWS_RETRY_MODE",
];

/// Credentials with which OGX and the AWS SDKs sign requests if they find no token. If there is a token they are
/// removed, so that the run uses the checked token.
const SIGNERS: [&str; 14] = [
    "AWS_ACCESS_KEY_ID",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_DEFAULT_PROFILE",
    "AWS_PROFILE",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SECURITY_TOKEN",
    "AWS_SESSION_TOKEN",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
];

/// Where AWS's own tools and SDKs look for credentials besides the environment.
const AWS_FILES: [&str; 3] = ["AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE", "BOTO_CONFIG"];

/// The variables to set and to remove.
#[derive(Default)]
pub struct ChildEnv {
    /// Names and values. They may be secrets: there is no `Debug`.
    pub set: Vec<(String, OsString)>,
    /// Names.
    pub unset: Vec<String>,
}

impl ChildEnv {
    /// The removed variables, for the user: only their names, as the values may be secrets.
    pub fn taken_out(&self) -> Option<String> {
        let names = self.unset.join(", ");
        (!names.is_empty()).then(|| format!("removed from the command's environment: {names}"))
    }

    /// For a run that records: the token under the names that recorders know, the region, a separate store; no key of
    /// another provider.
    pub fn of_record(environment: &Environment, token: Option<&Secret>, region: &Region, store: &Path) -> Self {
        let mut child_env = ChildEnv::default();
        if let Some(token) = token {
            // OGX before 1.0 reads the first name, OGX 1.x the second one before the first. A recorder would use
            // another token in another variable.
            let others = TOKEN_VARIABLES[2..].iter().filter(|name| environment.get(name).is_some());
            for name in TOKEN_VARIABLES[..2].iter().chain(others) {
                child_env.set(name, token.expose());
            }
        }
        REGION_VARIABLES.iter().for_each(|name| child_env.set(name, region.to_string()));
        child_env.set(STORE_VARIABLE, store);
        let is_signer = |name: &&str| token.is_some() && SIGNERS.contains(name);
        let signers = environment.names().filter(is_signer);
        child_env.unset = other_providers(environment).chain(signers).map(str::to_owned).collect();
        child_env
    }

    /// For a run that replays: the region, which a configuration may need to register a model, and nothing of AWS that
    /// could be a credential or lead to one. `empty` replaces the credential files, `store` is a folder that the run
    /// may fill.
    pub fn of_replay(environment: &Environment, region: Option<&Region>, empty: &Path, store: &Path) -> Self {
        let mut child_env = ChildEnv::default();
        if let Some(region) = region {
            REGION_VARIABLES.iter().for_each(|name| child_env.set(name, region.to_string()));
        }
        let is_credential =
            |name: &&str| TOKEN_VARIABLES.contains(name) || (name.starts_with("AWS_") && !matches(&AWS_HARMLESS, name));
        child_env.unset = environment.names().filter(is_credential).map(str::to_owned).collect();
        AWS_FILES.iter().for_each(|name| child_env.set(name, empty));
        child_env.set("AWS_EC2_METADATA_DISABLED", "true");
        if environment.get(STORE_VARIABLE).is_none() {
            child_env.set(STORE_VARIABLE, store);
        }
        child_env
    }

    /// For a run whose requests a server of this tool answers: the address under the names that the SDKs know, dummy
    /// keys, and nothing of AWS that could be a credential. boto3 does not send a bearer token over plain http, so none
    /// is set.
    pub fn of_server(
        environment: &Environment,
        region: Option<&Region>,
        empty: &Path,
        store: &Path,
        base_url: &str,
        origin: &str,
    ) -> Self {
        let mut child_env = ChildEnv::of_replay(environment, region, empty, store);
        for name in ["OPENAI_BASE_URL", "AWS_BEDROCK_BASE_URL"] {
            child_env.set(name, base_url);
        }
        for name in ["AWS_ENDPOINT_URL_BEDROCK_RUNTIME", "AWS_ENDPOINT_URL_BEDROCK"] {
            child_env.set(name, origin);
        }
        child_env.set("OPENAI_API_KEY", "bedrock-fixtures");
        child_env.set("AWS_ACCESS_KEY_ID", "bedrock-fixtures");
        child_env.set("AWS_SECRET_ACCESS_KEY", "bedrock-fixtures");
        // A proxy would be asked for this machine too.
        for name in ["NO_PROXY", "no_proxy"] {
            let before = environment.get(name).map_or(String::new(), |hosts| format!("{hosts},"));
            child_env.set(name, format!("{before}127.0.0.1,localhost"));
        }
        child_env
    }

    fn set(&mut self, name: &str, value: impl Into<OsString>) {
        self.set.push((name.to_owned(), value.into()));
    }
}

/// The variables that make others than Bedrock active in a run, or hold their keys.
pub fn other_providers(environment: &Environment) -> impl Iterator<Item = &str> {
    let is_other = |name: &&str| {
        let is_key = || KEY_ENDINGS.iter().any(|ending| name.ends_with(ending)) && !matches(&OURS, name);
        matches(&OTHER_PROVIDERS, name) || is_key()
    };
    environment.names().filter(is_other)
}

/// On Windows the case of names does not count; a name in lower case is none of these elsewhere.
fn matches(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(inside), _) => name.contains(inside.trim_end_matches('*')),
        (None, Some(start)) => name.starts_with(start),
        (None, None) => *pattern == name,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(names: &[&str]) -> Environment {
        names.iter().map(|name| ((*name).to_owned(), "x".to_owned())).collect()
    }

    #[test]
    fn a_recording_run_finds_bedrock_and_nobody_else() {
        let names = [
            "AWS_ACCESS_KEY_ID",
            "AWS_BEDROCK_API_KEY",
            "AWS_PROFILE",
            "AZURE_API_BASE",
            "BEDROCK_API_KEY",
            "GITHUB_TOKEN",
            "NEWCOMER_API_KEY",
            "NVIDIA_API_KEY",
            "NVIDIA_VISIBLE_DEVICES",
            "OGX_API_KEY",
            "OLLAMA_URL",
            "PATH",
        ];
        let region = Region::parse("us-west-2").unwrap();
        let token = Secret::new("x").unwrap();
        let child_env = ChildEnv::of_record(&environment(&names), Some(&token), &region, Path::new("s"));
        assert_eq!(
            child_env.unset,
            ["AZURE_API_BASE", "NEWCOMER_API_KEY", "NVIDIA_API_KEY", "OLLAMA_URL", "AWS_ACCESS_KEY_ID", "AWS_PROFILE"]
        );
        let set: Vec<&str> = child_env.set.iter().map(|(name, _)| name.as_str()).collect();
        let expected = [
            "AWS_BEARER_TOKEN_BEDROCK",
            "AWS_BEDROCK_BEARER_TOKEN",
            "AWS_BEDROCK_API_KEY",
            "AWS_REGION",
            "AWS_DEFAULT_REGION",
        ];
        assert_eq!(set, [&expected[..], &[STORE_VARIABLE]].concat());
        // Without a token the run signs.
        let child_env = ChildEnv::of_record(&environment(&names), None, &region, Path::new("s"));
        assert!(!child_env.unset.iter().any(|name| name.starts_with("AWS_")));
    }

    #[test]
    fn a_replaying_run_finds_no_credential_of_aws() {
        let names = [
            "AWS_ACCESS_KEY_ID",
            "AWS_BEARER_TOKEN_BEDROCK",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI",
            "AWS_PROFILE",
            "AWS_REGION",
            "AWS_SOMETHING_NEW",
            "AWS_WEB_IDENTITY_TOKEN_FILE",
            "OPENAI_API_KEY",
        ];
        let child_env = ChildEnv::of_replay(
            &environment(&names),
            Region::parse("eu-west-1").as_ref(),
            Path::new("e"),
            Path::new("s"),
        );
        let left: Vec<&str> = names.into_iter().filter(|name| !child_env.unset.iter().any(|of| of == name)).collect();
        assert_eq!(left, ["AWS_REGION", "OPENAI_API_KEY"]);
        assert!(child_env.set.contains(&("AWS_DEFAULT_REGION".to_owned(), "eu-west-1".into())));
        assert!(child_env.set.contains(&("AWS_EC2_METADATA_DISABLED".to_owned(), "true".into())));
        assert!(child_env.set.contains(&("AWS_SHARED_CREDENTIALS_FILE".to_owned(), Path::new("e").into())));
    }
}
