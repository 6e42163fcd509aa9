//! Certificate authorities that HTTPS connections trust in addition to those of the system (or of SSL_CERT_FILE, if it
//! is set): a company's own authority, with its certificates in a file.

use reqwest::Certificate;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use crate::error::{Error, Result};
use crate::recording::sight::without_mark;

/// Authorities that are trusted too.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    certificates: Vec<Certificate>,
    /// The variable that names those of the system, which the TLS library reads without saying so.
    instead_of_system: Option<&'static str>,
}

/// The variables in which the TLS library looks for the authorities of the system.
pub const SYSTEM: [&str; 2] = ["SSL_CERT_FILE", "SSL_CERT_DIR"];

impl Trust {
    /// Reads certificates in PEM form. `name` is what a message calls the file.
    ///
    /// # Errors
    ///
    /// When the text does not contain a certificate, or one that cannot be read.
    pub fn of_pem(pem: &[u8], name: &str) -> Result<Self> {
        let hint = "give a file of PEM certificates, each from BEGIN CERTIFICATE to END CERTIFICATE";
        let bad = |what: &str| Error::new(what.to_owned()).at(name).hint(hint);
        let pem = without_mark(pem);
        let unreadable = || bad("contains a certificate that cannot be read");
        let certificates = Certificate::from_pem_bundle(pem).map_err(|_| unreadable())?;
        // The bundle is taken apart but not looked into until the connection is set up, which names no file.
        let mut roots = rustls::RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            certificate.ok().and_then(|certificate| roots.add(certificate).ok()).ok_or_else(unreadable)?;
        }
        if certificates.is_empty() {
            return Err(bad("does not contain a certificate"));
        }
        Ok(Trust { certificates, instead_of_system: None })
    }

    /// Notes which of [`SYSTEM`] is set.
    #[must_use]
    pub fn with_system(self, name: Option<&'static str>) -> Self {
        Trust { instead_of_system: name, ..self }
    }

    pub(super) fn instead_of_system(&self) -> Option<&'static str> {
        self.instead_of_system
    }

    pub(super) fn certificates(&self) -> impl Iterator<Item = Certificate> {
        self.certificates.iter().cloned()
    }
}

/// What to do about a connection that failed, by its cause.
pub(super) fn hint(error: &reqwest::Error) -> &'static str {
    match certificate_error(error) {
        Some(rustls::CertificateError::UnknownIssuer) => {
            "if a proxy or a company's own authority made the certificate, name a file with the authority's certificate \
             in SSL_CERT_FILE or AWS_CA_BUNDLE"
        }
        Some(
            rustls::CertificateError::Expired
            | rustls::CertificateError::ExpiredContext { .. }
            | rustls::CertificateError::NotValidYet
            | rustls::CertificateError::NotValidYetContext { .. },
        ) => "the certificate is not valid at the time of the local clock: check the clock, then the server",
        Some(rustls::CertificateError::NotValidForName | rustls::CertificateError::NotValidForNameContext { .. }) => {
            "the certificate is for another host: check the endpoint url"
        }
        Some(_) => "check the certificate of the server",
        None => "check the region, the endpoint url and the network",
    }
}

/// What is wrong with the certificate of the server, if that is the cause.
fn certificate_error(error: &reqwest::Error) -> Option<&rustls::CertificateError> {
    let mut layer: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(cause) = layer {
        // An error of reading and writing hides the one it holds from the chain.
        let inner = cause.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let inner = inner.map(|inner| inner as &(dyn std::error::Error + 'static));
        for candidate in [Some(cause), inner].into_iter().flatten() {
            if let Some(rustls::Error::InvalidCertificate(error)) = candidate.downcast_ref::<rustls::Error>() {
                return Some(error);
            }
        }
        layer = inner.filter(|inner| inner.is::<std::io::Error>()).or_else(|| cause.source());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bundle_without_certificates_is_an_error() {
        for pem in [
            "",
            "text",
            "-----BEGIN CERTIFICATE-----\n!\n-----END CERTIFICATE-----\n",
            "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        ] {
            let error = Trust::of_pem(pem.as_bytes(), "AWS_CA_BUNDLE").unwrap_err();
            assert!(error.to_string().contains("AWS_CA_BUNDLE"), "{error}");
        }
    }
}
