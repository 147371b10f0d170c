use std::fmt;

use zeroize::Zeroizing;

/// A bearer token. `Debug` is masked; the memory is wiped on drop.
#[derive(Clone)]
pub struct SecretToken(Zeroizing<String>);

impl SecretToken {
    /// A token as the provider gave it; surrounding blanks are dropped.
    #[must_use]
    pub fn new(token: impl Into<String>) -> SecretToken {
        let token = Zeroizing::new(token.into());
        SecretToken(Zeroizing::new(token.trim().to_owned()))
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True when there is nothing in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for SecretToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretToken(masked)")
    }
}
