//! Connections over TLS with a certificate of an authority that the system does not know.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::record::answer;
use crate::support::{TestEnv, case};

/// An HTTPS server on this machine, and the certificate of the authority that vouches for it.
fn serve(name: &str) -> (u16, String) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(vec![]).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let chain = vec![CertificateDer::from(certificate.der().to_vec())];
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for connection in listener.incoming() {
            let tls = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut stream = StreamOwned::new(tls, connection.unwrap());
            let mut bytes = [0; 65536];
            // A client that does not trust the certificate says so and goes.
            if stream.read(&mut bytes).is_ok_and(|size| size > 0) {
                let body = answer("hi");
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n";
                let _ = write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len());
                stream.conn.send_close_notify();
                let _ = stream.flush();
            }
        }
    });
    (port, pem)
}

fn record(env: &TestEnv, port: u16) -> crate::support::Run {
    let url = format!("https://127.0.0.1:{port}");
    env.run(&["record", "--cases", "cases.jsonl", "--format", "json", "--endpoint-url", &url])
}

#[test]
fn an_unknown_authority_is_named_and_can_be_trusted_by_either_variable() {
    let (port, pem) = serve("127.0.0.1");
    let env = TestEnv::new();
    env.write("cases.jsonl", case("a.py::t", "hello"));
    let run = record(&env, port).exits(2);
    run.one_error(&["UnknownIssuer", "SSL_CERT_FILE or AWS_CA_BUNDLE"]);
    run.hides("check the region");

    for variable in ["AWS_CA_BUNDLE", "SSL_CERT_FILE"] {
        let env = TestEnv::new();
        env.write("cases.jsonl", case("a.py::t", "hello"));
        let file = env.write("authority.pem", &pem);
        let env = env.set(variable, file.to_str().unwrap());
        let run = record(&env, port).exits(0);
        assert_eq!(run.json()["results"][0]["status"], "written", "{variable}: {run:#?}");
    }
}

#[test]
fn a_certificate_of_another_host_and_a_bad_bundle_are_said() {
    let (port, pem) = serve("other.example");
    let env = TestEnv::new();
    env.write("cases.jsonl", case("a.py::t", "hello"));
    let file = env.write("authority.pem", &pem);
    let env = env.set("AWS_CA_BUNDLE", file.to_str().unwrap());
    let run = record(&env, port).exits(2);
    run.one_error(&["the certificate is for another host"]);

    env.write("authority.pem", "not contain a certificate");
    record(&env, port).one_error(&["AWS_CA_BUNDLE", "does not contain a certificate"]);
    // One that is read and is no certificate; a second one does not help.
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    env.write("authority.pem", format!("{pem}{broken}"));
    record(&env, port).exits(2).one_error(&["AWS_CA_BUNDLE", "a certificate that cannot be read"]);
    std::fs::remove_file(env.root().join("authority.pem")).unwrap();
    record(&env, port).exits(2).one_error(&["authority.pem", "AWS_CA_BUNDLE"]);

    for text in [None, Some(""), Some("no certificate")] {
        let env = TestEnv::new();
        env.write("cases.jsonl", case("a.py::t", "hello"));
        let file = env.root().join("authority.pem");
        text.map(|text| env.write("authority.pem", text));
        let env = env.set("SSL_CERT_FILE", file.to_str().unwrap());
        record(&env, port).exits(2).one_error(&["SSL_CERT_FILE"]);
    }
}
