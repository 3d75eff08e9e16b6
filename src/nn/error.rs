//! What can go wrong with a network, in sentences for the visitor.

/// Why a network cannot be read or run.
#[derive(Debug, thiserror::Error)]
pub enum NetworkError {
    /// The bytes are no network that this build can make.
    #[error("The network {network} cannot be loaded ({reason}): reload the page, or put an intact file in its place.")]
    Unreadable {
        /// Which one, for example "face_detector".
        network: String,
        /// What is wrong with them.
        reason: String,
    },
    /// Inputs or outputs are not those of the contract in `ARCHITECTURE.md`.
    #[error("The network {network} does not fit this program ({reason}): use the file that came with this version.")]
    Contract {
        /// Which one.
        network: String,
        /// What differs.
        reason: String,
    },
    /// Running it failed or gave values that are not numbers.
    #[error("The network {network} failed ({reason}): reload the page, and report it if this happens again.")]
    Failed {
        /// Which one.
        network: String,
        /// What went wrong.
        reason: String,
    },
}
