use super::Attachment;

/// The universal child allowance, asked for by one parent.
pub struct AssegnoUnico {
    /// The applicant's given name.
    pub given_name: String,
    /// The applicant's family name.
    pub family_name: String,
    /// The applicant's e-mail address.
    pub email: String,
    /// The applicant's mobile number.
    pub mobile: String,
    /// The applicant's codice fiscale.
    pub codice_fiscale: String,
    /// Identity document, front and back.
    pub identity_document: Attachment,
    /// Codice fiscale card, front and back.
    pub codice_fiscale_card: Attachment,
    /// Mandate of assistance and representation, where there is one.
    pub mandate: Option<Attachment>,
}
