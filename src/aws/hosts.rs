//! Hosts of Bedrock's OpenAI-compatible API, recognised by their names. This is the one place that answers "is it Bedrock?"
//! and "in which region?". (Which key a recording gets is another question, with the recorder's own answer.)
//!
//! Names are compared label by label and exactly: `bedrock-runtime.us-west-2.amazonaws.com.example.org`, a trailing dot,
//! capitals, or a region of another partition's domain are not Bedrock's.
//!
//! Sources: "Amazon Bedrock endpoints and quotas" in the AWS General Reference, and "Use interface VPC endpoints" in the
//! Bedrock user guide, as of 2026-11.

use super::region::Region;

/// The two services with an OpenAI-compatible API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// `bedrock-runtime.<region>.amazonaws.com`, base path `/openai/v1`.
    Runtime,
    /// `bedrock-mantle.<region>.api.aws`, base path `/v1`.
    Mantle,
}

impl Host {
    /// The name, which is the first label of the public host.
    pub fn name(self) -> &'static str {
        match self {
            Host::Runtime => "bedrock-runtime",
            Host::Mantle => "bedrock-mantle",
        }
    }
}

/// How an endpoint is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Access {
    /// Over the internet, by IPv4: `bedrock-runtime.<region>.amazonaws.com`.
    Standard,
    /// Over the internet, by IPv4 and IPv6: `….<region>.api.aws`. bedrock-mantle has only these.
    DualStack,
    /// Through an interface endpoint of a VPC: the first label of its name, `vpce-…`.
    Vpc(String),
}

/// An endpoint of Bedrock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// Which of the two services.
    pub host: Host,
    /// Its region, which says the partition too; a token works in one region only.
    pub region: Region,
    /// Whether it is the FIPS 140 variant.
    pub fips: bool,
    /// How it is reached.
    pub access: Access,
}

impl Endpoint {
    /// The endpoint that everybody uses.
    pub fn public(host: Host, region: Region) -> Self {
        let access = if host == Host::Mantle { Access::DualStack } else { Access::Standard };
        Endpoint { host, region, fips: false, access }
    }

    /// The endpoint with this host name, if it is one of Bedrock's. The name must be written exactly as AWS writes it.
    pub fn of_host(name: &str) -> Option<Self> {
        let labels: Vec<&str> = name.split('.').collect();
        let (vpc, labels) = match labels.as_slice() {
            [first, rest @ ..] if is_vpc_label(first) => (Some((*first).to_owned()), rest),
            all => (None, all),
        };
        let [service, region, domain @ ..] = labels else { return None };
        let (service, fips) = service.strip_suffix("-fips").map_or((*service, false), |service| (service, true));
        let host = [Host::Runtime, Host::Mantle].into_iter().find(|host| host.name() == service)?;
        let region = Region::parse(region)?;
        let partition = region.partition();
        let domain = domain.join(".");
        let access = match vpc {
            Some(label) => (domain == format!("vpce.{}", partition.domain)).then_some(Access::Vpc(label)),
            None if domain == partition.dual_stack_domain => Some(Access::DualStack),
            None => (host == Host::Runtime && domain == partition.domain).then_some(Access::Standard),
        }?;
        Some(Endpoint { host, region, fips, access })
    }

    /// The host name.
    pub fn host_name(&self) -> String {
        let partition = self.region.partition();
        let (vpc, domain) = match &self.access {
            Access::Standard => (String::new(), partition.domain.to_owned()),
            Access::DualStack => (String::new(), partition.dual_stack_domain.to_owned()),
            Access::Vpc(label) => (format!("{label}."), format!("vpce.{}", partition.domain)),
        };
        let fips = if self.fips { "-fips" } else { "" };
        format!("{vpc}{}{fips}.{}.{domain}", self.host.name(), self.region)
    }
}

/// The first label of an interface endpoint: `vpce-<id>-<suffix>`, perhaps with an availability zone.
fn is_vpc_label(label: &str) -> bool {
    let is_word = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    label.len() <= 63 && label.strip_prefix("vpce-").is_some_and(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_host_is_recognised() {
        let vpc = "vpce-0a1b2c3d4e5f60718-abcdefgh";
        for (name, host, region, partition, fips, access) in [
            ("bedrock-runtime.us-west-2.amazonaws.com", Host::Runtime, "us-west-2", "aws", false, "standard"),
            ("bedrock-runtime-fips.us-east-1.amazonaws.com", Host::Runtime, "us-east-1", "aws", true, "standard"),
            (
                "bedrock-runtime.us-gov-west-1.amazonaws.com",
                Host::Runtime,
                "us-gov-west-1",
                "aws-us-gov",
                false,
                "standard",
            ),
            (
                "bedrock-runtime-fips.us-gov-east-1.amazonaws.com",
                Host::Runtime,
                "us-gov-east-1",
                "aws-us-gov",
                true,
                "standard",
            ),
            ("bedrock-runtime.cn-north-1.amazonaws.com.cn", Host::Runtime, "cn-north-1", "aws-cn", false, "standard"),
            (
                "bedrock-runtime.cn-northwest-1.api.amazonwebservices.com.cn",
                Host::Runtime,
                "cn-northwest-1",
                "aws-cn",
                false,
                "dual",
            ),
            ("bedrock-runtime.eu-central-1.api.aws", Host::Runtime, "eu-central-1", "aws", false, "dual"),
            ("bedrock-runtime-fips.us-east-2.api.aws", Host::Runtime, "us-east-2", "aws", true, "dual"),
            ("bedrock-mantle.us-east-2.api.aws", Host::Mantle, "us-east-2", "aws", false, "dual"),
            ("bedrock-mantle.us-gov-west-1.api.aws", Host::Mantle, "us-gov-west-1", "aws-us-gov", false, "dual"),
            (
                &format!("{vpc}.bedrock-runtime.us-west-2.vpce.amazonaws.com"),
                Host::Runtime,
                "us-west-2",
                "aws",
                false,
                "vpc",
            ),
            (
                &format!("{vpc}-us-west-2a.bedrock-runtime-fips.us-west-2.vpce.amazonaws.com"),
                Host::Runtime,
                "us-west-2",
                "aws",
                true,
                "vpc",
            ),
            (
                &format!("{vpc}.bedrock-mantle.us-east-1.vpce.amazonaws.com"),
                Host::Mantle,
                "us-east-1",
                "aws",
                false,
                "vpc",
            ),
            (
                &format!("{vpc}.bedrock-runtime.cn-north-1.vpce.amazonaws.com.cn"),
                Host::Runtime,
                "cn-north-1",
                "aws-cn",
                false,
                "vpc",
            ),
        ] {
            let endpoint = Endpoint::of_host(name).expect(name);
            let found = match endpoint.access {
                Access::Standard => "standard",
                Access::DualStack => "dual",
                Access::Vpc(_) => "vpc",
            };
            let text = endpoint.region.to_string();
            let all = (endpoint.host, text.as_str(), endpoint.region.partition().name, endpoint.fips, found);
            assert_eq!(all, (host, region, partition, fips, access), "{name}");
            assert_eq!(endpoint.host_name(), name);
        }
    }

    #[test]
    fn look_alikes_are_not_bedrock() {
        for name in [
            "",
            ".",
            "bedrock-runtime.us-west-2.amazonaws.com.",
            "bedrock-runtime.us-west-2.amazonaws.com.evil.example",
            "bedrock-runtime.us-west-2.evil-amazonaws.com",
            "bedrock-runtime.us-west-2.amazonaws.com:443",
            "bedrock-runtime.us-west-2.evil.amazonaws.com",
            "bedrock-runtime.us-west-2.s3.amazonaws.com",
            "bedrock-runtime.us-west-2.amazonaws.co",
            "bedrock-runtime.us-west-2.amazonaws.com.cn",
            "bedrock-runtime.cn-north-1.amazonaws.com",
            "bedrock-runtime.cn-north-1.api.aws",
            "bedrock-runtime..us-west-2.amazonaws.com",
            "bedrock-runtime.us-west-2.evil.api.aws",
            "bedrock-runtime.amazonaws.com",
            "bedrock-runtime.us-west.amazonaws.com",
            "Bedrock-Runtime.us-west-2.amazonaws.com",
            "bedrock-runtime.US-WEST-2.amazonaws.com",
            "evil-bedrock-runtime.us-west-2.amazonaws.com",
            "evil.bedrock-runtime.us-west-2.amazonaws.com",
            "bedrock-runtime-fips-fips.us-west-2.amazonaws.com",
            "bedrock-runtime-x.us-west-2.amazonaws.com",
            "bedrock.us-west-2.amazonaws.com",
            "bedrock-mantle.us-west-2.amazonaws.com",
            "vpce-.bedrock-runtime.us-west-2.vpce.amazonaws.com",
            "vpce-1.bedrock-runtime.us-west-2.amazonaws.com",
            "vpce-1.evil.bedrock-runtime.us-west-2.vpce.amazonaws.com",
            "bedrock-runtime.us-west-2.vpce.amazonaws.com",
            "vpce-1.bedrock-runtime.us-west-2.vpce.amazonaws.com.evil.example",
            "user@bedrock-runtime.us-west-2.amazonaws.com",
            "bedrock-runtime.us-west-2.amazonaws.com/x",
        ] {
            assert_eq!(Endpoint::of_host(name), None, "{name}");
        }
    }
}
