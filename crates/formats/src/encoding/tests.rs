use model::diagnostic::Span;

use super::pages::Page;
use super::{decode, repair};

/// What a program makes of UTF-8 that it takes for another code page.
fn mistaken(text: &str, page: Page) -> String {
    let shown = |byte: u8| match byte {
        0..=0x7F => byte as char,
        _ => ('\u{80}'..='\u{FFFF}').find(|c| page.byte_of(*c) == Some(byte)).unwrap(),
    };
    text.bytes().map(shown).collect()
}

fn is_left_alone(text: &str) {
    let decoded = decode(text.as_bytes());
    assert_eq!(decoded.text, text);
    assert!(!decoded.encoding.repaired, "{text}");
    assert_eq!(repair(text.as_bytes()), None, "{text}");
}

#[test]
fn wrongly_decoded_documents_are_read_as_they_were_meant() {
    let texts = [
        "| Build | 🔴 Not Started | Week 1–2 |",
        "varies by ±20%",
        "Plan — “quoted” … ✅ done → next ⚠️",
        "naïve café façade",
        "# План работ\n\nПодготовить и проверить всё",
    ];
    for text in texts {
        for page in Page::ALL {
            // One sign alone is too little in Mac Roman, where `¬` and `√` are signs themselves.
            let text = if page == Page::MacRoman { format!("{text} and ±5%") } else { text.to_owned() };
            let wrong = mistaken(&text, page);
            assert_ne!(wrong, text);
            let decoded = decode(wrong.as_bytes());
            assert_eq!(decoded.text, text, "{wrong}");
            assert_eq!(decoded.encoding.from, Some(page.name()), "{wrong}");
            assert_eq!(decoded.diagnostics.len(), 1);
            assert_eq!(decoded.diagnostics[0].code, "text/mojibake");
            assert_eq!(repair(wrong.as_bytes()), Some(text.clone().into_bytes()));
            // What is right stays right.
            is_left_alone(&text);
        }
    }
}

#[test]
fn runs_are_counted_and_the_first_is_shown() {
    let wrong = mistaken("a – b ±5% 🔴🔴", Page::Cp1252);
    let decoded = decode(wrong.as_bytes());
    assert_eq!(decoded.encoding.runs, 3);
    let found = &decoded.diagnostics[0];
    assert!(found.message.contains("read as cp1252: 3 runs"), "{}", found.message);
    assert!(found.message.contains("`â€“` for `–`"), "{}", found.message);
    assert!(found.help.as_ref().unwrap().contains("countersign fix --encoding"));
    assert_eq!(&decoded.text[found.span.range()], "–");
}

#[test]
fn text_mistaken_twice_is_put_right_twice() {
    let twice = mistaken(&mistaken("a – b “c”", Page::Cp1252), Page::Cp1252);
    let decoded = decode(twice.as_bytes());
    assert_eq!(decoded.text, "a – b “c”");
    assert_eq!(&decoded.text[decoded.diagnostics[0].span.range()], "–");
}

#[test]
fn genuine_text_is_left_alone() {
    for text in [
        // Each of these reads back through Mac Roman or cp1252 without an error.
        "source: PR–§3 B-007",
        "l’économie",
        "CAFÉ’S",
        "Spaß“",
        "the root √π alone",
        "PR–§3, PR–§4, PR–§5, PR–§6, PR–§7, PR–§8, PR–§9, PR–§10, PR–§11",
        // And these do not.
        "résumé – “curly” ±5%",
        "Größe: 3 m² — für alle",
        "→ ≥80%",
        "Ã alone",
        "plain",
        "",
    ] {
        is_left_alone(text);
        assert_eq!(decode(text.as_bytes()).diagnostics, [], "{text}");
    }
}

#[test]
fn a_document_wrong_in_parts_is_told_and_left_alone() {
    let text = format!("{} and a genuine – dash", mistaken("a – b — c → d", Page::Cp1252));
    is_left_alone(&text);
    let decoded = decode(text.as_bytes());
    assert_eq!(decoded.diagnostics.len(), 1);
    assert_eq!(decoded.diagnostics[0].code, "text/mojibake");
    assert!(
        decoded.diagnostics[0].message.contains("1 other characters"),
        "{}",
        decoded.diagnostics[0].message
    );
    assert_eq!(&text[decoded.diagnostics[0].span.range()], "â€“");
}

#[test]
fn bytes_that_are_no_utf8_are_counted_and_shown() {
    let decoded = decode(b"caf\xE9 \xFF\xFE ok");
    assert_eq!(decoded.text, "caf\u{FFFD} \u{FFFD}\u{FFFD} ok");
    assert_eq!(decoded.encoding.invalid, 3);
    assert_eq!(decoded.diagnostics[0].code, "text/invalid-encoding");
    assert_eq!(decoded.diagnostics[0].span, Span::new(3, 6));
    assert_eq!(repair(b"caf\xE9 \xC3\x82\xC2\xB1"), None, "half a repair is none");
}

#[test]
fn a_byte_order_mark_is_no_text_and_is_kept() {
    let decoded = decode("\u{FEFF}# Plan".as_bytes());
    assert_eq!(decoded.text, "# Plan");
    assert!(decoded.encoding.bom && decoded.diagnostics.is_empty());
    let wrong = format!("\u{FEFF}{}", mistaken("±5%", Page::Cp1252));
    assert_eq!(repair(wrong.as_bytes()), Some("\u{FEFF}±5%".as_bytes().to_vec()));
}

#[test]
fn utf16_is_read_and_told() {
    let text = "# Plan – 🔴";
    let little: Vec<u8> =
        [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = [0xFEFF].into_iter().chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect();
    for bytes in [&little, &big] {
        let decoded = decode(bytes);
        assert_eq!(decoded.text, text);
        assert_eq!(decoded.diagnostics[0].code, "text/invalid-encoding");
        assert_eq!(repair(bytes), Some(text.as_bytes().to_vec()));
    }
    let half = decode(&little[..little.len() - 1]);
    assert_eq!(half.encoding.invalid, 2, "{}", half.text);
    assert_eq!(repair(&little[..little.len() - 1]), None);
}
