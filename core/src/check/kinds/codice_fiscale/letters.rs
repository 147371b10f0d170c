//! Three letters out of a name.
//!
//! The table of letters with marks: circular 34/E of 20 July 2011 has Ä, Æ = AE, Ö, Œ = OE, Ü = UE, ß = SS, and for the other marks that it lists
//! (acute, grave, circumflex, caron, cedilla, diaeresis on E and I) the letter below them. The same is done here for marks that it does not list.
//! Ñ is not in it and is written N or NH by different offices, so no verdict hangs on it; nor on letters that are no Latin ones.

/// What U+00C0 to U+024F stand for: a capital for itself; `a`, `o`, `u`, `s` for AE, OE, UE, SS; `/` for Ø; `?` for no verdict.
const LATIN: &[u8; 400] = b"AAAAaAaCEEEEIIII??OOOOo?/UUUuY?sAAAAaAaCEEEEIIII??OOOOo?/UUUuY?YAAAAAACCCCCCCCDD\
DDEEEEEEEEEEGGGGGGGGHHHHIIIIIIIIII??JJKK?LLLLLLLLLLNNNNNN???OOOOOOooRRRRRRSSSSSS\
SSTTTTTTUUUUUUUUUUUUWWYYYZZZZZZ?????????????????????????????????OO?????????????U\
U????????????????????????????AAIIOOUUuuuuuuuu?aaAAaa??GGKKOOOO??J???GG??NNAAaa//\
AAAAEEEEIIIIOOOORRRRUUUUSSTT??HH??????AAEEooOOOOOOYY????????????????????????????";
/// The same for U+1E00 to U+1EFF.
const LATIN_ADDITIONAL: &[u8; 256] =
    b"AABBBBBBCCDDDDDDDDDDEEEEEEEEEEFFGGHHHHHHHHHHIIIIKKKKKKLLLLLLLLMMMMMMNNNNNNNNOOoo\
OOOOPPPPRRRRRRRRSSSSSSSSSSTTTTTTTTUUUUUUUUuuVVVVWWWWWWWWWWXXXXYYZZZZZZHTWY?S??s?\
AAAAAAAAAAAAAAAAAAAAAAAAEEEEEEEEEEEEEEEEIIIIOOOOOOOOOOOOOOOOOOOOOOOOUUUUUUUUUUUU\
UUYYYYYYYY??????";

/// The name has a letter before its three are found that no table has; where it stands, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoVerdict(pub(super) usize);

/// Surname or name: from a name with four or more consonants the first, third and fourth are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Of {
    Surname,
    Name,
}

/// The three letters, `XXX` for an empty name. Stops reading as soon as they are certain.
pub(super) fn three_letters(text: &str, of: Of) -> Result<[u8; 3], NoVerdict> {
    if text.is_ascii() {
        return ascii(text, of);
    }
    let (read, stroked_o) = read(text, of, b"O")?;
    // Ø is O to some and OE to others: a verdict only where it is all the same.
    match stroked_o {
        Some(position) if self::read(text, of, b"OE")?.0 != read => Err(NoVerdict(position)),
        _ => Ok(read),
    }
}

/// What has been read of a name.
#[derive(Default)]
struct Letters {
    consonants: [u8; 4],
    consonant_count: usize,
    vowels: [u8; 3],
    vowel_count: usize,
}

impl Letters {
    fn push(&mut self, letter: u8) {
        let (letters, count): (&mut [u8], &mut usize) = if matches!(letter, b'A' | b'E' | b'I' | b'O' | b'U')
        {
            (&mut self.vowels, &mut self.vowel_count)
        } else {
            (&mut self.consonants, &mut self.consonant_count)
        };
        if let Some(place) = letters.get_mut(*count) {
            *place = letter;
            *count += 1;
        }
    }

    fn is_certain(&self, of: Of) -> bool {
        self.consonant_count >= if of == Of::Name { 4 } else { 3 }
    }

    fn three(&self, of: Of) -> [u8; 3] {
        let [first, second, third, fourth] = self.consonants;
        if of == Of::Name && self.consonant_count == 4 {
            return [first, third, fourth];
        }
        let consonants = [first, second, third].into_iter().take(self.consonant_count);
        let vowels = self.vowels.into_iter().take(self.vowel_count);
        let mut all = consonants.chain(vowels).chain(*b"XXX");
        [(); 3].map(|()| all.next().unwrap_or(b'X'))
    }
}

/// Most names have no marks: one look at each byte.
fn ascii(text: &str, of: Of) -> Result<[u8; 3], NoVerdict> {
    let mut letters = Letters::default();
    for (position, byte) in text.bytes().enumerate() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' => letters.push(byte.to_ascii_uppercase()),
            b' ' | b'\'' | b'-' | b'`' | b'\t'..=b'\r' => {}
            _ => return Err(NoVerdict(position)),
        }
        if letters.is_certain(of) {
            break;
        }
    }
    Ok(letters.three(of))
}

/// The letters, and where the first Ø was that had to be read.
fn read(text: &str, of: Of, stroked_o: &[u8]) -> Result<([u8; 3], Option<usize>), NoVerdict> {
    let mut first_stroked_o = None;
    let mut letters = Letters::default();
    let mut chars = text.chars().enumerate().peekable();
    while let Some((position, c)) = chars.next() {
        if letters.is_certain(of) {
            break;
        }
        if c.is_ascii_alphabetic() && !chars.peek().is_some_and(|(_, next)| is_mark(*next)) {
            letters.push(c.to_ascii_uppercase() as u8);
            continue;
        }
        let mut kind = kind_of(c);
        // A mark may come as a character of its own after its letter.
        while let Some((_, mark)) = chars.next_if(|(_, mark)| is_mark(*mark)) {
            kind = match (kind, mark) {
                (b'A' | b'O' | b'U', '\u{308}') => kind.to_ascii_lowercase(),
                (b'N', '\u{303}') => b'?',
                _ => kind,
            };
        }
        match kind {
            b'a' => [b'A', b'E'].map(|letter| letters.push(letter)),
            b'o' => [b'O', b'E'].map(|letter| letters.push(letter)),
            b'u' => [b'U', b'E'].map(|letter| letters.push(letter)),
            b's' => [b'S', b'S'].map(|letter| letters.push(letter)),
            b'/' => {
                first_stroked_o.get_or_insert(position);
                stroked_o.iter().for_each(|letter| letters.push(*letter));
                continue;
            }
            b' ' => continue,
            b'?' => return Err(NoVerdict(position)),
            letter => {
                letters.push(letter);
                continue;
            }
        };
    }
    Ok((letters.three(of), first_stroked_o))
}

fn is_mark(c: char) -> bool {
    ('\u{300}'..='\u{36F}').contains(&c)
}

/// The small letter below any marks, for comparing names of places.
#[cfg(feature = "place-names")]
pub(crate) fn base_letter(c: char) -> Option<char> {
    match kind_of(c) {
        b'/' => Some('o'),
        b' ' | b'?' => match c {
            'ñ' | 'Ñ' => Some('n'),
            _ => None,
        },
        letter => Some(char::from(letter.to_ascii_lowercase())),
    }
}

/// As in [`LATIN`]; a blank for what is skipped.
fn kind_of(c: char) -> u8 {
    match c {
        'A'..='Z' => c as u8,
        'a'..='z' => c.to_ascii_uppercase() as u8,
        // Apostrophes as keyboards and phones type them, and hyphens.
        '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '′' | '＇' | '-' | '\u{2010}'..='\u{2015}' => b' ',
        c if c.is_whitespace() => b' ',
        '\u{C0}'..='\u{24F}' => LATIN.get(c as usize - 0xC0).copied().unwrap_or(b'?'),
        '\u{1E00}'..='\u{1EFF}' => LATIN_ADDITIONAL.get(c as usize - 0x1E00).copied().unwrap_or(b'?'),
        _ => b'?',
    }
}
