//! A headless Chromium, driven by ChromeDriver over WebDriver: as much of the protocol as the tests ask
//! for, spoken over one connection for each command.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::{Value, json};

use crate::harness::Desk;

/// Nothing a page does takes longer than this on the slowest machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// So long a click is waited for before it is made again.
const SENT_WITHIN: Duration = Duration::from_secs(3);

/// So long it rests before it looks again whether something has come true.
const LOOK_AGAIN: Duration = Duration::from_millis(25);

/// What WebDriver calls an element in JSON.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A browser with one window; it ends with the value.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    session: String,
    /// Its own files lie here.
    _profile: Desk,
}

impl Browser {
    /// Starts one; says so and gives nothing where there is no browser to be had.
    pub(crate) fn start() -> Option<Self> {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut driver) = driver else {
            skipped("`chromedriver` is not installed (Debian: chromium, chromium-driver)");
            return None;
        };
        let told = BufReader::new(driver.stdout.take().expect("a pipe"));
        let port = told.lines().map_while(Result::ok).find_map(|line| {
            line.strip_prefix("ChromeDriver was started successfully on port ")?
                .trim_end_matches('.')
                .parse()
                .ok()
        });
        let profile = Desk::new();
        let mut browser =
            Self { driver, port: port.expect("it says where"), session: String::new(), _profile: profile };
        let made = browser.ask("POST", "/session", &browser.wishes());
        let Some(session) = made["sessionId"].as_str() else {
            skipped(&format!("chromium does not start: {}", made["message"]));
            return None;
        };
        browser.session = format!("/session/{session}");
        // It begins with a page of its own, whose requests are none of ours.
        browser.open("about:blank");
        browser.asked();
        Some(browser)
    }

    fn wishes(&self) -> Value {
        let profile = format!("--user-data-dir={}", self._profile.folder().display());
        json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
            "goog:chromeOptions": { "args": [
                "--headless", "--no-sandbox", "--no-zygote", "--disable-dev-shm-usage", "--disable-gpu",
                "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--lang=en",
                "--window-size=1100,800", profile,
            ] },
        } } })
    }

    /// Goes to a page and waits until it is there.
    pub(crate) fn open(&self, address: &str) {
        self.does("POST", "/url", &json!({ "url": address }));
    }

    /// What a script gives back.
    pub(crate) fn script(&self, script: &str) -> Value {
        self.does("POST", "/execute/sync", &json!({ "script": script, "args": [] }))
    }

    /// Waits until an expression is true on the page.
    #[track_caller]
    pub(crate) fn until(&self, expression: &str) {
        let began = Instant::now();
        let script = format!("return Boolean({expression});");
        while self.script(&script) != json!(true) {
            if began.elapsed() > PATIENCE {
                let page = self.script("return document.body.innerText;");
                panic!("it never came true that {expression}:\n{page}");
            }
            std::thread::sleep(LOOK_AGAIN);
        }
    }

    /// Waits until an element says something.
    #[track_caller]
    pub(crate) fn until_says(&self, selector: &str, text: &str) {
        let (selector, text) = (json!(selector), json!(text));
        self.until(&format!(
            "[...document.querySelectorAll({selector})].some(one => one.textContent.includes({text}))"
        ));
    }

    /// Clicks as a person does.
    #[track_caller]
    pub(crate) fn click(&self, selector: &str) {
        let element = self.find(selector);
        self.does("POST", &format!("/element/{element}/click"), &json!({}));
    }

    /// Clicks what sends a form, and waits for the page that answers it; again where the page was read
    /// anew under the pointer.
    #[track_caller]
    pub(crate) fn sends(&self, selector: &str) {
        self.script("window.isLeft = true;");
        let began = Instant::now();
        while self.script("return window.isLeft === true;") == json!(true) {
            if began.elapsed() > PATIENCE {
                let wrong =
                    self.script("return [...document.querySelectorAll(':invalid')].map(one => one.id);");
                panic!("{selector} sends nothing; not filled in well: {wrong}");
            }
            self.click(selector);
            let clicked = Instant::now();
            while clicked.elapsed() < SENT_WITHIN
                && self.script("return window.isLeft === true;") == json!(true)
            {
                std::thread::sleep(LOOK_AGAIN);
            }
        }
        self.until("window.isLeft === undefined && document.readyState === 'complete'");
    }

    /// Types into a field, again where the page was read anew between two letters.
    #[track_caller]
    pub(crate) fn types(&self, selector: &str, text: &str) {
        let field = format!("document.querySelector({})", json!(selector));
        let began = Instant::now();
        loop {
            self.script(&format!("{field}.value = '';"));
            let element = self.find(selector);
            // A field that was replaced meanwhile takes no more.
            self.does("POST", &format!("/element/{element}/value"), &json!({ "text": text }));
            if self.script(&format!("return {field}.value;")) == json!(text) {
                return;
            }
            assert!(began.elapsed() < PATIENCE, "`{text}` does not stay in {selector}");
        }
    }

    fn find(&self, selector: &str) -> String {
        let found = self.does("POST", "/element", &json!({ "using": "css selector", "value": selector }));
        found[ELEMENT].as_str().unwrap_or_else(|| panic!("there is no `{selector}`: {found}")).to_owned()
    }

    /// What the page has complained of since this was asked last.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let logged = self.does("POST", "/se/log", &json!({ "type": "browser" }));
        logged.as_array().into_iter().flatten().map(|entry| entry["message"].to_string()).collect()
    }

    /// Every address that was asked for something since this was asked last.
    pub(crate) fn asked(&self) -> Vec<String> {
        let logged = self.does("POST", "/se/log", &json!({ "type": "performance" }));
        let told = logged.as_array().into_iter().flatten();
        told.filter_map(|entry| serde_json::from_str::<Value>(entry["message"].as_str()?).ok())
            .filter(|entry| entry["message"]["method"] == "Network.requestWillBeSent")
            .filter_map(|entry| Some(entry["message"]["params"]["request"]["url"].as_str()?.to_owned()))
            .collect()
    }

    /// Shows pages this wide, in a tone: `light` or `dark`.
    pub(crate) fn looks(&self, wide: u32, tone: &str) {
        let features = json!([{ "name": "prefers-color-scheme", "value": tone }]);
        self.cdp("Emulation.setEmulatedMedia", &json!({ "features": features }));
        let size = json!({ "width": wide, "height": 800, "deviceScaleFactor": 1, "mobile": wide < 500 });
        self.cdp("Emulation.setDeviceMetricsOverride", &size);
    }

    /// The page as a picture, from its top, at most so high.
    pub(crate) fn picture(&self, wide: u32, most_high: u64) -> Vec<u8> {
        let high = self.script("return document.documentElement.scrollHeight;").as_u64().expect("a number");
        let clip = json!({ "x": 0, "y": 0, "width": wide, "height": high.min(most_high), "scale": 1 });
        let taken = self.cdp(
            "Page.captureScreenshot",
            &json!({ "format": "png", "captureBeyondViewport": true, "clip": clip }),
        );
        let text = taken["data"].as_str().expect("a picture");
        base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
    }

    /// Presses a key where the focus is.
    pub(crate) fn presses(&self, key: &str) {
        let steps = json!([{ "type": "keyDown", "value": key }, { "type": "keyUp", "value": key }]);
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": steps });
        self.does("POST", "/actions", &json!({ "actions": [keyboard] }));
    }

    fn cdp(&self, command: &str, parameters: &Value) -> Value {
        self.does("POST", "/goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    fn does(&self, method: &str, path: &str, body: &Value) -> Value {
        self.ask(method, &format!("{}{path}", self.session), body)
    }

    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("it listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a duration above zero");
        let body = body.to_string();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nConnection: close\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).expect("it reads");
        let mut answer = BufReader::new(stream);
        let mut length = 0;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).expect("it answers");
            if line.trim().is_empty() {
                break;
            }
            let said = line.split_once(':').filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
            if let Some((_, value)) = said {
                length = value.trim().parse().expect("a number");
            }
        }
        let mut bytes = vec![0; length];
        answer.read_exact(&mut bytes).expect("it answers in full");
        let mut answer: Value = serde_json::from_slice(&bytes).expect("JSON");
        answer["value"].take()
    }
}

/// Says that something was not tested, to whoever reads what the tests say.
#[expect(clippy::print_stderr, reason = "a test that did not run must not look like one that did")]
fn skipped(why: &str) {
    eprintln!("SKIPPED: {why}");
}

impl Drop for Browser {
    fn drop(&mut self) {
        if !self.session.is_empty() {
            // Ends the browser; the driver is ended below.
            let _ = self.ask("DELETE", &self.session, &json!({}));
        }
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
