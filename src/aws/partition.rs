//! Partitions: the separate clouds of AWS, each with its own domains.

use super::region::Region;

/// One of the separate clouds of AWS. Source: the partition table that AWS publishes with its SDKs, as of 2026-11.
#[derive(Debug, PartialEq, Eq)]
pub struct Partition {
    /// Its name, such as `aws-us-gov`; also the second part of its ARNs.
    pub name: &'static str,
    /// The domain of its service endpoints.
    pub domain: &'static str,
    /// The domain of its endpoints that speak IPv6 too.
    pub dual_stack_domain: &'static str,
    /// How the names of its regions start.
    region_prefix: &'static str,
}

/// Every partition; the commercial one, whose regions have no common start, is the last.
static PARTITIONS: [Partition; 8] = [
    row("aws-cn", "amazonaws.com.cn", "api.amazonwebservices.com.cn", "cn-"),
    row("aws-us-gov", "amazonaws.com", "api.aws", "us-gov-"),
    row("aws-iso", "c2s.ic.gov", "api.aws.ic.gov", "us-iso-"),
    row("aws-iso-b", "sc2s.sgov.gov", "api.aws.scloud", "us-isob-"),
    row("aws-iso-e", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk", "eu-isoe-"),
    row("aws-iso-f", "csp.hci.ic.gov", "api.aws.hci.ic.gov", "us-isof-"),
    row("aws-eusc", "amazonaws.eu", "api.amazonwebservices.eu", "eusc-"),
    row("aws", "amazonaws.com", "api.aws", ""),
];

const fn row(
    name: &'static str,
    domain: &'static str,
    dual_stack_domain: &'static str,
    region_prefix: &'static str,
) -> Partition {
    Partition { name, domain, dual_stack_domain, region_prefix }
}

impl Region {
    /// The partition that the region belongs to, by its name.
    pub fn partition(&self) -> &'static Partition {
        let belongs = |partition: &&Partition| self.as_str().starts_with(partition.region_prefix);
        // The last row takes every region.
        PARTITIONS.iter().find(belongs).unwrap_or(&PARTITIONS[PARTITIONS.len() - 1])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_region_has_one_partition() {
        for (region, partition) in [
            ("us-west-2", "aws"),
            ("eu-central-1", "aws"),
            ("us-gov-west-1", "aws-us-gov"),
            ("cn-north-1", "aws-cn"),
            ("us-iso-east-1", "aws-iso"),
            ("us-isob-east-1", "aws-iso-b"),
            ("eusc-de-east-1", "aws-eusc"),
        ] {
            assert_eq!(Region::parse(region).unwrap().partition().name, partition, "{region}");
        }
    }
}
