//! The certificate authorities that connections trust, from the environment.

use crate::client::trust::Trust;
use crate::context::Context;
use crate::error::Result;
use crate::store;

/// The variable in which AWS's own tools look for more certificate authorities. (SSL_CERT_FILE is read by the TLS library.)
const CA_BUNDLE: &str = "AWS_CA_BUNDLE";

/// The authorities of `AWS_CA_BUNDLE`, beside those of the system.
///
/// # Errors
///
/// When the file cannot be read, or does not contain a certificate.
pub(crate) fn trust(context: &Context<'_>) -> Result<Trust> {
    let Some(path) = context.environment.get(CA_BUNDLE) else { return Ok(Trust::default()) };
    let pem = store::read_input(&context.cwd.join(path))?;
    Trust::of_pem(&pem, &format!("{path} (from {CA_BUNDLE})"))
}
