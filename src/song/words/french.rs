//! French: spelling to phones by rule, as sung: nasal vowels, mute e where the tune gives it a note, liaison.
//!
//! After Grammont, "Traité pratique de prononciation française" (1914), and Bernac, "The Interpretation of French Song"
//! (1970) for the mute e.

use super::phoneme::{Phone, phones};

/// Words whose spelling misleads.
const EXCEPTIONS: &[(&str, &str)] = &[
    ("et", "e"),
    ("est", "ɛ"),
    ("es", "ɛ"),
    ("c'est", "s ɛ"),
    ("n'est", "n ɛ"),
    ("eu", "y"),
    ("eut", "y"),
    ("août", "u t"),
    ("femme", "f a m ə"),
    ("femmes", "f a m ə"),
    ("fils", "f i s"),
    ("hélas", "e l a s"),
    ("monsieur", "m ə s j ø"),
    ("messieurs", "m e s j ø"),
    ("pays", "p e i"),
    ("sept", "s ɛ t"),
    ("huit", "ɥ i t"),
    ("six", "s i s"),
    ("dix", "d i s"),
    ("cinq", "s ɛ̃ k"),
    ("ville", "v i l ə"),
    ("mille", "m i l ə"),
    ("tranquille", "t ʁ ɑ̃ k i l ə"),
    ("village", "v i l a ʒ ə"),
    ("second", "s ə ɡ ɔ̃"),
    ("automne", "o t ɔ n ə"),
    ("yeux", "j ø"),
    ("oeil", "œ j"),
    ("gentil", "ʒ ɑ̃ t i"),
    ("mer", "m ɛ ʁ"),
    ("hiver", "i v ɛ ʁ"),
    ("hier", "j ɛ ʁ"),
    ("cher", "ʃ ɛ ʁ"),
    ("fier", "f j ɛ ʁ"),
    ("fer", "f ɛ ʁ"),
    ("enfer", "ɑ̃ f ɛ ʁ"),
    ("amer", "a m ɛ ʁ"),
    ("vers", "v ɛ ʁ"),
    ("carmen", "k a ʁ m ɛ n"),
    ("chœur", "k œ ʁ"),
    ("cet", "s ɛ t"),
    ("donc", "d ɔ̃ k"),
    ("mars", "m a ʁ s"),
    ("sud", "s y d"),
    ("ouest", "w ɛ s t"),
    ("pied", "p j e"),
    ("pieds", "p j e"),
    ("dessus", "d ə s y"),
    ("dessous", "d ə s u"),
    ("longtemps", "l ɔ̃ t ɑ̃"),
    ("deuxième", "d ø z j ɛ m ə"),
    ("client", "k l i j ɑ̃"),
    ("orient", "ɔ ʁ j ɑ̃"),
    ("patient", "p a s j ɑ̃"),
    ("parfum", "p a ʁ f œ̃"),
    ("monde", "m ɔ̃ d ə"),
    ("ours", "u ʁ s"),
    ("sens", "s ɑ̃ s"),
    ("jadis", "ʒ a d i s"),
    ("ah", "a"),
    ("oh", "o"),
    ("ding", "d i ŋ"),
    ("dong", "d ɔ ŋ"),
];

/// Words in -ent whose ending sounds; in other words it is the mute ending of a verb.
const SOUNDING_ENT: &[&str] = &[
    "souvent",
    "content",
    "parent",
    "argent",
    "talent",
    "accident",
    "présent",
    "président",
    "absent",
    "serpent",
    "orient",
    "innocent",
    "torrent",
    "couvent",
    "ardent",
    "accent",
    "excellent",
    "patient",
    "client",
    "occident",
    "agent",
    "prudent",
    "violent",
    "insolent",
    "évident",
    "régent",
    "adolescent",
    "firmament",
];

/// Words before which nothing elides or links although they begin with a vowel or h.
const ASPIRATED: &[&str] = &[
    "haut",
    "haute",
    "héros",
    "haine",
    "honte",
    "hibou",
    "huit",
    "onze",
    "oui",
    "harpe",
    "hasard",
    "huitième",
    "halte",
];

/// Words that link their last consonant to a vowel that follows.
const LINKING: &[&str] = &[
    "les", "des", "ces", "mes", "tes", "ses", "nos", "vos", "leurs", "aux", "un", "mon", "ton", "son", "on", "nous",
    "vous", "ils", "elles", "en", "est", "c'est", "n'est", "sont", "ont", "dans", "sans", "sous", "chez", "très",
    "plus", "bien", "tout", "petit", "grand", "deux", "trois", "six", "dix", "quand", "rien", "aucun", "bons", "beaux",
    "quels", "mauvais", "tous", "pas", "jamais", "toujours", "vont", "fait", "était", "ait",
];

fn vowel(c: char) -> bool {
    "aeiouyàâäéèêëîïôöùûüœæ".contains(c)
}

/// The consonant that links `before` to `word`: "les amis", "mon âme", "tout homme".
pub(super) fn liaison(before: &str, word: &str) -> Option<Phone> {
    let first = word.chars().next()?;
    let opens = (vowel(first) || first == 'h') && !ASPIRATED.contains(&word);
    if !opens || !LINKING.contains(&before) {
        return None;
    }
    Phone::parse(match before.chars().next_back()? {
        's' | 'x' | 'z' => "z",
        't' | 'd' => "t",
        'n' => "n",
        _ => return None,
    })
}

/// Pronounces a normalised word. `mute_e` sounds a last e as a syllable of its own.
pub(super) fn pronounce(word: &str, mute_e: bool) -> Vec<Phone> {
    let word = word.replace("oe", "œ");
    let mut out = match EXCEPTIONS.iter().find(|(known, _)| *known == word || *known == word.replace('œ', "oe")) {
        Some((_, ipa)) => phones(ipa),
        None => phones(&by_rule(&word)),
    };
    let vowels = out.iter().filter(|p| p.phoneme.is_vowel()).count();
    if !mute_e && vowels > 1 && out.last().is_some_and(|p| p.phoneme.symbol == "ə") {
        out.pop();
    }
    out
}

/// The letters without the consonants that are written at a word's end but not said.
fn sounding(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().filter(|c| *c != '\'').collect();
    let ends = |letters: &[char], end: &str| letters.iter().collect::<String>().ends_with(end);
    let vowels = |letters: &[char]| letters.iter().filter(|c| vowel(**c)).count();
    let plural = ends(&letters, "s") && letters.len() > 3;
    let stem: String = letters.iter().take(letters.len() - usize::from(plural)).collect();
    let noun = SOUNDING_ENT.contains(&stem.as_str())
        || (stem.ends_with("ment") && !matches!(stem.as_str(), "aiment" | "dorment" | "forment" | "arment"))
        || (stem.ends_with("ient")
            && !stem.ends_with("aient")
            && !stem.ends_with("oient")
            && stem.chars().count() <= 7)
        || vowels(&letters) < 2;
    if ends(&letters, "ent") && !noun {
        letters.truncate(letters.len() - 3);
        // "aiment" keeps a mute e; in "chantaient" the vowel before swallows it.
        if letters.last().is_some_and(|c| !vowel(*c)) {
            letters.push('e');
        }
        return letters;
    }
    if ends(&letters, "es") && vowels(&letters) > 1 {
        letters.pop();
        return letters;
    }
    while letters.len() > 1
        && letters.last().is_some_and(|c| "dtsxzpg".contains(*c))
        && letters.iter().any(|c| vowel(*c))
        // Before e the consonant tells how it sounds: "et", "ez", "es".
        && !(letters.last().is_some_and(|c| "tzs".contains(*c)) && letters[letters.len() - 2] == 'e')
    {
        letters.pop();
    }
    // "vert", "travers", but "chanter", "premiers".
    if let [.., 'e', 'r'] = letters[..]
        && (word.ends_with("ert") || word.ends_with("erts") || word.ends_with("vers"))
    {
        let e = letters.len() - 2;
        letters[e] = 'è';
    }
    // "blanc", "plomb".
    if let [.., before, last] = letters[..]
        && ((last == 'c' && before == 'n') || (last == 'b' && before == 'm'))
    {
        letters.pop();
    }
    letters
}

fn by_rule(word: &str) -> String {
    let letters = sounding(word);
    let at = |i: usize| letters.get(i).copied().unwrap_or(' ');
    let mut out: Vec<&str> = Vec::new();
    let mut i = 0;
    while i < letters.len() {
        let rest: String = letters[i..].iter().collect();
        let starts = |text: &str| rest.starts_with(text);
        let (c, next, after) = (at(i), at(i + 1), at(i + 2));
        let before = if i > 0 { at(i - 1) } else { ' ' };
        let front = |c: char| "eiyéèêëî".contains(c);
        // A vowel and n or m are one nasal vowel unless a vowel or another n or m follows.
        let nasal = |n: usize| {
            matches!(at(i + n), 'n' | 'm') && !vowel(at(i + n + 1)) && !matches!(at(i + n + 1), 'n' | 'm' | 'h')
        };
        let (sound, used): (&str, usize) = match c {
            _ if starts("eau") => ("o", 3),
            _ if starts("ouill") => ("u j", 5),
            _ if starts("ueil") || starts("euil") || starts("œil") => {
                let n = if c == 'œ' { 3 } else { 4 };
                ("œ j", if at(i + n) == 'l' { n + 1 } else { n })
            }
            _ if starts("aill") || starts("eill") => (if c == 'a' { "a j" } else { "ɛ j" }, 4),
            _ if (starts("ail") || starts("eil")) && rest.chars().count() == 3 => {
                (if c == 'a' { "a j" } else { "ɛ j" }, 3)
            }
            _ if (starts("ain") || starts("aim") || starts("ein")) && nasal(2) => ("ɛ̃", 3),
            _ if starts("oin") && nasal(2) => ("w ɛ̃", 3),
            _ if starts("ien") && nasal(2) => (if at(i + 3) == 'c' { "j ɑ̃" } else { "j ɛ̃" }, 3),
            _ if starts("emment") => ("a m", 3),
            _ if starts("au") || starts("aû") => ("o", 2),
            _ if starts("oy") && vowel(after) => ("w a j", 2),
            _ if starts("ay") && vowel(after) => ("ɛ j", 2),
            _ if starts("oi") || starts("oî") || starts("oy") => ("w a", 2),
            _ if starts("ai") || starts("aî") || starts("ei") || starts("ay") => ("ɛ", 2),
            _ if starts("ou") || starts("où") || starts("oû") => {
                (if vowel(after) && after != 'e' { "w" } else { "u" }, 2)
            }
            _ if starts("eu") || starts("œu") => {
                // Closed at a word's end and before s, open otherwise.
                let open = at(i + 2) != ' ' && at(i + 2) != 's' && at(i + 2) != 'x' && at(i + 2) != 't';
                (if open { "œ" } else { "ø" }, 2)
            }
            'a' | 'â' if nasal(1) => ("ɑ̃", 2),
            'e' if nasal(1) => (if matches!(before, 'é' | 'y') { "ɛ̃" } else { "ɑ̃" }, 2),
            'i' | 'y' | 'î' if nasal(1) => ("ɛ̃", 2),
            'o' if nasal(1) => ("ɔ̃", 2),
            'u' if nasal(1) => ("œ̃", 2),
            'a' | 'à' => ("a", 1),
            'â' => ("ɑ", 1),
            'é' => ("e", 1),
            'è' | 'ê' | 'ë' | 'æ' => ("ɛ", 1),
            'œ' => ("œ", 1),
            'e' if before == 'g' && matches!(next, 'a' | 'o') => ("", 1),
            'e' => (e_sound(&letters, i), 1),
            'i' if starts("ill") && i > 0 && !vowel(before) && vowel(at(i + 3)) && at(i + 3) != 'i' => ("i j", 3),
            'i' | 'î' | 'ï' | 'y' if vowel(next) && !(next == 'e' && i + 2 == letters.len()) => {
                let cluster = i > 1 && matches!(before, 'l' | 'r') && !vowel(at(i - 2)) && at(i - 2) != before;
                (if cluster { "i j" } else { "j" }, 1)
            }
            'i' | 'î' | 'ï' | 'y' => ("i", 1),
            'ô' | 'ö' => ("o", 1),
            'o' if next == ' ' || (next == 's' && vowel(after)) => ("o", 1),
            'o' => ("ɔ", 1),
            'u' | 'û' | 'ü' | 'ù' if vowel(next) && next != 'e' => ("ɥ", 1),
            'u' | 'û' | 'ü' | 'ù' => ("y", 1),
            _ if starts("chr") || starts("chœ") => ("k", 2),
            _ if starts("ch") || starts("sh") => ("ʃ", 2),
            _ if starts("sch") => ("ʃ", 3),
            _ if starts("ph") => ("f", 2),
            _ if starts("th") => ("t", 2),
            _ if starts("gn") => ("ɲ", 2),
            _ if starts("cqu") => ("k", 3),
            _ if starts("qu") => ("k", 2),
            _ if starts("gu") && front(after) => ("ɡ", 2),
            _ if starts("cc") && front(after) => ("k s", 2),
            _ if starts("sc") && front(after) => ("s", 2),
            // "nation", "patience", but "question".
            _ if i > 0 && before != 's' && ["tion", "tience", "tiel", "tieux", "tial"].iter().any(|t| starts(t)) => {
                ("s", 1)
            }
            // "compter", "prompt".
            'p' if before == 'm' && next == 't' => ("", 1),
            'c' if front(next) => ("s", 1),
            'g' if front(next) => ("ʒ", 1),
            's' if vowel(before) && vowel(next) => ("z", 1),
            'x' if before == 'e' && vowel(next) && i == 1 => ("ɡ z", 1),
            _ if c == next && !vowel(c) => ("", 1),
            'b' => ("b", 1),
            'c' | 'k' | 'q' => ("k", 1),
            's' | 'z' if before == 'e' && next == ' ' => ("", 1),
            'ç' | 's' => ("s", 1),
            'd' => ("d", 1),
            'f' => ("f", 1),
            'g' => ("ɡ", 1),
            'j' => ("ʒ", 1),
            'l' => ("l", 1),
            'm' => ("m", 1),
            'n' | 'ñ' => ("n", 1),
            'p' => ("p", 1),
            // -er ends verbs: "chanter".
            'r' if before == 'e' && next == ' ' && letters[..i - 1].iter().any(|c| vowel(*c)) => ("", 1),
            'r' => ("ʁ", 1),
            't' if before == 'e' && next == ' ' => ("", 1),
            't' => ("t", 1),
            'v' => ("v", 1),
            'w' => ("w", 1),
            'x' => ("k s", 1),
            'z' => ("z", 1),
            _ => ("", 1),
        };
        out.push(sound);
        i += used;
    }
    out.join(" ")
}

/// How an e without accent sounds.
fn e_sound(letters: &[char], i: usize) -> &'static str {
    let at = |i: usize| letters.get(i).copied().unwrap_or(' ');
    let (next, after) = (at(i + 1), at(i + 2));
    let last = i + 1 == letters.len();
    let other = letters[..i].iter().any(|c| vowel(*c));
    match (next, after) {
        _ if last && i > 0 && vowel(at(i - 1)) && at(i - 1) != 'u' => "",
        _ if last && i > 0 && at(i - 1) == 'u' && i > 1 && !matches!(at(i - 2), 'q' | 'g') => "",
        _ if last => "ə",
        // les, des, mes; chanter, chantez; secret.
        ('s', ' ') => "e",
        ('r', ' ') if other => "e",
        ('z', ' ') => "e",
        ('t', ' ') => "ɛ",
        (_, ' ') => "ɛ",
        ('x', _) => "ɛ",
        (a, b) if a == b => "ɛ",
        // Before two consonants, but not those that begin a syllable together ("secret", "peut-être").
        (a, b) if !vowel(a) && !vowel(b) && !matches!(b, 'l' | 'r' | 'h') && (a != 'g' || b != 'n') => "ɛ",
        (a, b) if matches!(a, 'r' | 'l') && !vowel(b) => "ɛ",
        _ => "ə",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ipa(word: &str, mute_e: bool) -> String {
        pronounce(word, mute_e).iter().map(Phone::symbol).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn words_of_songs() {
        for (word, expected) in [
            ("frère", "f ʁ ɛ ʁ ə"),
            ("jacques", "ʒ a k ə"),
            ("dormez", "d ɔ ʁ m e"),
            ("vous", "v u"),
            ("sonnez", "s ɔ n e"),
            ("matines", "m a t i n ə"),
            ("l'amour", "l a m u ʁ"),
            ("enfant", "ɑ̃ f ɑ̃"),
            ("bohème", "b ɔ ɛ m ə"),
            ("jamais", "ʒ a m ɛ"),
            ("connu", "k ɔ n y"),
            ("loi", "l w a"),
            ("oiseau", "w a z o"),
            ("rebelle", "ʁ ə b ɛ l ə"),
            ("nul", "n y l"),
            ("peut", "p ø"),
            ("apprivoiser", "a p ʁ i v w a z e"),
            ("appelle", "a p ɛ l ə"),
            ("rien", "ʁ j ɛ̃"),
            ("menace", "m ə n a s ə"),
            ("prière", "p ʁ i j ɛ ʁ ə"),
            ("parle", "p a ʁ l ə"),
            ("l'autre", "l o t ʁ ə"),
            ("préfère", "p ʁ e f ɛ ʁ ə"),
            ("garde", "ɡ a ʁ d ə"),
            ("vie", "v i"),
            ("rose", "ʁ o z ə"),
            ("coeur", "k œ ʁ"),
            ("fleurs", "f l œ ʁ"),
            ("nuit", "n ɥ i"),
            ("chantent", "ʃ ɑ̃ t ə"),
            ("souvent", "s u v ɑ̃"),
            ("chantaient", "ʃ ɑ̃ t ɛ"),
            ("printemps", "p ʁ ɛ̃ t ɑ̃"),
            ("soleil", "s ɔ l ɛ j"),
            ("fille", "f i j ə"),
            ("nation", "n a s j ɔ̃"),
            ("agneau", "a ɲ o"),
            ("belle", "b ɛ l ə"),
            ("lune", "l y n ə"),
            ("mort", "m ɔ ʁ"),
            ("les", "l e"),
            ("mes", "m e"),
            ("ouvert", "u v ɛ ʁ"),
            ("travers", "t ʁ a v ɛ ʁ"),
            ("étaient", "e t ɛ"),
            ("millions", "m i l j ɔ̃"),
            ("derrière", "d ɛ ʁ j ɛ ʁ ə"),
            ("moyen", "m w a j ɛ̃"),
            ("quartier", "k a ʁ t j e"),
            ("patience", "p a s j ɑ̃ s ə"),
            ("compter", "k ɔ̃ t e"),
        ] {
            assert_eq!(ipa(word, true), expected, "{word}");
        }
        assert_eq!(ipa("frère", false), "f ʁ ɛ ʁ");
        assert_eq!(ipa("le", false), "l ə");
    }

    #[test]
    fn words_link() {
        let link = |a: &str, b: &str| liaison(a, b).map(|p| p.symbol());
        assert_eq!(link("les", "amis").as_deref(), Some("z"));
        assert_eq!(link("mon", "âme").as_deref(), Some("n"));
        assert_eq!(link("est", "enfant").as_deref(), Some("t"));
        assert_eq!(link("les", "héros"), None);
        assert_eq!(link("et", "on"), None);
        assert_eq!(link("les", "chats"), None);
    }
}
