//! Numbers as words: "2" is "two" in each language; numbers above twenty are read digit by digit.

use super::Language;

const NAMES: [(Language, &str); 8] = [
    (
        Language::English,
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty",
    ),
    (
        Language::German,
        "null eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn siebzehn achtzehn neunzehn zwanzig",
    ),
    (
        Language::French,
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize dix-sept dix-huit dix-neuf vingt",
    ),
    (
        Language::Italian,
        "zero uno due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici sedici diciassette diciotto diciannove venti",
    ),
    (
        Language::Spanish,
        "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis diecisiete dieciocho diecinueve veinte",
    ),
    (
        Language::Latin,
        "nihil unus duo tres quattuor quinque sex septem octo novem decem undecim duodecim tredecim quattuordecim quindecim sedecim septendecim duodeviginti undeviginti viginti",
    ),
    (
        Language::Russian,
        "ноль один два три четыре пять шесть семь восемь девять десять одиннадцать двенадцать тринадцать четырнадцать пятнадцать шестнадцать семнадцать восемнадцать девятнадцать двадцать",
    ),
    (Language::Mandarin, "零 一 二 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十"),
];

/// The words for a number written in digits, punctuation around it left out; none if there are letters in it too (a
/// tone, "mo4", or a name, "R2D2") or no digits.
pub(super) fn spoken(word: &str, language: Language) -> Option<Vec<&'static str>> {
    let digits: Vec<usize> = word.chars().filter_map(|c| c.to_digit(10)).map(|d| d as usize).collect();
    if digits.is_empty() || word.chars().any(char::is_alphabetic) {
        return None;
    }
    let names = NAMES.iter().find(|(known, _)| *known == language)?.1;
    let name = |n: usize| names.split(' ').nth(n);
    // A leading zero is said.
    let value = digits.iter().take(3).fold(0, |value, digit| 10 * value + digit);
    if value <= 20 && (digits.len() == 1 || (digits.len() == 2 && digits[0] > 0)) {
        return name(value).map(|name| vec![name]);
    }
    Some(digits.into_iter().filter_map(name).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_language_counts_to_twenty() {
        for (language, names) in NAMES {
            assert_eq!(names.split(' ').count(), 21, "{language:?}");
        }
        assert_eq!(spoken("2", Language::English), Some(vec!["two"]));
        assert_eq!(spoken("12,", Language::Russian), Some(vec!["двенадцать"]));
        assert_eq!(spoken("99", Language::German), Some(vec!["neun", "neun"]));
        assert_eq!(spoken("007", Language::French), Some(vec!["zéro", "zéro", "sept"]));
        assert_eq!(spoken("mo4", Language::Mandarin), None);
        assert_eq!(spoken("…", Language::English), None);
    }
}
