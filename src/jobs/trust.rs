//! The certificate authorities that connections trust, from the environment.

use crate::client::trust::{self, Trust};
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
    let system = trust::SYSTEM.into_iter().find(|name| context.environment.names().any(|set| set == *name));
    let Some(path) = context.environment.get(CA_BUNDLE) else { return Ok(Trust::default().with_system(system)) };
    let pem = store::read_input(&context.cwd.join(path))
        .map_err(|error| error.hint(format!("check the path in {CA_BUNDLE}, or unset it")))?;
    Trust::of_pem(&pem, &format!("{path} (from {CA_BUNDLE})")).map(|trust| trust.with_system(system))
}
