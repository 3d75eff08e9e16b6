//! Which language some words are in: by script, short words and typical letters.

use super::{Language, mandarin, normalise};

/// Short words that only this language has, and letter sequences that are typical of it.
struct Hints {
    language: Language,
    words: &'static str,
    sequences: &'static str,
}

const HINTS: [Hints; 6] = [
    Hints {
        language: Language::German,
        words: "und der die das ich nicht ein ist mit dem auf zu du den es im wir dir mir sich schön nacht",
        sequences: "ä ö ü ß sch ei cht ch tz nd",
    },
    Hints {
        language: Language::Italian,
        words: "che di il la non mi per un del è con lo sei mio più gli della nel sul ti mia bella",
        sequences: "gli zz cch ion à è ì ò ù gn",
    },
    Hints {
        language: Language::Latin,
        words: "et est cum qui ave nobis dei deus pro nunc sancta maria tu te domine in alleluia amen",
        sequences: "ae us um æ œ is tio nct",
    },
    Hints {
        language: Language::French,
        words: "le la les des et je tu il elle on nous vous que qui ne pas est dans une un mon ma au du en c'est l'amour \
                d'amour frère toujours jamais",
        sequences: "eau oi ou eu ç ê â é è l' d' j' qu' aux ez ille œ",
    },
    Hints {
        language: Language::Spanish,
        words: "el la los las que y no es en un una mi tu de por con yo ya porque del se para más amor te me muy",
        sequences: "ñ ll ción á é í ó ú que ue ía",
    },
    Hints {
        language: Language::English,
        words: "the and of to you my with it a for thy i is shall your oh be that all he she me are on",
        sequences: "th w y k ee oo ou sh ing 's ck",
    },
];

/// Letter sequences that make words that could be pinyin into pinyin.
const PINYIN: [&str; 12] = ["zh", "qi", "xi", "hua", "iang", "uo", "ü", "ian", "iao", "qu", "xu", "uang"];

impl Language {
    /// The likeliest language of some words; English if nothing tells.
    pub fn guess(words: &[&str]) -> Language {
        let clean: Vec<String> = words.iter().map(|w| normalise(w)).filter(|w| !w.is_empty()).collect();
        let letters = || clean.iter().flat_map(|w| w.chars());
        if letters().any(|c| matches!(c, 'а'..='я' | 'ё')) {
            return Language::Russian;
        }
        if letters().any(mandarin::is_character) {
            return Language::Mandarin;
        }
        // Tone marks that no European language has, or nothing but syllables of pinyin.
        let toned = letters().any(|c| "āǎēěīǐōǒūǔǖǘǚǜ".contains(c));
        let typical = || clean.iter().any(|w| PINYIN.iter().any(|s| w.contains(s)));
        if clean.len() > 1 && clean.iter().all(|w| mandarin::is_pinyin(w)) && (toned || typical()) {
            return Language::Mandarin;
        }
        let score = |hints: &Hints| -> usize {
            let common = clean.iter().filter(|w| hints.words.split_whitespace().any(|h| h == *w)).count();
            let sequences = |w: &String| hints.sequences.split(' ').filter(|s| w.contains(s)).count();
            3 * common + clean.iter().map(sequences).sum::<usize>()
        };
        let best = HINTS.iter().max_by_key(|hints| score(hints)).filter(|hints| score(hints) > 0);
        best.map_or(Language::English, |hints| hints.language)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn languages_are_told_apart() {
        for (text, language) in [
            ("Give me your answer do I'm half crazy all for the love of you", Language::English),
            ("Philomel with melody sing in our sweet lullaby", Language::English),
            ("Should auld acquaintance be forgot and never brought to mind", Language::English),
            ("Row row row your boat gently down the stream", Language::English),
            ("Banana phone", Language::English),
            ("Happy birthday to you", Language::English),
            ("In einem Bächlein helle, da schoss in froher Eil", Language::German),
            ("Freude, schöner Götterfunken, Tochter aus Elysium", Language::German),
            ("Guten Abend, gut' Nacht, mit Rosen bedacht", Language::German),
            ("La donna è mobile qual piuma al vento", Language::Italian),
            ("Sul mare luccica l'astro d'argento", Language::Italian),
            ("Ave Maria gratia plena Dominus tecum benedicta tu", Language::Latin),
            ("Kyrie eleison Christe eleison", Language::Latin),
            ("Frère Jacques, dormez-vous? Sonnez les matines", Language::French),
            ("L'amour est un oiseau rebelle que nul ne peut apprivoiser", Language::French),
            ("Sur le pont d'Avignon, on y danse tous en rond", Language::French),
            ("La cucaracha, ya no puede caminar porque le falta", Language::Spanish),
            ("De colores se visten los campos en la primavera", Language::Spanish),
            ("Ой полна", Language::Russian),
            ("好一朵美丽的茉莉花", Language::Mandarin),
            ("hao yi duo mei li de mo li hua", Language::Mandarin),
            ("liǎng zhī lǎohǔ pǎo de kuài", Language::Mandarin),
            ("brr", Language::English),
            ("", Language::English),
        ] {
            assert_eq!(Language::guess(&text.split_whitespace().collect::<Vec<_>>()), language, "{text}");
        }
    }
}
