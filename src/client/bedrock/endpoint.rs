//! Where a request goes, and the url that is recorded for it. The two differ.
//!
//! The recorder joins the client's base url, which ends in `/v1`, with `/v1/chat/completions`; so the recorded path says
//! `/v1/v1`, while the request went to the single one. The doubled path is part of the key.

use std::net::IpAddr;

use reqwest::Url;

use crate::error::{Error, Result};
use crate::recording::python;

pub use crate::aws::hosts::{Access, Endpoint, Host};
pub use crate::aws::region::Region;

/// The path part that every chat endpoint ends in.
const CHAT: &str = "/chat/completions";

impl Endpoint {
    /// The address to connect to, without a path.
    pub fn origin(&self) -> String {
        format!("https://{}", self.host_name())
    }

    /// The url to record for a new request: with the doubled path, as the recorder writes it.
    pub fn recorded_url(&self) -> String {
        let base = match self.host {
            Host::Runtime => "/openai/v1",
            Host::Mantle => "/v1",
        };
        format!("{}{base}/v1{CHAT}", self.origin())
    }

    /// The endpoint that a recorded url names, if it is one of Bedrock's chat endpoints. Hosts are compared whole.
    pub fn of_recorded_url(url: &str) -> Option<Self> {
        let (host, _) = url.strip_prefix("https://")?.split_once('/')?;
        if python::Url::parse(url).path.ends_with(CHAT) { Self::of_host(host) } else { None }
    }

    /// The endpoint that a client's base url names, if its host is one of Bedrock's. One with a user or password is not.
    pub fn of_base_url(url: &str) -> Option<Self> {
        let url = Url::parse(url).ok()?;
        let is_plain = url.scheme() == "https" && url.username().is_empty() && url.password().is_none();
        if is_plain { Self::of_host(url.host_str()?) } else { None }
    }
}

/// Why a url cannot be recorded: it must be whole, so that no part of it can be taken for a part of the host.
pub fn recorded_url_problem(url: &str) -> Option<String> {
    let bad =
        |why: &str| Some(format!("the url {:?} {why}; write one like https://HOST/openai/v1/v1{CHAT}", shown(url)));
    if url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
        return bad("contains white space, a control character or a backslash");
    }
    let is_http = |prefix: &str| url.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    if !is_http("https://") && !is_http("http://") {
        return bad("is not an absolute http or https url");
    }
    // Read by both parsers: the key follows from what Python sees.
    let python::Url { netloc, path } = python::Url::parse(url);
    if netloc.contains('@') {
        return bad("holds a user or password");
    }
    if netloc.is_empty() || !Url::parse(url).is_ok_and(|url| url.has_host()) {
        return bad("has no host");
    }
    if path.starts_with('/') { None } else { bad("has no path") }
}

/// A url that may be no url as it may be shown: without what stands before an `@`, which may be a password.
fn shown(url: &str) -> String {
    let Some((before, after)) = url.rsplit_once('@') else { return url.to_owned() };
    let scheme = before.split_once("://").map_or(String::new(), |(scheme, _)| format!("{scheme}://"));
    format!("{scheme}[masked]@{after}")
}

/// The path a request is sent to, from the path of its recorded url: never the doubled one.
fn wire_path(recorded_url: &str) -> String {
    let path = python::Url::parse(recorded_url).path;
    match path.strip_suffix(&format!("/v1/v1{CHAT}")) {
        Some(base) => format!("{base}/v1{CHAT}"),
        None => path,
    }
}

/// Where the bytes go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// To the public endpoint that the recorded url names.
    Aws,
    /// To another server, `scheme://host[:port][/base/path]`.
    Other(Url),
}

impl Target {
    /// Takes the url of another server. Plain http, where anyone on the way reads the token, goes to this machine only.
    pub fn other(url: &str) -> Result<Self> {
        let bad = |why: &str| Err(Error::new(why).at(shown(url)).hint("give a url like http://127.0.0.1:8000"));
        let Ok(parsed) = Url::parse(url) else { return bad("not a url") };
        let Some(host) = parsed.host_str() else { return bad("the url has no host") };
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return bad("the url holds a user or password");
        }
        if host.ends_with('.') {
            return bad("the host ends in a dot");
        }
        if parsed.query().is_some() || parsed.fragment().is_some() {
            return bad("an endpoint url has no query or fragment");
        }
        match parsed.scheme() {
            "https" => {}
            "http" if is_loopback(host) => {}
            "http" => {
                return Err(Error::new("plain http sends the token unencrypted")
                    .at(shown(url))
                    .hint("use https, or http to 127.0.0.1"));
            }
            _ => return bad("the url is neither http nor https"),
        }
        Ok(Target::Other(parsed))
    }

    /// Whether the bytes stay on this machine.
    pub fn is_loopback(&self) -> bool {
        match self {
            Target::Aws => false,
            Target::Other(url) => url.host_str().is_some_and(is_loopback),
        }
    }

    /// Whether Bedrock itself answers there, whose tokens and errors are known: also by an address that was given.
    pub fn is_aws(&self) -> bool {
        match self {
            Target::Aws => true,
            Target::Other(_) => self.endpoint().is_some(),
        }
    }

    /// The endpoint of Bedrock that was given as an address.
    pub fn endpoint(&self) -> Option<Endpoint> {
        match self {
            Target::Aws => None,
            Target::Other(url) => Endpoint::of_base_url(url.as_str()),
        }
    }

    /// The addresses to connect to for some of Bedrock's endpoints, each once.
    pub(crate) fn origins<'a>(&self, endpoints: impl Iterator<Item = &'a Endpoint>) -> Vec<Url> {
        let mut origins: Vec<Url> = match self {
            Target::Other(url) => Url::parse(&url.origin().ascii_serialization()).into_iter().collect(),
            Target::Aws => endpoints.filter_map(|endpoint| Url::parse(&endpoint.origin()).ok()).collect(),
        };
        origins.dedup();
        origins
    }

    /// The url of the free list of models of a region; `None` if only another server than the chosen one has it. Of
    /// AWS's hosts only bedrock-mantle has it, and a token for a FIPS or VPC endpoint of bedrock-runtime is not sent to
    /// the public one.
    pub fn models_url(&self, region: &Region) -> Option<String> {
        let list = |endpoint: Endpoint| format!("{}/v1/models", endpoint.origin());
        let Target::Other(base) = self else { return Some(list(Endpoint::public(Host::Mantle, region.clone()))) };
        match self.endpoint() {
            Some(endpoint) if endpoint.host == Host::Mantle => Some(list(endpoint)),
            Some(endpoint) if endpoint.fips || matches!(endpoint.access, Access::Vpc(_)) => None,
            Some(endpoint) => Some(list(Endpoint::public(Host::Mantle, endpoint.region))),
            None => {
                let mut url = base.clone();
                let path = base.path().trim_end_matches('/');
                let path = if path.is_empty() { "/v1" } else { path.strip_suffix(CHAT).unwrap_or(path) };
                url.set_path(&format!("{path}/models"));
                Some(url.to_string())
            }
        }
    }

    /// The url to which a request is sent. Only the path comes from the recorded url; the host and the port are always
    /// those of the endpoint.
    pub fn wire_url(&self, recorded_url: &str) -> std::result::Result<Url, String> {
        if let Some(problem) = recorded_url_problem(recorded_url) {
            return Err(problem);
        }
        let (mut url, path) = match self {
            Target::Aws => {
                let origin = Endpoint::of_recorded_url(recorded_url).map(|endpoint| endpoint.origin());
                let url = origin.and_then(|origin| Url::parse(&origin).ok());
                let url =
                    url.ok_or_else(|| format!("the url {:?} is not a chat endpoint of Bedrock", shown(recorded_url)))?;
                (url, wire_path(recorded_url))
            }
            Target::Other(base) if base.path() == "/" => (base.clone(), wire_path(recorded_url)),
            Target::Other(base) => {
                let path = base.path().trim_end_matches('/');
                (base.clone(), format!("{}{CHAT}", path.strip_suffix(CHAT).unwrap_or(path)))
            }
        };
        url.set_path(&path);
        Ok(url)
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    host == "localhost" || address.is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recorded_and_wire_urls_differ() {
        let endpoint = |host| Endpoint::public(host, Region::parse("us-west-2").unwrap());
        let runtime = "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions";
        assert_eq!(endpoint(Host::Runtime).recorded_url(), runtime);
        for (recorded, sent) in [
            (runtime, "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/chat/completions"),
            (
                "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/chat/completions",
                "https://bedrock-runtime.eu-west-1.amazonaws.com/openai/v1/chat/completions",
            ),
            (
                "https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com/openai/v1/v1/chat/completions",
                "https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com/openai/v1/chat/completions",
            ),
            (
                "https://vpce-1a-2b.bedrock-runtime.cn-north-1.vpce.amazonaws.com.cn/openai/v1/v1/chat/completions",
                "https://vpce-1a-2b.bedrock-runtime.cn-north-1.vpce.amazonaws.com.cn/openai/v1/chat/completions",
            ),
            (
                "https://bedrock-mantle.us-east-2.api.aws/v1/v1/chat/completions",
                "https://bedrock-mantle.us-east-2.api.aws/v1/chat/completions",
            ),
        ] {
            assert!(Endpoint::of_recorded_url(recorded).is_some());
            assert_eq!(Target::Aws.wire_url(recorded).unwrap().as_str(), sent);
        }
        let local = |url| Target::other(url).unwrap().wire_url(runtime).unwrap().to_string();
        assert_eq!(local("http://127.0.0.1:1"), "http://127.0.0.1:1/openai/v1/chat/completions");
        assert_eq!(local("http://[::1]:1/base/v1/"), "http://[::1]:1/base/v1/chat/completions");
        assert_eq!(local("http://[::1]:1/v1/chat/completions"), "http://[::1]:1/v1/chat/completions");
    }

    #[test]
    fn a_recorded_url_never_changes_where_the_bytes_go() {
        let endpoint = Target::other("http://127.0.0.1:18080").unwrap();
        for url in [
            "@127.0.0.2:18085/v1/chat/completions",
            ".evil.example/v1/chat/completions",
            ":18085/v1/chat/completions",
            "//evil.example/v1/chat/completions",
            "/v1/chat/completions",
            "evil.example/v1/chat/completions",
            "ftp://evil.example/v1/chat/completions",
            "https:evil.example/v1/chat/completions",
            "https:///v1/chat/completions",
            "https://a:b@evil.example/v1/chat/completions",
            "https://evil.example",
            "https://evil.example?/v1/chat/completions",
            "https://evil.example\\/v1/chat/completions",
            "https://evil.exa\tmple/v1/chat/completions",
            " https://evil.example/v1/chat/completions",
            "",
        ] {
            assert!(recorded_url_problem(url).is_some(), "{url}");
            assert!(endpoint.wire_url(url).is_err() && Target::Aws.wire_url(url).is_err(), "{url}");
        }
        for path in ["/v1/chat/completions", "//evil.example/x", "/../@evil.example", "/a?b=@evil.example/", "/:1@x/"] {
            let url = endpoint.wire_url(&format!("https://host.example{path}")).unwrap();
            assert_eq!(url.origin().ascii_serialization(), "http://127.0.0.1:18080", "{path}");
            assert!(url.username().is_empty() && url.query().is_none(), "{path}");
        }
        assert!(Target::Aws.wire_url("https://evil.example/v1/chat/completions").is_err());
    }

    #[test]
    fn models_are_listed_by_mantle() {
        let region = Region::parse("us-west-2").unwrap();
        let mantle = "https://bedrock-mantle.us-west-2.api.aws/v1/models";
        assert_eq!(Target::Aws.models_url(&region).as_deref(), Some(mantle));
        for (base, listed) in [
            ("http://127.0.0.1:1", "http://127.0.0.1:1/v1/models"),
            ("http://127.0.0.1:1/openai/v1/", "http://127.0.0.1:1/openai/v1/models"),
            ("http://127.0.0.1:1/v1/chat/completions", "http://127.0.0.1:1/v1/models"),
            ("https://bedrock-runtime.eu-west-1.amazonaws.com", "https://bedrock-mantle.eu-west-1.api.aws/v1/models"),
            (
                "https://bedrock-mantle-fips.us-east-1.api.aws",
                "https://bedrock-mantle-fips.us-east-1.api.aws/v1/models",
            ),
        ] {
            assert_eq!(Target::other(base).unwrap().models_url(&region).as_deref(), Some(listed));
        }
        // A token that is meant for a FIPS or private endpoint stays there.
        for base in [
            "https://bedrock-runtime-fips.us-east-1.amazonaws.com",
            "https://vpce-1a-2b.bedrock-runtime.us-east-1.vpce.amazonaws.com/openai/v1",
        ] {
            assert_eq!(Target::other(base).unwrap().models_url(&region), None, "{base}");
        }
    }

    #[test]
    fn other_hosts_are_not_bedrock() {
        for url in [
            "https://bedrock-runtime.us-west-2.amazonaws.com.evil.example/openai/v1/v1/chat/completions",
            "https://evil.example/bedrock-runtime.us-west-2.amazonaws.com/v1/chat/completions",
            "http://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions",
            "https://bedrock-runtime.us-west-2.amazonaws.com/openai/v1/models",
            "https://bedrock-runtime.us-west-2.amazonaws.com@evil.example/v1/chat/completions",
            "https://x@bedrock-runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions",
            "https://bedrock-runtime.us-west-2.amazonaws.com./openai/v1/v1/chat/completions",
            "https://Bedrock-Runtime.us-west-2.amazonaws.com/openai/v1/v1/chat/completions",
        ] {
            assert_eq!(Endpoint::of_recorded_url(url), None, "{url}");
        }
        for url in [
            "http://192.168.1.1",
            "http://localhost.evil.example",
            "ftp://127.0.0.1",
            "127.0.0.1:80",
            "http://a:b@127.0.0.1",
            "https://bedrock-runtime.us-west-2.amazonaws.com.",
            "https://user:hunter2@host.example/v1",
            "user:hunter2@host.example",
            "https://user:hunter2 @host.example",
            "https://user:hun@ter2@host.example:99999",
            "ftp://user:hunter2@host.example",
        ] {
            let error = Target::other(url).unwrap_err().to_string();
            assert!(!error.contains("hun") && !error.contains("ter2"), "{error}");
        }
    }
}
