//! The real issuer of `tests/issuer`, as a process of its own.

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use identity::oidc::{Configuration, Issuer};
use serde_json::{Value, json};

use crate::made::Place;

/// A running issuer with its own certificate.
pub struct Running {
    process: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
    pub address: String,
    pub audience: String,
    place: Place,
}

impl Running {
    /// Starts it with TLS.
    pub fn start() -> Self {
        Self::start_as(true)
    }

    /// Starts it without TLS, on a loopback address.
    pub fn start_plain() -> Self {
        Self::start_as(false)
    }

    fn start_as(secure: bool) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/issuer");
        assert!(
            folder.join("node_modules/installed-lock.json").exists(),
            "the issuer's packages are missing; run `tests/issuer/install`, or `./x test`"
        );
        let place = Place::make();
        let mut command = Command::new("node");
        command.arg(folder.join("server.mjs"));
        if secure {
            command.args([place.path("server.crt"), place.path("server.key")]);
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // It warns that it is no issuer for production, which is so.
            .stderr(Stdio::null())
            .spawn()
            .expect("node is installed: apt-get install nodejs npm");
        let mut running = Self {
            input: process.stdin.take(),
            output: BufReader::new(process.stdout.take().unwrap()),
            process,
            address: String::new(),
            audience: String::new(),
            place,
        };
        let first = running.read();
        running.address = first["issuer"].as_str().unwrap().to_owned();
        running.audience = first["audience"].as_str().unwrap().to_owned();
        running
    }

    fn read(&mut self) -> Value {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        let answer: Value = serde_json::from_str(&line).unwrap();
        assert!(answer.get("error").is_none(), "{answer}");
        answer
    }

    pub fn ask(&mut self, question: &Value) -> Value {
        writeln!(self.input.as_mut().unwrap(), "{question}").unwrap();
        self.read()
    }

    /// An access token from the token endpoint, signed by the algorithm.
    pub fn token(&mut self, client: &str, algorithm: &str) -> String {
        let resource = format!("{}/{algorithm}", self.audience);
        self.token_for(client, &resource)
    }

    pub fn token_for(&mut self, client: &str, resource: &str) -> String {
        let answer = self.ask(&json!({"do": "token", "client": client, "resource": resource}));
        answer["token"].as_str().unwrap().to_owned()
    }

    /// A token made by hand.
    pub fn sign(&mut self, header: &Value, claims: &Value, by: &str) -> String {
        let question = json!({"do": "sign", "header": header, "claims": claims, "by": by});
        self.ask(&question)["token"].as_str().unwrap().to_owned()
    }

    /// How often its keys were asked for.
    pub fn asked(&mut self) -> i64 {
        self.ask(&json!({"do": "asked"}))["asked"].as_i64().unwrap()
    }

    pub fn authority(&self) -> PathBuf {
        self.place.path("ca.crt")
    }

    /// The settings that go with it.
    pub fn configuration(&self) -> Configuration {
        let text = format!(
            "issuer = '{}'\naudience = '{}'\noidc_users = '*'\nissuer_ca = '{}'\n\
             teams_claim = 'teams'\naal2_acr = ['urn:example:two-factors']\nloopback_http = {}",
            self.address,
            self.audience,
            self.authority().display(),
            self.address.starts_with("http:"),
        );
        toml::from_str(&text).unwrap()
    }

    pub fn verifier(&self) -> Issuer {
        Issuer::new(self.configuration().check().unwrap()).unwrap()
    }
}

impl Drop for Running {
    /// It ends when its input does.
    fn drop(&mut self) {
        drop(self.input.take());
        let _ended = self.process.wait();
    }
}
